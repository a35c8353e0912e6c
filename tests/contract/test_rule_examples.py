"""What `quality-gates explain` shows is true: the bad example has the finding, the good one has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates import wiring
from pytest_quality_gates.config.settings import Overrides
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.model.finding import SYNTAX_ERROR
from pytest_quality_gates.model.gate import Gate
from pytest_quality_gates.model.rule import RuleText

NOTHING = Unavailable("not_evaluated", "not asked for")
CASES = [
    (gate, text)
    for gate in wiring.extensions().gates
    if gate.spec.needs == ("source",)
    for text in gate.spec.rule_texts
]


def rules(gate: Gate, source: str, root: Path) -> set[str]:
    """The rules of the gate's findings in a module with this text."""
    (root / "example.py").write_text(source, encoding="utf-8")
    settings = wiring.configure(root, Overrides())
    evidence = wiring.gather_static(root, settings, with_types=False)
    facts = FactSet(source=evidence.source, coverage=NOTHING, types=NOTHING)
    report = wiring.judge(root, settings, facts, known=wiring.Extensions((gate,), ()))
    return {finding.rule for finding in report.gates[0].findings}


@pytest.mark.parametrize(
    ("gate", "text"), CASES, ids=[f"{gate.spec.slug}-{text.rule}" for gate, text in CASES]
)
def test_examples(gate: Gate, text: RuleText, tmp_path: Path) -> None:
    """The bad example is found by its rule, the good one by none of the gate's."""
    assert text.rule in rules(gate, text.bad, tmp_path)
    expected = rules(gate, text.good, tmp_path) if text.rule == SYNTAX_ERROR else set()
    assert SYNTAX_ERROR not in expected
    assert expected == rules(gate, text.good, tmp_path)
