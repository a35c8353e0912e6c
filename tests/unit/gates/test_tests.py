"""Coverage as the gate `tests` counts it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.made_facts import MODULE, fact_set, source_facts

from pytest_quality_gates.facts.change import Change, ChangedFile
from pytest_quality_gates.facts.coverage import CoverageFacts, FileCoverage
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.gates.tests import Tests, TestsOptions, line_ranges
from pytest_quality_gates.model.outcome import Measured, NotEvaluated

GATE = Tests()
FILE = FileCoverage(path="shop/api.py", statements=10, missing_lines=(3, 4, 9), excluded=1)


def coverage(*files: FileCoverage, has_branches: bool = False) -> CoverageFacts:
    """The coverage of these files."""
    return CoverageFacts(origin="pytest-cov", core="ctrace", has_branches=has_branches, files=files)


def measured(facts: FactSet) -> Measured:
    """What the gate measures."""
    outcome = GATE.evaluate(facts, GATE.spec.options)
    assert isinstance(outcome, Measured)
    return outcome


def test_statements_and_branches_are_added() -> None:
    """The measure is covered statements and branches out of all of both, over all files."""
    other = replace(FILE, path="shop/b.py", missing_lines=(), branches=4, missing_branches=((3, 5), (3, -1)))
    found = measured(fact_set(coverage=coverage(FILE, other, has_branches=True)))
    assert (7 + 10 + 2, 10 + 10 + 4) == (found.measured, found.total)


def test_largest_gap_comes_first() -> None:
    """Each file with a gap is a finding from its first untested line on; the largest gap stands first."""
    worse = replace(FILE, path="shop/worse.py", missing_lines=(1, 2, 3, 7))
    full = replace(FILE, path="shop/full.py", missing_lines=())
    found = measured(fact_set(coverage=coverage(FILE, full, worse)))
    assert [("shop/worse.py", 1, 3), ("shop/api.py", 3, 4)] == [
        (finding.path, finding.line, finding.end_line) for finding in found.findings
    ]
    assert "4 of 10 lines are untested: 1-3, 7" == found.findings[0].message
    assert "largest gaps: shop/worse.py (4), shop/api.py (3)" in found.notes


def test_branches_that_were_not_taken() -> None:
    """A file whose lines all ran may still have branches that were not taken."""
    file = replace(FILE, missing_lines=(), branches=6, missing_branches=((3, 5), (4, 9), (8, -1)))
    (finding,) = measured(fact_set(coverage=coverage(file, has_branches=True))).findings
    assert (3, 3) == (finding.line, finding.end_line)
    assert "3 of 6 branches are not taken, from 3-4, 8" == finding.message


def test_notes_say_who_measured() -> None:
    """The notes name the measurer, and say where branches are not measured."""
    notes = measured(fact_set(coverage=coverage(FILE))).notes
    assert ("measured by pytest-cov (ctrace)", "branches are not measured") == notes[:2]


def test_files_that_are_not_judged() -> None:
    """Measured test, generated and vendored files do not count, and are told of."""
    modules = (MODULE, replace(MODULE, path="shop/test_api.py", role="test"))
    facts = fact_set(source_facts(modules=modules), coverage(FILE, replace(FILE, path="shop/test_api.py")))
    found = measured(facts)
    assert 10 == found.total
    assert "1 measured file left out (test, generated or vendored)" in found.notes


def test_unparsed_file_is_a_finding() -> None:
    """A file that cannot be parsed fails this gate as well: nobody knows its lines."""
    modules = (MODULE, replace(MODULE, path="shop/bad.py", role="unparsed", error="invalid syntax"))
    found = measured(fact_set(source_facts(modules=modules), coverage(FILE)))
    assert ["syntax-error", "untested-lines"] == [finding.rule for finding in found.findings]


def test_nothing_measured_is_not_evaluated() -> None:
    """No statement measured is never 100 %."""
    for files in ((), (replace(FILE, statements=0, missing_lines=()),)):
        outcome = GATE.evaluate(fact_set(coverage=coverage(*files)), GATE.spec.options)
        assert isinstance(outcome, NotEvaluated)
        assert "no statement was measured" in outcome.reason


def test_partial_run() -> None:
    """Without coverage the gate says why."""
    assert NotEvaluated("not asked for") == GATE.evaluate(fact_set(), GATE.spec.options)


@pytest.mark.parametrize(("has_branches", "unit"), [(False, "lines"), (True, "")])
def test_unit_of_a_partial_run(has_branches: bool, unit: str) -> None:
    """The figure so far counts what this run measured: branches only where they are."""
    facts = replace(coverage(FILE), partial="1 test deselected", has_branches=has_branches)
    outcome = GATE.evaluate(fact_set(coverage=facts), GATE.spec.options)
    assert isinstance(outcome, NotEvaluated)
    assert ("1 test deselected", unit) == (outcome.reason, outcome.unit)


def test_line_ranges() -> None:
    """Neighbouring lines are one range."""
    assert [(1, 3), (7, 7), (9, 10)] == line_ranges([1, 2, 3, 7, 9, 10])


def test_long_lists_are_cut() -> None:
    """Of many ranges only the first are named, with how many there are besides."""
    file = replace(FILE, statements=100, missing_lines=tuple(range(1, 40, 2)))
    (finding,) = measured(fact_set(coverage=coverage(file))).findings
    assert finding.message.endswith("1, 3, 5, 7, 9, 11, 13, 15 and 12 more")


class TestChangedLines:
    """The option `changed-lines`."""

    OPTIONS = TestsOptions(changed_lines=100)
    CHANGE = Change(
        ref="main",
        base="c0ffee",
        files=(ChangedFile(path="shop/api.py", old_path="shop/api.py", lines=((2, 3), (7, 7))),),
    )

    def measured(
        self, recent: Change | None, file: FileCoverage = FILE, options: TestsOptions = OPTIONS
    ) -> Measured:
        """What the gate measures of one file."""
        executed = tuple(line for line in range(1, 11) if line not in file.missing_lines)
        known = replace(file, executed_lines=executed)
        facts = replace(fact_set(coverage=coverage(known)), recent=recent)
        outcome = GATE.evaluate(facts, options)
        assert isinstance(outcome, Measured)
        return outcome

    def test_an_untested_changed_line_decides(self) -> None:
        """It is a finding that no average outweighs; the figure stays that of all lines."""
        found = self.measured(self.CHANGE)
        assert (7, 10) == (found.measured, found.total)
        assert [("untested-change", "1 of 3 changed lines are untested: 3"), "untested-lines"] == [
            (found.findings[0].rule, found.findings[0].message),
            found.findings[1].rule,
        ]
        assert {"untested-change"} == found.decisive
        assert "66.7 % of 3 changed lines, ≥ 100 % asked" in found.notes

    def test_enough_of_them(self) -> None:
        """Where as many are tested as asked, or the untested ones are elsewhere, there is no such finding."""
        some = self.measured(self.CHANGE, options=TestsOptions(changed_lines=66))
        others = self.measured(self.CHANGE, replace(FILE, missing_lines=(4, 9)))
        assert ["untested-lines"] * 2 == [found.findings[0].rule for found in (some, others)]

    def test_nothing_changed_or_nothing_known(self) -> None:
        """It says so."""
        elsewhere = replace(self.CHANGE, files=(replace(self.CHANGE.files[0], path="shop/other.py"),))
        assert "no changed line" in self.measured(elsewhere).notes
        assert "no base to compare with: changed lines are unknown" in self.measured(None).notes

    def test_base_that_cannot_be_read(self) -> None:
        """What was asked for and cannot be said is not passed over."""
        why = Unavailable("not_evaluated", "fetch it")
        facts = replace(fact_set(coverage=coverage(FILE)), recent=why)
        assert NotEvaluated("fetch it") == GATE.evaluate(facts, self.OPTIONS)
        assert isinstance(GATE.evaluate(facts, GATE.spec.options), Measured)
