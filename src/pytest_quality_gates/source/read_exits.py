"""Which failures an `__exit__` ends: it gives back something true for them on every way through it."""

from __future__ import annotations

import ast

from pytest_quality_gates.source.read_functions import Definition

_EVERY = ast.Name("BaseException")
_MOST_CHOICES = 12
Types = list[ast.expr]


def ended_by(node: Definition) -> Types:
    """The types of the failures that the method ends for sure, `BaseException` for all of them."""
    choices = sum(isinstance(inner, ast.If) for inner in ast.walk(node))
    found = _Exit(node).ended(node.body) if choices <= _MOST_CHOICES else []
    return [item for item in found if isinstance(item, ast.Name | ast.Attribute)]


class _Exit:
    """Reads one `__exit__` as it runs where there is a failure."""

    def __init__(self, node: Definition) -> None:
        plain = [*node.args.posonlyargs, *node.args.args]
        self.names = {parameter.arg for parameter in plain[1:]}
        self.rest = node.args.vararg.arg if node.args.vararg is not None else ""

    def ended(self, body: list[ast.stmt]) -> Types:
        """What statements end that run one after the other."""
        for place, statement in enumerate(body):
            after = body[place + 1 :]
            if isinstance(statement, ast.Return):
                return self.true_for(statement.value)
            if isinstance(statement, ast.With | ast.AsyncWith):
                return self.ended([*statement.body, *after])
            if isinstance(statement, ast.Try | ast.TryStar):
                return self.ended([*statement.body, *statement.orelse, *statement.finalbody, *after])
            if isinstance(statement, ast.If) and _leaves(statement):
                return self._chosen(statement, after)
            if _leaves(statement):
                return []
        return []

    def _chosen(self, choice: ast.If, after: list[ast.stmt]) -> Types:
        types = self.true_for(choice.test)
        if _EVERY in types:
            return self.ended([*choice.body, *after])
        otherwise = self.ended([*choice.orelse, *after])
        if self.is_false(choice.test):
            return otherwise
        then = self.ended([*choice.body, *after])
        if types and _EVERY in then:
            return [*types, *otherwise]
        return _common(then, otherwise)

    def true_for(self, test: ast.expr | None) -> Types:
        """The types of the failures for which `test` is true for sure."""
        if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and len(test.args) > 1:
            is_asked = test.func.id in {"issubclass", "isinstance"} and self._is_failure(test.args[0])
            named = test.args[1]
            return (named.elts if isinstance(named, ast.Tuple) else [named]) if is_asked else []
        if isinstance(test, ast.BoolOp):
            parts = [self.true_for(part) for part in test.values]
            if isinstance(test.op, ast.Or):
                return [item for part in parts for item in part]
            left = [part for part in parts if _EVERY not in part]
            return [_EVERY] if not left else left[0] if len(left) == 1 else []
        return [_EVERY] if self._is_true(test) else []

    def _is_true(self, test: ast.expr | None) -> bool:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.is_false(test.operand)
        if isinstance(test, ast.Compare):
            return isinstance(test.ops[0], ast.IsNot | ast.NotEq) and self._is_with_none(test)
        return (isinstance(test, ast.Constant) and test.value is True) or self._is_failure(test)

    def is_false(self, test: ast.expr) -> bool:
        """Whether `test` is false wherever there is a failure: `kind is None`, `not failure`."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return _EVERY in self.true_for(test.operand)
        if isinstance(test, ast.BoolOp):
            enough = any if isinstance(test.op, ast.And) else all
            return enough(self.is_false(part) for part in test.values)
        if isinstance(test, ast.Compare):
            return isinstance(test.ops[0], ast.Is | ast.Eq) and self._is_with_none(test)
        return isinstance(test, ast.Constant) and not test.value

    def _is_with_none(self, test: ast.Compare) -> bool:
        right = test.comparators[0]
        return (
            len(test.ops) == 1
            and isinstance(right, ast.Constant)
            and right.value is None
            and self._is_failure(test.left)
        )

    def _is_failure(self, value: ast.expr | None) -> bool:
        if isinstance(value, ast.Subscript):
            return isinstance(value.value, ast.Name) and value.value.id == self.rest
        return isinstance(value, ast.Name) and value.id in self.names


def _leaves(statement: ast.stmt) -> bool:
    return any(isinstance(inner, ast.Return | ast.Raise) for inner in ast.walk(statement))


def _common(first: Types, second: Types) -> Types:
    """What is ended on either way."""
    if _EVERY in first:
        return second
    if _EVERY in second:
        return first
    known = {ast.dump(item) for item in second}
    return [item for item in first if ast.dump(item) in known]
