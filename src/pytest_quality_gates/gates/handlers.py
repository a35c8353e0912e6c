"""The gate `handlers`: no handler loses a failure."""

from __future__ import annotations

from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import HandlerFact, HandlerFlaw
from pytest_quality_gates.gates.calls import symbol_of
from pytest_quality_gates.gates.handler_rules import HANDLER_RULES
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT, unparsed, without, without_source
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, Outcome

SLUG = "handlers"


class Handlers:
    """Handlers that keep the failure they catch: seen, passed on or answered."""

    spec = GateSpec(
        slug=SLUG,
        title="Handlers",
        unit="handlers",
        summary="No handler loses a failure: none is bare, empty, blind and silent, cuts the cause off or tells a client.",
        needs=("source",),
        rules=(*HANDLER_RULES, SYNTAX_ERROR),
        threshold=Threshold("at_most", 0),
        rule_texts=(*(rule.text for rule in HANDLER_RULES.values()), SYNTAX_ERROR_TEXT),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:  # noqa: ARG002 - it has no options of its own
        """Count the handlers without a flaw; each flaw of another one is a finding."""
        source = facts.source
        if isinstance(source, Unavailable):
            return without(source)
        if (nothing := without_source(source)) is not None:
            return nothing
        findings = [_finding(handler, flaw) for handler in source.handlers for flaw in handler.flaws]
        return Measured(
            measured=sum(not handler.flaws for handler in source.handlers),
            total=len(source.handlers),
            findings=(*unparsed(SLUG, source), *findings),
            notes=() if source.handlers else ("nothing to judge: no handler was found",),
        )


def _finding(handler: HandlerFact, flaw: HandlerFlaw) -> Finding:
    rule = HANDLER_RULES[flaw]
    return Finding(
        gate=SLUG,
        rule=flaw,
        path=handler.path,
        line=handler.line,
        end_line=handler.end_line,
        symbol=symbol_of(handler.function),
        message=f"`{handler.text}` {rule.message}",
        remedy=rule.remedy,
        text=handler.text,
    )
