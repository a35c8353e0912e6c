"""What the test session itself has to say to the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_quality_gates.model.verdict import Verdict

if TYPE_CHECKING:
    from pytest_quality_gates.model.report import Report


def with_trouble(report: Report, trouble: str) -> Report:
    """The report of a session in which more went wrong than gates can see: it never passed.

    Args:
        report: As the gates have it.
        trouble: `3 tests failed`; empty where nothing went wrong.
    """
    if not trouble:
        return report
    verdict = Verdict.COULD_NOT_RUN if report.verdict == Verdict.COULD_NOT_RUN else Verdict.FAILED
    return msgspec.structs.replace(report, verdict=verdict, reason=trouble)


def trouble(
    *, tests_failed: int, collection_errors: int, collected: int, exit_status: int, deselected: int = 0
) -> str:
    """What went wrong in a session that ended by itself; empty for one that pytest calls good."""
    if exit_status == 0:
        return ""
    found = []
    if tests_failed:
        found.append(f"{tests_failed} test{'' if tests_failed == 1 else 's'} failed")
    if collection_errors:
        plural = "" if collection_errors == 1 else "s"
        found.append(f"{collection_errors} error{plural} while tests were collected")
    if not found and not collected:
        found.append(nothing_ran(deselected))
    return ", ".join(found) or f"pytest ended with exit status {exit_status}"


def nothing_ran(deselected: int) -> str:
    """Why no test ran: there was none, or all that were found were left out."""
    if not deselected:
        return "no test was collected"
    return f"no test was selected, {deselected} {'was' if deselected == 1 else 'were'} left out"
