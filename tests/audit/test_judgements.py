"""The judgements that are kept say what the page says, and what was asked of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.audit.findings import Finding
from tests.audit.judgements import Judgement, Tally, judged, read_judgements, suffices, tally
from tests.audit.packages import read_packages
from tests.audit.page import PAGE, table, written
from tests.audit.sample import SIZE

FINDING = Finding("p==1", "m.py", 3, "unguarded", "f", "nothing catches it", "error-handling")
TRUE = Judgement("error-handling", "p==1", "m.py", 3, "unguarded", "f", verdict=True, why="read")


@pytest.fixture(scope="module")
def kept() -> list[Judgement]:
    """The judgements in fixtures/audit."""
    return read_judgements()


def test_all_are_judged_with_a_reason_and_none_twice(kept: list[Judgement]) -> None:
    """A row without a verdict or a reason is unfinished work."""
    assert [row for row in kept if row.verdict is None or not row.why.strip()] == []
    assert [key for key, count in Counter(row.key for row in kept).items() if count > 1] == []


def test_every_gate_has_its_findings_from_the_pinned_packages(kept: list[Judgement]) -> None:
    """The nine gates that the first release has, and no package that is not fetched."""
    assert {row.package for row in kept} <= {package.requirement for package in read_packages()}
    assert len(tally(kept)) == 9


@pytest.mark.parametrize(
    "gate",
    [
        "blocking",
        "circuit-breakers",
        "error-handling",
        "handlers",
        "observability",
        "tests",
        "timeouts",
        "type-errors",
        "types",
    ],
)
def test_of_a_gate_at_most_one_finding_is_wrong(kept: list[Judgement], gate: str) -> None:
    """Twenty-four of twenty-five, the bar that the audit set."""
    assert suffices({gate: tally(kept)[gate]}, SIZE)


def test_the_page_has_the_table_of_the_judgements(kept: list[Judgement]) -> None:
    """Figures on the page are those of the data."""
    assert table(tally(kept)) in PAGE.read_text(encoding="utf-8")


def test_a_finding_is_judged_by_what_was_said_of_it() -> None:
    """A judgement of another line, or of another rule, is none of this finding."""
    assert judged([FINDING], [TRUE]) == [TRUE]
    (waiting,) = judged([FINDING], [])
    assert (waiting.verdict, waiting.why) == (None, "nothing catches it")


def test_one_wrong_finding_is_borne_and_two_are_not() -> None:
    """Findings that wait for a reader count as wrong."""
    rows = [Judgement("types", "p==1", "m.py", line, "r", "f", line > 1, "why") for line in range(1, 26)]
    assert tally(rows) == {"types": Tally(drawn=25, true=24, packages=1)}
    assert suffices(tally(rows), 25)
    waiting = [*rows[:-1], Judgement("types", "p==1", "m.py", 25, "r", "f", None, "why")]
    assert not suffices(tally(waiting), 25)


def test_the_table_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """What stands around it is kept."""
    page = tmp_path / "audit.md"
    page.write_text("above\n\n<!-- table -->\nold\n<!-- end of the table -->\n\nbelow\n", encoding="utf-8")
    text = written({"types": Tally(25, 24, 9)}, page)
    assert text.startswith("above\n")
    assert text.endswith("\nbelow\n")
    assert "old" not in text
    assert "| [`types`](../gates/types.md) | 25 | 9 | 24 | 1 |" in text
