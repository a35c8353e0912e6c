"""The gate `assertions`: every test that ran checked something."""

from __future__ import annotations

from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.test_run import FIRST_PYTHON, PassedTest
from pytest_quality_gates.gates.unread import without
from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, NotEvaluated, Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "assertions"
CHECKS_NOTHING = "checks-nothing"
HIDDEN_FAILURE = "hidden-failure"

CHECK = "assert what the code must have done; where not failing is the point, assert that, or suppress with the reason"
REPORT = "let it fail: see which hook of a conftest file or plugin changes the outcome; a known failure is `xfail` with its reason"


class Assertions:
    """Tests that passed and checked nothing, or passed though they failed."""

    spec = GateSpec(
        slug=SLUG,
        title="Assertions",
        unit="tests",
        summary="Every test that ran checked something.",
        needs=("tests",),
        rules=(CHECKS_NOTHING, HIDDEN_FAILURE),
        threshold=Threshold("at_most", 0),
        first_python=FIRST_PYTHON,
        rule_texts=(
            RuleText(
                rule=CHECKS_NOTHING,
                means="A test passed, and neither it nor a helper or fixture of it executed an assertion.",
                why="It covers lines and can hardly fail: whatever they compute, it is green.",
                bad="def test_fee() -> None:\n    fee(10)\n",
                good="def test_fee() -> None:\n    assert fee(10) == 5\n",
            ),
            RuleText(
                rule=HIDDEN_FAILURE,
                means="A test failed, and something made it pass (or be skipped): a hook, or what runs in place of the test.",
                why="The suite is green whatever the code does, and nobody who reads the test can see it.",
                bad="import pytest\n\n\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport():\n    report = yield\n"
                '    report.outcome = "passed"\n    return report\n',
                good='import pytest\n\n\n@pytest.mark.xfail(strict=True, reason="issue 7")\ndef test_fee() -> None:\n    assert fee(10) == 5\n',
            ),
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:  # noqa: ARG002 - it has no options of its own
        """Count the tests that checked something; each other one is a finding."""
        if isinstance(facts.tests, Unavailable):
            return without(facts.tests)
        if facts.tests.unseen:
            return NotEvaluated(facts.tests.unseen)
        tests = facts.tests.tests
        flawed = sorted(
            (test for test in tests if test.hidden or not test.checked),
            key=lambda test: (test.path, test.line, test.node_id),
        )
        return Measured(
            measured=len(tests) - len(flawed),
            total=len(tests),
            findings=tuple(map(_finding, flawed)),
            notes=() if tests else ("nothing to judge: no test passed",),
        )


def _finding(test: PassedTest) -> Finding:
    name = test.node_id.partition("::")[2]
    message, remedy = f"`{name}` passed and checked nothing", CHECK
    if test.hidden:
        message, remedy = f"`{name}` failed ({test.hidden}), and something made it pass", REPORT
    return Finding(
        gate=SLUG,
        rule=HIDDEN_FAILURE if test.hidden else CHECKS_NOTHING,
        path=test.path,
        line=test.line,
        end_line=test.line,
        symbol=name.replace("::", "."),
        message=message,
        remedy=remedy,
        text=name,
    )
