"""Writing a report's file: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from pytest_quality_gates.errors import StoreError


def write(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, with the directories it needs; who reads it never sees half of it.

    Raises:
        StoreError: It cannot be written; the text says which file and why.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            _write_through(path, text)
        else:
            _replace(path, text)
    except OSError as error:
        raise StoreError(f"{path}: the report cannot be written: {error.strerror or error}") from error


def _write_through(path: Path, text: str) -> None:
    """Write to what is there and is no plain file, as `/dev/stdout`; a directory refuses."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)


def _replace(path: Path, text: str) -> None:
    """Write beside the file, then take its place; a link keeps leading to the file."""
    target = path.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # A temporary file is for its owner alone; a report is as readable as any new file.
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
