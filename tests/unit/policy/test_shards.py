"""Whether parts make a whole, and what the whole was."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pytest_quality_gates.facts.shard import ShardFact
from pytest_quality_gates.policy.shards import exit_status, failed_tests, problems, whole

SHARD = ShardFact(
    index=1,
    total=2,
    tree="t",
    settings="s",
    profile="strict",
    collected=("a", "b"),
    ran=("a", "b"),
    deselected=(),
    is_explained=False,
    failed=(),
    collection_errors=0,
    node_ids=(),
    unvisited=(),
    only_last_failed=False,
    exit_status=0,
    problem="",
)


def shard(**changes: Any) -> ShardFact:  # noqa: ANN401 - fields of many types
    """The shard above with changes."""
    return msgspec.structs.replace(SHARD, **changes)


SECOND = shard(index=2, collected=("c",), ran=("c",))


def found(*shards: ShardFact) -> list[str]:
    """What is wrong with these, found in one, two, three."""
    places = dict(zip(("one", "two", "three"), shards, strict=False))
    return problems(places, tree="t", settings="s")


def test_whole_set() -> None:
    """Each part once, from the same tree with the same settings."""
    assert [] == found(SHARD, SECOND)


def test_missing() -> None:
    """A part that is not there."""
    assert ["shard 2 of 2 missing: it ended before its tests did, or its bundle was not given"] == found(
        SHARD
    )
    assert found(shard(total=4, index=3))[0].startswith("shards 1, 2, 4 of 4 missing")


def test_doubled() -> None:
    """A part that is there twice, with both places."""
    assert ["shard 1 of 2 is there 2 times: one, three"] == found(SHARD, SECOND, SHARD)


def test_not_of_one_suite() -> None:
    """Parts that do not agree on their number."""
    assert ["the shards do not agree on how many there are: 2 and 3"] == found(SHARD, shard(index=2, total=3))


def test_foreign() -> None:
    """A part that ran another commit, named by its place."""
    (problem,) = found(SHARD, msgspec.structs.replace(SECOND, tree="other"))
    assert problem.startswith("two: shard 2 of 2 ran other source or tests than those here")


def test_differently_configured() -> None:
    """A part that ran with another profile or other thresholds."""
    (problem,) = found(SHARD, msgspec.structs.replace(SECOND, settings="other", profile="development"))
    assert problem.startswith(
        "two: shard 2 of 2 ran with other settings (profile development) than those here"
    )


def test_left_out_here_and_run_there() -> None:
    """A test that one part deselects and the other runs was not left out; one that nobody runs was."""
    first = shard(deselected=("c", "d"))
    second = msgspec.structs.replace(SECOND, deselected=("a", "b", "d"))
    assert (3, 3, 1) == (
        whole([first, second]).collected,
        whole([first, second]).ran,
        whole([first, second]).deselected,
    )
    explained = [msgspec.structs.replace(part, is_explained=True) for part in (first, second)]
    assert 0 == whole(explained).deselected


def test_files_that_nobody_visited() -> None:
    """Only what no part visited is left out."""
    parts = [shard(unvisited=("x.py", "y.py")), shard(unvisited=("y.py", "z.py"))]
    assert ("y.py",) == whole(parts).unvisited


def test_stopped_part() -> None:
    """A part that stopped early makes the whole a partial run."""
    shape = whole([shard(ran=("a",)), SECOND])
    assert (3, 2) == (shape.collected, shape.ran)


def test_failures() -> None:
    """Each failed test counts once, however many parts ran it."""
    assert 2 == failed_tests([shard(failed=("a", "b")), shard(failed=("b",))])


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [((0, 0), 0), ((0, 1), 1), ((0, 5), 0), ((5, 5), 5), ((1, 2), 2), ((5, 1), 1)],
)
def test_exit_status(statuses: tuple[int, ...], expected: int) -> None:
    """One part without a test is no failure; all of them without are."""
    assert expected == exit_status([shard(exit_status=status) for status in statuses], 5)
