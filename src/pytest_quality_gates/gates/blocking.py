"""The gate `blocking`: no blocking call runs on an event loop."""

from __future__ import annotations

from pytest_quality_gates.facts.call_site import EXTERNAL_KINDS, CallSite, Kind
from pytest_quality_gates.facts.fact_set import FactSet
from pytest_quality_gates.gates.advice import offload_remedy
from pytest_quality_gates.gates.calls import call_finding, call_text, chain_text, measure_calls
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "blocking"
BLOCKS_LOOP = "blocks-loop"

BLOCKING_KINDS: frozenset[Kind] = EXTERNAL_KINDS | {"sleep", "input"}
"""Files are left out by default: most reads of a local file end sooner than the hop to a thread takes."""

BAD = """\
import time


def settle() -> None:
    time.sleep(2)


async def checkout() -> None:
    settle()
"""
GOOD = """\
import asyncio


async def settle() -> None:
    await asyncio.sleep(2)


async def checkout() -> None:
    await settle()
"""


class Blocking:
    """Blocking calls that run on an event loop, in a coroutine or through the synchronous helpers it calls."""

    spec = GateSpec(
        slug=SLUG,
        title="Blocking calls",
        unit="blocking calls",
        summary="No blocking call (sleep, synchronous I/O, input) runs on an event loop.",
        needs=("source",),
        rules=(BLOCKS_LOOP, SYNTAX_ERROR),
        threshold=Threshold("at_most", 0),
        options=GateOptions(kinds=BLOCKING_KINDS),
        allowed_kinds=BLOCKING_KINDS | {"file"},
        rule_texts=(
            RuleText(
                rule=BLOCKS_LOOP,
                means="A synchronous call that waits runs on an event loop: in a coroutine, or in a function that a "
                "coroutine calls without handing it to a thread.",
                why="While it waits, the loop serves nobody: every other request, timer and health check of the "
                "process stands still for as long.",
                bad=BAD,
                good=GOOD,
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Of the calls that could block, count those that do not; each other one is a finding."""
        return measure_calls(
            SLUG,
            facts,
            options,
            lambda site: not site.blocks_loop,
            _finding,
            counts=lambda site: not site.is_async,
        )


def _finding(site: CallSite) -> Finding:
    message = f"{call_text(site)} blocks the event loop{chain_text(site.explanation.blocks_loop)}"
    return call_finding(SLUG, BLOCKS_LOOP, site, message, offload_remedy(site))
