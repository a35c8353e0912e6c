"""What a child that was forked for one test (pytest-forked does so) tells the process that waits for it."""

from __future__ import annotations

import mmap

import msgspec
from msgspec import Struct

_SIZE = 4096
_HEAD = 4
"""Bytes that say how long the note is."""
_LONGEST = 500
"""Characters of a failure's text; the note must fit whatever they are."""


class Seen(Struct, frozen=True, array_like=True):
    """What was seen of one test."""

    checked: bool
    hidden: str
    """As in `PassedTest`."""


class ForkNote:
    """One note in memory that a process shares with the children that it forks."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)

    def clear(self) -> None:
        """Before a test: nobody has written."""
        self._memory[:_HEAD] = bytes(_HEAD)

    def write(self, seen: Seen) -> None:
        """In the child."""
        hidden = seen.hidden[:_LONGEST].encode("utf-8", "replace").decode()
        note = msgspec.json.encode(Seen(seen.checked, hidden))
        self._memory[_HEAD : _HEAD + len(note)] = note
        self._memory[:_HEAD] = len(note).to_bytes(_HEAD, "big")

    def read(self) -> Seen | None:
        """What a child wrote since it was cleared; None where none did."""
        size = int.from_bytes(self._memory[:_HEAD], "big")
        return msgspec.json.decode(self._memory[_HEAD : _HEAD + size], type=Seen) if size else None
