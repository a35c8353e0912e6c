"""The in-toto statement."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_quality_gates.model.gate import Level, Threshold
from pytest_quality_gates.model.origin import Tree
from pytest_quality_gates.model.report import GateResult, Report
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.reports.in_toto import InTotoFormat

ROW = GateResult(
    slug="types",
    title="",
    unit="",
    level=Level.ENFORCE,
    verdict=Verdict.PASSED,
    reason="",
    measured=1,
    total=1,
    threshold=Threshold("at_most", 0),
)
REPORT = Report(
    verdict=Verdict.PASSED,
    profile="strict",
    complete=True,
    gates=(ROW, replace(ROW, slug="off", level=Level.OFF)),
    tree=Tree(commit="c" * 40, files={"b.py": "2" * 64, "a.py": "1" * 64}),
)


def statement(report: Report) -> dict[str, Any]:
    """The statement, read back."""
    found: dict[str, Any] = json.loads(InTotoFormat().render(report))
    return found


def test_form_and_subjects() -> None:
    """It has the forms of a v1 statement; its subjects are the commit and the digest of the sorted list of files."""
    found = statement(REPORT)
    assert ("https://in-toto.io/Statement/v1", "https://in-toto.io/attestation/test-result/v0.1") == (
        found["_type"],
        found["predicateType"],
    )
    listed = hashlib.sha256(f"{'1' * 64}  a.py\n{'2' * 64}  b.py\n".encode()).hexdigest()
    assert [
        {"name": "judged files", "digest": {"sha256": listed}},
        {"name": "commit", "digest": {"gitCommit": "c" * 40}},
    ] == found["subject"]


@pytest.mark.parametrize(
    ("level", "verdict", "result", "names"),
    [
        (Level.ENFORCE, Verdict.PASSED, "PASSED", (["types", "other [a/]"], [], [])),
        (Level.REPORT, Verdict.FAILED, "WARNED", (["types"], ["other [a/]"], [])),
        (Level.ENFORCE, Verdict.COULD_NOT_RUN, "FAILED", (["types"], [], ["other [a/]"])),
    ],
)
def test_result(level: Level, verdict: Verdict, result: str, names: tuple[list[str], ...]) -> None:
    """A gate that is only reported warns, an enforced one that did not pass fails; one that is off is not named."""
    other = replace(ROW, slug="other", paths="a/", level=level, verdict=verdict)
    predicate = statement(replace(REPORT, gates=(*REPORT.gates, other)))["predicate"]
    assert (result, *names) == tuple(
        predicate[key] for key in ("result", "passedTests", "warnedTests", "failedTests")
    )


def test_failed_session() -> None:
    """A session that failed for another reason than a gate is no passed one."""
    assert "FAILED" == statement(replace(REPORT, verdict=Verdict.FAILED))["predicate"]["result"]
