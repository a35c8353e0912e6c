"""The measured part of docs/explanation/accuracy.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.accuracy.peers import PeerScore
from tests.accuracy.tally import Agreement, Score, Tally

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"


class Row(NamedTuple):
    """What was noted about the analysis of one package."""

    requirement: str
    lines: int
    modules: int
    """How many of its modules are labelled."""
    seconds_with_types: float
    seconds_without: float
    warning: str


class Measured(NamedTuple):
    """All that a run of `make accuracy` gives."""

    with_types: Score
    without_types: Score
    packages: Sequence[Row]
    peers: Sequence[PeerScore]
    tools: str
    """What was measured, and with which interpreter and type checker."""


def inserted(page: str, measured: Measured) -> str:
    """The page with its measured part replaced.

    Raises:
        ValueError: The page has not both marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no part between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{render(measured)}\n{END}{after}"


def render(measured: Measured) -> str:
    """The tables in Markdown."""
    parts = [
        f"Measured: {measured.tools}.",
        _scores(measured.with_types, measured.without_types),
        _peers(measured),
        _packages(measured.packages),
    ]
    return "\n".join(f"{part}\n" for part in parts)


def _scores(typed: Score, untyped: Score) -> str:
    pairs = [("call sites", typed.call_sites, untyped.call_sites)]
    pairs += [(f"finding `{name}`", tally, untyped.findings[name]) for name, tally in typed.findings.items()]
    rows = [[name, *_tally(one), *_tally(other)] for name, one, other in pairs]
    tallies = _table(
        [
            "",
            "with types: precision",
            "recall",
            "right / false / missed",
            "without: precision",
            "recall",
            "right / false / missed",
        ],
        rows,
    )
    answers = _table(
        ["agreement on", "with types", "of", "without", "of"],
        [
            [f"`{name}`", *_agreement(agreement), *_agreement(untyped.fields[name])]
            for name, agreement in typed.fields.items()
        ],
    )
    return f"{tallies}\n\n{answers}"


def _peers(measured: Measured) -> str:
    rows = [
        [f"`{score.peer.finding}`", score.peer.name, f"{score.right} of {score.of}", str(score.others)]
        for score in measured.peers
    ]
    for title, score in (("with types", measured.with_types), ("without types", measured.without_types)):
        rows += [
            [
                f"`{name}`",
                f"quality-gates, {title}",
                f"{tally.right} of {tally.right + tally.missed}",
                str(tally.false),
            ]
            for name, tally in score.findings.items()
            if name in {item.peer.finding for item in measured.peers}
        ]
    return _table(["finding", "tool", "found", "reported besides"], sorted(rows))


def _packages(rows: Iterable[Row]) -> str:
    table = _table(
        ["package", "lines", "labelled modules", "seconds with types", "without", ""],
        [
            [
                row.requirement,
                f"{row.lines:,}",
                str(row.modules),
                f"{row.seconds_with_types:.0f}",
                f"{row.seconds_without:.0f}",
                row.warning,
            ]
            for row in rows
        ],
    )
    return f"{table}\n\nSeconds are those of the whole command, by the clock, nothing cached."


def _tally(tally: Tally) -> list[str]:
    counts = f"{tally.right} / {tally.false} / {tally.missed}"
    return [_ratio(tally.precision), _ratio(tally.recall), counts]


def _agreement(agreement: Agreement) -> list[str]:
    return [_ratio(agreement.ratio), str(agreement.of)]


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
