"""Additions to the user's pyproject.toml, which otherwise stays as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.store.atomic import write_text

FILE = "pyproject.toml"


def append_table(root: Path, table: str) -> None:
    """Put a table at the end of the project's pyproject.toml; make the file where there is none.

    What is there stays byte for byte, and the addition has its line ends.

    Raises:
        StoreError: The file cannot be read or written, or would not be TOML with the table. Nothing is changed then.
    """
    path = root / FILE
    try:
        before = path.read_bytes().decode("utf-8") if path.exists() else ""
        after = _appended(before, table)
        tomllib.loads(after.removeprefix("\ufeff"))
        write_text(path, after)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StoreError(
            f"{path}: the table [tool.quality-gates] cannot be added: {error}; nothing was changed"
        ) from error


def _appended(before: str, table: str) -> str:
    end = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before.strip() else end if before.endswith("\n") else end * 2
    return before + gap + table.replace("\n", end)
