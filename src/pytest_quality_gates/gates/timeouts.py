"""The gate `timeouts`: every external call ends in bounded time."""

from __future__ import annotations

from pytest_quality_gates.facts.call_site import CallSite
from pytest_quality_gates.facts.fact_set import FactSet
from pytest_quality_gates.gates.advice import timeout_remedy
from pytest_quality_gates.gates.calls import JUDGED_KINDS, call_finding, call_text, chain_text, measure_calls
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "timeouts"
NO_TIMEOUT = "no-timeout"

BAD = """\
import requests


def stock(sku: str) -> int:
    return int(requests.get(f"https://stock.example/{sku}").text)
"""
GOOD = """\
import requests


def stock(sku: str) -> int:
    return int(requests.get(f"https://stock.example/{sku}", timeout=10).text)
"""


class Timeouts:
    """External calls that end, one way or the other, in bounded time."""

    spec = GateSpec(
        slug=SLUG,
        title="Timeouts",
        unit="external calls",
        summary="Every external call ends in bounded time.",
        needs=("source",),
        rules=(NO_TIMEOUT, SYNTAX_ERROR),
        threshold=Threshold("at_least_percent", 10_000),
        options=GateOptions(kinds=JUDGED_KINDS),
        rule_texts=(
            RuleText(
                rule=NO_TIMEOUT,
                means="Nothing bounds how long the call may take: no argument of it, no setting of its client or "
                "session, no timeout scope around it, no default of the library. `None` is no timeout, and a timeout "
                "for connecting alone is none for reading.",
                why="A peer that accepts the connection and never answers holds the caller for ever. A few such "
                "calls are enough to use up every worker, and nothing is logged because nothing fails.",
                bad=BAD,
                good=GOOD,
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Count the calls with a timeout; each other one is a finding."""
        return measure_calls(SLUG, facts, options, lambda site: site.timeout != "none", _finding)


def _finding(site: CallSite) -> Finding:
    message = f"{call_text(site)} can wait for ever{chain_text(site.explanation.timeout)}"
    return call_finding(SLUG, NO_TIMEOUT, site, message, timeout_remedy(site))
