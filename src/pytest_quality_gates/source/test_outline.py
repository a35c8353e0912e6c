"""The tests of a file as its text has them: which there are, how much each asserts, which are skipped."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pytest_quality_gates.facts.test_outline import TestOutline, TestText
from pytest_quality_gates.source.canonical import canonical, parsed
from pytest_quality_gates.source.effective_asserts import effective_asserts, last_name

_CHECKS = frozenset({"raises", "warns", "deprecated_call", "fail"})
_SKIPS = frozenset(
    {
        "skip",
        "skipif",
        "xfail",
        "importorskip",
        "skipIf",
        "skipUnless",
        "skipTest",
        "SkipTest",
        "expectedFailure",
    }
)
_SWITCH = "__test__"
"""What pytest looks for, in a module, a class or a function, to see whether it is meant to be collected."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def outline(text: bytes) -> TestOutline | None:
    """Read one file; None where it cannot be parsed."""
    try:
        tree = parsed(text)
        tests = {name: _text(node, bases) for name, node, bases in _tests(tree.body, "", ())}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return TestOutline(tests, tuple(sorted(_skips(tree))))


def _tests(
    body: list[ast.stmt], prefix: str, bases: tuple[str, ...]
) -> Iterator[tuple[str, _Function, tuple[str, ...]]]:
    for node in body:
        if isinstance(node, _Function) and node.name.startswith("test"):
            yield f"{prefix}{node.name}", node, bases
        elif isinstance(node, ast.ClassDef):
            yield from _tests(node.body, f"{prefix}{node.name}.", tuple(map(last_name, node.bases)))


def _text(test: _Function, bases: tuple[str, ...]) -> TestText:
    return TestText(
        line=test.lineno,
        checks=tuple(map(canonical, _checks(test))),
        statements=tuple(_statements(test)),
        bases=bases,
    )


def _checks(test: _Function) -> Iterator[ast.expr]:
    """What the test checks; `assert True` does not."""
    yield from (each.test for each in effective_asserts(test))
    yield from (node for node in ast.walk(test) if isinstance(node, ast.Call) and _is_check(node))


def _statements(test: _Function) -> Iterator[str]:
    yield from map(canonical, test.decorator_list)
    told = test.body[:1] if ast.get_docstring(test, clean=False) is not None else []
    for node in ast.walk(test):
        if isinstance(node, ast.stmt) and node is not test and node not in told:
            yield canonical(node)


def _is_check(node: ast.Call) -> bool:
    name = last_name(node.func)
    return name in _CHECKS or name.lower().lstrip("_").startswith(("assert", "check", "verify", "expect"))


def _skips(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """`pytest.mark.skip`, `pytest.skip(...)`, `unittest.skipIf(...)`; by their last names, below something named."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _SKIPS:
            yield node.lineno, node.attr
        elif isinstance(node, ast.Name) and node.id in _SKIPS and isinstance(node.ctx, ast.Load):
            yield node.lineno, node.id
        elif isinstance(node, ast.Assign) and any(last_name(each) == _SWITCH for each in node.targets):
            if not (isinstance(node.value, ast.Constant) and node.value.value is True):
                yield node.lineno, _SWITCH
        elif isinstance(node, ast.ImportFrom):
            yield from (
                (node.lineno, item.name) for item in node.names if item.asname and item.name in _SKIPS
            )
