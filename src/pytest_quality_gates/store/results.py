"""The last few results of a whole pass, each by a key made of all that went into it."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from pytest_quality_gates.store import sealed

_KEPT = 4
"""Results that are kept: those of other branches and other settings."""
_DAY_S = 86_400.0


class Results:
    """The results in a directory; without one, nothing is known and nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def get(self, key: str) -> bytes | None:
        """The result that was put for `key`."""
        if self._directory is None:
            return None
        path = self._directory / key
        found = sealed.read(path)
        if found is not None:
            with contextlib.suppress(OSError):
                os.utime(path)  # the least recently used goes first
        return found

    def has(self, beginning: str) -> bool:
        """Whether there is a result whose key begins so; it may turn out to be unreadable."""
        return self._directory is not None and any(self._directory.glob(f"{beginning}*"))

    def put(self, key: str, value: bytes) -> None:
        """Keep a result, and drop the oldest."""
        if self._directory is None or not sealed.write(self._directory / key, value):
            return
        with contextlib.suppress(OSError):
            found = [path for path in self._directory.iterdir() if not path.name.startswith(".")]
            for old in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
                old.unlink()
        sealed.remove_leavings(self._directory, _DAY_S, time.time())
