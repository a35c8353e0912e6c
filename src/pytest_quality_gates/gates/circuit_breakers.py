"""The gate `circuit-breakers`: every external call is behind a circuit breaker."""

from __future__ import annotations

from pytest_quality_gates.facts.call_site import CallSite, Kind
from pytest_quality_gates.facts.fact_set import FactSet
from pytest_quality_gates.gates.calls import JUDGED_KINDS, call_finding, call_text, chain_text, measure_calls
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "circuit-breakers"
NO_BREAKER = "no-breaker"

BREAKER_KINDS: frozenset[Kind] = JUDGED_KINDS - {"subprocess", "ssh", "socket", "dns"}
"""A breaker protects a service that many requests share; these kinds rarely reach one."""

BAD = """\
import requests


def rate(currency: str) -> float:
    return float(requests.get(f"https://rates.example/{currency}", timeout=5).text)
"""
GOOD = """\
import requests
from circuitbreaker import circuit


@circuit(failure_threshold=5, recovery_timeout=30, expected_exception=requests.RequestException)
def rate(currency: str) -> float:
    return float(requests.get(f"https://rates.example/{currency}", timeout=5).text)
"""


class CircuitBreakers:
    """External calls that stop being tried while the other side is down."""

    spec = GateSpec(
        slug=SLUG,
        title="Circuit breakers",
        unit="external calls",
        summary="Every external call is behind a circuit breaker.",
        needs=("source",),
        rules=(NO_BREAKER, SYNTAX_ERROR),
        threshold=Threshold("at_least_percent", 10_000),
        options=GateOptions(kinds=BREAKER_KINDS),
        rule_texts=(
            RuleText(
                rule=NO_BREAKER,
                means="No circuit breaker is around the call: no decorator, wrapper or context manager of a breaker "
                "library, here or in a caller.",
                why="While the other side is down, every request still waits for it until the timeout. Threads and "
                "connections fill up, and what was their outage becomes yours. A breaker answers at once instead, "
                "and lets the other side recover.",
                bad=BAD,
                good=GOOD,
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Count the calls behind a breaker; each other one is a finding."""
        return measure_calls(SLUG, facts, options, lambda site: site.breaker, _finding)


def _finding(site: CallSite) -> Finding:
    message = f"no circuit breaker is around {call_text(site)}{chain_text(site.explanation.breaker)}"
    return call_finding(SLUG, NO_BREAKER, site, message, _remedy(site))


def _remedy(site: CallSite) -> str:
    where = f"`{site.function}`" if site.function != "<module>" else "a function around the call"
    tool = (
        "`async with breaker:` (purgatory, aiobreaker)"
        if site.is_async
        else "`breaker.call(...)` (pybreaker)"
    )
    return f"decorate {where} with `@circuit(...)` (circuitbreaker), or make the call through {tool}"
