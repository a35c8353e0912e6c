"""Assertions that can make a test fail; what is always true, or whose failure is caught and dropped, is none."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from pytest_quality_gates.source.canonical import canonical

_CAUGHT = frozenset({"AssertionError", "Exception", "BaseException"})
_ENDS = ("assert", "fail", "exit", "skip", "xfail")
_FAILING = ("fail", "raise_for", "validate")
_LOOPS = ast.For | ast.AsyncFor | ast.While
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
"""Where statements have statements below them. An expression has none."""
_OTHERWISE = ("orelse",)


Assertion = ast.Assert | ast.If
"""An `assert`, or its long form: `if wrong: raise AssertionError(...)`."""


def effective_asserts(tree: ast.AST) -> Iterator[Assertion]:
    """Every assertion below `tree` that can fail and whose failure gets out of the function."""
    yield from _below(tree, is_lost=False, in_loop=False)


def may_fail(function: ast.AST) -> bool:
    """Whether a function that is named as a check can fail: it asserts, raises, or calls what is named to fail."""
    return any(True for _ in effective_asserts(function)) or _raises(function)


def _raises(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _fails(last_name(node.func))):
        return True
    dead = node.body if isinstance(node, ast.If) and _running(node) == _OTHERWISE else ()
    return any(_raises(child) for child in ast.iter_child_nodes(node) if child not in dead)


def _fails(name: str) -> bool:
    """Whether what is called by that name fails by itself: `response.raise_for_status()`, `jsonschema.validate(...)`."""
    return name.lower().lstrip("_").startswith(_FAILING)


def _running(node: ast.AST) -> tuple[str, ...]:
    """The blocks of a statement, but for one that never runs."""
    is_dead = isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and not node.test.value
    return _OTHERWISE if is_dead else _BLOCKS


def can_fail(test: ast.expr) -> bool:
    """Whether the condition may be false, as far as its text tells."""
    match test:
        case ast.Constant() | ast.UnaryOp(op=ast.Not(), operand=ast.Constant()):
            return False
        case ast.Tuple(elts=elements):
            return not elements
        case ast.BoolOp(op=operator, values=values):
            return (all if isinstance(operator, ast.Or) else any)(map(can_fail, values))
        case ast.Compare(left=ast.Name() as left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            return canonical(left) != canonical(right)
        case _:
            return True


def _below(node: ast.AST, *, is_lost: bool, in_loop: bool) -> Iterator[Assertion]:
    if not is_lost and _is_effective(node):
        yield node
    guarded = _guarded(node, in_loop=in_loop)
    loop = in_loop or isinstance(node, _LOOPS)
    for child in (child for name in _running(node) for child in getattr(node, name, ())):
        yield from _below(child, is_lost=is_lost or child in guarded, in_loop=loop)


def _is_effective(node: ast.AST) -> TypeGuard[Assertion]:
    if isinstance(node, ast.If):
        return any(map(_raises_assertion, node.body)) and not isinstance(node.test, ast.Constant)
    return isinstance(node, ast.Assert) and can_fail(node.test)


def _raises_assertion(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return last_name(raised) == "AssertionError"


def _guarded(node: ast.AST, *, in_loop: bool) -> list[ast.stmt]:
    """The statements whose failed assertions nobody sees. In a loop, a caught one may be a try that is repeated."""
    if isinstance(node, ast.Try) and not in_loop and any(map(_drops, node.handlers)):
        return node.body
    if isinstance(node, ast.With | ast.AsyncWith) and any(map(_suppresses, node.items)):
        return node.body
    return []


def _drops(handler: ast.ExceptHandler) -> bool:
    """Whether the handler catches a failed assertion and neither raises nor fails."""
    if handler.type is not None and not _names(handler.type) & _CAUGHT:
        return False
    return not any(
        isinstance(node, ast.Raise | ast.Assert)
        or (isinstance(node, ast.Call) and last_name(node.func).lower().lstrip("_").startswith(_ENDS))
        for each in handler.body
        for node in ast.walk(each)
    )


def _suppresses(item: ast.withitem) -> bool:
    call = item.context_expr
    if not isinstance(call, ast.Call) or last_name(call.func) != "suppress":
        return False
    return any(_names(argument) & _CAUGHT for argument in call.args)


def _names(node: ast.expr) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {last_name(part) for part in parts}


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for what is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
