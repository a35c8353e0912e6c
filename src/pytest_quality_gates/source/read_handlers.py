"""What an `except` clause does with the failure it catches, as far as its own text shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pytest_quality_gates.facts.source import HandlerFlaw

Ending = str
"""How a path through a body ends: `reraise`, `raise`, `leave` (return, break, continue), `fall` (off the end)."""

# Calls that build an answer to a client, by the last part of their name (FastAPI, Starlette, Flask, Django, aiohttp).
_CLIENT_ANSWERS = frozenset(
    "HTTPException JSONResponse PlainTextResponse HTMLResponse ORJSONResponse jsonify make_response "
    "abort HttpResponse JsonResponse HttpResponseBadRequest HttpResponseServerError json_response "
    "HTTPBadRequest HTTPInternalServerError".split()
)
_TRIES = re.compile(r"retr(y|ies)|attempt|backoff|(^|_)tries(_|$)", re.IGNORECASE)
_PLAIN_READS = frozenset({"args", "message"})


def endings(body: list[ast.stmt], caught: str | None) -> set[Ending]:
    """How the paths through `body` end; `caught` is the name of the exception in hand."""
    found: set[Ending] = set()
    for statement in body:
        ends = _statement_endings(statement, caught)
        found |= ends - {"fall"}
        if "fall" not in ends:
            return found
    found.add("fall")
    return found


def _statement_endings(statement: ast.stmt, caught: str | None) -> set[Ending]:  # noqa: PLR0911 -- one case a statement
    match statement:
        case ast.Raise():
            return {"reraise" if _is_reraise(statement, caught) else "raise"}
        case ast.Return() | ast.Continue() | ast.Break():
            return {"leave"}
        case ast.If():
            return _if_endings(statement, caught)
        case ast.With() | ast.AsyncWith():
            return endings(statement.body, caught)
        case ast.Try() | ast.TryStar():
            return _try_endings(statement, caught)
        case ast.For() | ast.AsyncFor() | ast.While():
            return (endings(statement.body, caught) - {"leave"}) | {"fall"}
        case ast.Match():
            return {"fall"}.union(*(endings(case.body, caught) for case in statement.cases))
        case _:
            return {"fall"}


def _if_endings(statement: ast.If, caught: str | None) -> set[Ending]:
    found: set[Ending] = set()
    branch: ast.If | None = statement
    while branch is not None:  # an elif chain may be thousands long
        found |= endings(branch.body, caught)
        rest = branch.orelse
        branch = rest[0] if len(rest) == 1 and isinstance(rest[0], ast.If) else None
        if branch is None:
            found |= endings(rest, caught)
    return found


def _try_endings(statement: ast.Try | ast.TryStar, caught: str | None) -> set[Ending]:
    final = endings(statement.finalbody, caught)
    if "fall" not in final:
        return final
    body = endings([*statement.body, *statement.orelse], caught)
    inner = [endings(handler.body, handler.name or caught) for handler in statement.handlers]
    return body.union(*inner, final)


def _is_reraise(statement: ast.Raise, caught: str | None) -> bool:
    if statement.exc is None:
        return True
    return isinstance(statement.exc, ast.Name) and statement.exc.id == caught and caught is not None


def ends_on_success(body: list[ast.stmt]) -> bool:
    """Whether a loop with that body is left where a `try` in it went well: what tells a retry from a polling loop."""
    return any(_leaves_after_try(statement) for statement in body) or any(
        isinstance(statement, ast.Return | ast.Break) for statement in body
    )


def counts_tries(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Whether a loop counts attempts (`while attempt < 3`, `for _ in range(max_retries)`) and is left early."""
    heads = [loop.test] if isinstance(loop, ast.While) else [loop.target, loop.iter]
    names = (
        node.id if isinstance(node, ast.Name) else node.attr
        for head in heads
        for node in ast.walk(head)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    return any(_TRIES.search(name) for name in names) and any(_has_exit(inner) for inner in loop.body)


def _leaves_after_try(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Try | ast.TryStar):
        return any(_has_exit(inner) for inner in (*statement.body, *statement.orelse))
    if isinstance(statement, ast.With | ast.AsyncWith):
        return ends_on_success(statement.body)
    if isinstance(statement, ast.If):
        return any(_leaves_after_try(inner) for inner in (*statement.body, *statement.orelse))
    return False


def _has_exit(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return | ast.Break):
        return True
    if isinstance(statement, ast.If):
        return any(_has_exit(inner) for inner in (*statement.body, *statement.orelse))
    if isinstance(statement, ast.With | ast.AsyncWith):
        return any(_has_exit(inner) for inner in statement.body)
    if isinstance(statement, ast.Try | ast.TryStar):
        return any(_has_exit(inner) for inner in (*statement.body, *statement.orelse))
    return False


def is_trivial(body: list[ast.stmt]) -> bool:
    """Whether `body` does nothing at all: `pass`, `...`, a docstring."""
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in body
    )


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of `body`, nested functions and nested handlers left out."""
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo.extend(
                child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.ExceptHandler)
            )


def _names_in(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(child, ast.Name) and child.id in names for child in ast.walk(node))


def _carriers(handler: ast.ExceptHandler) -> set[str]:
    """The name of what was caught, and those that are bound to something made of it: `text = f"no answer: {error}"`."""
    found = {handler.name} if handler.name else set()
    for statement in handler.body if found else ():
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _names_in(node.value, found):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def text_flaws(handler: ast.ExceptHandler, ends: set[Ending]) -> tuple[tuple[HandlerFlaw, ...], bool]:
    """The flaws that the text alone shows, and whether what was caught is read (beyond a bare re-raise)."""
    flaws: list[HandlerFlaw] = []
    name = handler.name
    if handler.type is None and ends != {"reraise"}:
        flaws.append("bare")
    if is_trivial(handler.body):
        return (*flaws, "pass"), False
    used = False
    carriers = _carriers(handler)
    for node in _own_nodes(handler.body):
        if isinstance(node, ast.Raise) and _loses_cause(node, name, carriers):
            flaws.append("raise-without-cause")
        elif name and isinstance(node, ast.Call) and _shows_client(node, name):
            flaws.append("detail-to-client")
        elif isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            used = True
    return tuple(dict.fromkeys(flaws)), used


def _loses_cause(node: ast.Raise, name: str | None, carriers: set[str]) -> bool:
    if node.cause is not None or not isinstance(node.exc, ast.Call | ast.Name | ast.Attribute):
        return False
    if isinstance(node.exc, ast.Name | ast.Attribute):
        word = node.exc.id if isinstance(node.exc, ast.Name) else node.exc.attr
        return word != name and word[:1].isupper()  # a lower-case name is an exception made elsewhere
    called = node.exc.func
    word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if not word.lstrip("_")[:1].isupper() or word in {"SystemExit", "Exit"}:
        return False
    return not _names_in(node.exc, carriers)


def _shows_client(node: ast.Call, name: str) -> bool:
    called = node.func
    word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if word not in _CLIENT_ANSWERS:
        return False
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(_is_text_of(value, name) for value in values)


def _is_text_of(node: ast.AST, name: str) -> bool:
    """Whether the text of the exception `name` is in `node`: `str(e)`, `repr(e)`, an f-string, `e.args`."""
    if isinstance(node, ast.FormattedValue):
        return _is_plain(node.value, name) or _is_text_of(node.value, name)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"str", "repr", "format_exc"}:
        return any(_is_plain(argument, name) for argument in node.args)
    if isinstance(node, ast.Attribute):
        return node.attr in _PLAIN_READS and _is_plain(node.value, name)
    return any(_is_text_of(child, name) for child in ast.iter_child_nodes(node))


def _is_plain(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
