"""Many small values by name, each valid for one content: a few files on disk, of which those with changes are written."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import msgspec

from pytest_quality_gates.store import sealed

_PACKS = 64
"""Files that the names are spread over. One change among 5,000 files rewrites 80 of them, in one file."""
_DAY_S = 86_400.0


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One value, with the digest of what it was made from."""

    digest: bytes
    value: bytes


Pack = dict[bytes, Entry]
"""By name, as bytes: the name of a file may hold what is no text."""


class Packs:
    """The values in a directory; without one, nothing is known and nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._packs: dict[int, Pack] = {}
        self._asked: set[bytes] = set()
        self._changed: set[int] = set()

    def get(self, name: str, digest: bytes) -> bytes | None:
        """The value that was put for `name` with that digest."""
        key = os.fsencode(name)
        self._asked.add(key)
        entry = self._pack(_number(key)).get(key)
        return entry.value if entry is not None and entry.digest == digest else None

    def put(self, name: str, digest: bytes, value: bytes) -> None:
        """Keep a value in place of any other for `name`; `save` writes it."""
        key = os.fsencode(name)
        self._asked.add(key)
        number = _number(key)
        self._pack(number)[key] = Entry(digest, value)
        self._changed.add(number)

    def save(self) -> None:
        """Write the files that have changed, less the names that nobody asked for."""
        if self._directory is None or not self._changed:
            return
        for number in sorted(self._changed):
            kept = {name: entry for name, entry in self._packs[number].items() if name in self._asked}
            sealed.write(self._path(self._directory, number), msgspec.msgpack.encode(kept))
        self._changed.clear()
        sealed.remove_leavings(self._directory, _DAY_S, time.time())

    def _pack(self, number: int) -> Pack:
        known = self._packs.get(number)
        if known is None:
            known = self._packs[number] = self._read(number)
        return known

    def _read(self, number: int) -> Pack:
        content = sealed.read(self._path(self._directory, number)) if self._directory is not None else None
        try:
            return msgspec.msgpack.decode(content, type=Pack) if content is not None else {}
        except msgspec.MsgspecError:
            return {}

    @staticmethod
    def _path(directory: Path, number: int) -> Path:
        return directory / f"pack-{number:02}"


def _number(key: bytes) -> int:
    return hashlib.blake2b(key, digest_size=1).digest()[0] % _PACKS
