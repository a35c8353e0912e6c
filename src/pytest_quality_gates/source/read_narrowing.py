"""What a condition tells of names by `isinstance`."""

from __future__ import annotations

import ast

_PAIR = 2


def told_by(test: ast.expr, *, holds: bool) -> dict[str, ast.expr]:
    """The classes that names are of where `test` is true, or where it is false.

    Args:
        test: A condition; of `and`, each part holds where it is true, of `or`, none where it is false.
        holds: Which of the two is asked.

    Returns:
        By name, what `isinstance(name, ...)` is given: a class, or several.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return told_by(test.operand, holds=not holds)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) is holds:
        return {name: kinds for part in test.values for name, kinds in told_by(part, holds=holds).items()}
    if not holds or not isinstance(test, ast.Call) or len(test.args) != _PAIR:
        return {}
    asked, kinds = test.args
    if not isinstance(asked, ast.Name) or getattr(test.func, "id", "") != "isinstance":
        return {}
    is_plain = not any(isinstance(node, ast.Call) for node in ast.walk(kinds))  # a call is noted once
    return {asked.id: kinds} if is_plain else {}


def leaves(body: list[ast.stmt]) -> bool:
    """Whether what stands below does not follow on these statements."""
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
