"""A gate: a measure, a comparison and a threshold, over facts."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

from pytest_quality_gates.facts.call_site import EXTERNAL_KINDS, Confidence, Kind
from pytest_quality_gates.model.rule import RuleText

if TYPE_CHECKING:
    from pytest_quality_gates.facts.fact_set import FactSet
    from pytest_quality_gates.model.outcome import Outcome

Need = Literal["source", "coverage", "types", "tests", "acceptance"]
"""The evidence a gate reads, by its field in `FactSet`. Who needs `acceptance` is evaluated after the others."""


class Level(StrEnum):
    """What a gate does with its verdict."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


class Threshold(Struct, frozen=True):
    """What must be reached: at least so many per cent of the total, or at most so many findings.

    A percentage is kept in hundredths (8000 is 80 %), so that every comparison is one of integers.
    """

    comparison: Literal["at_least_percent", "at_most"]
    value: int


class GateOptions(Struct, frozen=True, kw_only=True):
    """What a gate may be told, whatever it measures. A gate that takes more subclasses it."""

    kinds: frozenset[Kind] | None = None
    """The kinds of external call that are judged; None where the gate judges no calls."""
    confidence: frozenset[Confidence] = frozenset({"certain", "likely"})
    """How sure a fact must be to be judged."""


class GateSpec(Struct, frozen=True, kw_only=True):
    """What is fixed about a gate: its name, its words, what it needs and its defaults."""

    slug: str
    title: str
    """For the table: `Error handling`."""
    unit: str
    """What is counted, plural: `external calls`."""
    summary: str
    """One sentence: what the gate asks."""
    needs: tuple[Need, ...]
    rules: tuple[str, ...]
    """Every rule its findings can carry."""
    threshold: Threshold
    level: Level = Level.ENFORCE
    options: GateOptions = GateOptions()
    allowed_kinds: frozenset[Kind] = EXTERNAL_KINDS
    """What a user may write in `kinds`, where the gate has that option."""
    is_average: bool = False
    """Its findings are the gaps of one average: where the threshold is met, there are none."""
    first_python: tuple[int, int] = (3, 11)
    """Where it can be measured at all; before that it only reports, unless the user has it otherwise."""
    rule_texts: tuple[RuleText, ...] = ()
    """What `quality-gates explain` prints, one a rule."""


class Gate(Protocol):
    """Facts in, outcome out: pure, no I/O, no printing."""

    @property
    def spec(self) -> GateSpec:
        """What is fixed about the gate."""

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Measure `facts`; the threshold is not this function's business."""
