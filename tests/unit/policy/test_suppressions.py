"""Comments against findings."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from pytest_quality_gates.facts.acceptance import SuppressionState
from pytest_quality_gates.facts.suppression import Suppression
from pytest_quality_gates.model.finding import Finding, FindingState
from pytest_quality_gates.policy.suppressions import Suppressions

RULES = {"no-timeout": "", "unguarded": "", "untested-lines": "it is an average"}
TODAY = date(2026, 6, 15)
FINDING = Finding(
    gate="timeouts", rule="no-timeout", path="a.py", line=5, end_line=6, symbol="", message="m", remedy="r"
)
COMMENT = Suppression(
    path="a.py", line=5, first_line=5, last_line=7, rules=("no-timeout",), reason="the proxy does"
)


def outcome(comment: Suppression, *findings: Finding) -> tuple[list[FindingState], SuppressionState]:
    """The findings' states, and the comment's."""
    suppressions = Suppressions([comment], RULES, TODAY)
    states = [finding.state for finding in suppressions.apply(findings)]
    (judged,) = suppressions.judged({"no-timeout"})
    return states, judged.state


def test_followed() -> None:
    """A finding of that rule that begins in the lines is suppressed; another rule, line or file is not."""
    others = [
        replace(FINDING, rule="unguarded"),
        replace(FINDING, line=8),
        replace(FINDING, line=4),
        replace(FINDING, path="b.py"),
    ]
    assert (["suppressed", "new", "new", "new", "new"], "used") == outcome(COMMENT, FINDING, *others)


@pytest.mark.parametrize(
    ("until", "states", "state"),
    [
        ("2026-06-15", ["suppressed"], "used"),
        ("2026-06-14", ["new"], "expired"),
    ],
)
def test_last_day(until: str, states: list[str], state: str) -> None:
    """It holds on its last day, and on no later one."""
    assert (states, state) == outcome(replace(COMMENT, until=until), FINDING)


def test_unused() -> None:
    """Without a finding it is unused, even past its day; not so where its rule was not measured."""
    assert ([], "unused") == outcome(replace(COMMENT, until="2020-01-01"))
    assert ([], "used") == outcome(replace(COMMENT, rules=("no-timeout", "unguarded")))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"error": "it has no reason"}, "it has no reason"),
        ({"rules": ("no-timeut",)}, "there is no rule `no-timeut`; `quality-gates explain` lists them"),
        ({"rules": ("no-timeout", "untested-lines")}, "it is an average"),
    ],
)
def test_refused(change: dict[str, object], error: str) -> None:
    """A comment with a mistake takes nothing out of the count, not even the rule that it has right."""
    suppressions = Suppressions([replace(COMMENT, **change)], RULES, TODAY)
    assert ["new"] == [finding.state for finding in suppressions.apply([FINDING])]
    (judged,) = suppressions.judged(RULES)
    assert ("refused", error) == (judged.state, judged.comment.error)


def test_an_expired_one_does_not_undo_another() -> None:
    """Of two comments on one place it is enough that one holds."""
    both = [replace(COMMENT, until="2020-01-01"), COMMENT]
    suppressions = Suppressions(both, RULES, TODAY)
    assert ["suppressed"] == [finding.state for finding in suppressions.apply([FINDING])]
    assert ["expired", "used"] == [judged.state for judged in suppressions.judged(RULES)]
