"""Comments that take a finding out of the count."""

from __future__ import annotations

from msgspec import Struct


class Suppression(Struct, frozen=True, kw_only=True):
    """One `# quality-gates: ignore[rule] reason (until 2027-01-31)`."""

    path: str
    line: int
    """Where the comment is."""
    first_line: int
    """The lines whose findings it is about, both ends included: a finding that begins there."""
    last_line: int
    rules: tuple[str, ...]
    reason: str
    until: str = ""
    """The last day on which it holds, `2027-01-31`; empty for no end."""
    error: str = ""
    """Why it cannot be followed as it is written; empty where it can."""
