"""Whether parts of a suite make a whole, and what the whole was."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pytest_quality_gates.policy.partial_run import RunShape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_quality_gates.facts.shard import ShardFact
from pytest_quality_gates.facts.test_run import RunFacts


def problems(shards: Mapping[str, ShardFact], *, tree: str, settings: str) -> list[str]:
    """Why the parts cannot be judged as one suite; empty where they can.

    Args:
        shards: The parts, by where each was found.
        tree: The digest of the source and the tests here.
        settings: The digest of the settings here.
    """
    return [
        *_foreign(shards, tree),
        *_differently_configured(shards, settings),
        *_missing_or_doubled(shards),
    ]


def whole(shards: Sequence[ShardFact]) -> RunShape:
    """What ran in all parts together, as if it had been one run.

    A test that one part left out and another ran was not left out.
    """
    ran = _union(shard.ran for shard in shards)
    collected = _union(shard.collected for shard in shards)
    left_out = _union(() if shard.is_explained else shard.deselected for shard in shards) - collected
    unvisited = set.intersection(*(set(shard.unvisited) for shard in shards))
    return RunShape(
        collected=len(collected | ran),
        ran=len(ran),
        deselected=len(left_out),
        node_ids=tuple(dict.fromkeys(node_id for shard in shards for node_id in shard.node_ids)),
        unvisited=tuple(sorted(unvisited)),
        collection_errors=max(shard.collection_errors for shard in shards),
        only_last_failed=any(shard.only_last_failed for shard in shards),
    )


def checks(shards: Iterable[ShardFact]) -> RunFacts:
    """Which tests passed in any part, and whether they checked anything there."""
    parts = [shard.checks for shard in shards]
    tests = {test.node_id: test for part in parts for test in part.tests}
    unseen = next((part.unseen for part in parts if part.unseen), "")
    return RunFacts(tuple(tests[name] for name in sorted(tests)), unseen)


def failed_tests(shards: Iterable[ShardFact]) -> int:
    """Tests that failed in any part."""
    return len(_union(shard.failed for shard in shards))


def exit_status(shards: Iterable[ShardFact], nothing_collected: int) -> int:
    """The status of all parts together.

    Args:
        shards: The parts.
        nothing_collected: pytest's status of a run without any test, which one part may well be.
    """
    statuses = [shard.exit_status for shard in shards]
    wrong = [status for status in statuses if status not in {0, nothing_collected}]
    if wrong:
        return max(wrong)
    return 0 if 0 in statuses else nothing_collected


def _union(ids: Iterable[Iterable[str]]) -> set[str]:
    return {one for some in ids for one in some}


def _foreign(shards: Mapping[str, ShardFact], tree: str) -> list[str]:
    return [
        f"{place}: shard {shard.index} of {shard.total} ran other source or tests than those here: merge where the "
        "same commit is checked out"
        for place, shard in shards.items()
        if shard.tree != tree
    ]


def _differently_configured(shards: Mapping[str, ShardFact], settings: str) -> list[str]:
    return [
        f"{place}: shard {shard.index} of {shard.total} ran with other settings (profile {shard.profile}) than those "
        "here: give the same options to every shard and to the merge"
        for place, shard in shards.items()
        if shard.settings != settings
    ]


def _missing_or_doubled(shards: Mapping[str, ShardFact]) -> list[str]:
    totals = sorted({shard.total for shard in shards.values()})
    if len(totals) > 1:
        said = " and ".join(str(total) for total in totals)
        return [f"the shards do not agree on how many there are: {said}"]
    counted = Counter(shard.index for shard in shards.values())
    missing = [str(index) for index in range(1, totals[0] + 1) if index not in counted]
    found = [
        f"shard {index} of {totals[0]} is there {count} times: "
        + ", ".join(place for place, shard in shards.items() if shard.index == index)
        for index, count in sorted(counted.items())
        if count > 1
    ]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        found.append(
            f"shard{plural} {', '.join(missing)} of {totals[0]} missing: it ended before its tests did, or its bundle "
            "was not given"
        )
    return found
