"""`quality-gates explain RULE`: what a rule means, and why."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from pytest_quality_gates import wiring
from pytest_quality_gates.cli.failure import told_plainly
from pytest_quality_gates.config.nearest import nearest
from pytest_quality_gates.model.gate import Gate
from pytest_quality_gates.model.rule import RuleText

WIDTH = 88


@click.command()
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Say what a finding of RULE means, why it matters and what to do; without RULE, list all of them.

    The slug of a gate explains the gate with all its rules.
    """
    with told_plainly():
        known = wiring.extensions()
        texts = wiring.rule_texts(known)
    gates = {gate.spec.slug: gate for gate in known.gates}
    if rule is None:
        click.echo("\n".join(_all(texts)))
    elif rule in texts:
        click.echo("\n".join(_rule(*texts[rule])))
    elif rule in gates:
        click.echo("\n".join(_gate(gates[rule])))
    else:
        raise click.UsageError(f"there is no rule or gate `{rule}`{nearest(rule, (*texts, *gates))}")


def _all(texts: dict[str, tuple[RuleText, tuple[Gate, ...]]]) -> Iterator[str]:
    widest = max(map(len, texts), default=0)
    for rule, (_, gates) in sorted(texts.items()):
        yield f"{rule:<{widest}}  {', '.join(gate.spec.slug for gate in gates)}"


def _gate(gate: Gate) -> Iterator[str]:
    yield f"{gate.spec.slug}: {gate.spec.summary}"
    for text in gate.spec.rule_texts:
        yield ""
        yield from _rule(text, (gate,))


def _rule(text: RuleText, gates: tuple[Gate, ...]) -> Iterator[str]:
    yield f"{text.rule} ({', '.join(gate.spec.slug for gate in gates)})"
    yield ""
    yield from textwrap.wrap(text.means, WIDTH)
    yield ""
    yield from textwrap.wrap(text.why, WIDTH)
    for title, source in (("bad", text.bad), ("good", text.good)):
        yield f"\n{title}:\n"
        yield textwrap.indent(source.rstrip(), "    ")
