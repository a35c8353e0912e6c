"""The gate `observability`: every operation that can fail outside leaves a trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pytest_quality_gates.facts.call_site import CallSite
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import HandlerFact
from pytest_quality_gates.gates.calls import (
    JUDGED_KINDS,
    call_finding,
    call_text,
    judged_calls,
    symbol_of,
)
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT, unparsed, without, without_source
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "observability"
UNOBSERVED = "unobserved"
UNOBSERVED_HANDLER = "unobserved-handler"

BAD = """\
import requests


def notify(order: str) -> None:
    requests.post("https://mail.example/send", json={"order": order}, timeout=5)
"""
GOOD = """\
import logging

import requests

log = logging.getLogger(__name__)


def notify(order: str) -> None:
    answer = requests.post("https://mail.example/send", json={"order": order}, timeout=5)
    log.info("notified of %s: %s", order, answer.status_code)
"""
BAD_HANDLER = """\
import requests


def is_up() -> bool:
    try:
        requests.get("https://shop.example/health", timeout=2)
    except requests.RequestException:
        return False
    return True
"""
GOOD_HANDLER = """\
import logging

import requests

log = logging.getLogger(__name__)


def is_up() -> bool:
    try:
        requests.get("https://shop.example/health", timeout=2)
    except requests.RequestException as error:
        log.warning("the shop is down: %s", error)
        return False
    return True
"""


class Observability:
    """Operations that log, count or trace: functions with an external call, handlers that end its failure."""

    spec = GateSpec(
        slug=SLUG,
        title="Observability",
        unit="operations",
        summary="Every function with an external call, and every handler that ends its failure, logs, counts or traces.",
        needs=("source",),
        rules=(UNOBSERVED, UNOBSERVED_HANDLER, SYNTAX_ERROR),
        threshold=Threshold("at_least_percent", 10_000),
        options=GateOptions(kinds=JUDGED_KINDS),
        rule_texts=(
            RuleText(
                rule=UNOBSERVED,
                means="A function makes an external call, and neither it nor a direct caller logs, counts or traces.",
                why="When the other side is slow or wrong, nothing says that it was called, how it went and for whom. "
                "The search starts with adding logs to production.",
                bad=BAD,
                good=GOOD,
            ),
            RuleText(
                rule=UNOBSERVED_HANDLER,
                means="A handler ends the failure of an external call, and neither logs, counts, traces nor hands "
                "on what it caught.",
                why="The service goes on with a fallback, and nobody learns that it has been doing so for a week.",
                bad=BAD_HANDLER,
                good=GOOD_HANDLER,
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Count the observed operations; each other one is a finding."""
        source = facts.source
        if isinstance(source, Unavailable):
            return without(source)
        if (nothing := without_source(source)) is not None:
            return nothing
        judged = judged_calls(source, options)
        functions = _by_function(judged.sites)
        handlers = [
            handler for handler in source.handlers if handler.ends_failure and handler.guards_external
        ]
        findings = [
            *(_function_finding(sites) for sites in map(_unobserved, functions) if sites),
            *(_handler_finding(handler) for handler in handlers if not handler.observed),
        ]
        total = len(functions) + len(handlers)
        return Measured(
            measured=total - len(findings),
            total=total,
            findings=(
                *unparsed(SLUG, source),
                *sorted(findings, key=lambda finding: (finding.path, finding.line)),
            ),
            notes=judged.notes,
        )


def _by_function(sites: Iterable[CallSite]) -> list[list[CallSite]]:
    """The sites of each function that has any."""
    functions: defaultdict[tuple[str, str, int], list[CallSite]] = defaultdict(list)
    for site in sites:
        functions[site.path, site.function, site.function_line].append(site)
    return list(functions.values())


def _unobserved(sites: Iterable[CallSite]) -> list[CallSite]:
    return [site for site in sites if site.observed == "none"]


def _function_finding(sites: list[CallSite]) -> Finding:
    """The finding of a function, at the first call of it that leaves no trace."""
    first, *others = sites
    also = f" and {len(others)} more" if others else ""
    where = symbol_of(first.function)
    subject = f"`{where}` makes" if where else "the module makes"
    message = f"{subject} an external call, {call_text(first)}{also}, and no log, metric or span tells of it"
    remedy = "log the outcome of the call (`log.info`, in its handler `log.exception`), count it, or put a span around it"
    return call_finding(SLUG, UNOBSERVED, first, message, remedy)


def _handler_finding(handler: HandlerFact) -> Finding:
    return Finding(
        gate=SLUG,
        rule=UNOBSERVED_HANDLER,
        path=handler.path,
        line=handler.line,
        end_line=handler.end_line,
        symbol=symbol_of(handler.function),
        message=f"`{handler.text}` ends the failure of an external call, and no log, metric or span tells of it",
        remedy="log it (`log.warning` where the fallback is meant, else `log.exception`) or count it",
        text=handler.text,
    )
