"""Operations that leave a trace, and those that do not."""

from __future__ import annotations

from msgspec.structs import replace
from tests.made_facts import HANDLER, SITE, fact_set, source_facts

from pytest_quality_gates.gates.observability import Observability
from pytest_quality_gates.model.outcome import Measured

GATE = Observability()
SILENT = replace(SITE, observed="none")


def test_function_counts_once() -> None:
    """A function with several calls is one operation, and one finding at its first call without a trace."""
    sites = (SITE, replace(SILENT, line=20), replace(SILENT, line=30))
    outcome = GATE.evaluate(fact_set(source_facts(*sites)), GATE.spec.options)
    assert isinstance(outcome, Measured)
    assert (0, 1, 1) == (outcome.measured, outcome.total, len(outcome.findings))
    assert 20 == outcome.findings[0].line
    assert " and 1 more" in outcome.findings[0].message


def test_observed_by_a_caller_is_observed() -> None:
    """A direct caller that logs is enough."""
    outcome = GATE.evaluate(fact_set(source_facts(replace(SITE, observed="caller"))), GATE.spec.options)
    assert isinstance(outcome, Measured)
    assert (1, 1) == (outcome.measured, outcome.total)


def test_top_level_call_is_the_modules() -> None:
    """A call outside of any function is the module's operation."""
    outcome = GATE.evaluate(fact_set(source_facts(replace(SILENT, function="<module>"))), GATE.spec.options)
    assert isinstance(outcome, Measured)
    (finding,) = outcome.findings
    assert ("", True) == (finding.symbol, finding.message.startswith("the module makes an external call"))


def test_handlers_that_end_a_failure_count() -> None:
    """A handler counts where it ends the failure of an external call; a silent one is a finding."""
    handlers = (
        HANDLER,
        replace(HANDLER, line=20, observed=False),
        replace(HANDLER, line=30, observed=False, ends_failure=False),
        replace(HANDLER, line=40, observed=False, guards_external=False),
    )
    outcome = GATE.evaluate(fact_set(source_facts(handlers=handlers)), GATE.spec.options)
    assert isinstance(outcome, Measured)
    assert (1, 2) == (outcome.measured, outcome.total)
    assert [("unobserved-handler", 20)] == [(finding.rule, finding.line) for finding in outcome.findings]
