"""All the evidence of a run, side by side."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pytest_quality_gates.facts.acceptance import Acceptance
from pytest_quality_gates.facts.change import Change
from pytest_quality_gates.facts.coverage import CoverageFacts
from pytest_quality_gates.facts.loosening import Loosenings
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.test_run import RunFacts
from pytest_quality_gates.facts.type_check import TypeFacts


class Unavailable(Struct, frozen=True, tag=True):
    """Why there is no such evidence in this run."""

    state: Literal["not_evaluated", "could_not_run"]
    """`not_evaluated`: the run does not allow it (partial). `could_not_run`: a tool is missing or crashed."""
    reason: str


class FactSet(Struct, frozen=True, kw_only=True):
    """What the gates read."""

    source: SourceFacts | Unavailable
    coverage: CoverageFacts | Unavailable
    types: TypeFacts | Unavailable
    tests: RunFacts | Unavailable = Unavailable("not_evaluated", "no test was run")
    change: Change | None = None
    """What changed, where only that is judged."""
    recent: Change | Unavailable | None = None
    """What changed, where more is asked of that than of the rest; None where there is nothing to compare with."""
    loosenings: Loosenings | Unavailable = Loosenings(base="")
    """What is less strict than in the base."""
    acceptance: Acceptance = Acceptance()
    """What the project accepts of what the gates found; filled in for the gates that need it."""
