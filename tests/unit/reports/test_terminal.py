"""The terminal report, against golden files in which each span shows its style."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.gate import Level, Threshold
from pytest_quality_gates.model.report import GateResult, Report
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.reports.terminal import Line, Look, body, header, verdict_line

GOLDEN = Path(__file__).parents[3] / "fixtures/reports/terminal"
PERCENT = Threshold("at_least_percent", 8_000)
NONE = Threshold("at_most", 0)


def finding(gate: str, number: int) -> Finding:
    """One of several findings."""
    return Finding(
        gate=gate,
        rule="no-timeout",
        path="src/shop/orders.py",
        line=number,
        end_line=number,
        symbol="send",
        message=f"`requests.get` (call {number}) has no timeout",
        remedy="give it one: `timeout=10`",
    )


def row(slug: str, verdict: Verdict, measured: int = 0, total: int = 0, **more: object) -> GateResult:
    """One row, with what a test does not care about filled in."""
    values = {
        "title": slug,
        "unit": "external calls",
        "level": Level.ENFORCE,
        "reason": "",
        "threshold": PERCENT,
        **more,
    }
    return GateResult(slug=slug, verdict=verdict, measured=measured, total=total, **values)  # type: ignore[arg-type] # see values


GREEN = Report(
    verdict=Verdict.PASSED,
    profile="strict",
    complete=False,
    gates=(
        row("tests", Verdict.PASSED, 812, 1000, unit="lines and branches", notes=("measured by us",)),
        row("timeouts", Verdict.PASSED),
        row("handlers", Verdict.PASSED, 5, 5, threshold=NONE),
    ),
    judged=("src/shop",),
    left_out=("12 test files",),
)
MIXED = Report(
    verdict=Verdict.FAILED,
    profile="development",
    complete=True,
    gates=(
        row("tests", Verdict.NOT_EVALUATED, 7999, 10000, reason="partial run: 3 tests deselected"),
        row("types", Verdict.FAILED, 79996, 100000, reason="79.996 % of 100000 functions: 4 more needed"),
        row(
            "timeouts",
            Verdict.FAILED,
            1,
            8,
            reason="12.5 % of 8 external calls, ≥ 80 % asked: 6 more needed",
            findings=tuple(finding("timeouts", number) for number in range(1, 8)),
        ),
        row("type-errors", Verdict.COULD_NOT_RUN, reason="mypy cannot be imported", threshold=NONE),
        row(
            "blocking",
            Verdict.FAILED,
            1,
            2,
            reason="1 found, ≤ 0 allowed: 1 must go",
            level=Level.REPORT,
            threshold=NONE,
            findings=(finding("blocking", 3),),
        ),
        row("observability", Verdict.NOT_EVALUATED, reason="the gate is off", level=Level.OFF),
    ),
)
FAILED_TESTS = Report(
    verdict=Verdict.FAILED, profile="strict", complete=False, gates=GREEN.gates, reason="3 tests failed"
)
UNREAD = Finding(
    gate="types",
    rule="syntax-error",
    path="src/shop/odd.py",
    line=3,
    end_line=3,
    symbol="",
    message="the file cannot be parsed",
    remedy="correct the file",
)
UNPARSED = Report(
    verdict=Verdict.FAILED,
    profile="strict",
    complete=False,
    gates=tuple(
        row(
            slug,
            Verdict.FAILED,
            reason="1 file that cannot be parsed hides what is in it",
            findings=(UNREAD,),
        )
        for slug in ("types", "timeouts", "handlers")
    ),
)
ONE_FINDING = Report(
    verdict=Verdict.FAILED,
    profile="strict",
    complete=False,
    gates=(row("timeouts", Verdict.FAILED, reason="1 found", findings=(finding("timeouts", 7),)),),
)
LOOKS = {
    "normal": Look(width=100),
    "quiet": Look(width=100, verbosity=-1),
    "silent": Look(width=100, verbosity=-2),
    "verbose": Look(width=100, verbosity=1),
    "narrow": Look(width=50),
    "ascii": Look(width=100, ascii_only=True),
}
REPORTS = {"green": GREEN, "mixed": MIXED, "failed-tests": FAILED_TESTS, "unparsed": UNPARSED}


def shown(line: Line) -> str:
    """A line with its styles: `{good}passed{}`."""
    return "".join(
        span.text if span.style == "plain" else f"{{{span.style}}}{span.text}{{}}" for span in line
    )


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("report", REPORTS)
def test_golden(report: str, look: str, golden: Callable[[Path, str], None]) -> None:
    """Each report in each look is as it was read and kept."""
    lines = [*body(REPORTS[report], LOOKS[look]), verdict_line(REPORTS[report], LOOKS[look])]
    golden(GOLDEN / f"{report}-{look}.txt", "".join(f"{shown(line)}\n" for line in lines))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("/srv/shop", "src/shop/orders.py:7"),
        ("/srv/shop/src", "shop/orders.py:7"),
        ("/srv/shop/tests/unit", "../../src/shop/orders.py:7"),
        ("/srv", "shop/src/shop/orders.py:7"),
    ],
)
def test_places_open_from_where_the_reader_is(start: str, expected: str) -> None:
    """A place is told as seen from the current directory, from which a terminal opens it."""
    lines = body(ONE_FINDING, Look(root="/srv/shop", start=start))
    assert expected in [span.text.replace("\\", "/") for line in lines for span in line]


def test_place_on_another_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no way from the current directory, a place is told from the root."""

    def refuse(_path: object, _start: object) -> str:
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    monkeypatch.setattr(os.path, "relpath", refuse)
    lines = body(ONE_FINDING, Look(root="/srv/shop", start="/elsewhere"))
    assert "src/shop/orders.py:7" in [span.text for line in lines for span in line]


@pytest.mark.parametrize("width", range(20, 120, 10))
def test_table_fits(width: int) -> None:
    """The table gives up columns before it is wider than the terminal; slug, figure and verdict always stay."""
    lines = body(GREEN, Look(width=width))
    longest = max(len("".join(span.text for span in line)) for line in lines)
    assert longest <= max(width, len("timeouts  nothing to judge  passed"))
    assert all(line[-1].text == "passed" for line in lines)


def test_header() -> None:
    """The header names profile, packages, files and who measures."""
    assert "quality gates: profile strict · judged: src/a, src/b (1 file) · coverage by pytest-cov" == header(
        "strict", ("src/a", "src/b"), 1, "pytest-cov", Look()
    )


def test_header_of_nothing() -> None:
    """Where nothing is judged, the header says so and where was looked; an ASCII terminal gets no dots."""
    expected = (
        "quality gates: profile strict - judged: nothing: no Python source was found in /ci - coverage by us"
    )
    assert expected == header("strict", (), 0, "us", Look(ascii_only=True, root="/ci"))
