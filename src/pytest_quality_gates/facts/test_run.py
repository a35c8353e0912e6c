"""What the tests did, apart from what they covered."""

from __future__ import annotations

from msgspec import Struct

FIRST_PYTHON = (3, 12)
"""What a test checks is seen by `sys.monitoring`, without slowing everything else down; it is there since then."""


class PassedTest(Struct, frozen=True):
    """One test that passed."""

    node_id: str
    path: str
    """Relative to the root, with `/`."""
    line: int
    checked: bool
    """Its own function ran, and it, or a helper or fixture of it, executed an assertion or called a function that makes one."""
    hidden: str = ""
    """How it failed, where something made it pass all the same; empty where nothing did."""


class RunFacts(Struct, frozen=True):
    """All tests that passed, by node id."""

    tests: tuple[PassedTest, ...]
    unseen: str = ""
    """Why what they checked could not be seen, in this process or in one of those that ran them; empty where it could."""
