"""Files of the cache: written whole or not at all, and believed only where not a byte has changed since.

Any number of runs may read and write the same file, and be killed at any moment. A file that is missing, cut off, altered
or unreadable is a miss; one that cannot be written (a full disk, a read-only directory) is a miss next time. Neither is an
error.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

_SEAL_SIZE = 16


def read(path: Path) -> bytes | None:
    """What `write` was given; None where that cannot be had."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    seal, payload = content[:_SEAL_SIZE], memoryview(content)[_SEAL_SIZE:]
    return bytes(payload) if seal == _seal(payload) else None


def write(path: Path, payload: bytes) -> bool:
    """Replace the file in one step.

    Returns:
        Whether it could be written.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_seal(payload))
            file.write(payload)
        Path(temporary).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            if temporary:
                Path(temporary).unlink()
        return False
    return True


def remove_leavings(directory: Path, older_than_s: float, now: float) -> None:
    """Take away what writers that were killed have left in `directory`.

    Args:
        directory: Where sealed files are.
        older_than_s: Seconds after which nobody can be writing any more.
        now: Seconds since the epoch.
    """
    with contextlib.suppress(OSError):
        for path in directory.glob(".*"):
            if abs(now - path.stat().st_mtime) > older_than_s:
                path.unlink()


def _seal(payload: bytes | memoryview) -> bytes:
    return hashlib.blake2b(payload, digest_size=_SEAL_SIZE).digest()
