"""The lines of assertions."""

from __future__ import annotations

import pytest

from pytest_quality_gates.source.assert_lines import assert_lines, failing_functions
from pytest_quality_gates.source.test_outline import outline


def test_every_line_of_it() -> None:
    """An assertion over several lines has all of them; one of a constant has none, nor has a broken file."""
    text = b"assert a\nassert (\n    b ==\n    c\n), 'why'\nassert True\nassert 'text'\nx = 1\n"
    assert frozenset({1, 2, 3, 4}) == assert_lines(text)
    assert frozenset() == assert_lines(b"assert (")


def test_long_form() -> None:
    """Of a condition that raises AssertionError, the condition is what runs."""
    assert frozenset({2}) == assert_lines(b"x = 1\nif x != 1:\n    raise AssertionError(x)\n")


def test_deep_text() -> None:
    """What is too deep to be walked has no assertions and no checks, and is no crash."""
    chain = "    if a:\n        pass\n" + "    elif a:\n        pass\n" * 3000
    text = f"def check():\n{chain}    else:\n        assert a\n"
    assert frozenset() == assert_lines(text.encode())
    assert frozenset() == failing_functions(text.encode())


def test_outline_of_deep_text() -> None:
    """A test with an expression of thousands of terms is as one that cannot be parsed."""
    text = "def test_x():\n    assert f() == " + " + ".join(["g()"] * 5000) + "\n"
    assert outline(text.encode()) is None


@pytest.mark.parametrize(
    ("body", "can_fail"),
    [
        ("response.raise_for_status()", True),
        ("jsonschema.validate(response, SCHEMA)", True),
        ("raise KeyError", True),
        ("self.fail('no')", True),
        ("print(response)", False),
        ("pass", False),
    ],
)
def test_helpers_that_can_fail(body: str, can_fail: bool) -> None:
    """A helper checks by an assertion, by raising, or by calling what is named to fail."""
    text = f"@once\ndef assert_well(response):\n    {body}\n"
    assert can_fail == (failing_functions(text.encode()) == frozenset({1}))
