"""What checks something in a file: the lines on which an assertion is executed, and helpers that are named so."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

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
    return _found(text, _lines)


def failing_functions(text: bytes) -> frozenset[int]:
    """The first line (of decorators, too) of every function that may fail by what stands in it: an assertion, a `raise`, a call of `fail`."""
    return _found(text, _first_lines)


def _found(text: bytes, find: Callable[[ast.Module], Iterator[int]]) -> frozenset[int]:
    """What `find` gives of the parsed text; walking a tree that is very deep may fail as parsing may."""
    try:
        return frozenset(find(parsed(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()


def _lines(tree: ast.Module) -> Iterator[int]:
    for node in effective_asserts(tree):
        yield from range(node.lineno, (node.test.end_lineno or node.lineno) + 1)


def _first_lines(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and may_fail(node):
            yield min([node.lineno, *(each.lineno for each in node.decorator_list)])
