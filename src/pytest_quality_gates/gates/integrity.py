"""The gate `integrity`: what the project accepts is written down with a reason, and still there."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_quality_gates.facts.acceptance import Acceptance, JudgedSuppression
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.loosening import Loosening, Loosenings
from pytest_quality_gates.gates.integrity_rules import (
    EXPIRED_SUPPRESSION,
    REFUSED_SUPPRESSION,
    RULE_TEXTS,
    STALE_BASELINE,
    UNUSED_SUPPRESSION,
)
from pytest_quality_gates.gates.unread import without
from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import CouldNotRun, Measured, Outcome

SLUG = "integrity"
APPROVED = "approved: "
"""How a note on something approved begins."""
HOW = "write `# quality-gates: ignore[rule] the reason (until 2027-01-31)`; the date is optional"


class IntegrityOptions(GateOptions, frozen=True, kw_only=True):
    """How many more comments that tell tools to look away a change may bring."""

    no_cover: int = 0
    """`pragma: no cover`"""
    noqa: int = 0
    type_ignore: int = 0
    suppressions: int = 3
    """`quality-gates: ignore`, each of which has a reason."""


class Integrity:
    """What takes findings out of the count, judged itself."""

    spec = GateSpec(
        slug=SLUG,
        title="Integrity",
        unit="checks",
        summary="Nothing was loosened unsaid: no check asks less than in the base, and each suppression holds.",
        needs=("acceptance",),
        rules=tuple(text.rule for text in RULE_TEXTS),
        threshold=Threshold("at_most", 0),
        options=IntegrityOptions(),
        rule_texts=RULE_TEXTS,
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:  # noqa: ARG002 - it has no options of its own
        """Count what holds; everything else is a finding."""
        if isinstance(facts.source, Unavailable):
            return without(facts.source)
        acceptance = facts.acceptance
        if acceptance.baseline_problem:
            return CouldNotRun(acceptance.baseline_problem)
        loosened = facts.loosenings
        if isinstance(loosened, Unavailable):
            return without(loosened)
        fixed = tuple(_of_baseline(acceptance))
        findings = (
            *map(_loosened, loosened.found),
            *_of_suppressions(acceptance),
            *(fixed if acceptance.is_complete else ()),
        )
        total = len(acceptance.suppressions) + acceptance.baseline_entries + loosened.compared
        return Measured(
            measured=max(0, total - len(findings)),
            total=total,
            findings=findings,
            notes=_notes(loosened, total, 0 if acceptance.is_complete else len(fixed)),
        )


def _loosened(item: Loosening) -> Finding:
    return Finding(
        gate=SLUG,
        rule=item.rule,
        path=item.path,
        line=item.line,
        end_line=item.line,
        symbol=item.subject,
        message=item.message,
        remedy="take it back; where it is meant, approve it with its reason: "
        f'[[tool.quality-gates.approved]] rule = "{item.rule}", subject = "{item.subject}"',
    )


def _notes(loosened: Loosenings, total: int, fixed: int) -> tuple[str, ...]:
    notes = [f"{APPROVED}{words}" for words in loosened.approved]
    if loosened.change is not None:
        notes.append(f"compared with {loosened.change.ref}")
    if not loosened.base:
        notes.append(
            "no base to compare with: outside of git, or no main branch is known here, and no report was verified"
        )
    if not total:
        notes.append("nothing to judge: nothing is suppressed, and there is no baseline")
    if fixed:
        entries = "1 entry" if fixed == 1 else f"{fixed} entries"
        notes.append(f"{entries} of the baseline can go: --quality-gates-update-baseline")
    return tuple(notes)


def _of_baseline(acceptance: Acceptance) -> Iterator[Finding]:
    for entry in acceptance.fixed_entries:
        what = f"`{entry.rule}` in {entry.symbol or entry.path}"
        message = f"the baseline accepts {what}, which is not there any more"
        yield _stale(entry.path, message, entry.fingerprint)
    for floor in acceptance.reached_floors:
        message = f"the baseline accepts a lower figure of `{floor.gate}`, which reaches its threshold"
        yield _stale("pyproject.toml", message, floor.gate)


def _stale(path: str, message: str, text: str) -> Finding:
    return Finding(
        gate=SLUG,
        rule=STALE_BASELINE,
        path=path,
        line=1,
        end_line=1,
        symbol="",
        message=message,
        remedy="write the baseline anew: pytest --quality-gates --quality-gates-update-baseline",
        text=text,
    )


def _of_suppressions(acceptance: Acceptance) -> Iterator[Finding]:
    for judged in acceptance.suppressions:
        rules = ", ".join(f"`{rule}`" for rule in judged.comment.rules)
        match judged.state:
            case "refused":
                message = f"this suppression is not followed: {judged.comment.error}"
                yield _at(judged, REFUSED_SUPPRESSION, message, HOW)
            case "expired":
                message = f"the suppression of {rules} ended on {judged.comment.until}"
                remedy = "mend what it was about, or give it a new date and a reason that still holds"
                yield _at(judged, EXPIRED_SUPPRESSION, message, remedy)
            case "unused":
                message = f"there is no finding of {rules} here any more"
                yield _at(judged, UNUSED_SUPPRESSION, message, "delete the comment")
            case "used":
                pass


def _at(judged: JudgedSuppression, rule: str, message: str, remedy: str) -> Finding:
    comment = judged.comment
    return Finding(
        gate=SLUG,
        rule=rule,
        path=comment.path,
        line=comment.line,
        end_line=comment.line,
        symbol="",
        message=message,
        remedy=remedy,
        text=f"{','.join(comment.rules)} {comment.reason} {comment.until}",
    )
