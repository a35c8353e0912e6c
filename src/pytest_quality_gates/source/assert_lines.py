"""The lines on which an assertion is executed."""

from __future__ import annotations

from pytest_quality_gates.source.canonical import parsed
from pytest_quality_gates.source.effective_asserts import effective_asserts

_WORDS = (b"assert", b"AssertionError")
"""One of them stands in every file with an assertion: where none does, there is nothing to parse."""


def assert_lines(text: bytes) -> frozenset[int]:
    """Every line of every assertion with something to check; none of a file that cannot be parsed.

    `assert True` checks nothing, and neither does one whose failure is caught and dropped. An assertion over several lines may
    begin to run on any of them. `if wrong: raise AssertionError` is one; its condition is what runs.
    """
    if not any(word in text for word in _WORDS):
        return frozenset()
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(
        line
        for node in effective_asserts(tree)
        for line in range(node.lineno, (node.test.end_lineno or node.lineno) + 1)
    )
