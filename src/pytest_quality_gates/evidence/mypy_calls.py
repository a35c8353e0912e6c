"""Which calls a file of mypy's syntax tree holds. Runs in the child that runs mypy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mypy.nodes import CallExpr, FuncDef, MemberExpr, MypyFile, Node, StrExpr

if TYPE_CHECKING:
    from collections.abc import Iterator

# mypy is compiled, and its visitors cannot be inherited from by interpreted classes, so the tree is walked by the names
# of the attributes that hold children. Types, symbols and what semantic analysis adds are not children.
_CHILDREN = (
    "args",
    "arguments",
    "base",
    "base_type_exprs",
    "begin_index",
    "bodies",
    "body",
    "call",
    "callee",
    "cond",
    "condlists",
    "decorators",
    "defs",
    "else_body",
    "else_expr",
    "end_index",
    # A function with a TypeVar of several values is checked once for each, on copies.
    "expanded",
    "expr",
    "finally_body",
    "from_expr",
    "func",
    "generator",
    "guards",
    "handlers",
    "if_expr",
    "impl",
    "index",
    "initializer",
    "items",
    "key",
    "keywords",
    "left",
    "left_expr",
    "lvalue",
    "lvalues",
    "metaclass",
    "msg",
    "operands",
    "original_decorators",
    "removed_base_type_exprs",
    "right",
    "rvalue",
    "sequences",
    "stride",
    "subject",
    "target",
    "types",
    "value",
)


class FileCalls(NamedTuple):
    """What one file holds."""

    calls: list[CallExpr]
    has_untyped: bool
    """A function without any annotation: mypy looks inside only where `check_untyped_defs` is set."""


class CallFinder:
    """Finds the calls of files; remembers the shape of the node classes between them."""

    def __init__(self) -> None:
        self._attributes: dict[type, tuple[str, ...]] = {}

    def find(self, tree: MypyFile) -> FileCalls:
        """Every call expression of a file, also those in code that mypy holds unreachable."""
        calls: list[CallExpr] = []
        has_untyped = False
        for node in self._walk(tree):
            if isinstance(node, CallExpr) and _is_format_of_f_string(node):
                _put_right(node.args[0])
            elif isinstance(node, CallExpr):
                calls.append(node)
            elif isinstance(node, FuncDef) and node.type is None:
                has_untyped = True
        return FileCalls(calls, has_untyped)

    def _walk(self, tree: MypyFile) -> Iterator[Node]:
        seen: set[int] = set()
        stack: list[object] = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, list | tuple):
                stack.extend(node)
            elif isinstance(node, dict):
                stack.extend(node.values())
            elif isinstance(node, Node) and id(node) not in seen:
                # A decorator may stand in two attributes, before and after semantic analysis.
                seen.add(id(node))
                yield node
                stack.extend(getattr(node, name) for name in self._attributes_of(node))

    def _attributes_of(self, node: Node) -> tuple[str, ...]:
        kind = type(node)
        if kind not in self._attributes:
            self._attributes[kind] = tuple(name for name in _CHILDREN if hasattr(node, name))
        return self._attributes[kind]


def _is_format_of_f_string(call: CallExpr) -> bool:
    """Whether it is of an f-string, which mypy writes as calls of `str.format` and `str.join`: they end nowhere, or where their string ends."""
    if call.end_column is None:
        return True
    receiver = call.callee.expr if isinstance(call.callee, MemberExpr) else None
    return isinstance(receiver, StrExpr) and _span(receiver) in {_span(call.callee), _span(call)}


def _put_right(value: Node) -> None:
    """The parser lets what stands in braces start at the brace; a call starts where its callee does."""
    if isinstance(value, CallExpr):
        value.line, value.column = value.callee.line, value.callee.column


def _span(node: Node) -> tuple[int, int, int | None, int | None]:
    return (node.line, node.column, node.end_line, node.end_column)
