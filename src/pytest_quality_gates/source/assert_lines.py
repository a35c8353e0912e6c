"""The lines on which an `assert` is executed."""

from __future__ import annotations

import ast

from pytest_quality_gates.source.canonical import parsed


def assert_lines(text: bytes) -> frozenset[int]:
    """Every line of every `assert` with something to check; none of a file that cannot be parsed.

    `assert True` checks nothing. An assertion over several lines may begin to run on any of them.
    """
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant)
        for line in range(node.lineno, (node.test.end_lineno or node.lineno) + 1)
    )
