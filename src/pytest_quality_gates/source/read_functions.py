"""What of a function's signature is not annotated (the counting rules are those of the gate `types`)."""

from __future__ import annotations

import ast

from pytest_quality_gates.facts.source import FunctionFact

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def function_fact(node: Definition, path: str, name: str, *, in_class: bool) -> FunctionFact:
    """The annotations of one `def`; whether it stands behind overloads is known only beside its neighbours."""
    judged = _judged_parameters(node, in_class=in_class)
    missing = tuple(name for name, annotation in judged if annotation is None)
    any_ = [name for name, annotation in judged if annotation is not None and _is_any(annotation)]
    if node.returns is not None and _is_any(node.returns):
        any_.append("return")
    return FunctionFact(
        path=path,
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        name=name,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        missing_parameters=missing,
        missing_return=node.returns is None
        and not (node.name == "__init__" and in_class and any(annotation for _, annotation in judged)),
        explicit_any=tuple(any_),
    )


def _judged_parameters(node: Definition, *, in_class: bool) -> list[tuple[str, ast.expr | None]]:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if in_class and positional and not _has_decorator(node, "staticmethod"):
        positional = positional[1:]
    judged = [(argument.arg, argument.annotation) for argument in positional]
    if arguments.vararg:
        judged.append((f"*{arguments.vararg.arg}", arguments.vararg.annotation))
    judged += [(argument.arg, argument.annotation) for argument in arguments.kwonlyargs]
    if arguments.kwarg:
        judged.append((f"**{arguments.kwarg.arg}", arguments.kwarg.annotation))
    return judged


def _has_decorator(node: Definition, name: str) -> bool:
    return any(_last_word(decorator) == name for decorator in node.decorator_list)


def _last_word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_any(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Constant):
        return annotation.value in {"Any", "typing.Any"}
    return _last_word(annotation) == "Any"


def is_overload(node: Definition) -> bool:
    """Whether it is one of the declared overloads of a function."""
    return _has_decorator(node, "overload")
