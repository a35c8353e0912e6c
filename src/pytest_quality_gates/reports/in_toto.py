"""The result as an in-toto statement with the predicate `test-result`, which a CI can sign.

The forms are https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and
https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from pytest_quality_gates.hookspecs import hookimpl
from pytest_quality_gates.model.gate import Level
from pytest_quality_gates.model.report import GateResult, Report
from pytest_quality_gates.model.verdict import Verdict

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


class InTotoFormat:
    """The format `in-toto`."""

    name = "in-toto"

    def render(self, report: Report) -> str:
        """The statement as JSON: its subjects are the commit and the judged files, its tests the gates."""
        encoded = msgspec.json.encode(_statement(report))
        return msgspec.json.format(encoded, indent=2).decode() + "\n"


@hookimpl
def pytest_quality_gates_reports() -> tuple[InTotoFormat, ...]:
    """The built-in format."""
    return (InTotoFormat(),)


def _statement(report: Report) -> dict[str, Any]:
    rows = [row for row in report.gates if row.level != Level.OFF]
    passed = [row for row in rows if row.verdict == Verdict.PASSED]
    failed = [row for row in rows if row not in passed and row.level == Level.ENFORCE]
    warned = [row for row in rows if row not in passed and row.level == Level.REPORT]
    result = "PASSED" if report.verdict == Verdict.PASSED and not failed else "FAILED"
    return {
        "_type": STATEMENT,
        "subject": _subjects(report),
        "predicateType": PREDICATE,
        "predicate": {
            "result": "WARNED" if result == "PASSED" and warned else result,
            "configuration": _configuration(report),
            "passedTests": _names(passed),
            "warnedTests": _names(warned),
            "failedTests": _names(failed),
        },
    }


def _subjects(report: Report) -> list[dict[str, Any]]:
    tree = report.tree
    if tree is None:
        return []
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(tree.files.items()))
    judged = {"name": "judged files", "digest": {"sha256": hashlib.sha256(lines.encode()).hexdigest()}}
    return [judged, {"name": "commit", "digest": {"gitCommit": tree.commit}}] if tree.commit else [judged]


def _configuration(report: Report) -> list[dict[str, Any]]:
    files = report.tree.files if report.tree else {}
    digest = files.get("pyproject.toml")
    profile: dict[str, Any] = {"name": f"profile {report.profile}"}
    return [profile, {"name": "pyproject.toml", "digest": {"sha256": digest}}] if digest else [profile]


def _names(rows: list[GateResult]) -> list[str]:
    return [f"{row.slug} [{row.paths}]" if row.paths else row.slug for row in rows]
