"""Comments held against findings: which findings they take out of the count, and which comments no longer hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from pytest_quality_gates.facts.acceptance import JudgedSuppression, SuppressionState
from pytest_quality_gates.facts.suppression import Suppression
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding


class Suppressions:
    """The comments of a run. Show them every finding, then ask what became of them."""

    def __init__(self, comments: Iterable[Suppression], rules: Mapping[str, str], today: date) -> None:
        """Take the comments in.

        Args:
            comments: All of them.
            rules: Why a rule cannot be suppressed, by its name; empty where it can. Every rule there is.
            today: A suppression holds up to and including its last day.
        """
        self._today = today
        self._comments = [_checked(comment, rules) for comment in comments]
        self._used: set[int] = set()

    def apply(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, the suppressed ones in that state."""
        return tuple(
            replace(finding, state="suppressed")
            if self._covers(finding) and finding.state == "new"
            else finding
            for finding in findings
        )

    def judged(self, measured: Collection[str]) -> tuple[JudgedSuppression, ...]:
        """What became of each comment.

        Args:
            measured: The rules of the gates that were measured: of any other, nobody can say that it is unused.
        """
        return tuple(
            JudgedSuppression(comment, self._state(index, comment, measured))
            for index, comment in enumerate(self._comments)
        )

    def _covers(self, finding: Finding) -> bool:
        covered = False
        for index, comment in enumerate(self._comments):
            if not comment.error and _is_about(comment, finding):
                self._used.add(index)
                covered = covered or not self._is_over(comment)
        return covered

    def _state(self, index: int, comment: Suppression, measured: Collection[str]) -> SuppressionState:
        if comment.error:
            return "refused"
        if index not in self._used:
            return "unused" if set(comment.rules) <= set(measured) else "used"
        return "expired" if self._is_over(comment) else "used"

    def _is_over(self, comment: Suppression) -> bool:
        return bool(comment.until) and date.fromisoformat(comment.until) < self._today


def _checked(comment: Suppression, rules: Mapping[str, str]) -> Suppression:
    """The comment, refused where it names a rule that there is not or that cannot be suppressed."""
    if comment.error:
        return comment
    unknown = [rule for rule in comment.rules if rule not in rules]
    if unknown:
        return replace(
            comment, error=f"there is no rule {_listed(unknown)}; `quality-gates explain` lists them"
        )
    firm = [rule for rule in comment.rules if rules[rule]]
    return replace(comment, error=rules[firm[0]]) if firm else comment


def _is_about(comment: Suppression, finding: Finding) -> bool:
    return (
        finding.rule in comment.rules
        and finding.rule != SYNTAX_ERROR
        and finding.path == comment.path
        and comment.first_line <= finding.line <= comment.last_line
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
