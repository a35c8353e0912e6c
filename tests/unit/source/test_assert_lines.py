"""The lines of assertions."""

from __future__ import annotations

from pytest_quality_gates.source.assert_lines import assert_lines


def test_every_line_of_it() -> None:
    """An assertion over several lines has all of them; one of a constant has none, nor has a broken file."""
    text = b"assert a\nassert (\n    b ==\n    c\n), 'why'\nassert True\nassert 'text'\nx = 1\n"
    assert frozenset({1, 2, 3, 4}) == assert_lines(text)
    assert frozenset() == assert_lines(b"assert (")


def test_long_form() -> None:
    """Of a condition that raises AssertionError, the condition is what runs."""
    assert frozenset({2}) == assert_lines(b"x = 1\nif x != 1:\n    raise AssertionError(x)\n")
