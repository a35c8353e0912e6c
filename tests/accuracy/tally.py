"""Counts, and the two ratios that are made of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.accuracy.rows import FIELDS, Answers, Value

FINDINGS: dict[str, tuple[str, Value]] = {
    "unguarded": ("handled", "none"),
    "no-timeout": ("timeout", "none"),
    "unobserved": ("observed", "none"),
    "no-breaker": ("breaker", False),
    "blocks-loop": ("blocks_loop", True),
}
"""By the name of a finding, the field and the answer that make a call one."""


def falls_short(name: str, call: Answers) -> bool:
    """Whether a call is a finding of that name."""
    field_name, answer = FINDINGS[name]
    return call.value(field_name) == answer


@dataclass
class Tally:
    """What was found and what is there."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """How much of what was said is so; None where nothing was said."""
        return _ratio(self.right, self.right + self.false)

    @property
    def recall(self) -> float | None:
        """How much of what is so was said; None where nothing is so."""
        return _ratio(self.right, self.right + self.missed)

    def count(self, *, said: bool, so: bool) -> None:
        """Count one place."""
        self.right += said and so
        self.false += said and not so
        self.missed += so and not said


@dataclass
class Agreement:
    """How often an analyser's answer is the reader's."""

    same: int = 0
    of: int = 0
    differing: Counter[tuple[Value, Value]] = field(default_factory=Counter)
    """By the reader's answer and the analyser's, how often they were said of one call."""

    @property
    def ratio(self) -> float | None:
        """Equal answers out of all; None where nothing was compared."""
        return _ratio(self.same, self.of)

    def count(self, labelled: Value, said: Value) -> None:
        """Compare two answers."""
        self.of += 1
        if labelled == said:
            self.same += 1
        else:
            self.differing[labelled, said] += 1


@dataclass
class Score:
    """The whole comparison."""

    call_sites: Tally = field(default_factory=Tally)
    fields: dict[str, Agreement] = field(default_factory=lambda: {name: Agreement() for name in FIELDS})
    findings: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in FINDINGS})
    disagreements: list[str] = field(default_factory=list)
    """One line for each, as `what source path:line callee`."""


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
