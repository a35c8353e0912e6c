"""One part of a suite that is run in parts."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.facts.test_run import RunFacts


class ShardFact(Struct, frozen=True, kw_only=True):
    """What one part says of itself and of the tests that it ran."""

    index: int
    """From 1."""
    total: int
    """How many parts there are."""
    tree: str
    """Digest of the source and the tests that it ran."""
    settings: str
    """Digest of the settings that decide a verdict."""
    profile: str
    collected: tuple[str, ...]
    """Ids of the tests that were selected to run here."""
    ran: tuple[str, ...]
    """Ids of the tests that came to their end."""
    deselected: tuple[str, ...]
    """Ids of the tests that were left out here, by whatever asked for it."""
    is_explained: bool
    """The project's own configuration, and nothing else, leaves them out."""
    failed: tuple[str, ...]
    """Ids of the tests of which any phase failed."""
    collection_errors: int
    node_ids: tuple[str, ...]
    """Arguments that name single tests."""
    unvisited: tuple[str, ...]
    """Test files that the arguments left out."""
    only_last_failed: bool
    exit_status: int
    """pytest's."""
    problem: str
    """Why the coverage of this part is unknown; empty where it is known."""
    checks: RunFacts = RunFacts(())
    """Which tests passed here, and whether each checked anything."""
