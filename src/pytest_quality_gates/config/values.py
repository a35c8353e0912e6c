"""One value of the user's file each: read it, or say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from pytest_quality_gates.config.nearest import nearest
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Level, Threshold

HUNDREDTHS = 100


class BadValueError(ValueError):
    """What is wrong with a value, and what it must be; the place is known to who asked."""


def threshold(value: object, default: Threshold) -> Threshold:
    """A threshold of the same comparison as `default`: per cent with at most two decimals, or a count.

    Raises:
        BadValueError: It is not a number, or out of range.
    """
    if default.comparison == "at_most":
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise BadValueError(
                f"must be a whole number, 0 or more (how many findings are allowed), not {shown(value)}"
            )
        return Threshold(default.comparison, value)
    return Threshold(default.comparison, _hundredths(value))


def _hundredths(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadValueError(f"must be a percentage, a number from 0 to 100, not {shown(value)}")
    number = Decimal(value)
    if not number.is_finite() or not 0 <= number <= 100:  # noqa: PLR2004 - per cent
        raise BadValueError(f"must be a percentage from 0 to 100, not {value}")
    scaled = number * HUNDREDTHS
    if scaled != int(scaled):
        raise BadValueError(f"may have two decimals at most, not {value}")
    return int(scaled)


def level(value: object) -> Level:
    """A level.

    Raises:
        BadValueError: There is no such level.
    """
    # YAML's and others' habit of `off` as false is met with what to write in its place.
    if not isinstance(value, str):
        raise BadValueError(f'must be "enforce", "report" or "off", not {shown(value)}')
    try:
        return Level(value)
    except ValueError:
        raise BadValueError(f"there is no level {shown(value)}{nearest(value, list(Level))}") from None


def flag(value: object) -> bool:
    """True or false.

    Raises:
        BadValueError: It is something else.
    """
    if not isinstance(value, bool):
        raise BadValueError(f"must be true or false, not {shown(value)}")
    return value


def text(value: object) -> str:
    """A text.

    Raises:
        BadValueError: It is something else, or empty.
    """
    if not isinstance(value, str) or not value.strip():
        raise BadValueError(f"must be a text in quotes, not {shown(value)}")
    return value


def texts(value: object) -> tuple[str, ...]:
    """A list of texts.

    Raises:
        BadValueError: It is something else, or has something else in it.
    """
    if not isinstance(value, list):
        raise BadValueError(f"must be a list of texts in quotes, not {shown(value)}")
    for item in value:
        if not isinstance(item, str) or not item.strip():
            raise BadValueError(f"must be a list of texts in quotes; {shown(item)} in it is none")
    return tuple(value)


def choice(value: object, choices: Iterable[str], what: str) -> str:
    """One of `choices`.

    Args:
        value: What the user wrote.
        choices: What there is.
        what: What it is, for the error: `type checker`.

    Raises:
        BadValueError: It is none of them.
    """
    choices = list(choices)
    if not isinstance(value, str):
        raise BadValueError(f"must be the name of a {what} in quotes, not {shown(value)}")
    if value not in choices:
        raise BadValueError(f"there is no {what} {shown(value)}{nearest(value, choices)}")
    return value


def patterns(value: object) -> tuple[str, ...]:
    """Patterns of files, as in a .gitignore.

    Raises:
        BadValueError: It is something else, or a pattern is wrong.
    """
    import pathspec  # noqa: PLC0415 - slow to import, and few projects have patterns

    found = texts(value)
    try:
        pathspec.GitIgnoreSpec.from_lines(found)
    except ValueError as error:
        raise BadValueError(str(error)) from error
    wrong = next((item for item in found if not item.strip() or item.startswith(("!", "#"))), None)
    if wrong is not None or not found:
        raise BadValueError(
            f"each must name files; {shown(wrong if wrong is not None else list(found))} names none"
        )
    return found


def option_names(spec: GateSpec) -> tuple[str, ...]:
    """The options of a gate as the user writes them, `kinds`. A gate that judges no calls has no kinds of them."""
    fields = [field.name for field in msgspec.structs.fields(type(spec.options))]
    if spec.options.kinds is None:
        fields = [name for name in fields if name not in {"kinds", "confidence"}]
    return tuple(name.replace("_", "-") for name in fields)


def option(spec: GateSpec, name: str, value: object) -> object:
    """One option of a gate in the type that its options declare.

    Raises:
        BadValueError: It is not of that type.
    """
    if name == "kinds":
        return frozenset(choice(item, spec.allowed_kinds, "kind") for item in texts(value))
    if name == "confidence":
        return frozenset(
            choice(item, ("certain", "likely", "possible"), "confidence") for item in texts(value)
        )
    field = next(
        field for field in msgspec.structs.fields(type(spec.options)) if field.name == name.replace("-", "_")
    )
    try:
        return msgspec.convert(_plain(value), field.type)
    except msgspec.ValidationError as error:
        raise BadValueError(f"{error}, not {shown(value)}") from error


def with_options(options: GateOptions, values: dict[str, object]) -> GateOptions:
    """`options` with some of them set anew, by the names that the user writes."""
    return msgspec.structs.replace(
        options, **{name.replace("-", "_"): value for name, value in values.items()}
    )


def shown(value: object) -> str:
    """The value as the user knows it from TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value)


def _plain(value: object) -> object:
    """Without the `Decimal` that TOML's numbers are read into."""
    return float(value) if isinstance(value, Decimal) else value
