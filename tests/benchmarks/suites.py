"""What a gated run costs on real suites, beside plain pytest, pytest-cov and the usual pipeline.

`make bench` runs it: `python -m tests.benchmarks.suites [--rounds 5] [--project NAME] [--write]`. Each suite is a pinned
source distribution with its own tests, from the package index. In each round every way to run it is taken once, one
directly after the other, and every second round backwards; a ratio is that of two runs of one round, and the median of
the rounds is printed with the least and the greatest. `--write` puts the table into docs/explanation/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests import package_index
from tests.ecosystem.installation import Installation, InstallationError, UnreachableError, checked, install
from tests.ecosystem.projects import PROJECTS, ROOT, Project

PAGE = ROOT / "docs" / "explanation" / "performance.md"
BEGIN, END = "<!-- make bench writes from here -->", "<!-- to here -->"
TOOLS = ("pytest-xdist==3.8.0", "execnet==2.1.2", "ruff==0.17.6")
LONG = Project(
    name="astroid",
    version="4.3.4",
    sha256="d515a105722b72098bbe82d430d65e635f742b6cbac3bdfaf8b7c188b87c5e39",
    coverage="--cov=astroid",
    # What the test needs is not installed.
    outside=("tests/test_manager.py::AstroidManagerTest::test_identify_old_namespace_package_protocol",),
)
"""More than 2,000 tests that spend their time in the measured code."""
SUITES = (*PROJECTS, LONG)
CACHES = (".quality-gates", ".mypy_cache", ".ruff_cache", ".coverage")
_POLL_S = 0.02


class Way(NamedTuple):
    """One way to run a suite."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """Run one after the other."""
    is_cold: bool = False
    """Caches are taken away first."""


class Cost(NamedTuple):
    """What a way took."""

    seconds: float
    peak_mib: float
    """Of the first process of all: pytest, which is the controller of xdist. 0 where the system does not say."""


class Target(NamedTuple):
    """A ratio that is to be reached."""

    words: str
    way: str
    over: tuple[str, ...]
    """The longest of these."""
    most: float
    what: str = "seconds"


TARGETS = (
    Target("ours, warm / plain pytest", "ours warm", ("plain",), 1.10),
    Target("ours, cold / the longer of plain and cold mypy", "ours cold", ("plain", "mypy cold"), 1.25),
    Target("ours, warm / --cov with its default core", "ours warm", ("--cov",), 0.70),
    Target("ours, cold / pipeline", "ours cold", ("pipeline",), 0.60),
    Target("-n 2: ours, warm / plain", "ours warm, -n 2", ("plain, -n 2",), 1.15),
    Target("-n 2: ours, cold / pipeline", "ours cold, -n 2", ("pipeline, -n 2",), 0.60),
    Target("peak memory of the controller: ours, warm / --cov", "ours warm", ("--cov",), 1.25, "peak_mib"),
)


def ways(project: Project, python: str) -> Iterator[Way]:
    """Every way to run the suite of a project, without and with workers."""
    which = [
        *([project.folder] if project.folder else []),
        *(f"--deselect={test}" for test in project.outside),
    ]
    judged = project.coverage.partition("=")[2] or project.name
    mypy = (python, "-m", "mypy", judged)
    ruff = (python, "-m", "ruff", "check", judged)
    for workers in ((), ("-n", "2")):
        suffix = f", {' '.join(workers)}" if workers else ""
        plain = (python, "-m", "pytest", "-q", *project.arguments, *which, *workers)
        with_cov = (*plain, project.coverage, "--cov-report=")
        gated = (*plain, "--quality-gates")
        yield Way(f"plain{suffix}", (plain,))
        yield Way(f"--cov{suffix}", (with_cov,))
        yield Way(f"pipeline{suffix}", (with_cov, mypy, ruff), is_cold=True)
        yield Way(f"ours cold{suffix}", (gated,), is_cold=True)
        yield Way(f"ours warm{suffix}", (gated,))
    yield Way("mypy cold", (mypy,), is_cold=True)


def run(way: Way, tree: Path) -> Cost:
    """Take a way, from start to end by the clock."""
    if way.is_cold:
        for name in CACHES:
            shutil.rmtree(tree / name, ignore_errors=True)
    began = time.perf_counter()
    peaks = [_run(command, tree) for command in way.commands]
    return Cost(time.perf_counter() - began, peaks[0])


def _run(command: Sequence[str], tree: Path) -> float:
    """Run one process and give its own peak of memory, in MiB."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0.0
    while process.poll() is None:
        peak = _peak_mib(process.pid) or peak
        time.sleep(_POLL_S)
    return peak


def _peak_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields.get("VmHWM", "0").split()[0]) / 1024


def measure(
    project: Project, installation: Installation, rounds: int, only: Sequence[str] = ()
) -> list[dict[str, Cost]]:
    """Take every way, or only those named, in each round."""
    installation.unpack()
    taken = [way for way in ways(project, str(installation.python)) if not only or way.name in only]
    found = []
    for number in range(rounds):
        order = taken if number % 2 == 0 else [*taken[::-1]]
        costs: dict[str, Cost] = {}
        for way in order:
            if way.name.startswith("ours warm") and not (installation.tree / CACHES[0]).exists():
                # What came before emptied the cache, or nothing did.
                run(way, installation.tree)
            costs[way.name] = run(way, installation.tree)
            sys.stderr.write(
                f"{project.name} {number + 1}/{rounds} {way.name}: {costs[way.name].seconds:.1f} s\n"
            )
        found.append(costs)
    return found


def lines(name: str, rounds: Sequence[dict[str, Cost]]) -> Iterator[str]:
    """The rows of one project: seconds first, then the ratios with their targets."""
    for way in rounds[0]:
        seconds = [costs[way].seconds for costs in rounds]
        yield f"| {name} | {way} | {_spread(seconds, 's', 1)} | |"
    for target in TARGETS:
        if not {target.way, *target.over} <= rounds[0].keys():
            continue
        ratios = [
            getattr(costs[target.way], target.what) / most
            for costs in rounds
            if (most := max(getattr(costs[over], target.what) for over in target.over))
        ]
        if ratios:
            met = "met" if statistics.median(ratios) <= target.most else "missed"
            yield f"| {name} | {target.words} | {_spread(ratios, '', 2)} | ≤ {target.most:.2f}: {met} |"


def _spread(values: Sequence[float], unit: str, digits: int) -> str:
    middle, least, most = (
        f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    return f"{middle}{f' {unit}' if unit else ''} ({least} to {most})"


def table(measured: dict[str, list[dict[str, Cost]]], rounds: int) -> str:
    """The whole of it, with what it was measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    head = (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, load average at the end {load:.1f}; median of {rounds} (least to greatest); "
        f"{', '.join(f'{project.name} {project.version}' for project in SUITES if project.name in measured)}.\n"
    )
    rows = [row for name, found in measured.items() for row in lines(name, found)]
    return "\n".join([head, "| suite | what | measured | target |", "| --- | --- | --- | --- |", *rows, ""])


def write(text: str, page: Path = PAGE) -> None:
    """Put the table into the page, between its marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _installed(project: Project, store: Path) -> Installation:
    installation = install(project, store)
    into = ("--python", str(installation.python), "--no-deps", *TOOLS)
    checked(package_index.install(*into, timeout=100))
    return installation


def main(arguments: Sequence[str]) -> int:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(description="What a gated run costs on real suites.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--project", action="append", choices=[project.name for project in SUITES])
    parser.add_argument("--way", action="append", default=[], help="only these; default: all")
    parser.add_argument("--store", type=Path, default=ROOT / ".nox" / "bench")
    parser.add_argument("--write", action="store_true", help="into docs/explanation/performance.md")
    options = parser.parse_args(arguments)
    wanted = [project for project in SUITES if project.name in (options.project or [project.name])]
    try:
        installed = {project: _installed(project, options.store) for project in wanted}
    except (UnreachableError, InstallationError) as error:
        sys.stderr.write(f"the suites cannot be installed: {error}\n")
        return 1
    measured = {
        project.name: measure(project, installation, options.rounds, options.way)
        for project, installation in installed.items()
    }
    text = table(measured, options.rounds)
    sys.stdout.write(text)
    if options.write:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
