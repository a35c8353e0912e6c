"""The directory for what may be lost at any time."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

DIRECTORY = ".quality-gates"
_KEPT = 4
"""Versions of Python or of this package whose files are kept side by side."""


def cache_directory(root: Path) -> Path | None:
    """Make the project's cache directory, which version control ignores; None where there is none and none can be made.

    One that is there and cannot be written is given as well: what it holds may still be read.
    """
    directory = root / DIRECTORY
    try:
        directory.mkdir(exist_ok=True)
    except OSError:
        return None
    mark = directory / ".gitignore"
    with contextlib.suppress(OSError):
        if not mark.exists():
            mark.write_text("*\n", encoding="utf-8")
    return directory


def is_writable(directory: Path) -> bool:
    """Whether files can be made in `directory`."""
    return os.access(directory, os.W_OK | os.X_OK)


def versioned(directory: Path, version: str) -> Path:
    """The place below `directory` for what one version wrote; the places of versions long unused are taken away.

    Args:
        directory: A directory that holds nothing else.
        version: The name of the place.
    """
    place = directory / version
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        os.utime(place)
        others = sorted(directory.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in [path for path in others if path != place][_KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)
    return place
