"""Catalogue text to catalogue values, with every mistake named by file, line and key."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import structs

from pytest_quality_gates.catalogue import schema, shipped
from pytest_quality_gates.catalogue.consistency import Problem, defined_names, nearest, problems
from pytest_quality_gates.catalogue.lines import line_of
from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pytest_quality_gates.catalogue.lines import Step

Named = TypeVar("Named", schema.Function, schema.Marker)

TypeForm = Any
"""An annotation as a value: a class, or what `typing` makes of one."""

_ENTRIES = {"function": schema.Function, "class": schema.Class, "marker": schema.Marker}
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`")
_ENUM = re.compile(r"Invalid enum value '(?P<value>[^']*)'")
_AT = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<key>[A-Za-z_]\w*)|\[(?P<index>\d+|\.\.\.)\]")


def parse(text: str, origin: str) -> CatalogueFile:
    """Read one catalogue file.

    Args:
        text: The file's content, TOML.
        origin: The file's name, for messages.

    Returns:
        The file, checked.

    Raises:
        CatalogueError: With every problem found, each with the file, the line, the key and what is wrong.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([f"{origin}: not valid TOML: {error}"]) from error
    return from_table(table, origin, text)


def read_file(path: Path) -> CatalogueFile:
    """Read a catalogue file that a plugin brings.

    Args:
        path: Where it is.

    Returns:
        The file, checked.

    Raises:
        CatalogueError: It cannot be read, or is wrong; as `parse` has it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise CatalogueError([f"{path}: is not UTF-8: {error.reason} at byte {error.start}"]) from error
    return parse(text, str(path))


def from_table(table: Mapping[str, Any], origin: str, text: str, place: Sequence[Step] = ()) -> CatalogueFile:
    """Read a catalogue file that was parsed already, as a table of the user's settings.

    Args:
        table: What a catalogue file holds, as `tomllib` gives it.
        origin: The name of the file that it stands in, for messages: `pyproject.toml`.
        text: The content of that file.
        place: The keys that lead to the table in it: `("tool", "quality-gates", "catalogue", 0)`.

    Returns:
        The file, checked.

    Raises:
        CatalogueError: With every problem found, each with the file, the line, the key and what is wrong.
    """
    file, found = _convert(table)
    if file is not None:
        return file
    paths = [((*place, *one.path), one.text) for one in found]
    raise CatalogueError([f"{origin}:{line_of(text, path)}: {_key(path)}: {said}" for path, said in paths])


def load(extra: Sequence[CatalogueFile] = ()) -> tuple[CatalogueFile, ...]:
    """Read the whole catalogue.

    Args:
        extra: The user's files and those of plugins, surest last: what they say about a name replaces what earlier
            files say about it.

    Returns:
        The files that come with this package, by name, then `extra`.

    Raises:
        CatalogueError: A file of this package is wrong: nobody but who edits them sees that.
    """
    files = _shipped_files()
    for position, one in enumerate(extra):
        replaced = frozenset(defined_names(one)) | {name for marker in one.marker for name in marker.names}
        earlier = tuple(_without(file, replaced) for file in (*files, *extra[:position]))
        files, extra = earlier[: len(files)], (*earlier[len(files) :], *extra[position:])
    return (*files, *extra)


def _shipped_files() -> tuple[CatalogueFile, ...]:
    known = shipped.compiled()
    return tuple(
        known.get((name, shipped.digest(content))) or parse(content.decode(), name)
        for name, content in shipped.texts()
    )


def _convert(table: Mapping[str, Any]) -> tuple[CatalogueFile | None, list[Problem]]:
    try:
        file = msgspec.convert(table, CatalogueFile)
    except msgspec.ValidationError as error:
        return None, list(_wrong_entries(table)) or [_problem(error, CatalogueFile, ())]
    found = list(problems(file))
    return (None if found else file), found


def _wrong_entries(table: Mapping[str, Any]) -> Iterator[Problem]:
    """Convert entry by entry, so that each wrong one is told, not the first alone."""
    rest = {key: value for key, value in table.items() if key not in _ENTRIES}
    try:
        msgspec.convert(rest, CatalogueFile)
    except msgspec.ValidationError as error:
        yield _problem(error, CatalogueFile, ())
    for key, kind in _ENTRIES.items():
        entries = table.get(key, [])
        if not isinstance(entries, list):
            yield Problem((key,), f"write it as [[{key}]], a list of tables")
            continue
        for index, entry in enumerate(entries):
            try:
                msgspec.convert(entry, kind)
            except msgspec.ValidationError as error:
                yield _problem(error, kind, (key, index))


def _problem(error: msgspec.ValidationError, kind: type, prefix: tuple[Step, ...]) -> Problem:
    text = str(error)
    steps: tuple[Step, ...] = ()
    if at := _AT.search(text):
        text, steps = text[: at.start()], _steps(at["path"])
    target = _target(kind, steps)
    if unknown := _UNKNOWN_FIELD.match(text):
        field = unknown["field"]
        names = [one.encode_name for one in structs.fields(target)] if _is_struct(target) else []
        hint = nearest(field, names) or f"; known keys: {', '.join(names)}"
        return Problem((*prefix, *steps, field), f"unknown key{hint}")
    if enum := _ENUM.match(text):
        values = _literals(target)
        hint = nearest(enum["value"], values) or f"; one of {', '.join(values)}"
        return Problem((*prefix, *steps), f"unknown value `{enum['value']}`{hint}")
    return Problem((*prefix, *steps), text[:1].lower() + text[1:])


def _steps(path: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for step in _STEP.finditer(path):
        if step["key"]:
            steps.append(step["key"])
        elif step["index"].isdigit():
            steps.append(int(step["index"]))
    return tuple(steps)


def _target(kind: TypeForm, steps: tuple[Step, ...]) -> TypeForm:
    """The type that the schema has at a place."""
    for step in steps:
        kind = _optional(kind)
        if _is_struct(kind) and isinstance(step, str):
            hints = get_type_hints(kind)
            fields = {one.encode_name: hints[one.name] for one in structs.fields(kind)}
            kind = fields.get(step, str)
        elif _origin(kind) in {list, dict}:
            kind = get_args(kind)[-1]
    return _optional(kind)


def _optional(kind: TypeForm) -> TypeForm:
    """The type without its `None`, and without the container that the path of an error leaves out."""
    members = [member for member in get_args(kind) if member is not type(None)]
    if _origin(kind) is dict:
        return _optional(members[-1])
    return members[0] if type(None) in get_args(kind) else kind


def _origin(kind: TypeForm) -> TypeForm:
    return get_origin(kind)


def _is_struct(kind: TypeForm) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _literals(kind: TypeForm) -> list[str]:
    return [value for value in get_args(kind) if isinstance(value, str)]


def _key(path: Sequence[Step]) -> str:
    """The place as a user reads it: `class[2].io`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the file"


def _without(file: CatalogueFile, replaced: frozenset[str]) -> CatalogueFile:
    """The file less what is said anew elsewhere."""
    functions = [_trimmed(one, replaced) for one in file.function]
    markers = [_trimmed(one, replaced) for one in file.marker]
    return structs.replace(
        file,
        function=[one for one in functions if one.names],
        class_=[one for one in file.class_ if one.name not in replaced],
        marker=[one for one in markers if one.names],
        exceptions={name: bases for name, bases in file.exceptions.items() if name not in replaced},
    )


def _trimmed(entry: Named, replaced: frozenset[str]) -> Named:
    return structs.replace(entry, names=[name for name in entry.names if name not in replaced])
