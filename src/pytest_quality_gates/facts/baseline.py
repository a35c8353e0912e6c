"""What was accepted on the day that the baseline was written."""

from __future__ import annotations

from msgspec import Struct


class Entry(Struct, frozen=True, order=True):
    """One finding that was there."""

    fingerprint: str
    gate: str
    rule: str
    path: str
    """Of the file as it was then, relative to the root; for the reader, and to follow a renamed file."""
    symbol: str = ""


class Floor(Struct, frozen=True, order=True):
    """One figure that may not fall: `measured` of `total`."""

    gate: str
    measured: int
    total: int


class Baseline(Struct, frozen=True):
    """All of it, sorted."""

    entries: tuple[Entry, ...] = ()
    floors: tuple[Floor, ...] = ()

    def floor(self, gate: str) -> Floor | None:
        """The figure of one gate. Of several (two branches wrote one each) the lowest holds."""
        found = [floor for floor in self.floors if floor.gate == gate]
        return min(found, key=lambda floor: (floor.measured / max(1, floor.total), floor), default=None)
