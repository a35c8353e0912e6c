"""What checks something in a file: the lines on which an assertion is executed, and helpers that are named so."""

from __future__ import annotations

import ast

from pytest_quality_gates.source.canonical import parsed
from pytest_quality_gates.source.effective_asserts import effective_asserts, may_fail

_WORDS = (b"assert", b"AssertionError")
"""One of them stands in every file with an assertion: where none does, there is nothing to parse."""


def assert_lines(text: bytes) -> frozenset[int]:
    """Every line of every assertion with something to check; none of a file that cannot be parsed.

    `assert True` checks nothing, and neither does one whose failure is caught and dropped. An assertion over several lines may
    begin to run on any of them. `if wrong: raise AssertionError` is one; its condition is what runs.
    """
    if not any(word in text for word in _WORDS):
        return frozenset()
    tree = _tree(text)
    return frozenset(
        line
        for node in effective_asserts(tree)
        for line in range(node.lineno, (node.test.end_lineno or node.lineno) + 1)
    )


def failing_functions(text: bytes) -> frozenset[int]:
    """The first line (of decorators, too) of every function that may fail by what stands in it: an assertion, a `raise`, a call of `fail`."""
    return frozenset(
        min([node.lineno, *(each.lineno for each in node.decorator_list)])
        for node in ast.walk(_tree(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and may_fail(node)
    )


def _tree(text: bytes) -> ast.Module:
    try:
        return parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
