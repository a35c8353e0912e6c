"""Comments by which tools are told to look away."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

MARKS = {
    "no-cover": re.compile(r"#\s*pragma[:\s]?\s*no\s*(?:cover|branch)", re.IGNORECASE),
    "noqa": re.compile(r"#\s*(?:ruff\s*:\s*|flake8\s*[:=]\s*)?noqa", re.IGNORECASE),
    "type-ignore": re.compile(r"#\s*(?:type:\s*ignore|pyright:|(?:ty|pyrefly):\s*ignore|mypy:\s*\S)"),
    "suppressions": re.compile(r"#\s*quality-gates:\s*ignore"),
}
"""By the name of their budget."""


def marks(text: bytes) -> Iterator[tuple[str, int]]:
    """The kind and the line of each such comment; of what is no Python, none."""
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(text).readline))
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return
    for token in tokens:
        if token.type == tokenize.COMMENT:
            for kind, pattern in MARKS.items():
                if pattern.search(token.string):
                    yield kind, token.start[0]
