"""Where a key stands in a TOML text, for error messages: `tomllib` keeps no positions."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Step = str | int
"""A key, or an index into an array."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*\.?""")


def line_of(text: str, path: Sequence[Step]) -> int:
    """Find the line of a key.

    Args:
        text: The TOML text.
        path: Keys and array indexes from the root, `("class", 2, "io")`.

    Returns:
        The line, from 1, of the longest part of `path` that has a line of its own; 1 where there is none.
    """
    best, line = 0, 1
    for number, known in _positions(text):
        shared = _shared(known, path)
        if shared == len(known) and shared > best:
            best, line = shared, number
    return line


def _positions(text: str) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """Every header and key of the text with its line. Array headers are counted."""
    counts: Counter[tuple[Step, ...]] = Counter()
    table: tuple[Step, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _indexed(_split(header[2]), counts, begins=header[1] == "[[")
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_split(key[1]))


def _indexed(keys: Sequence[str], counts: Counter[tuple[Step, ...]], *, begins: bool) -> tuple[Step, ...]:
    """The keys of a header, each array followed by the index of its latest table; `begins` adds one to the last."""
    steps: tuple[Step, ...] = ()
    for number, key in enumerate(keys, start=1):
        steps = (*steps, key)
        if begins and number == len(keys):
            counts[steps] += 1
        if seen := counts.get(steps):
            steps = (*steps, seen - 1)
    return steps


def _split(dotted: str) -> tuple[str, ...]:
    """The keys of a dotted key, quotes removed."""
    return tuple(part[1] or part[2] or part[3] or "" for part in _PART.finditer(dotted))


def _shared(known: Sequence[Step], path: Sequence[Step]) -> int:
    """How many steps two paths share from the root."""
    count = 0
    for left, right in zip(known, path, strict=False):
        if left != right:
            break
        count += 1
    return count
