"""The gate `tests`: the tests cover enough of the lines, and of the branches where they are measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from pytest_quality_gates.facts.change import Change
from pytest_quality_gates.facts.coverage import CoverageFacts, FileCoverage
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT, unparsed, without
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, NotEvaluated, Outcome
from pytest_quality_gates.model.rule import RuleText
from pytest_quality_gates.policy.comparison import is_met, percent_text
from pytest_quality_gates.policy.narrowing import of_change

SLUG = "tests"
UNTESTED_LINES = "untested-lines"
UNTESTED_CHANGE = "untested-change"

SHOWN_RANGES = 8
SHOWN_FILES = 3


class TestsOptions(GateOptions, frozen=True, kw_only=True):
    """What is asked of changed lines beside the average."""

    __test__ = False  # no class of tests, whatever its name

    changed_lines: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    """The least percentage of them that the tests cover; None where no more is asked of them than of all."""


class Tests:
    """Statements, and branches where they are measured, that ran while the tests did."""

    # pytest would take the class for one of tests, by its name, wherever it is imported.
    __test__ = False

    spec = GateSpec(
        slug=SLUG,
        title="Tests",
        unit="lines and branches",
        summary="The tests cover enough of the lines, and of the branches where they are measured.",
        needs=("coverage",),
        rules=(UNTESTED_LINES, UNTESTED_CHANGE, SYNTAX_ERROR),
        threshold=Threshold("at_least_percent", 8_000),
        options=TestsOptions(),
        is_average=True,
        rule_texts=(
            RuleText(
                rule=UNTESTED_LINES,
                means="The tests never ran these lines (or took these branches).",
                why="Whatever they do, nothing would notice a change of it before a user does.",
                bad="def fee(amount: int) -> int:\n    if amount > 1000:\n        return 0\n    return 5\n\n\n"
                "def test_fee() -> None:\n    assert fee(10) == 5\n",
                good="def fee(amount: int) -> int:\n    if amount > 1000:\n        return 0\n    return 5\n\n\n"
                "def test_fee() -> None:\n    assert fee(10) == 5\n    assert fee(1001) == 0\n",
            ),
            RuleText(
                rule=UNTESTED_CHANGE,
                means="The tests never ran these lines, which are new or changed, and `changed-lines` asks for more.",
                why="An average does not notice a few lines, and it is the new ones that nobody has seen work.",
                bad="def fee(amount: int) -> int:\n    if amount > 1000:\n        return 0  # new\n    return 5\n\n\n"
                "def test_fee() -> None:\n    assert fee(10) == 5\n",
                good="def fee(amount: int) -> int:\n    if amount > 1000:\n        return 0  # new\n    return 5\n\n\n"
                "def test_fee() -> None:\n    assert fee(10) == 5\n    assert fee(1001) == 0\n",
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Count what was covered; each file with untested lines is a finding, the largest gap first."""
        coverage = facts.coverage
        if isinstance(coverage, Unavailable):
            return without(coverage)
        source = None if isinstance(facts.source, Unavailable) else facts.source
        files = _judged(coverage, source)
        total = sum(_total(file) for file in files)
        if total == 0:
            return NotEvaluated(
                "no statement was measured: check what is judged, and that the tests import it"
            )
        unit = "" if coverage.has_branches else "lines"
        if coverage.partial:
            return NotEvaluated(coverage.partial, total - sum(map(_gap, files)), total, unit)
        asked = getattr(options, "changed_lines", None)
        if asked is not None and isinstance(facts.recent, Unavailable):
            return without(facts.recent)
        changed, said = _of_change(facts, asked, source) if asked is not None else ((), "")
        gaps = _by_size(files)
        return Measured(
            measured=total - sum(map(_gap, files)),
            total=total,
            findings=(
                *(unparsed(SLUG, source) if source else ()),
                *changed,
                *(_finding(file, UNTESTED_LINES, "lines") for file in gaps),
            ),
            notes=(
                *_notes(coverage, gaps, left_out=len(coverage.files) - len(files)),
                *filter(None, [said]),
            ),
            decisive=frozenset({UNTESTED_CHANGE}),
            unit=unit,
        )


def _of_change(facts: FactSet, asked: int, source: SourceFacts | None) -> tuple[tuple[Finding, ...], str]:
    """Changed files with untested changed lines, where less than `asked` per cent are tested; and a note on it."""
    if not isinstance(facts.recent, Change):
        return (), "no base to compare with: changed lines are unknown"
    coverage = of_change(facts, facts.recent).coverage
    files = [] if isinstance(coverage, Unavailable) else _judged(coverage, source)
    threshold = Threshold("at_least_percent", asked * 100)
    total = sum(map(_total, files))
    covered = total - sum(map(_gap, files))
    said = f"{percent_text(covered, total, threshold)} of {total} changed lines, ≥ {asked} % asked"
    if is_met(threshold, covered, total, 0):
        return (), said if total else "no changed line"
    return tuple(_finding(file, UNTESTED_CHANGE, "changed lines") for file in _by_size(files)), said


def _by_size(files: Sequence[FileCoverage]) -> list[FileCoverage]:
    """Those with gaps, the largest gap first."""
    return sorted(filter(_gap, files), key=lambda file: (-_gap(file), file.path))


def _judged(coverage: CoverageFacts, source: SourceFacts | None) -> list[FileCoverage]:
    """The measured files, but for those known as tests, generated or vendored."""
    if source is None:
        return list(coverage.files)
    other = {module.path for module in source.modules if module.role in {"test", "generated", "vendored"}}
    return [file for file in coverage.files if file.path not in other]


def _total(file: FileCoverage) -> int:
    return file.statements + file.branches


def _gap(file: FileCoverage) -> int:
    return len(file.missing_lines) + len(file.missing_branches)


def _notes(coverage: CoverageFacts, gaps: Sequence[FileCoverage], left_out: int) -> tuple[str, ...]:
    core = ": ".join(filter(None, (coverage.core, coverage.core_reason)))
    notes = [f"measured by {coverage.origin}{f' ({core})' if core else ''}"]
    if not coverage.has_branches:
        notes.append("branches are not measured")
    if left_out:
        notes.append(
            f"{left_out} measured file{'' if left_out == 1 else 's'} left out (test, generated or vendored)"
        )
    if gaps:
        listed = ", ".join(f"{file.path} ({_gap(file)})" for file in gaps[:SHOWN_FILES])
        notes.append(f"largest gaps: {listed}")
    return tuple(notes)


def _finding(file: FileCoverage, rule: str, unit: str) -> Finding:
    lines = sorted(file.missing_lines)
    ranges = line_ranges(lines)
    sources = sorted({source for source, _ in file.missing_branches})
    first, last = ranges[0] if ranges else (sources[0], sources[0])
    parts = []
    if ranges:
        parts.append(f"{len(lines)} of {file.statements} {unit} are untested: {_listed(ranges)}")
    if sources:
        listed = _listed(line_ranges(sources))
        parts.append(f"{len(file.missing_branches)} of {file.branches} branches are not taken, from {listed}")
    return Finding(
        gate=SLUG,
        rule=rule,
        path=file.path,
        line=first,
        end_line=last,
        symbol="",
        message="; ".join(parts),
        remedy="write a test that runs them and checks what they do, or delete what nothing needs",
        text=file.path,
    )


def line_ranges(lines: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted line numbers as ranges, both ends included: 1, 2, 3, 7 are (1, 3) and (7, 7)."""
    ranges: list[tuple[int, int]] = []
    for line in lines:
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return ranges


def _listed(ranges: Sequence[tuple[int, int]]) -> str:
    shown = ", ".join(
        f"{first}-{last}" if first != last else str(first) for first, last in ranges[:SHOWN_RANGES]
    )
    more = len(ranges) - SHOWN_RANGES
    return f"{shown} and {more} more" if more > 0 else shown
