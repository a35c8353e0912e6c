"""Settings of mypy that decide what it reports, in general and for some modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_quality_gates.config.tool_tables import below, ini, lines, toml, truth

FILES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
"""In the order in which mypy looks for them."""

OF_STRICT = frozenset(
    """
    check_untyped_defs disallow_any_generics disallow_incomplete_defs disallow_subclassing_any disallow_untyped_calls
    disallow_untyped_decorators disallow_untyped_defs extra_checks no_implicit_reexport strict_equality
    warn_redundant_casts warn_return_any warn_unused_ignores
    """.split()
)
"""What `strict` turns on in every release of mypy."""
_BY_DEFAULT = frozenset({"strict_optional", "warn_no_return"})
_ASKING = (
    OF_STRICT
    | _BY_DEFAULT
    | frozenset(
        """
    disallow_any_decorated disallow_any_explicit disallow_any_expr disallow_any_unimported local_partial_types strict_bytes
    strict_equality_for_none warn_unreachable warn_unused_configs
    """.split()
    )
)
_ALLOWING = frozenset(
    """
    allow_empty_bodies allow_redefinition allow_untyped_globals ignore_errors ignore_missing_imports implicit_optional
    """.split()
)
_Section = Mapping[str, Any]


def asked(texts: Mapping[str, str]) -> frozenset[str]:
    """The checks that are on; those of some modules as `shop.api: warn_unreachable`."""
    general, parts = _sections(texts)
    found = set(_checks(general))
    found |= {f"enable_error_code {code}" for code in lines(general.get("enable_error_code", ""))}
    for module, section in parts:
        switches = _switches(section)
        found |= {f"{module}: {name}" for name, on in switches.items() if name in _ASKING and on}
        found |= {
            f"{module}: {name} = false" for name, on in switches.items() if name in _ALLOWING and not on
        }
    return frozenset(found)


def allowed(texts: Mapping[str, str]) -> frozenset[str]:
    """What is not reported; what holds for some modules as `shop.api: ignore_errors`.

    A module whose types are missing is none: that is said of a library by name, where it has none.
    """
    general, parts = _sections(texts)
    found = set(_passes(general))
    checks = _checks(general)
    for module, section in parts:
        found |= {f"{module}: {each}" for each in _passes(section) if each != "ignore_missing_imports"}
        found |= {
            f"{module}: {name} = false"
            for name, on in _switches(section).items()
            if name in checks and not on
        }
    return frozenset(found)


def _sections(texts: Mapping[str, str]) -> tuple[_Section, list[tuple[str, _Section]]]:
    """The general settings, and those of some modules, from the file that mypy takes."""
    for name in FILES:
        if name not in texts:
            continue
        if name == "pyproject.toml":
            table = below(toml(texts[name]), "tool", "mypy")
            if table:
                return table, list(_overrides(table.get("overrides", [])))
            continue
        parser = ini(texts[name])
        if parser.has_section("mypy") or name != "setup.cfg":
            general = dict(parser["mypy"]) if parser.has_section("mypy") else {}
            named = [each for each in parser.sections() if each.startswith("mypy-")]
            return general, [
                (module, parser[each]) for each in named for module in lines(each.removeprefix("mypy-"))
            ]
    return {}, []


def _overrides(tables: object) -> Iterator[tuple[str, _Section]]:
    for table in tables if isinstance(tables, list) else []:
        if isinstance(table, dict):
            for module in lines(table.get("module", "")):
                yield module, table


def _checks(general: _Section) -> set[str]:
    on = set(_BY_DEFAULT | (OF_STRICT if truth(general.get("strict", False)) else frozenset()))
    for name, value in _switches(general).items():
        if name in _ASKING:
            (on.add if value else on.discard)(name)
    return on


def _passes(section: _Section) -> Iterator[str]:
    yield from (name for name, on in _switches(section).items() if name in _ALLOWING and on)
    exclude = section.get("exclude") or []
    # A text is one regular expression, commas and lines and all.
    patterns = exclude if isinstance(exclude, list) else [str(exclude).strip()]
    yield from (f"exclude {pattern}" for pattern in patterns)
    for key in ("disable_error_code", "untyped_calls_exclude"):
        yield from (f"{key} {item}" for item in lines(section.get(key, "")))
    if (follow := str(section.get("follow_imports", "normal"))) in {"silent", "skip"}:
        yield f"follow_imports = {follow}"


def _switches(section: _Section) -> dict[str, bool]:
    """By their own names; mypy takes the opposite of most, too (`allow_untyped_defs`, `no_strict_optional`)."""
    found = {}
    for key, value in section.items():
        on, name = truth(value), key.replace("-", "_")
        for opposite in (f"dis{name}", name.removeprefix("dis"), f"no_{name}", name.removeprefix("no_")):
            if name not in _ASKING | _ALLOWING and opposite in _ASKING | _ALLOWING:
                name, on = opposite, not on
        found[name] = on
    return found
