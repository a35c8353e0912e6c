"""Which call sites a resilience gate judges, and how it words them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from msgspec import Struct

from pytest_quality_gates.facts.call_site import EXTERNAL_KINDS, CallSite, Kind
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.gates.unread import unparsed, without, without_source
from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.gate import GateOptions
from pytest_quality_gates.model.outcome import Measured, Outcome

JUDGED_KINDS: frozenset[Kind] = EXTERNAL_KINDS - {"orm"}
"""What the resilience gates judge by default: frameworks handle the ORM, a finding a query would drown the rest."""

LONGEST_TEXT = 60


class JudgedCalls(Struct, frozen=True):
    """The call sites that count for a gate, and what was left out."""

    sites: tuple[CallSite, ...]
    notes: tuple[str, ...]


def judged_calls(
    source: SourceFacts, options: GateOptions, counts: Callable[[CallSite], bool] = lambda _: True
) -> JudgedCalls:
    """The call sites of the wanted kinds that are known surely enough; the others are counted in notes.

    Args:
        source: The source facts.
        options: Whose `kinds` and `confidence` choose; no `kinds` chooses every external call.
        counts: Which call sites can count at all; the others are not even mentioned.
    """
    kinds = EXTERNAL_KINDS if options.kinds is None else options.kinds
    candidates = [site for site in source.call_sites if counts(site)]
    wanted = [site for site in candidates if site.kind in kinds]
    sites = tuple(site for site in wanted if site.confidence in options.confidence)
    unsure = Counter(site.confidence for site in wanted if site.confidence not in options.confidence)
    other = Counter(site.kind for site in candidates if site.is_external and site.kind not in kinds)
    notes = [_left_out(count, f"of {sureness} confidence") for sureness, count in sorted(unsure.items())]
    notes += [_left_out(count, f"of kind {kind}") for kind, count in sorted(other.items())]
    if not sites:
        notes.insert(0, "nothing to judge: no such call was found")
    return JudgedCalls(sites, tuple(notes))


def _left_out(count: int, which: str) -> str:
    return f"{count} call{'' if count == 1 else 's'} {which} left out"


def call_text(site: CallSite) -> str:
    """The call as a reader finds it, with its canonical name where that says more: `self.s.get()` (requests...)."""
    text = " ".join(site.text.split()) or site.callee
    if len(text) > LONGEST_TEXT:
        text = f"...{text[-LONGEST_TEXT:]}"
    shown = f"`{text}()`"
    return shown if text == site.callee else f"{shown} ({site.callee})"


def chain_text(sentences: Iterable[str]) -> str:
    """The explanation's sentences as one clause that can follow a message; empty where there are none."""
    joined = "; ".join(sentence.rstrip(".") for sentence in sentences)
    return f": {joined}" if joined else ""


def call_finding(gate: str, rule: str, site: CallSite, message: str, remedy: str) -> Finding:
    """A finding at a call site."""
    return Finding(
        gate=gate,
        rule=rule,
        path=site.path,
        line=site.line,
        end_line=site.end_line,
        symbol=symbol_of(site.function),
        message=message,
        remedy=remedy,
        text=site.text or site.callee,
        column=site.column,
        end_column=site.end_column,
        confidence=site.confidence,
    )


def symbol_of(function: str) -> str:
    """The function's qualified name; empty at the top level of a module."""
    return "" if function == "<module>" else function


def measure_calls(
    gate: str,
    facts: FactSet,
    options: GateOptions,
    is_met: Callable[[CallSite], bool],
    finding: Callable[[CallSite], Finding],
    counts: Callable[[CallSite], bool] = lambda _: True,
) -> Outcome:
    """The outcome of a gate that asks one question of each judged call site.

    Args:
        gate: Slug of the gate.
        facts: The evidence.
        options: Which call sites are judged.
        is_met: The question.
        finding: What to say of a call site where the answer is no.
        counts: Which call sites the question is asked of at all.
    """
    source = facts.source
    if isinstance(source, Unavailable):
        return without(source)
    if (nothing := without_source(source)) is not None:
        return nothing
    judged = judged_calls(source, options, counts)
    flawed = [site for site in judged.sites if not is_met(site)]
    return Measured(
        measured=len(judged.sites) - len(flawed),
        total=len(judged.sites),
        findings=(*unparsed(gate, source), *map(finding, flawed)),
        notes=judged.notes,
    )
