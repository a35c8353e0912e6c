"""Tests that check nothing."""

from __future__ import annotations

from msgspec.structs import replace
from tests.made_facts import fact_set

from pytest_quality_gates.facts.test_run import PassedTest, RunFacts
from pytest_quality_gates.gates.assertions import Assertions
from pytest_quality_gates.model.outcome import Measured, NotEvaluated

GATE = Assertions()


def outcome(facts: RunFacts) -> Measured:
    """What the gate measures."""
    found = GATE.evaluate(replace(fact_set(), tests=facts), GATE.spec.options)
    assert isinstance(found, Measured)
    return found


def test_each_idle_test_is_a_finding() -> None:
    """A test that checked nothing is named with its place."""
    tests = (
        PassedTest("t/a.py::TestX::test_a[1]", "t/a.py", 7, checked=False),
        PassedTest("t/a.py::test_b", "t/a.py", 9, checked=True),
    )
    found = outcome(RunFacts(tests))
    assert (1, 2) == (found.measured, found.total)
    (finding,) = found.findings
    assert ("t/a.py", 7, "TestX.test_a[1]") == (finding.path, finding.line, finding.symbol)


def test_findings_stand_in_the_order_of_the_file() -> None:
    """By path and line, not by the names of the tests."""
    tests = tuple(
        PassedTest(f"t/{file}.py::test_{name}", f"t/{file}.py", line, checked=False)
        for file, name, line in (("b", "a", 1), ("a", "a", 9), ("a", "b", 2))
    )
    assert [("t/a.py", 2), ("t/a.py", 9), ("t/b.py", 1)] == [
        (finding.path, finding.line) for finding in outcome(RunFacts(tests)).findings
    ]


def test_failure_that_something_hides() -> None:
    """A test that failed and passed all the same is one, with how it failed."""
    tests = (PassedTest("t/a.py::test_a", "t/a.py", 7, checked=True, hidden="KeyError: 'x'"),)
    (finding,) = outcome(RunFacts(tests)).findings
    assert ("hidden-failure", "`test_a` failed (KeyError: 'x'), and something made it pass") == (
        finding.rule,
        finding.message,
    )


def test_nothing_to_judge() -> None:
    """Without a test that passed that is said; without a run it is not evaluated."""
    assert ("nothing to judge: no test passed",) == outcome(RunFacts(())).notes
    assert isinstance(GATE.evaluate(fact_set(), GATE.spec.options), NotEvaluated)


def test_what_could_not_be_seen() -> None:
    """Where a part of the tests could not be watched, the gate is not evaluated, whatever was seen of the others."""
    facts = RunFacts((PassedTest("t/a.py::test_a", "t/a.py", 7, checked=True),), "too old")
    found = GATE.evaluate(replace(fact_set(), tests=facts), GATE.spec.options)
    assert NotEvaluated("too old") == found
