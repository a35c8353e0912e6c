"""What a gated run costs on real suites, beside plain pytest, pytest-cov and the usual pipeline.

`make bench` runs it: `python -m tests.benchmarks.suites [--suite NAME] [--way NAME] [--rounds 5] [--minutes N] [--write]`.
Each suite is a pinned source distribution with its own tests, from the package index. In each round every way to run it
is taken once, one directly after the other, and every second round backwards; a ratio is that of two runs of one round,
and the median of the rounds is printed with the least and the greatest. `--write` puts the table into
docs/explanation/performance.md.

Each run is kept in a file as soon as it has ended. Where the time given is over, or the run is interrupted, the same
command goes on with what is missing; `--table` prints what is there.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests import package_index
from tests.benchmarks.kept_runs import Cost, KeptRuns, state_of
from tests.benchmarks.ratios import table
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
OURS = (".quality-gates",)
TYPES = (".mypy_cache",)
PIPELINE = (".mypy_cache", ".ruff_cache", ".coverage")
_POLL_S = 0.05
_LIMIT_S = 3600.0
"""After so long a run does not end by itself."""
_RAN = (0, 1)
"""pytest, mypy and ruff: nothing found, or something; anything else is no run."""


class BrokenRunError(Exception):
    """A way cannot be taken: what would be measured is a failure."""


class Way(NamedTuple):
    """One way to run a suite."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """Run one after the other."""
    without: tuple[str, ...] = ()
    """Caches that are taken away first."""


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
        yield Way(f"pipeline{suffix}", (with_cov, mypy, ruff), PIPELINE)
        yield Way(f"ours cold{suffix}", (gated,), OURS)
        yield Way(f"ours warm{suffix}", (gated,))
    yield Way("mypy cold", (mypy,), TYPES)


def run(way: Way, tree: Path) -> Cost:
    """Take a way, from start to end by the clock.

    Raises:
        BrokenRunError: One of its programs did not do its work, or did not end.
    """
    for name in way.without:
        shutil.rmtree(tree / name, ignore_errors=True)
    began, cpu_s = time.perf_counter(), _children_cpu_s()
    peaks = [_run(command, tree) for command in way.commands]
    return Cost(time.perf_counter() - began, _children_cpu_s() - cpu_s, peaks[0])


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(command: Sequence[str], tree: Path) -> float:
    """Run one process and give its own peak of memory, in MiB."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=output, stderr=output)
        try:
            peak = _watched(process)
        except BaseException:
            process.kill()
            process.wait()
            raise
        output.seek(0)
        said = output.read().decode("utf-8", "replace")[-2000:]
    if process.returncode not in _RAN:
        raise BrokenRunError(f"status {process.returncode}: {' '.join(command)}\n{said}")
    return peak


def _watched(process: subprocess.Popen[bytes]) -> float:
    peak, until = 0.0, time.monotonic() + _LIMIT_S
    while process.poll() is None:
        peak = _peak_mib(process.pid) or peak
        if time.monotonic() > until:
            raise BrokenRunError(f"not ended after {_LIMIT_S:.0f} s: {process.args!r}")
        time.sleep(_POLL_S)
    return peak


def _peak_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields.get("VmHWM", "0").split()[0]) / 1024


class Measurement:
    """Takes the ways that are missing, for as long as there is time."""

    def __init__(self, kept: KeptRuns, until: float) -> None:
        self._kept = kept
        self._until = until
        self._settled: set[str] = set()

    def round(self, project: Project, installation: Installation, number: int, only: Sequence[str]) -> bool:
        """Take every way, or those named, once.

        Returns:
            Whether there was time for all.
        """
        taken = [way for way in ways(project, str(installation.python)) if not only or way.name in only]
        order = taken if number % 2 == 0 else taken[::-1]
        for way in order:
            if self._kept.has(title(project), number, way.name):
                continue
            if time.monotonic() > self._until:
                return False
            self._settle(project, installation)
            cost = run(way, installation.tree)
            self._kept.add(title(project), number, way.name, cost)
            sys.stderr.write(f"{title(project)}, round {number + 1}, {way.name}: {cost.seconds:.1f} s\n")
        return True

    def _settle(self, project: Project, installation: Installation) -> None:
        """Fill our cache and those of bytecode first; who comes first would pay for the others."""
        if project.name not in self._settled:
            installation.unpack()
            (gated,) = (way for way in ways(project, str(installation.python)) if way.name == "ours warm")
            run(gated, installation.tree)
            self._settled.add(project.name)


def title(project: Project) -> str:
    """A suite as the results name it."""
    return f"{project.name} {project.version}"


def words(text: str) -> str:
    """The tables, with what they were measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, load average at the end {load:.1f}.\n\n{text}"
    )


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


def _measure(projects: Sequence[Project], kept: KeptRuns, options: argparse.Namespace) -> bool:
    """Whether all that was asked for is there now."""
    measurement = Measurement(kept, time.monotonic() + options.minutes * 60)
    installed = {project: _installed(project, options.store) for project in projects}
    return all(
        measurement.round(project, installation, number, options.way)
        for number in range(options.rounds)
        for project, installation in installed.items()
    )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    names = [way.name for way in ways(LONG, "python")]
    parser = argparse.ArgumentParser(description="What a gated run costs on real suites.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--suite", action="append", choices=[project.name for project in SUITES])
    parser.add_argument(
        "--way", action="append", default=[], choices=names, help="only these (--way=--cov); default: all"
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start no run after so many")
    parser.add_argument("--store", type=Path, default=ROOT / ".nox" / "bench", help="for suites and results")
    parser.add_argument(
        "--results", type=Path, help="where each run is kept; default: runs.jsonl in the store"
    )
    parser.add_argument("--table", action="store_true", help="run nothing, print what is there")
    parser.add_argument("--write", action="store_true", help="into docs/explanation/performance.md")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Install, measure what is missing, print."""
    options = _options(arguments)
    projects = [project for project in SUITES if project.name in (options.suite or [project.name])]
    kept = KeptRuns(options.results or options.store / "runs.jsonl", state_of())
    try:
        done = options.table or _measure(projects, kept, options)
    except (UnreachableError, InstallationError) as error:
        sys.stderr.write(f"the suites cannot be installed: {error}\n")
        return 1
    except BrokenRunError as error:
        sys.stderr.write(f"what should be measured is broken: {error}\n")
        return 1
    if not done:
        sys.stderr.write("the time is over: the same command goes on where this one ends\n")
    text = words(table({name: kept.rounds(name) for name in map(title, projects)}))
    sys.stdout.write(text)
    if options.write:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
