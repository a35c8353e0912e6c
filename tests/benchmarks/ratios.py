"""The ratios that a gated run is held against, each of two runs of one round, and the table of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.benchmarks.kept_runs import Cost

SHORT_S = 20.0
"""A suite that takes less is held against seconds more, not against a ratio, where a target has them."""

Rounds = Sequence[Mapping[str, Cost]]


class Target(NamedTuple):
    """What is to be reached."""

    way: str
    over: tuple[str, ...]
    """The longest of these."""
    most: float
    """The greatest ratio."""
    what: str = "seconds"
    most_more: float = 0.0
    """On short suites: the most seconds more."""

    @property
    def words(self) -> str:
        """What is compared with what."""
        over = self.over[0] if len(self.over) == 1 else f"the longer of {' and '.join(self.over)}"
        return f"{'peak memory: ' if self.what == 'peak_mib' else ''}{self.way} / {over}"


TARGETS = (
    Target("ours warm", ("plain",), 1.10, most_more=1.0),
    Target("ours cold", ("plain", "mypy cold"), 1.25),
    Target("ours warm", ("--cov",), 0.70),
    Target("ours cold", ("pipeline",), 0.60),
    Target("ours warm, -n 2", ("plain, -n 2",), 1.15),
    Target("ours cold, -n 2", ("pipeline, -n 2",), 0.60),
    Target("ours warm", ("--cov",), 1.25, "peak_mib"),
)


def target_rows(name: str, rounds: Rounds) -> Iterator[str]:
    """A row for each target of which both sides were measured in one round."""
    for target in TARGETS:
        pairs = [
            (getattr(costs[target.way], target.what), over)
            for costs in rounds
            if {target.way, *target.over} <= costs.keys()
            and (over := max(getattr(costs[way], target.what) for way in target.over))
        ]
        if pairs:
            yield _target_row(name, target, pairs)


def _target_row(name: str, target: Target, pairs: Sequence[tuple[float, float]]) -> str:
    if target.most_more and statistics.median(over for _, over in pairs) < SHORT_S:
        found, asked, unit = [ours - over for ours, over in pairs], target.most_more, "s more"
    else:
        found, asked, unit = [ours / over for ours, over in pairs], target.most, ""
    met = "met" if statistics.median(found) <= asked else "missed"
    limit = f"≤ {asked:.2f}{f' {unit}' if unit else ''}"
    return f"| {name} | {target.words} | {limit} | {_spread(found, unit, 2)} | {len(found)} | {met} |"


def way_rows(name: str, rounds: Rounds) -> Iterator[str]:
    """A row for each way: its seconds by the clock and of the processor, and its peak."""
    for way in dict.fromkeys(way for costs in rounds for way in costs):
        costs = [each[way] for each in rounds if way in each]
        cells = [
            _spread([cost.seconds for cost in costs], "s", 1),
            _spread([cost.cpu_s for cost in costs], "s", 1),
            f"{max(cost.peak_mib for cost in costs):,.0f} MiB",
        ]
        yield f"| {name} | {way} | {' | '.join(cells)} |"


def table(measured: Mapping[str, Rounds]) -> str:
    """Both tables."""
    targets = [row for name, rounds in measured.items() for row in target_rows(name, rounds)]
    ways = [row for name, rounds in measured.items() for row in way_rows(name, rounds)]
    return "\n".join(
        [
            "| suite | what | target | median (least to greatest) | rounds | |",
            "| --- | --- | --- | --- | --- | --- |",
            *targets,
            "",
            "| suite | way | by the clock | processor | peak memory |",
            "| --- | --- | --- | --- | --- |",
            *ways,
            "",
        ]
    )


def _spread(values: Sequence[float], unit: str, digits: int) -> str:
    middle, least, most = (
        f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    return f"{middle}{f' {unit}' if unit else ''} ({least} to {most})"
