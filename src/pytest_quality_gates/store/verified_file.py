"""The state of the project that `quality-gates verify` last let pass, kept on this machine."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec

from pytest_quality_gates.store import sealed
from pytest_quality_gates.store.cache_directory import DIRECTORY, cache_directory

FILE = f"{DIRECTORY}/verified"


class VerifiedState(msgspec.Struct, frozen=True, array_like=True):
    """The files of a report that stood."""

    commit: str
    """Empty outside of a repository."""
    texts: dict[str, bytes]
    """Judged files, test files, files with settings and the baseline, by path."""


def write(root: Path, state: VerifiedState) -> bool:
    """Keep it in place of the one before.

    Returns:
        Whether it could be written.
    """
    if cache_directory(root) is None:
        return False
    return sealed.write(root / FILE, zlib.compress(msgspec.msgpack.encode(state)))


def read(root: Path) -> VerifiedState | None:
    """The last one; None where there is none that can be read."""
    content = sealed.read(root / FILE)
    try:
        return (
            None if content is None else msgspec.msgpack.decode(zlib.decompress(content), type=VerifiedState)
        )
    except (zlib.error, msgspec.MsgspecError):
        return None
