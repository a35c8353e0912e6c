"""What changed since another commit, uncommitted changes included."""

from __future__ import annotations

from msgspec import Struct

WHOLE_FILE = ((1, 2**31),)
"""The changed lines of a file that is new."""


class ChangedFile(Struct, frozen=True, kw_only=True):
    """One file that is new or has other content."""

    path: str
    """Relative to the root, with `/`."""
    old_path: str = ""
    """Where it was; empty for a new file."""
    lines: tuple[tuple[int, int], ...]
    """Ranges of lines that are new or other than before, both ends included, in order."""
    gaps: tuple[int, ...] = ()
    """Lines behind which others were taken away; 0 for the top of the file."""


class Change(Struct, frozen=True, kw_only=True):
    """Everything that is other than in `base`."""

    ref: str
    """As the user named it: `origin/main`."""
    base: str
    """The commit that both have in common."""
    files: tuple[ChangedFile, ...]
    deleted: tuple[str, ...] = ()

    def touches(self, path: str, first: int, last: int) -> bool:
        """Whether any line of a range was changed, or lines were taken out of it."""
        file = next((file for file in self.files if file.path == path), None)
        if file is None:
            return False
        if any(start <= last and end >= first for start, end in file.lines):
            return True
        return last > first and any(first <= gap <= last for gap in file.gaps)
