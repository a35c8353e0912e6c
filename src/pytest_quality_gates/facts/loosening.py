"""What a change made less strict."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.facts.change import Change


class Loosening(Struct, frozen=True, kw_only=True):
    """One thing that is less strict than in the base."""

    rule: str
    subject: str
    """What it is about, as an approval names it: `tests.threshold`, `tests/test_a.py::test_b`."""
    path: str
    line: int = 1
    message: str


class Loosenings(Struct, frozen=True, kw_only=True):
    """All of them, held against one commit."""

    base: str
    """The commit; empty where there is none to compare with."""
    change: Change | None = None
    """What is other than in that commit."""
    compared: int = 0
    """How many things were compared."""
    found: tuple[Loosening, ...] = ()
    approved: tuple[str, ...] = ()
    """Those that the configuration approves, each with its reason."""
