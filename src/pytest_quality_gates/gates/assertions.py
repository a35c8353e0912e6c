"""The gate `assertions`: every test that ran checked something."""

from __future__ import annotations

from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.test_run import PassedTest
from pytest_quality_gates.gates.unread import without
from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "assertions"
CHECKS_NOTHING = "checks-nothing"


class Assertions:
    """Tests that passed and checked nothing."""

    spec = GateSpec(
        slug=SLUG,
        title="Assertions",
        unit="tests",
        summary="Every test that ran checked something.",
        needs=("tests",),
        rules=(CHECKS_NOTHING,),
        threshold=Threshold("at_most", 0),
        rule_texts=(
            RuleText(
                rule=CHECKS_NOTHING,
                means="A test passed, and neither it nor a helper or fixture of it executed an assertion.",
                why="It covers lines and can hardly fail: whatever they compute, it is green.",
                bad="def test_fee() -> None:\n    fee(10)\n",
                good="def test_fee() -> None:\n    assert fee(10) == 5\n",
            ),
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:  # noqa: ARG002 - it has no options of its own
        """Count the tests that checked something; each other one is a finding."""
        if isinstance(facts.tests, Unavailable):
            return without(facts.tests)
        tests = facts.tests.tests
        idle = [test for test in tests if not test.checked]
        return Measured(
            measured=len(tests) - len(idle),
            total=len(tests),
            findings=tuple(map(_finding, idle)),
            notes=() if tests else (f"nothing to judge: {facts.tests.unseen or 'no test passed'}",),
        )


def _finding(test: PassedTest) -> Finding:
    name = test.node_id.partition("::")[2]
    return Finding(
        gate=SLUG,
        rule=CHECKS_NOTHING,
        path=test.path,
        line=test.line,
        end_line=test.line,
        symbol=name.replace("::", "."),
        message=f"`{name}` passed and checked nothing",
        remedy="assert what the code must have done; where not failing is the point, assert that, or suppress with the reason",
        text=name,
    )
