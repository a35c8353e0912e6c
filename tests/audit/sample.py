"""Drawing findings at random, so that the same findings give the same draw."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, islice, zip_longest

from tests.audit.findings import Finding

SEED = 20_254
_SEEDS = {"error-handling": 20_255, "observability": 20_256, "tests": 20_250, "types": 20_250}
"""Of two gates the draw before was read to find causes that were then mended, so it is not kept; of two others nothing was
mended since they were judged, so the old draw stands."""
SIZE = 25
"""Findings a gate."""


def draw(findings: Iterable[Finding], seed: int | None = None, size: int = SIZE) -> dict[str, list[Finding]]:
    """Draw `size` findings of each gate, or all where it has no more.

    The packages take turns, in random order, each giving a random one of its findings that is left: one package with
    very many findings would else be most of the draw.

    Args:
        findings: Of all packages and gates, in any order.
        seed: Another one gives another draw; None for the one that is kept.
        size: How many a gate.

    Returns:
        The draw by gate.
    """
    by_gate: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_gate[finding.gate].append(finding)
    return {
        gate: list(islice(_distinct(_in_turns(by_gate[gate], _seed(gate, seed))), size))
        for gate in sorted(by_gate)
    }


def _distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each place once: of two errors of one rule in one line, the first that is drawn."""
    seen: set[tuple[str, str, int, str, str]] = set()
    for finding in findings:
        place = (finding.package, finding.path, finding.line, finding.rule, finding.symbol)
        if place not in seen:
            seen.add(place)
            yield finding


def _seed(gate: str, asked: int | None) -> int:
    return _SEEDS.get(gate, SEED) if asked is None else asked


def _in_turns(findings: list[Finding], seed: int) -> Iterator[Finding]:
    # The order is the draw, no secret: it must be the same tomorrow.
    chance = random.Random(seed)  # noqa: S311
    by_package: dict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(findings):
        by_package[finding.package].append(finding)
    packages = sorted(by_package)
    chance.shuffle(packages)
    for package in packages:
        chance.shuffle(by_package[package])
    rounds = zip_longest(*(by_package[package] for package in packages))
    return (finding for finding in chain.from_iterable(rounds) if finding is not None)
