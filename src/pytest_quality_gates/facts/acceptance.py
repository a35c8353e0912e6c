"""What is accepted as it is, and whether it still may be."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pytest_quality_gates.facts.baseline import Entry, Floor
from pytest_quality_gates.facts.suppression import Suppression

SuppressionState = Literal["used", "unused", "expired", "refused"]
"""`used`: it takes a finding out of the count. `unused`: there is no such finding. `expired`: its day is over.
`refused`: it cannot be followed, its `error` says why."""


class JudgedSuppression(Struct, frozen=True):
    """One comment and what became of it."""

    comment: Suppression
    state: SuppressionState


class Acceptance(Struct, frozen=True, kw_only=True):
    """What the gates before found, held against what the project accepts; for gates that judge the accepting itself."""

    suppressions: tuple[JudgedSuppression, ...] = ()
    baseline_entries: int = 0
    """Entries and floors of the baseline."""
    fixed_entries: tuple[Entry, ...] = ()
    """Entries of the baseline that no finding matches any more."""
    reached_floors: tuple[Floor, ...] = ()
    """Figures of the baseline that their gates do not need any more."""
    baseline_problem: str = ""
    """Why the baseline could not be read; empty where it could, or where there is none."""
    is_complete: bool = False
    """The run must be complete: nothing that is out of date may stay."""
