"""What the tests did, apart from what they covered."""

from __future__ import annotations

from msgspec import Struct


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
    """Why nothing could be seen in this interpreter; empty where it could."""
