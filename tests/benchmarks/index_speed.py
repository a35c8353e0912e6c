"""What the source index costs, beside parsing the same files and walking their trees.

Run it by hand: `python -m tests.benchmarks.index_speed [DIRECTORY...]`. Without a directory it makes projects of 50,000 to
400,000 lines and measures these; with some, it measures those. It prints, and ends with status 1 where a target is
missed. It is no test: a busy machine would make it one that fails by chance.

Every figure is of a process of its own, the least of several, start of Python and imports left out. CPU seconds are those
of the process and its children, at one core; the warm figure is by the clock, with the index's cache from an earlier run
and one file changed. The analysed code is never imported.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.generated_tree import generate

from pytest_quality_gates import wiring
from pytest_quality_gates.cli.environment import overrides
from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.source.selection import for_path

MODULE = "tests.benchmarks.index_speed"
RATIO = 2.5
"""How many times parsing and walking the index may cost, cold and without types."""
MEMORY_MIB = 1024
WARM_SECONDS = 1.0
LINES = 200_000
"""The size that the targets for memory and for a warm run are about."""
_LATER = ("pytest_quality_gates.static.gather", "pytest_quality_gates.evidence.versions")
"""What is imported where it is first needed, and all that these import."""
SIZES = (50_000, 100_000, 200_000, 400_000)


class Cost(NamedTuple):
    """What one process took."""

    lines: int
    cpu: float
    wall: float
    peak_mib: float


def parse_and_walk(tree: Path) -> int:
    """Do what any analysis has to: parse each judged file and look at every node. Gives the number of lines."""
    settings = wiring.configure(tree, overrides())
    root, selection = for_path(tree, settings.exclude)
    lines = 0
    gc.disable()  # as the index does
    for file in selection.judged:
        text = (root / file.path).read_bytes()
        lines += text.count(b"\n")
        try:
            parsed = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        for _ in ast.walk(parsed):
            pass
    return lines


def index(tree: Path, *, keeps_cache: bool = False) -> int:
    """Gather the facts of a project without types. Gives the number of lines."""
    settings = wiring.configure(tree, overrides())
    root, selection = for_path(tree, settings.exclude)
    evidence = wiring.gather_static(root, settings, selection, with_types=False, keeps_cache=keeps_cache)
    if isinstance(evidence.source, Unavailable):
        raise EvidenceError(evidence.source.reason)
    return sum(module.lines for module in evidence.source.modules)


def index_again(tree: Path) -> int:
    """Gather the facts with the cache of an earlier run."""
    return index(tree, keeps_cache=True)


WORK: dict[str, Callable[[Path], int]] = {"parse": parse_and_walk, "index": index, "again": index_again}


def in_child(work: str, tree: Path, *, cores: int | None = 1) -> Cost:
    """Do some work in a process of its own, on so many cores (None for all)."""
    command = [sys.executable, "-m", MODULE, f"--work={work}", f"--cores={cores or 0}", str(tree)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Cost(*json.loads(run.stdout))


def _do(work: str, tree: Path, cores: int) -> None:
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    for name in _LATER:
        import_module(name)
    wall, cpu = time.perf_counter(), _cpu()
    lines = WORK[work](tree)
    sys.stdout.write(json.dumps([lines, _cpu() - cpu, time.perf_counter() - wall, _peak_mib()]))


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak_mib() -> float:
    """The most memory that the process held, or a child of it."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _least(costs: Sequence[Cost]) -> Cost:
    """The least times of several runs and the highest peak."""
    return Cost(
        costs[0].lines,
        min(cost.cpu for cost in costs),
        min(cost.wall for cost in costs),
        max(cost.peak_mib for cost in costs),
    )


def _warm(tree: Path, runs: int) -> Cost:
    """A run with the cache of an earlier one, after one file was changed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(tree, Path(folder) / tree.name))
        in_child("again", copy)
        changed = max(copy.rglob("*.py"), key=lambda path: path.stat().st_size)
        costs = []
        for number in range(runs):
            with changed.open("a", encoding="utf-8") as file:
                file.write(f"\nADDED_{number} = {number}\n")
            costs.append(in_child("again", copy, cores=None))
    return _least(costs)


def measure(tree: Path, runs: int) -> bool:
    """Measure a project and print a line of the table; whether every target that fits its size is met."""
    parse = _least([in_child("parse", tree) for _ in range(runs)])
    cold = _least([in_child("index", tree) for _ in range(runs)])
    warm = _warm(tree, runs)
    ratio = cold.cpu / parse.cpu
    sys.stdout.write(
        f"| {tree.name} | {parse.lines:,} | {parse.cpu:.2f} | {cold.cpu:.2f} | {ratio:.2f}"
        f" | {cold.cpu / parse.lines * 1e5:.2f} | {cold.peak_mib:,.0f} | {warm.wall:.2f} | {warm.cpu:.2f} |\n"
    )
    sys.stdout.flush()
    is_judged = parse.lines <= LINES * 1.02
    fits = not is_judged or (cold.peak_mib < MEMORY_MIB and warm.wall < WARM_SECONDS)
    return ratio <= RATIO and fits


def main(arguments: Sequence[str]) -> int:
    """Measure and compare with the targets."""
    parser = argparse.ArgumentParser(description="What the source index costs.")
    parser.add_argument("trees", nargs="*", type=Path, metavar="DIRECTORY")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured; the least counts")
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        _do(options.work, options.trees[0], options.cores)
        return 0
    sys.stdout.write(
        "| project | lines | parse and walk, s | index, s | ratio | index per 100,000 lines, s | peak MiB | warm, s by the clock | warm, CPU s |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    if options.trees:
        met = [measure(tree.resolve(), options.runs) for tree in options.trees]
    else:
        met = [_measure_made(size, options.runs) for size in SIZES]
    sys.stdout.write(
        f"\ntargets: ratio {RATIO}; at {LINES:,} lines {MEMORY_MIB:,} MiB and {WARM_SECONDS} s warm: "
        f"{'met' if all(met) else 'missed'}\n"
    )
    return int(not all(met))


def _measure_made(size: int, runs: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / f"made-{size // 1000}k"
        tree.mkdir()
        generate(tree, size)
        return measure(tree, runs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
