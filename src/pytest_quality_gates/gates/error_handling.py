"""The gate `error-handling`: every external call has a guard."""

from __future__ import annotations

from pytest_quality_gates.facts.call_site import CallSite
from pytest_quality_gates.facts.fact_set import FactSet
from pytest_quality_gates.gates.advice import guard_remedy
from pytest_quality_gates.gates.calls import JUDGED_KINDS, call_finding, call_text, chain_text, measure_calls
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "error-handling"
UNGUARDED = "unguarded"

BAD = """\
import requests


def price(sku: str) -> float:
    answer = requests.get(f"https://shop.example/{sku}", timeout=5)
    return float(answer.json()["price"])
"""
GOOD = """\
import logging

import requests

log = logging.getLogger(__name__)


def price(sku: str) -> float | None:
    try:
        answer = requests.get(f"https://shop.example/{sku}", timeout=5)
    except requests.RequestException:
        log.exception("no price for %s", sku)
        return None
    return float(answer.json()["price"])
"""


class ErrorHandling:
    """External calls whose failure something catches: here, in every caller, or in the framework."""

    spec = GateSpec(
        slug=SLUG,
        title="Error handling",
        unit="external calls",
        summary="Every external call has a guard: something catches its failure.",
        needs=("source",),
        rules=(UNGUARDED, SYNTAX_ERROR),
        threshold=Threshold("at_least_percent", 10_000),
        options=GateOptions(kinds=JUDGED_KINDS),
        rule_texts=(
            RuleText(
                rule=UNGUARDED,
                means="An external call can fail, and on at least one way from an entry point nothing catches that "
                "failure. A handler counts only if its exception type matches what the library raises; one that "
                "only re-raises does not.",
                why="The other side will be down one day. Unguarded, its failure becomes yours: a traceback instead "
                "of an answer, a task that dies, work that is left half done.",
                bad=BAD,
                good=GOOD,
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Count the guarded calls; each other one is a finding."""
        return measure_calls(SLUG, facts, options, lambda site: site.handled != "none", _finding)


def _finding(site: CallSite) -> Finding:
    message = f"nothing catches a failure of {call_text(site)}{chain_text(site.explanation.handled)}"
    return call_finding(SLUG, UNGUARDED, site, message, guard_remedy(site))
