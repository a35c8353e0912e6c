"""What makes a finding the same finding."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.policy.fingerprint import with_fingerprints

FINDING = Finding(
    gate="timeouts",
    rule="no-timeout",
    path="shop/api.py",
    line=10,
    end_line=12,
    symbol="price",
    message="nothing bounds it",
    remedy="bound it",
    text="requests.get",
)


def marks(*findings: Finding) -> list[str]:
    """The fingerprints, in the order of the findings."""
    return [finding.fingerprint for finding in with_fingerprints(findings)]


def test_survives_moved_lines_and_new_words() -> None:
    """Neither the line, the message, the remedy nor white space in the text is part of it."""
    moved = replace(
        FINDING, line=99, end_line=99, message="said anew", remedy="other", text=" requests.get\n"
    )
    assert marks(FINDING) == marks(moved)


def test_differs_by_what_it_is() -> None:
    """Gate, rule, path, symbol and text each make another finding."""
    others = [replace(FINDING, **{name: "other"}) for name in ("gate", "rule", "path", "symbol", "text")]
    assert 6 == len({*marks(FINDING), *(mark for other in others for mark in marks(other))})


def test_alike_ones_are_counted_by_line() -> None:
    """The n-th of several alike keeps its fingerprint in whatever order they are given."""
    first, second = FINDING, replace(FINDING, line=20, end_line=20)
    assert marks(first, second) == marks(second, first)[::-1]
    assert 2 == len(set(marks(first, second)))
    assert marks(first) == marks(second)


def test_without_text_the_message_counts() -> None:
    """A finding that quotes nothing is told from others by its message."""
    assert marks(replace(FINDING, text="")) != marks(replace(FINDING, text="", message="else"))
