"""The gates that ask one question of each call site."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.made_facts import MODULE, SITE, fact_set, source_facts

from pytest_quality_gates.facts.call_site import EXTERNAL_KINDS, CallSite, Explanation
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.gates.blocking import Blocking
from pytest_quality_gates.gates.circuit_breakers import CircuitBreakers
from pytest_quality_gates.gates.error_handling import ErrorHandling
from pytest_quality_gates.gates.observability import Observability
from pytest_quality_gates.gates.timeouts import Timeouts
from pytest_quality_gates.model.finding import SYNTAX_ERROR
from pytest_quality_gates.model.gate import Gate
from pytest_quality_gates.model.outcome import CouldNotRun, Measured, NotEvaluated

ALL = [ErrorHandling(), CircuitBreakers(), Timeouts(), Observability(), Blocking()]
RESILIENCE = ALL[:-1]
BAD = replace(
    SITE,
    handled="none",
    timeout="none",
    breaker=False,
    observed="none",
    blocks_loop=True,
    explanation=Explanation(
        handled=("escapes from main (shop/cli.py:3).",),
        timeout=("no argument gives one",),
        blocks_loop=("the coroutine serve (shop/api.py:30)", "calls fetch"),
    ),
)


def measure(gate: Gate, *sites: CallSite) -> Measured:
    """What the gate measures of these call sites with its default options."""
    outcome = gate.evaluate(fact_set(source_facts(*sites)), gate.spec.options)
    assert isinstance(outcome, Measured)
    return outcome


@pytest.mark.parametrize("gate", ALL, ids=lambda gate: gate.spec.slug)
class TestEach:
    """What is the same for all of them."""

    def test_counts_what_is_met(self, gate: Gate) -> None:
        """A protected call is met, an unprotected one in another function is a finding at its place."""
        found = measure(gate, SITE, replace(BAD, line=20, end_line=22, function="other", function_line=19))
        assert (1, 2) == (found.measured, found.total)
        (finding,) = found.findings
        assert (gate.spec.slug, "shop/api.py", 20, 22, "other") == (
            finding.gate,
            finding.path,
            finding.line,
            finding.end_line,
            finding.symbol,
        )
        assert finding.rule in gate.spec.rules
        assert "`self.session.get()` (requests.sessions.Session.get)" in finding.message
        assert finding.remedy

    def test_nothing_to_judge_is_said(self, gate: Gate) -> None:
        """No call at all is 0 of 0, with a note that says so."""
        found = measure(gate)
        assert (0, 0) == (found.measured, found.total)
        assert "nothing to judge: no such call was found" in found.notes

    def test_possible_calls_are_counted_beside(self, gate: Gate) -> None:
        """A call known by its name alone is not judged by default, and is told of."""
        unsure = replace(BAD, confidence="possible")
        found = measure(gate, SITE, unsure, unsure)
        assert (1, 1, ()) == (found.measured, found.total, found.findings)
        assert "2 calls of possible confidence left out" in found.notes

    def test_confidence_can_be_widened(self, gate: Gate) -> None:
        """Who wants possible calls judged has them judged."""
        options = replace(gate.spec.options, confidence=frozenset({"possible"}))
        outcome = gate.evaluate(fact_set(source_facts(replace(BAD, confidence="possible"))), options)
        assert isinstance(outcome, Measured)
        assert ["possible"] == [finding.confidence for finding in outcome.findings]

    def test_unparsed_file_is_a_finding(self, gate: Gate) -> None:
        """A file that cannot be parsed is a finding at the line of its error."""
        broken = replace(MODULE, path="shop/bad.py", role="unparsed", error="invalid syntax", error_line=7)
        outcome = gate.evaluate(fact_set(source_facts(SITE, modules=(MODULE, broken))), gate.spec.options)
        assert isinstance(outcome, Measured)
        (finding,) = outcome.findings
        assert (SYNTAX_ERROR, "shop/bad.py", 7) == (finding.rule, finding.path, finding.line)
        assert "invalid syntax" in finding.message

    def test_without_any_source(self, gate: Gate) -> None:
        """Where no file is judged there is nothing to say of the code."""
        test_only = source_facts(modules=(replace(MODULE, role="test"),))
        outcome = gate.evaluate(fact_set(test_only), gate.spec.options)
        assert isinstance(outcome, NotEvaluated)
        assert "no Python source was found" in outcome.reason

    @pytest.mark.parametrize(
        ("state", "expected"), [("not_evaluated", NotEvaluated("why")), ("could_not_run", CouldNotRun("why"))]
    )
    def test_without_evidence(self, gate: Gate, state: str, expected: NotEvaluated | CouldNotRun) -> None:
        """Missing evidence keeps its reason and its kind."""
        nothing = Unavailable("could_not_run" if state == "could_not_run" else "not_evaluated", "why")
        assert expected == gate.evaluate(fact_set(nothing), gate.spec.options)


@pytest.mark.parametrize("gate", RESILIENCE, ids=lambda gate: gate.spec.slug)
def test_orm_is_left_out(gate: Gate) -> None:
    """Calls of an ORM are not judged by default; they are counted in a note."""
    found = measure(gate, replace(BAD, kind="orm"))
    assert (0, 0, ()) == (found.measured, found.total, found.findings)
    assert "1 call of kind orm left out" in found.notes


def test_breakers_leave_out_what_no_service_shares() -> None:
    """Subprocesses, ssh, sockets and names are not asked for a breaker."""
    kinds = CircuitBreakers().spec.options.kinds
    assert EXTERNAL_KINDS - {"orm", "subprocess", "ssh", "socket", "dns"} == kinds


def test_blocking_judges_sleep_orm_and_input_but_no_file() -> None:
    """Whatever waits counts for the loop, except files unless asked for, and what is awaited."""
    gate = Blocking()
    sites = [
        replace(BAD, kind=kind, line=line) for line, kind in enumerate(("sleep", "orm", "input", "file"))
    ]
    awaited = replace(SITE, is_async=True)
    assert (0, 3) == (measure(gate, *sites, awaited).measured, measure(gate, *sites, awaited).total)
    options = replace(gate.spec.options, kinds=gate.spec.allowed_kinds)
    outcome = gate.evaluate(fact_set(source_facts(*sites)), options)
    assert isinstance(outcome, Measured)
    assert 4 == outcome.total


def test_chain_of_reasons_is_in_the_message() -> None:
    """The finding says on which way the failure escapes, and which coroutine waits."""
    (unguarded,) = measure(ErrorHandling(), BAD).findings
    assert unguarded.message.endswith(": escapes from main (shop/cli.py:3)")
    (blocks,) = measure(Blocking(), BAD).findings
    assert blocks.message.endswith("blocks the event loop: the coroutine serve (shop/api.py:30); calls fetch")


@pytest.mark.parametrize(
    ("gate", "site", "expected"),
    [
        (Timeouts(), BAD, "pass `timeout=10` to the call"),
        (
            Timeouts(),
            replace(BAD, callee="aiohttp.ClientSession.get", is_async=True),
            (
                "pass `timeout=aiohttp.ClientTimeout(total=10)` to the session or the call, or wrap it in "
                "`async with asyncio.timeout(10):`"
            ),
        ),
        (Timeouts(), replace(BAD, callee="ours.Client.get"), "give the call or its client a timeout"),
        (
            Blocking(),
            replace(BAD, callee="time.sleep", kind="sleep"),
            "use `await asyncio.sleep(...)`, or run the synchronous caller with `await asyncio.to_thread(...)`",
        ),
        (Blocking(), BAD, "use `httpx.AsyncClient`, or run it with `await asyncio.to_thread(...)`"),
        (Blocking(), replace(BAD, callee="ours.get"), "run it with `await asyncio.to_thread(...)`"),
        (
            ErrorHandling(),
            replace(BAD, callee="ours.get"),
            "catch its failures here, in every caller or in the framework's exception handler, and act on the failure",
        ),
        (
            CircuitBreakers(),
            replace(BAD, function="<module>", is_async=True),
            (
                "decorate a function around the call with `@circuit(...)` (circuitbreaker), or make the call through "
                "`async with breaker:` (purgatory, aiobreaker)"
            ),
        ),
    ],
)
def test_remedy_fits_the_library(gate: Gate, site: CallSite, expected: str) -> None:
    """The remedy is the change for the library that is called."""
    (finding,) = measure(gate, site).findings
    assert expected == finding.remedy


def test_long_callee_is_shortened() -> None:
    """A callee that fills the line keeps its end, where the method is."""
    (finding,) = measure(Timeouts(), replace(BAD, text="a.b\n" * 40 + "get", callee="x.get")).findings
    assert "`..." in finding.message
    assert ".b get()`" in finding.message
