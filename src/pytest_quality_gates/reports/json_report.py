"""The JSON report: its names are stable, and a schema of it is shipped."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

from pytest_quality_gates.facts.call_site import Confidence
from pytest_quality_gates.hookspecs import hookimpl
from pytest_quality_gates.model.finding import Finding, FindingState
from pytest_quality_gates.model.gate import Threshold
from pytest_quality_gates.model.origin import Run, Tree
from pytest_quality_gates.model.report import GateResult, Report

VerdictName = Literal["passed", "failed", "not_evaluated", "could_not_run"]


class JsonGate(Struct, frozen=True, kw_only=True):
    """One row of the table."""

    slug: str
    level: Literal["enforce", "report", "off"]
    verdict: VerdictName
    reason: str
    """Why it failed, was not evaluated or could not run; empty where it passed."""
    measured: int
    """How many were met."""
    total: int
    """Out of how many."""
    threshold: float
    """Per cent that must be met at least, or findings that are allowed at most, as the gate's page says."""
    paths: str
    """The first pattern of the table that the row is of; empty for the general one."""
    findings: int
    """How many of `findings` below are of this gate and count against it (state `new`)."""


class JsonFinding(Struct, frozen=True, kw_only=True):
    """One place that falls short."""

    gate: str
    rule: str
    path: str
    """Relative to the root, with `/`."""
    line: int
    end_line: int
    symbol: str
    """Qualified name of the function or class around it; empty at the top level."""
    message: str
    remedy: str
    confidence: Confidence
    fingerprint: str
    """Stays the same when lines move."""
    state: FindingState


class JsonTable(Struct, frozen=True, kw_only=True):
    """A gate table and the files that it is for."""

    paths: str
    """Its first pattern; empty for the general table."""
    profile: str
    files: tuple[str, ...]


class JsonReport(Struct, frozen=True, kw_only=True):
    """The report of `pytest --quality-gates --quality-gates-report json:PATH`."""

    schema_version: int
    verdict: VerdictName
    reason: str
    """What failed the run beside its gates, `3 tests failed`; empty where nothing did."""
    profile: str
    since: str
    """Only what changed since the common commit with this one was judged; empty where everything was."""
    tables: tuple[JsonTable, ...]
    """Where some files have a table of their own: each table with its files, so that each file is in one."""
    version: str
    """Of pytest-quality-gates."""
    complete: bool
    """Whether `not_evaluated` failed the run."""
    run: Run | None
    """The test run; null where no test was run."""
    tree: Tree | None
    """The files that the result is of."""
    gates: tuple[JsonGate, ...]
    findings: tuple[JsonFinding, ...]
    seal: str
    """SHA-256 of everything else, by which a change of the file shows. It is no signature."""


class JsonFormat:
    """The format `json`."""

    name = "json"

    def render(self, report: Report) -> str:
        """The report as indented JSON."""
        encoded = msgspec.json.encode(converted(report))
        return msgspec.json.format(encoded, indent=2).decode() + "\n"


@hookimpl
def pytest_quality_gates_reports() -> tuple[JsonFormat, ...]:
    """The built-in formats."""
    return (JsonFormat(),)


def schema() -> str:
    """The JSON schema of the report, as it is shipped."""
    return (resources.files(__package__) / "report.schema.json").read_text(encoding="utf-8")


def seal(report: JsonReport) -> str:
    """The digest of a report, but for the seal that it has."""
    bare = msgspec.json.encode(msgspec.structs.replace(report, seal=""))
    # As it is once it was read: 100 is 100.0 then.
    again = msgspec.json.decode(bare, type=JsonReport)
    return hashlib.sha256(msgspec.json.encode(again)).hexdigest()


def converted(report: Report) -> JsonReport:
    """The report in the form in which it is written."""
    unsealed = _unsealed(report)
    return msgspec.structs.replace(unsealed, seal=seal(unsealed))


def _unsealed(report: Report) -> JsonReport:
    findings = [finding for gate in report.gates for finding in gate.findings]
    return JsonReport(
        schema_version=report.schema_version,
        verdict=report.verdict.value,
        reason=report.reason,
        profile=report.profile,
        since=report.since,
        tables=tuple(
            JsonTable(paths=table.name, profile=table.profile, files=table.files) for table in report.tables
        ),
        version=report.version,
        complete=report.complete,
        run=report.run,
        tree=report.tree,
        gates=tuple(map(_gate, report.gates)),
        findings=tuple(map(_finding, findings)),
        seal="",
    )


def _gate(result: GateResult) -> JsonGate:
    return JsonGate(
        slug=result.slug,
        level=result.level.value,
        verdict=result.verdict.value,
        reason=result.reason,
        measured=result.measured,
        total=result.total,
        threshold=_threshold(result.threshold),
        paths=result.paths,
        findings=sum(finding.state == "new" for finding in result.findings),
    )


def _threshold(threshold: Threshold) -> float:
    if threshold.comparison == "at_most":
        return threshold.value
    percent = Decimal(threshold.value) / 100
    return int(percent) if percent == int(percent) else float(percent)


def _finding(finding: Finding) -> JsonFinding:
    return JsonFinding(**{name: getattr(finding, name) for name in JsonFinding.__struct_fields__})
