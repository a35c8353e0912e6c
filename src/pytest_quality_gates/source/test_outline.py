"""The tests of a file as its text has them: which there are, how much each asserts, which are skipped."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from pytest_quality_gates.source.canonical import parsed
from pytest_quality_gates.source.effective_asserts import effective_asserts

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
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class TestOutline(Struct, frozen=True):
    """One test file."""

    tests: dict[str, int]
    """How many assertions stand in each test, by its name in the file (`TestCart.test_total`)."""
    lines: dict[str, int]
    """Where each test begins."""
    skips: tuple[tuple[int, str], ...]
    """Each mark or call that skips tests, or expects them to fail, with its line."""


def outline(text: bytes) -> TestOutline | None:
    """Read one file; None where it cannot be parsed."""
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    tests = dict(_tests(tree.body, ""))
    return TestOutline(
        {name: _checks(node) for name, node in tests.items()},
        {name: node.lineno for name, node in tests.items()},
        tuple(sorted(_skips(tree))),
    )


def _tests(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, _Function]]:
    for node in body:
        if isinstance(node, _Function) and node.name.startswith("test"):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _tests(node.body, f"{prefix}{node.name}.")


def _checks(test: _Function) -> int:
    """How many places in the test check something; `assert True` does not."""
    return sum(1 for _ in effective_asserts(test)) + sum(map(_calls_check, ast.walk(test)))


def _calls_check(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = _last_name(node.func)
    return name in _CHECKS or name.lower().lstrip("_").startswith(("assert", "check", "verify", "expect"))


def _skips(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """`pytest.mark.skip`, `pytest.skip(...)`, `unittest.skipIf(...)`; by their last names, below something named."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _SKIPS:
            yield node.lineno, node.attr
        elif isinstance(node, ast.Name) and node.id in _SKIPS and isinstance(node.ctx, ast.Load):
            yield node.lineno, node.id
        elif isinstance(node, ast.ImportFrom):
            yield from (
                (node.lineno, item.name) for item in node.names if item.asname and item.name in _SKIPS
            )


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
