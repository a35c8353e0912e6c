"""Expressions in a form that does not depend on how they are laid out, quoted or put in brackets."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

_LAYOUT = frozenset({"ctx", "kind", "type_comment"})
_BODIES = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


class Place(Struct, frozen=True):
    """Where an expression is: lines from 1, columns from 0 in UTF-8 bytes."""

    line: int
    column: int
    end_line: int = 0
    end_column: int = 0
    """0 and 0 where only the start is known."""


def canonical_texts(root: Path, places: Iterable[tuple[str, Place]]) -> dict[tuple[str, Place], str]:
    """The expression at each place, by path relative to `root` and place.

    Where only the start is known, it is the widest expression that starts there, or else the statement without what is
    nested in it. A place where nothing starts, and a file that cannot be parsed, are not in the answer.
    """
    by_path: dict[str, set[Place]] = {}
    for path, place in places:
        by_path.setdefault(path, set()).add(place)
    found: dict[tuple[str, Place], str] = {}
    for path, wanted in by_path.items():
        try:
            tree = parsed((root / path).read_bytes())
            texts = {place: canonical(node) for place, node in _nodes(tree, wanted)}
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found |= {(path, place): text for place, text in texts.items()}
    return found


def canonical(node: ast.AST) -> str:
    """The node as text: the same for the same code, whatever its layout and the interpreter that reads it.

    Empty fields are left out, as releases of Python add fields. Of a statement, what is nested in it is left out.
    """
    hidden = _LAYOUT | _BODIES if isinstance(node, ast.stmt) else _LAYOUT
    fields = (
        f"{name}={_value(value)}"
        for name, value in ast.iter_fields(node)
        if name not in hidden and value is not None and value != []
    )
    return f"{type(node).__name__}({','.join(fields)})"


def _value(value: object) -> str:
    if isinstance(value, ast.AST):
        return canonical(value)
    if isinstance(value, list):
        return f"[{','.join(map(_value, value))}]"
    return repr(value)


def parsed(text: bytes) -> ast.Module:
    """The file's syntax tree, without a word about what the linter should say.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It cannot be parsed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes and the like are the linter's business
        return ast.parse(text)


def _nodes(tree: ast.Module, wanted: set[Place]) -> Iterator[tuple[Place, ast.AST]]:
    """The nodes at the wanted places. The walk goes from the outside in, so that the widest comes first."""
    missing = set(wanted)
    statements: dict[Place, ast.AST] = {}
    calls: dict[tuple[int, int], ast.AST] = {}
    for node in _walk(tree, wanted):
        if not isinstance(node, ast.expr | ast.stmt):
            continue
        start = Place(node.lineno, node.col_offset)
        whole = Place(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        if isinstance(node, ast.Call):
            calls[whole.end_line, whole.end_column] = node
        for place in (start, whole):
            if place in missing and isinstance(node, ast.expr):
                missing.discard(place)
                yield place, node
            elif place in missing:
                statements.setdefault(place, node)
    for place in sorted(missing, key=lambda place: (place.line, place.column)):
        # The line of a call in a chain over several is that of its method, where the call does not start; it ends there alone.
        found = calls.get((place.end_line, place.end_column)) or statements.get(place)
        if found is not None:
            yield place, found


def _walk(tree: ast.Module, wanted: set[Place]) -> Iterator[ast.AST]:
    """As `ast.walk`, but not into statements with no wanted line."""
    lines = sorted({line for place in wanted for line in (place.line, place.end_line)})
    todo: deque[ast.AST] = deque([tree])
    while todo:
        node = todo.popleft()
        yield node
        todo.extend(child for child in ast.iter_child_nodes(node) if not _is_apart(child, lines))


def _is_apart(node: ast.AST, lines: list[int]) -> bool:
    if not isinstance(node, ast.stmt):
        return False
    first = min((each.lineno for each in getattr(node, "decorator_list", ())), default=node.lineno)
    place = bisect_left(lines, first)
    return place == len(lines) or lines[place] > (node.end_lineno or node.lineno)
