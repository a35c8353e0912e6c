"""The whole result of a run, as every format writes it (design: the JSON report)."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.gate import Level, Threshold
from pytest_quality_gates.model.origin import Run, Tree
from pytest_quality_gates.model.verdict import Verdict

SCHEMA_VERSION = 1


class GateResult(Struct, frozen=True, kw_only=True):
    """One row of the table."""

    slug: str
    title: str
    unit: str
    level: Level
    verdict: Verdict
    reason: str
    """Why it failed, was not evaluated or could not run; empty where it passed."""
    measured: int
    total: int
    threshold: Threshold
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    paths: str = ""
    """The table of some files that this row is of, by its first pattern; empty for the general one."""


class PathTable(Struct, frozen=True):
    """A gate table and the files that it is for."""

    name: str
    """Its first pattern; empty for the general one."""
    profile: str
    files: tuple[str, ...]


class Report(Struct, frozen=True, kw_only=True):
    """All rows, and the verdict of the run."""

    verdict: Verdict
    profile: str
    complete: bool
    """Whether `not evaluated` fails the run."""
    gates: tuple[GateResult, ...]
    tables: tuple[PathTable, ...] = ()
    """Where some files have a table of their own: each table with its files."""
    judged: tuple[str, ...] = ()
    """The packages and directories that were judged, relative to the root."""
    left_out: tuple[str, ...] = ()
    """What was not judged, in words with counts: `12 test files`."""
    since: str = ""
    """Only what changed since this was judged, `origin/main`; empty where everything was."""
    version: str = ""
    """Of this package."""
    run: Run | None = None
    """The test run; None where no test was run."""
    tree: Tree | None = None
    """The files that were judged, as they were when the run began."""
    reason: str = ""
    """What failed the run beside its gates: `3 tests failed`; empty where nothing did."""
    schema_version: int = SCHEMA_VERSION
