"""Work without the garbage collector."""

from __future__ import annotations

import gc

import pytest

from pytest_quality_gates.source.without_garbage import without_garbage_collection


def test_what_was_made_meanwhile_is_not_looked_at_first() -> None:
    """A collection of the young, the most frequent one, would pay for all that an index made."""
    if gc.get_freeze_count():
        pytest.skip(
            "CPython 3.12 keeps objects of its own from the collector, which cannot be told from anybody else's"
        )
    with without_garbage_collection():
        is_on = gc.isenabled()
        made: list[list[int]] = [[]]

    assert not is_on
    assert gc.isenabled()
    assert not any(item is made for item in gc.get_objects(generation=0))


def test_what_somebody_keeps_from_the_collector_stays_kept() -> None:
    """Whoever called `gc.freeze` finds it frozen."""
    gc.freeze()
    try:
        with without_garbage_collection():
            pass
        frozen = gc.get_freeze_count()
    finally:
        gc.unfreeze()

    assert frozen


@pytest.mark.parametrize("is_on", [True, False])
def test_a_collector_is_left_as_it_was(is_on: bool) -> None:
    """On where it was on, off where it was off."""
    (gc.enable if is_on else gc.disable)()
    try:
        with without_garbage_collection():
            pass
        left = gc.isenabled()
    finally:
        gc.enable()

    assert left is is_on
