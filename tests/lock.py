"""One process at a time in a directory that several may use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Wait until no other process is in `directory`, and keep others out meanwhile.

    The system lets go of the lock when its holder ends, in whatever way.

    Args:
        directory: The lock is a file beside it, so that the directory itself may be removed.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("a") as file:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - each platform has its own

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - as above

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
