"""`# quality-gates: ignore[...]` comments, and the lines that each is about."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from pytest_quality_gates.facts.suppression import Suppression

MARK = b"quality-gates:"

_COMMENT = re.compile(r"#\s*quality-gates:\s*(?P<order>.*?)\s*(?=$|\s#\s)")
_IGNORE = re.compile(r"ignore\s*\[(?P<rules>[^\]]*)\]\s*[:-]?\s*(?P<rest>.*)$")
_UNTIL = re.compile(r"\(\s*until\b\s*(?P<day>[^)]*?)\s*\)\s*\.?\s*$")
_INVISIBLE = frozenset({tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


class _Line(Struct, frozen=True):
    """One logical line: a simple statement, or the header of a compound one."""

    first: int
    last: int
    is_decorator: bool


def read_files(root: Path, paths: Iterable[str]) -> tuple[Suppression, ...]:
    """Read the comments of these files, relative to `root`; a file that cannot be read has none."""
    found: list[Suppression] = []
    for path in paths:
        try:
            text = (root / path).read_bytes()
        except OSError:
            continue
        if MARK in text:
            found += read(text, path)
    return tuple(found)


def read(text: bytes, path: str) -> list[Suppression]:
    """Read the comments of one file; a file that is no Python has none.

    A comment behind code is about the statement (or the header of the compound statement) that it stands in; one on a
    line of its own about the next one. Above or behind a decorator, it is about the decorated definition.
    """
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(text).readline))
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return []
    lines = list(_logical_lines(tokens))
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    return [
        _suppression(match["order"], path, token.start[0], lines)
        for token in comments
        for match in _COMMENT.finditer(token.string)
    ]


def _logical_lines(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[_Line]:
    first: tokenize.TokenInfo | None = None
    for token in tokens:
        if token.type in _INVISIBLE or token.type == tokenize.COMMENT:
            continue
        if token.type == tokenize.NEWLINE and first is not None:
            yield _Line(first.start[0], token.start[0], first.string == "@")
            first = None
        elif first is None:
            first = token


def _suppression(order: str, path: str, line: int, lines: list[_Line]) -> Suppression:
    first, last = _about(line, lines)
    match = _IGNORE.match(order)
    if match is None:
        return Suppression(
            path=path,
            line=line,
            first_line=first,
            last_line=last,
            rules=(),
            reason="",
            error=f"`{order}` is not understood",
        )
    until = _UNTIL.search(match["rest"])
    reason = (match["rest"][: until.start()] if until else match["rest"]).strip()
    rules = tuple(rule.strip() for rule in match["rules"].split(",") if rule.strip())
    day = until["day"] if until else ""
    return Suppression(
        path=path,
        line=line,
        first_line=first,
        last_line=last,
        rules=rules,
        reason=reason,
        until=day,
        error=_error(rules, reason, day, is_dated=until is not None),
    )


def _error(rules: tuple[str, ...], reason: str, day: str, *, is_dated: bool) -> str:
    if not rules:
        return "it names no rule"
    if not any(letter.isalnum() for letter in reason):
        return "it has no reason"
    if not is_dated:
        return ""
    try:
        is_day = date.fromisoformat(day).isoformat() == day
    except ValueError:
        is_day = False
    return "" if is_day else f"`{day}` is not a date like 2027-01-31"


def _about(line: int, lines: list[_Line]) -> tuple[int, int]:
    """The lines that a comment on `line` is about; `line` alone where nothing follows it."""
    for index, logical in enumerate(lines):
        if logical.last >= line:
            end = index
            while lines[end].is_decorator and end + 1 < len(lines):
                end += 1
            return logical.first, lines[end].last
    return line, line
