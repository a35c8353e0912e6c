"""What a report is of: the run and the tree, for whoever checks it later."""

from __future__ import annotations

from msgspec import Struct


class Run(Struct, frozen=True, kw_only=True):
    """The test run."""

    collected: int
    """Tests that were found."""
    ran: int
    """Tests that came to their end, skipped ones included."""
    deselected: int
    """Tests that were found and left out, by whatever asked for it."""
    partial: str
    """Why it was not the whole suite; empty where it was."""
    unjudged: tuple[str, ...] = ()
    """Files of the project that ran while the tests did and were not judged: generated, vendored, outside of the source."""


class Tree(Struct, frozen=True, kw_only=True):
    """The files that the result depends on."""

    commit: str
    """The commit that was checked out; empty outside of a repository."""
    files: dict[str, str]
    """SHA-256 of each judged file, test file and file with settings, by its path."""
