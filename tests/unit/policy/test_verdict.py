"""From outcomes to the verdict of a gate and of the run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_quality_gates.config.settings import GateSettings
from pytest_quality_gates.facts.baseline import Floor
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Level, Threshold
from pytest_quality_gates.model.outcome import CouldNotRun, Measured, NotEvaluated
from pytest_quality_gates.model.report import GateResult
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.policy.verdict import fails_session, gate_result, run_verdict

SPEC = GateSpec(
    slug="timeouts",
    title="Timeouts",
    unit="external calls",
    summary="",
    needs=("source",),
    rules=("no-timeout",),
    threshold=Threshold("at_least_percent", 8000),
)
FINDING = Finding(
    gate="timeouts", rule="no-timeout", path="a.py", line=1, end_line=1, symbol="", message="m", remedy="r"
)


def row(threshold: Threshold = SPEC.threshold, level: Level = Level.ENFORCE) -> GateSettings:
    """The row of the gate."""
    return GateSettings(slug=SPEC.slug, level=level, threshold=threshold, options=GateOptions())


def result(verdict: Verdict, level: Level = Level.ENFORCE) -> GateResult:
    """A row of the table that came out so."""
    outcome = gate_result(SPEC, row(level=level), NotEvaluated(""))
    return replace(outcome, verdict=verdict)


class TestGate:
    """The verdict of one gate."""

    def test_passed(self) -> None:
        """A gate that reaches its threshold passes without a reason, and keeps its findings."""
        found = gate_result(SPEC, row(), Measured(measured=8, total=10, findings=(FINDING,), notes=("note",)))
        assert (Verdict.PASSED, "", 8, 10, ("note",)) == (
            found.verdict,
            found.reason,
            found.measured,
            found.total,
            found.notes,
        )
        assert (FINDING,) == found.findings

    def test_failed_says_the_smallest_change(self) -> None:
        """A missed percentage says by how many; the figure shows why."""
        found = gate_result(SPEC, row(), Measured(measured=7999, total=10_000))
        assert Verdict.FAILED == found.verdict
        assert "79.99 % of 10000 external calls, ≥ 80 % asked: 1 more needed" == found.reason

    def test_too_many_findings(self) -> None:
        """A missed count says how many must go; what is not new does not count."""
        threshold = Threshold("at_most", 1)
        findings = (FINDING, replace(FINDING, line=2), replace(FINDING, line=3, state="suppressed"))
        found = gate_result(SPEC, row(threshold), Measured(measured=1, total=4, findings=findings))
        assert "2 found, ≤ 1 allowed: 1 must go" == found.reason
        fewer = gate_result(SPEC, row(threshold), Measured(measured=1, total=4, findings=findings[1:]))
        assert Verdict.PASSED == fewer.verdict

    def test_accepted_counts_as_met(self) -> None:
        """What is suppressed or in the baseline lowers no percentage; what is new beside it does."""
        spec, asked = (
            replace(SPEC, threshold=Threshold("at_least_percent", 10_000)),
            Threshold("at_least_percent", 10_000),
        )
        accepted = (replace(FINDING, state="suppressed"), replace(FINDING, line=2, state="baseline"))
        found = gate_result(spec, row(asked), Measured(measured=8, total=10, findings=accepted))
        assert (Verdict.PASSED, 8) == (found.verdict, found.measured)
        new = gate_result(spec, row(asked), Measured(measured=8, total=11, findings=(*accepted, FINDING)))
        assert (
            "90.9 % of 11 external calls (2 accepted ones counted in), ≥ 100 % asked: 1 more needed"
            == new.reason
        )

    def test_figure_of_the_baseline(self) -> None:
        """Below its threshold a gate passes as long as its figure is no less than the baseline's, and says so."""
        floor = Floor("timeouts", 2, 3)
        held = gate_result(SPEC, row(), Measured(measured=4, total=6), floor)
        assert (Verdict.PASSED, ("below its threshold; the baseline asks for 66.7 %",)) == (
            held.verdict,
            held.notes,
        )
        fallen = gate_result(SPEC, row(), Measured(measured=5, total=8), floor)
        assert (
            "62.5 % of 8 external calls, less than the 66.7 % of the baseline: 1 more needed" == fallen.reason
        )
        unread = Measured(measured=6, total=6, findings=(replace(FINDING, rule=SYNTAX_ERROR),))
        assert Verdict.FAILED == gate_result(SPEC, row(), unread, floor).verdict

    @pytest.mark.parametrize("threshold", [Threshold("at_least_percent", 0), Threshold("at_most", 50)])
    def test_unread_file_never_passes(self, threshold: Threshold) -> None:
        """A file that cannot be parsed fails the gate under every threshold."""
        finding = replace(FINDING, rule=SYNTAX_ERROR)
        found = gate_result(SPEC, row(threshold), Measured(measured=1, total=1, findings=(finding,)))
        assert Verdict.FAILED == found.verdict
        assert "1 file that cannot be parsed hides what is in it" == found.reason

    def test_finding_that_decides(self) -> None:
        """One finding of a decisive rule fails a figure that is reached, of the baseline too; the gaps stay out."""
        gap = Finding(
            gate="tests", rule="gap", path="a.py", line=1, end_line=1, symbol="", message="", remedy=""
        )
        outcome = Measured(
            measured=90, total=100, findings=(gap, replace(gap, rule="worse")), decisive=frozenset({"worse"})
        )
        found = gate_result(replace(SPEC, is_average=True), row(), outcome)
        assert (Verdict.FAILED, ["worse"]) == (found.verdict, [each.rule for each in found.findings])
        assert "1 found of `worse`, of which none is allowed" == found.reason
        low = replace(outcome, measured=70)
        assert "more needed; 1 found of `worse`" in gate_result(SPEC, row(), low).reason
        assert (
            "1 found of `worse`, of which none is allowed"
            == gate_result(SPEC, row(), low, Floor("tests", 70, 100)).reason
        )

    def test_average_that_is_met_has_no_findings(self) -> None:
        """The gaps of an average are findings only where the average is missed."""
        spec = replace(SPEC, is_average=True)
        met = gate_result(spec, row(), Measured(measured=8, total=10, findings=(FINDING,)))
        missed = gate_result(spec, row(), Measured(measured=7, total=10, findings=(FINDING,)))
        assert (0, 1) == (len(met.findings), len(missed.findings))

    @pytest.mark.parametrize(
        ("outcome", "verdict"),
        [
            (NotEvaluated("partial"), Verdict.NOT_EVALUATED),
            (CouldNotRun("partial"), Verdict.COULD_NOT_RUN),
        ],
    )
    def test_unmeasured(self, outcome: NotEvaluated | CouldNotRun, verdict: Verdict) -> None:
        """What could not be measured keeps its reason."""
        found = gate_result(SPEC, row(), outcome)
        assert (verdict, "partial", 0, 0) == (found.verdict, found.reason, found.measured, found.total)

    def test_unit_of_what_was_measured_so_far(self) -> None:
        """Where less than the gate's own unit was counted, its figure says so without a verdict, too."""
        assert "lines" == gate_result(SPEC, row(), NotEvaluated("partial", 3, 4, "lines")).unit
        assert SPEC.unit == gate_result(SPEC, row(), NotEvaluated("partial", 3, 4)).unit


class TestRun:
    """The verdict of the run."""

    @pytest.mark.parametrize(
        ("results", "complete", "expected"),
        [
            ([result(Verdict.PASSED)], True, Verdict.PASSED),
            ([result(Verdict.PASSED), result(Verdict.FAILED)], False, Verdict.FAILED),
            ([result(Verdict.COULD_NOT_RUN), result(Verdict.PASSED)], False, Verdict.COULD_NOT_RUN),
            ([result(Verdict.COULD_NOT_RUN), result(Verdict.FAILED)], False, Verdict.FAILED),
            ([result(Verdict.NOT_EVALUATED)], False, Verdict.NOT_EVALUATED),
            ([result(Verdict.NOT_EVALUATED)], True, Verdict.FAILED),
            ([result(Verdict.FAILED, Level.REPORT), result(Verdict.PASSED)], True, Verdict.PASSED),
            ([result(Verdict.NOT_EVALUATED, Level.OFF), result(Verdict.PASSED)], True, Verdict.PASSED),
            ([result(Verdict.NOT_EVALUATED, Level.OFF)], False, Verdict.NOT_EVALUATED),
            ([], True, Verdict.FAILED),
        ],
    )
    def test_worst_enforced_gate_decides(
        self, results: list[GateResult], complete: bool, expected: Verdict
    ) -> None:
        """Only enforced gates decide; a run that judged nothing did not pass."""
        assert expected == run_verdict(results, complete=complete)

    def test_what_fails_the_session(self) -> None:
        """A failure, and what could not run, end the session with a failing status; the others do not."""
        assert {Verdict.FAILED, Verdict.COULD_NOT_RUN} == {each for each in Verdict if fails_session(each)}
