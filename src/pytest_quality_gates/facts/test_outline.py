"""The tests of a file as its text has them, to be compared with another state of it."""

from __future__ import annotations

from msgspec import Struct


class TestText(Struct, frozen=True, kw_only=True):
    """One test function."""

    line: int
    checks: tuple[str, ...]
    """What it checks, each in a form without its layout."""
    statements: tuple[str, ...]
    """Its statements and decorators, in the same form; those that are nested stand by themselves, its docstring does not."""
    bases: tuple[str, ...] = ()
    """The last names of what its class is made from."""


class TestOutline(Struct, frozen=True):
    """One test file."""

    tests: dict[str, TestText]
    """By its name in the file (`TestCart.test_total`)."""
    skips: tuple[tuple[int, str], ...]
    """Each mark or call that skips tests, or expects them to fail, with its line."""
