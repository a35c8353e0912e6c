"""What the test session adds to the verdict."""

from __future__ import annotations

import pytest

from pytest_quality_gates.model.report import Report
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.policy.session import trouble, with_trouble


def report(verdict: Verdict) -> Report:
    """A report with that verdict and no gates."""
    return Report(verdict=verdict, profile="strict", complete=False, gates=())


@pytest.mark.parametrize(
    ("failed", "errors", "collected", "status", "expected"),
    [
        (0, 0, 3, 0, ""),
        (1, 0, 3, 1, "1 test failed"),
        (3, 1, 3, 1, "3 tests failed, 1 error while tests were collected"),
        (0, 2, 3, 2, "2 errors while tests were collected"),
        (0, 0, 0, 5, "no test was collected"),
        (0, 0, 3, 1, "pytest ended with exit status 1"),
    ],
)
def test_trouble(failed: int, errors: int, collected: int, status: int, expected: str) -> None:
    """Whatever pytest does not call good is named."""
    assert expected == trouble(
        tests_failed=failed, collection_errors=errors, collected=collected, exit_status=status
    )


@pytest.mark.parametrize(
    ("deselected", "expected"),
    [
        (0, "no test was collected"),
        (1, "no test was selected, 1 was left out"),
        (2, "no test was selected, 2 were left out"),
    ],
)
def test_nothing_ran(deselected: int, expected: str) -> None:
    """A suite without a test, and one of which nothing was asked for."""
    assert expected == trouble(
        tests_failed=0, collection_errors=0, collected=0, exit_status=5, deselected=deselected
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Verdict.PASSED, Verdict.FAILED),
        (Verdict.NOT_EVALUATED, Verdict.FAILED),
        (Verdict.FAILED, Verdict.FAILED),
        (Verdict.COULD_NOT_RUN, Verdict.COULD_NOT_RUN),
    ],
)
def test_with_trouble(before: Verdict, after: Verdict) -> None:
    """A session with trouble never passes, and says why."""
    judged = with_trouble(report(before), "1 test failed")
    assert (after, "1 test failed") == (judged.verdict, judged.reason)


def test_without_trouble() -> None:
    """A good session leaves the verdict as the gates have it."""
    assert report(Verdict.PASSED) == with_trouble(report(Verdict.PASSED), "")
