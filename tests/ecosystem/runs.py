"""One real project, run plain, with pytest-cov and with the gates."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from tests.ecosystem.coverage_spy import TARGET
from tests.ecosystem.installation import Installation
from tests.ecosystem.projects import Project
from tests.lock import alone

_TIME = 280
_SHOWN = 40
_OURS = ("CI", "COLUMNS", "HOME", "PYTEST_ADDOPTS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "VIRTUAL_ENV")
_PREFIXES = ("COVERAGE_", "PYTEST_XDIST", "PYTHON")
_VOLATILE = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(r"\bpytest-\d+\b"), "pytest-N"),
    (re.compile(r"\b(127\.0\.0\.1\W{1,3})\d+"), r"\1N"),
    (re.compile(r"=* (.*) in \d+\.\d+s(?: \([\d:]+\))? =*"), r"\1"),
)
"""What differs between any two runs: addresses, the number of the temporary directory, ports, times."""
_HEADER = "quality gates: profile "
_TABLE = re.compile(r"=+ quality gates: \S+ =+")


class Run(NamedTuple):
    """What came of one run of pytest."""

    outcomes: dict[str, str]
    """Of each test."""
    status: int
    output: tuple[str, ...]
    """Of stdout, with what is volatile evened out."""
    errors: str
    """Of stderr."""
    changed: frozenset[str]
    """Files of the project that were added, removed or written to, caches aside."""


class Runs:
    """The runs of one project, each made when it is asked for, and in a tree as it was unpacked."""

    def __init__(self, project: Project, installation: Installation, results: Path) -> None:
        self.project = project
        self._installation = installation
        self._results = results

    @cached_property
    def plain(self) -> Run:
        """`pytest`."""
        return self._run()

    @cached_property
    def with_pytest_cov(self) -> Run:
        """`pytest --cov`."""
        return self._run(self.project.coverage, f"--cov-report=json:{self._results / 'cov.json'}")

    @cached_property
    def gated(self) -> Run:
        """`pytest --quality-gates`."""
        report = f"--quality-gates-report=json:{self._results / 'report.json'}"
        return self._run("--quality-gates", report, "-p", "coverage_spy")

    def report(self) -> dict[str, Any]:
        """Our JSON report."""
        return self._json(self.gated, "report.json")

    def coverage_by_us(self) -> dict[str, Any]:
        """What the gate `tests` was given."""
        return self._json(self.gated, "spied.json")

    def coverage_by_pytest_cov(self) -> dict[str, Any]:
        """The JSON report of coverage.py."""
        return self._json(self.with_pytest_cov, "cov.json")

    def _json(self, run: Run, name: str) -> dict[str, Any]:
        path = self._results / name
        assert path.exists(), "\n".join([*run.output[-_SHOWN:], run.errors])
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return read

    @contextmanager
    def fresh_tree(self) -> Iterator[Path]:
        """The tree as it was unpacked; no other process may run there, or unpack it, meanwhile."""
        with alone(self._installation.tree):
            self._installation.unpack()
            yield self._installation.tree

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the project's interpreter in the tree as it is now."""
        return subprocess.run(
            [str(self._installation.python), *arguments],
            capture_output=True,
            text=True,
            timeout=_TIME,
            check=False,
            cwd=self._installation.tree,
            env=self._environment(),
        )

    def _run(self, *arguments: str) -> Run:
        with self.fresh_tree() as tree:
            return self._run_in(tree, *arguments)

    def _run_in(self, tree: Path, *arguments: str) -> Run:
        before = _digests(tree)
        outcomes = self._results / "outcomes.xml"
        outcomes.unlink(missing_ok=True)
        project = self.project
        which = [
            *([project.folder] if project.folder else []),
            *(f"--deselect={test}" for test in project.outside),
        ]
        run = self.python("-m", "pytest", f"--junitxml={outcomes}", *project.arguments, *which, *arguments)
        after = _digests(tree)
        return Run(
            outcomes=_outcomes(outcomes) if outcomes.exists() else {},
            status=run.returncode,
            output=tuple(_evened(run.stdout)),
            errors=run.stderr,
            changed=frozenset(path for path in before | after if before.get(path) != after.get(path)),
        )

    def _environment(self) -> dict[str, str]:
        """The environment without what our own run brings with it, with an empty home and one order of sets."""
        home = self._results / "home"
        home.mkdir(exist_ok=True)
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in _OURS and not name.startswith(_PREFIXES)
        }
        ours = {
            "HOME": str(home),
            "PYTHONPATH": str(Path(__file__).parent),
            "PYTHONHASHSEED": "0",
            # The repository that the tree lies in is not the project's.
            "GIT_CEILING_DIRECTORIES": str(self._installation.tree.parent),
            TARGET: str(self._results / "spied.json"),
        }
        return {**kept, **ours}


def without_ours(output: tuple[str, ...]) -> tuple[str, ...]:
    """The output of a gated run up to our table, without our line of the header."""
    end = next((number for number, line in enumerate(output) if _TABLE.fullmatch(line)), len(output))
    return tuple(line for line in output[:end] if not line.startswith(_HEADER))


def table(output: tuple[str, ...]) -> list[str]:
    """The first words of the lines from our table on; of its rows, that is the gate."""
    start = next(number for number, line in enumerate(output) if _TABLE.fullmatch(line))
    return [line.split()[0] for line in output[start + 1 :] if line]


def _outcomes(path: Path) -> dict[str, str]:
    """Passed, skipped, failure or error, by test, as pytest's own JUnit report has it."""
    found: dict[str, str] = {}
    for case in ET.parse(path).iter("testcase"):  # noqa: S314 - pytest has just written it
        name = f"{case.get('classname')}::{case.get('name')}"
        states = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found[name] = "+".join(filter(None, [found.get(name, ""), *states])) or "passed"
    return found


def _evened(text: str) -> list[str]:
    for pattern, instead in _VOLATILE:
        text = pattern.sub(instead, text)
    return text.splitlines()


def _digests(tree: Path) -> dict[str, str]:
    """A digest of each file, by its path; caches and measured data aside."""
    return {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tree.rglob("*")
        if path.is_file() and not _is_cache(path.relative_to(tree))
    }


def _is_cache(path: Path) -> bool:
    caches = {"__pycache__", ".pytest_cache", ".hypothesis", ".quality-gates"}
    return not caches.isdisjoint(path.parts) or path.name.startswith(".coverage.") or path.name == ".coverage"
