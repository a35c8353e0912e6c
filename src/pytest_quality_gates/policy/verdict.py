"""From outcomes to the verdict of each gate and of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, assert_never

from pytest_quality_gates.facts.baseline import Floor
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateSpec, Level
from pytest_quality_gates.model.outcome import CouldNotRun, Measured, NotEvaluated, Outcome
from pytest_quality_gates.model.report import GateResult
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.policy.baseline import reaches
from pytest_quality_gates.policy.comparison import is_met, missing, percent_text, threshold_text

if TYPE_CHECKING:
    from pytest_quality_gates.config.settings import GateSettings


def gate_result(
    spec: GateSpec, row: GateSettings, outcome: Outcome, floor: Floor | None = None
) -> GateResult:
    """Hold what a gate found against the threshold of its row, or against the baseline's figure where that is lower."""
    match outcome:
        case Measured():
            return _measured_result(spec, row, outcome, floor)
        case NotEvaluated():
            return _unmeasured_result(spec, row, Verdict.NOT_EVALUATED, outcome)
        case CouldNotRun(error=error):
            return _unmeasured_result(spec, row, Verdict.COULD_NOT_RUN, NotEvaluated(error))
        case _:
            assert_never(outcome)


def run_verdict(results: Iterable[GateResult], *, complete: bool) -> Verdict:
    """The verdict of the run: that of its worst enforced gate.

    `could not run` fails always. `not evaluated` fails where the run must be complete. A run in which no gate was
    judged at all, because all are off, was not evaluated.
    """
    results = [result for result in results if result.level != Level.OFF]
    enforced = {result.verdict for result in results if result.level == Level.ENFORCE}
    if Verdict.FAILED in enforced:
        return Verdict.FAILED
    if Verdict.COULD_NOT_RUN in enforced:
        return Verdict.COULD_NOT_RUN
    if Verdict.NOT_EVALUATED in enforced or not results:
        return Verdict.FAILED if complete else Verdict.NOT_EVALUATED
    return Verdict.PASSED


def fails_session(verdict: Verdict) -> bool:
    """Whether a run that came out so must end with a failing exit status."""
    return verdict in {Verdict.FAILED, Verdict.COULD_NOT_RUN}


def reaches_figure(row: GateSettings, outcome: Measured) -> bool:
    """Whether the figure reaches the threshold; a file that cannot be read hides what is in it."""
    counted = _counted(outcome)
    if any(finding.rule == SYNTAX_ERROR for finding in counted):
        return False
    return is_met(row.threshold, met_or_accepted(outcome), outcome.total, len(counted))


def _counted(outcome: Measured) -> list[Finding]:
    return [finding for finding in outcome.findings if finding.state == "new"]


def _decisive(outcome: Measured) -> tuple[Finding, ...]:
    return tuple(finding for finding in _counted(outcome) if finding.rule in outcome.decisive)


def _measured_result(spec: GateSpec, row: GateSettings, outcome: Measured, floor: Floor | None) -> GateResult:
    findings, notes = outcome.findings, outcome.notes
    counted = _counted(outcome)
    unread = sum(finding.rule == SYNTAX_ERROR for finding in counted)
    enough = reaches_figure(row, outcome)
    if not enough and not unread and floor and row.threshold.comparison == "at_least_percent":
        enough = reaches(floor, met_or_accepted(outcome), outcome.total)
        notes = (*notes, f"below its threshold; the baseline asks for {_percent(floor)}")
    if enough and spec.is_average:
        findings = _decisive(outcome)
    met = enough and not _decisive(outcome)
    return GateResult(
        slug=spec.slug,
        title=spec.title,
        unit=outcome.unit or spec.unit,
        level=row.level,
        verdict=Verdict.PASSED if met else Verdict.FAILED,
        reason="" if met else "; ".join(_shortfall(spec, row, outcome, floor, is_enough=enough)),
        measured=outcome.measured,
        total=outcome.total,
        threshold=row.threshold,
        findings=findings,
        notes=notes,
    )


def met_or_accepted(outcome: Measured) -> int:
    """How many were met, those counted in whose finding is suppressed or in the baseline."""
    accepted = sum(finding.state in {"baseline", "suppressed"} for finding in outcome.findings)
    return min(outcome.total, outcome.measured + accepted)


def _shortfall(
    spec: GateSpec,
    row: GateSettings,
    outcome: Measured,
    floor: Floor | None,
    *,
    is_enough: bool,
) -> Iterator[str]:
    """Why the gate failed and what the smallest change is that would pass."""
    if not is_enough:
        yield from _short_of_figure(spec, row, outcome, floor)
    if decisive := _decisive(outcome):
        yield f"{len(decisive)} found of {_listed_rules(decisive)}, of which none is allowed"


def _listed_rules(findings: Iterable[Finding]) -> str:
    return ", ".join(sorted({f"`{finding.rule}`" for finding in findings}))


def _short_of_figure(
    spec: GateSpec, row: GateSettings, outcome: Measured, floor: Floor | None
) -> Iterator[str]:
    counted = _counted(outcome)
    unread = sum(finding.rule == SYNTAX_ERROR for finding in counted)
    measured, total = met_or_accepted(outcome), outcome.total
    asked = threshold_text(row.threshold)
    more = missing(row.threshold, measured, total, len(counted))
    unit = outcome.unit or spec.unit
    if more and row.threshold.comparison == "at_most":
        yield f"{len(counted)} found, {asked} allowed: {more} must go"
    elif more and floor:
        needed = -(-floor.measured * total // floor.total) - measured if floor.total else more
        share = percent_text(measured, total)
        yield f"{share} of {total} {unit}, less than the {_percent(floor)} of the baseline: {needed} more needed"
    elif more:
        share = percent_text(measured, total, row.threshold)
        accepted = measured - outcome.measured
        counted_in = f" ({accepted} accepted ones counted in)" if accepted else ""
        yield f"{share} of {total} {unit}{counted_in}, {asked} asked: {more} more needed"
    if unread:
        files = (
            "1 file that cannot be parsed hides"
            if unread == 1
            else f"{unread} files that cannot be parsed hide"
        )
        yield f"{files} what is in it"


def _percent(floor: Floor) -> str:
    return percent_text(floor.measured, floor.total) or "0 %"


def _unmeasured_result(
    spec: GateSpec, row: GateSettings, verdict: Verdict, outcome: NotEvaluated
) -> GateResult:
    return GateResult(
        slug=spec.slug,
        title=spec.title,
        unit=outcome.unit or spec.unit,
        level=row.level,
        verdict=verdict,
        reason=outcome.reason,
        measured=outcome.measured,
        total=outcome.total,
        threshold=row.threshold,
    )
