"""Real projects that were never prepared for us, run with their own tests."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
from tests.ecosystem import snapshot
from tests.ecosystem.runs import Runs, table, without_ours

from pytest_quality_gates.gates.builtin import pytest_quality_gates_gates

GATES = [gate.spec.slug for gate in pytest_quality_gates_gates()]

# A project is installed and run in the first test that asks for it.
pytestmark = [pytest.mark.ecosystem, pytest.mark.timeout(600)]


def test_its_tests_pass_or_fail_as_without_us(runs: Runs) -> None:
    """Each test has the same outcome plain, with pytest-cov and with the gates."""
    assert runs.plain.outcomes
    assert runs.plain.outcomes == runs.with_pytest_cov.outcomes
    assert runs.plain.outcomes == runs.gated.outcomes


def test_nothing_of_ours_leaks_into_its_output(runs: Runs) -> None:
    """But for our line of the header and what follows the summary, pytest prints what it prints without us."""
    assert list(runs.plain.output) == list(without_ours(runs.gated.output))
    assert runs.plain.errors == runs.gated.errors


def test_nothing_of_the_project_is_changed(runs: Runs) -> None:
    """No file is added, removed or written to that plain pytest leaves alone; our cache aside."""
    assert runs.plain.changed == runs.gated.changed


def test_the_table_is_complete(runs: Runs) -> None:
    """All gates are in the table and in the report, and each of them could run."""
    gates = {gate["slug"]: gate for gate in runs.report()["gates"]}
    assert GATES == table(runs.gated.output)[: len(GATES)]
    assert GATES == list(gates)
    assert {} == _broken(runs)
    # Deselected tests make the run a partial one.
    partial = [slug for slug, gate in gates.items() if gate["verdict"] == "not_evaluated"]
    assert (["tests"] if runs.project.is_partial else []) == partial


def test_every_line_is_covered_as_pytest_cov_says(runs: Runs) -> None:
    """Each judged file has the same statements, missing lines and missing branches, and so has the sum."""
    ours = {file["path"]: file for file in runs.coverage_by_us()["files"]}
    theirs = runs.coverage_by_pytest_cov()["files"]
    judged = [path for path in runs.coverage_by_us()["judged"] if path in theirs]
    assert judged
    assert set(judged) == set(ours) == set(theirs)
    assert {path: _lines(theirs[path]) for path in judged} == {
        path: (
            ours[path]["statements"],
            sorted(ours[path]["missing_lines"]),
            sorted(tuple(branch) for branch in ours[path]["missing_branches"]),
        )
        for path in judged
    }
    gate = next(gate for gate in runs.report()["gates"] if gate["slug"] == "tests")
    assert (_sum(theirs, "covered_"), _sum(theirs, "num_")) == (gate["measured"], gate["total"])


def test_the_findings_are_those_that_were_kept(runs: Runs, request: pytest.FixtureRequest) -> None:
    """What the gates say of a project changes with our code only, and is read before it is kept."""
    path = runs.project.findings
    actual = snapshot.rendered(runs.report())
    assert {} == _broken(runs)
    if request.config.getoption("--regenerate"):
        path.write_text(actual, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    changed = difflib.unified_diff(kept.splitlines(), actual.splitlines(), "kept", "now", n=0, lineterm="")
    assert kept == actual, (
        f"What the gates say of {runs.project.name} changed. Read the change; where it is right, keep it with\n"
        f"    pytest tests/ecosystem -k findings --regenerate\n" + "\n".join(changed)
    )


def _broken(runs: Runs) -> dict[str, str]:
    """The gates that could not run, and why."""
    gates = runs.report()["gates"]
    return {gate["slug"]: gate["reason"] for gate in gates if gate["verdict"] == "could_not_run"}


def _lines(file: dict[str, Any]) -> tuple[int, list[int], list[tuple[int, int]]]:
    """Statements, missing lines and missing branches of a file in coverage.py's JSON report."""
    branches = sorted((start, end) for start, end in file.get("missing_branches", ()))
    return file["summary"]["num_statements"], file["missing_lines"], branches


def _sum(files: dict[str, Any], prefix: str) -> int:
    """Of lines and branches over all files."""
    kinds = ("lines", "branches") if prefix == "covered_" else ("statements", "branches")
    return sum(file["summary"].get(f"{prefix}{kind}", 0) for file in files.values() for kind in kinds)
