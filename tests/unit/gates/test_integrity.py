"""What the gate on looser checks says of its base."""

from __future__ import annotations

from msgspec.structs import replace
from tests.made_facts import fact_set, source_facts

from pytest_quality_gates.facts.change import Change
from pytest_quality_gates.facts.loosening import Loosenings
from pytest_quality_gates.gates.integrity import Integrity
from pytest_quality_gates.model.outcome import Measured

GATE = Integrity()


def notes(loosenings: Loosenings) -> tuple[str, ...]:
    """What is told beside the figures."""
    outcome = GATE.evaluate(replace(fact_set(source_facts()), loosenings=loosenings), GATE.spec.options)
    assert isinstance(outcome, Measured)
    return outcome.notes


def test_what_was_compared_with() -> None:
    """The branch, or the state kept on this machine, which is less; where there is neither, that is said."""
    change = Change(ref="origin/main", base="1234abc", files=())
    assert ("compared with origin/main",) == notes(Loosenings(base="1234abc", change=change, compared=3))
    (none, nothing) = notes(Loosenings(base=""))
    assert none.startswith("no base to compare with")
    assert nothing.startswith("nothing to judge")
