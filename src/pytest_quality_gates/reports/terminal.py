"""The report for a terminal: the table, what fell short and the verdict, as styled text. Printing is the caller's."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from msgspec import Struct

from pytest_quality_gates.model.finding import SYNTAX_ERROR, FindingState
from pytest_quality_gates.model.gate import Level
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.policy.comparison import percent_text, threshold_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_quality_gates.model.finding import Finding
    from pytest_quality_gates.model.report import GateResult, Report

Style = Literal["plain", "good", "bad", "warn", "faint", "strong"]

SHOWN_FINDINGS = 5
"""Of each gate that fell short, unless all are asked for."""

_STYLES: dict[Verdict, Style] = {
    Verdict.PASSED: "good",
    Verdict.FAILED: "bad",
    Verdict.NOT_EVALUATED: "warn",
    Verdict.COULD_NOT_RUN: "bad",
}
_IN_ASCII = str.maketrans({"≥": ">=", "≤": "<=", "→": "->", "…": "...", "·": "-"})
_NOT_COUNTED: dict[FindingState, str] = {
    "baseline": "in the baseline",
    "suppressed": "suppressed",
    "outside": "outside the change",
}
_GAP = "  "


class Span(NamedTuple):
    """A piece of one line."""

    text: str
    style: Style = "plain"


Line = tuple[Span, ...]


class Look(Struct, frozen=True, kw_only=True):
    """How much to say, and to what kind of terminal."""

    width: int = 80
    """In columns; the table gives up columns before it grows wider. Findings are never cut."""
    verbosity: int = 0
    """pytest's own: below 0 shows only what did not pass, below -1 nothing but the verdict, above 0 every finding."""
    ascii_only: bool = False
    """The terminal's encoding has no `≥`."""
    root: str = ""
    """The project's directory; with `start`, for the places of findings."""
    start: str = ""
    """The directory that whoever reads the report is in: a terminal opens a place from there."""


class _Row(NamedTuple):
    slug: str
    figure: str
    unit: str
    percent: str
    asked: str
    verdict: Span


def body(report: Report, look: Look) -> tuple[Line, ...]:
    """The table, and below it each gate that did not pass with its reason and findings."""
    if look.verbosity < -1:
        return ()
    rows = [result for result in report.gates if result.level != Level.OFF]
    lines = _table([row for row in rows if look.verbosity >= 0 or row.verdict != Verdict.PASSED], look.width)
    judged = _without_repetition(rows)
    short = [result for result in judged if result.verdict != Verdict.PASSED]
    lines += _reasons(short)
    for result in judged if look.verbosity > 0 else short:
        lines += _details(result, look)
    if look.verbosity > 0 and report.left_out:
        lines.append((Span(f"not judged: {', '.join(report.left_out)}", "faint"),))
    if look.verbosity > 0 and report.run is not None and report.run.unjudged:
        lines.append((Span(f"run by the tests and not judged: {', '.join(report.run.unjudged)}", "faint"),))
    return _encodable(lines, look)


def verdict_line(report: Report, look: Look) -> Line:
    """The last line: the verdict of the run, and which gates decided it."""
    style = "bad" if report.reason else _STYLES[report.verdict]
    text = f"quality gates: {report.verdict.words}"
    if because := _because(report):
        text = f"{text} ({because})"
    return _encodable([(Span(text, style),)], look)[0]


def title(report: Report) -> str:
    """What the table is of: the profile, and since when."""
    return f"{report.profile}, changes since {report.since}" if report.since else report.profile


def header(profile: str, judged: Sequence[str], files: int, measured_by: str, look: Look) -> str:
    """What is judged and by which profile, for the top of a run."""
    # pytest may have taken another directory for the root than the user thinks: that of a `pytest.ini` further down.
    shown = ", ".join(judged) or f"nothing: no Python source was found in {look.root or 'the root'}"
    count = f" ({files} file{'' if files == 1 else 's'})" if judged else ""
    text = f"quality gates: profile {profile} · judged: {shown}{count} · coverage by {measured_by}"
    return _encodable([(Span(text),)], look)[0][0].text


def _table(results: Sequence[GateResult], width: int) -> list[Line]:
    rows = [_row(result) for result in results]
    columns = [0, 1, 2, 3, 4]
    for expendable in (2, 4, 3):
        if _width(rows, columns) <= width:
            break
        columns.remove(expendable)
    widths = {column: max((len(str(row[column])) for row in rows), default=0) for column in columns}
    return [_laid_out(row, widths) for row in rows]


def _width(rows: Sequence[_Row], columns: Sequence[int]) -> int:
    cells = [*columns, 5]
    widest = [max((len(_text(row[column])) for row in rows), default=0) for column in cells]
    return sum(widest) + len(_GAP) * (len(cells) - 1)


def _text(cell: str | Span) -> str:
    return cell.text if isinstance(cell, Span) else cell


def _laid_out(row: _Row, widths: dict[int, int]) -> Line:
    right_aligned = {3}
    cells = [
        str(row[column]).rjust(width) if column in right_aligned else str(row[column]).ljust(width)
        for column, width in widths.items()
        if width
    ]
    return (Span(_GAP.join(cells) + _GAP), row.verdict)


def _row(result: GateResult) -> _Row:
    slug = _name(result)
    verdict = Span(_verdict_words(result), "warn" if _is_only_reported(result) else _STYLES[result.verdict])
    asked = threshold_text(result.threshold)
    if result.verdict in {Verdict.NOT_EVALUATED, Verdict.COULD_NOT_RUN} and not result.total:
        return _Row(slug, "", "", "", asked, verdict)
    if result.total == 0:
        figure = "nothing to judge" if result.verdict == Verdict.PASSED else ""
        return _Row(slug, figure, "", "", asked, verdict)
    if result.threshold.comparison == "at_most":
        found = sum(finding.state == "new" for finding in result.findings)
        return _Row(slug, f"{found} found", "", "", asked, verdict)
    percent = percent_text(result.measured, result.total, result.threshold)
    return _Row(slug, f"{result.measured} of {result.total}", result.unit, percent, asked, verdict)


def _name(result: GateResult) -> str:
    """The gate, and whose files the row is of."""
    return f"{result.slug} [{result.paths}]" if result.paths else result.slug


def _verdict_words(result: GateResult) -> str:
    states = Counter(finding.state for finding in result.findings)
    beside = ["only reported"] if _is_only_reported(result) else []
    beside += [f"{states[state]} {words}" for state, words in _NOT_COUNTED.items() if states[state]]
    return f"{result.verdict.words} ({', '.join(beside)})" if beside else result.verdict.words


def _is_only_reported(result: GateResult) -> bool:
    return result.level == Level.REPORT and result.verdict != Verdict.PASSED


def _without_repetition(results: Iterable[GateResult]) -> list[GateResult]:
    """The results, with a file that cannot be parsed named by the first gate that it fails, not by each."""
    named: set[str] = set()
    kept = []
    for result in results:
        findings = [
            finding
            for finding in result.findings
            if finding.rule != SYNTAX_ERROR or finding.path not in named
        ]
        named |= {finding.path for finding in findings if finding.rule == SYNTAX_ERROR}
        kept.append(msgspec.structs.replace(result, findings=tuple(findings)))
    return kept


def _reasons(short: Sequence[GateResult]) -> list[Line]:
    """Why gates without findings did not pass; gates with one reason share a line."""
    slugs: dict[str, list[str]] = {}
    for result in short:
        if not result.findings:
            slugs.setdefault(result.reason or result.verdict.words, []).append(_name(result))
    return [(Span(f"{', '.join(named)}: {reason}", "strong"),) for reason, named in slugs.items()]


def _details(result: GateResult, look: Look) -> list[Line]:
    """The findings of one gate, and what to know beside them."""
    notes = result.notes if look.verbosity > 0 else ()
    if not notes and not result.findings:
        return []
    title = f"{_name(result)}: {result.reason or result.verdict.words}"
    lines: list[Line] = [(Span(title, "strong"),)]
    counted = [finding for finding in result.findings if finding.state == "new"]
    shown = counted if look.verbosity > 0 else counted[:SHOWN_FINDINGS]
    for finding in shown:
        lines += _finding(finding, look)
    if len(shown) < len(counted):
        lines.append((Span(f"  … and {len(counted) - len(shown)} more (-v shows all)", "faint"),))
    return [*lines, *((Span(f"  {note}", "faint"),) for note in notes)]


def _finding(finding: Finding, look: Look) -> list[Line]:
    place = f"{_seen_from_start(finding.path, look)}:{finding.line}"
    return [
        (Span("  "), Span(place, "strong"), Span(f": {finding.message}")),
        (Span(f"      {finding.remedy}", "faint"),),
    ]


def _seen_from_start(path: str, look: Look) -> str:
    """The path from where the reader is; from the root where that is the same, or on another drive."""
    if look.start == look.root:
        return path
    try:
        return os.path.relpath(Path(look.root, path), look.start)
    except ValueError:
        return path


def _because(report: Report) -> str:
    """What decided: trouble of the session itself first, then the enforced gates that did not pass."""
    groups = [report.reason] if report.reason else []
    for verdict in (Verdict.FAILED, Verdict.COULD_NOT_RUN, Verdict.NOT_EVALUATED):
        slugs = [
            _name(result)
            for result in report.gates
            if result.verdict == verdict and result.level == Level.ENFORCE
        ]
        if slugs:
            named = ", ".join(slugs)
            groups.append(named if verdict == report.verdict else f"{verdict.words}: {named}")
    return "; ".join(groups)


def _encodable(lines: Sequence[Line], look: Look) -> tuple[Line, ...]:
    if not look.ascii_only:
        return tuple(lines)
    return tuple(
        tuple(
            Span(span.text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode(), span.style)
            for span in line
        )
        for line in lines
    )
