"""pyproject.toml as it was written: its values, and the lines where they stand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from pytest_quality_gates.errors import ConfigurationError

FILE_NAME = "pyproject.toml"
TABLE = ("tool", "quality-gates")

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


class Document(Struct, frozen=True):
    """The table [tool.quality-gates] of one pyproject.toml; empty where there is none."""

    table: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]
    """The line of each key, by its path below the table."""

    def where(self, keys: Sequence[str]) -> str:
        """`pyproject.toml:12: [tool.quality-gates.tests] threshold`, for error texts."""
        *tables, key = keys
        header = ".".join((*TABLE, *tables))
        return f"{self.place(keys)}: [{header}] {key}"

    def place(self, keys: Sequence[str]) -> str:
        """`pyproject.toml:12`, as near to the key as is known."""
        for end in range(len(keys), 0, -1):
            line = self.lines.get(tuple(keys[:end]))
            if line is not None:
                return f"{FILE_NAME}:{line}"
        return FILE_NAME


def read(root: Path) -> Document:
    """Read [tool.quality-gates] of the pyproject.toml in `root`; a missing file is an empty table.

    Numbers with a point are `Decimal`, so that a threshold is exactly what was written.

    Raises:
        ConfigurationError: The file cannot be read, or is not TOML.
    """
    content = text(root)
    return Document(_table(content, root / FILE_NAME), key_lines(content))


def text(root: Path) -> str:
    """The pyproject.toml in `root`; empty where there is none.

    Raises:
        ConfigurationError: The file cannot be read.
    """
    path = root / FILE_NAME
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{path}: is not UTF-8: {error.reason} at byte {error.start}"]) from error


def _table(text: str, path: Path) -> Mapping[str, Any]:
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        place = f"{path}:{line[1]}" if line else str(path)
        raise ConfigurationError([f"{place}: is not valid TOML: {error}"]) from error
    table: Any = document
    for key in TABLE:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError([f"{path}: [tool] quality-gates: must be a table, `[tool.quality-gates]`"])
    return table


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each header and key below [tool.quality-gates], by a look at the lines.

    An array of tables keeps its first line. Text inside a multi-line string may be taken for a key: the line is a
    help for the reader of an error, and nothing depends on it.
    """
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            found = table
        elif key := _KEY.match(line):
            found = (*table, *_parts(key[1]))
        else:
            continue
        if found[: len(TABLE)] == TABLE and len(found) > len(TABLE):
            lines.setdefault(found[len(TABLE) :], number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
