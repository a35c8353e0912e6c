"""The lines of each statement, so that a change of one of them is a change of all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from pytest_quality_gates.facts.change import Change, ChangedFile
from pytest_quality_gates.source.canonical import parsed


def with_whole_statements(root: Path, change: Change) -> Change:
    """The change with each changed statement as a whole; of a compound one its header, decorators included.

    A file that cannot be parsed keeps its lines.
    """
    return replace(change, files=tuple(_widened(root, file) for file in change.files))


def _widened(root: Path, file: ChangedFile) -> ChangedFile:
    if not file.old_path or not file.path.endswith(".py"):
        return file
    try:
        spans = list(_spans(parsed((root / file.path).read_bytes())))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return file
    wider = [span for span in spans if _is_changed(span, file)]
    return replace(file, lines=tuple(sorted({*file.lines, *wider})))


def _spans(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """First and last line of each simple statement, and of the header of each compound one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
            yield first, max(first, _end(node))


def _end(node: ast.stmt | ast.ExceptHandler) -> int:
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return node.end_lineno or node.lineno
    inner = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
    decorators = getattr(inner, "decorator_list", ())
    start = min([inner.lineno, *(item.lineno for item in decorators)])
    return max(node.lineno, int(start) - 1 if start > node.lineno else int(start))


def _is_changed(span: tuple[int, int], file: ChangedFile) -> bool:
    first, last = span
    if any(start <= last and end >= first for start, end in file.lines):
        return True
    return any(first <= gap < last for gap in file.gaps)
