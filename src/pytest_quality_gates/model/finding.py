"""One place that falls short."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pytest_quality_gates.facts.call_site import Confidence

SYNTAX_ERROR = "syntax-error"
"""The rule of a file that cannot be parsed. What it hides is not known, so no gate that reads source passes over it."""

FindingState = Literal["new", "baseline", "suppressed", "outside"]
"""`new` counts. `baseline`: known before. `suppressed`: by a comment. `outside`: not in the changed lines."""


class Finding(Struct, frozen=True, kw_only=True):
    """One place that falls short of one gate."""

    gate: str
    rule: str
    """`no-timeout`; what a suppression comment and `quality-gates explain` name."""
    path: str
    line: int
    end_line: int
    symbol: str
    """Qualified name of the function or class around it; empty at the top level."""
    message: str
    """What is wrong, in one line."""
    remedy: str
    """What to do about it, in one line."""
    text: str = ""
    """The flawed expression or names as they are written; with rule, path and symbol it identifies the finding."""
    column: int = -1
    """Where the flawed expression starts, from 0 in UTF-8 bytes; -1 where that is not known."""
    end_column: int = -1
    """Where it ends, on `end_line`; -1 where that is not known."""
    confidence: Confidence = "certain"
    fingerprint: str = ""
    state: FindingState = "new"
