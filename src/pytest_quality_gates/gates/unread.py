"""Source that could not be read, and evidence that is not there: said once, the same way by every gate."""

from __future__ import annotations

from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.outcome import CouldNotRun, NotEvaluated
from pytest_quality_gates.model.rule import RuleText

SYNTAX_ERROR_TEXT = RuleText(
    rule=SYNTAX_ERROR,
    means="The file cannot be parsed, so nothing in it was judged. Every gate that reads source fails over it.",
    why="What cannot be read cannot be imported either: the first request that needs the module fails. And a gate "
    "that passed over an unreadable file would pass over anything.",
    bad="def total(prices)\n    return sum(prices)",
    good="def total(prices):\n    return sum(prices)",
)


def without(evidence: Unavailable) -> NotEvaluated | CouldNotRun:
    """The outcome of a gate whose evidence is not there."""
    if evidence.state == "not_evaluated":
        return NotEvaluated(evidence.reason)
    return CouldNotRun(evidence.reason)


def without_source(source: SourceFacts) -> NotEvaluated | None:
    """The outcome where no file at all is judged; None where there is one."""
    if any(module.role in {"source", "unparsed"} for module in source.modules):
        return None
    return NotEvaluated(
        "no Python source was found to judge; name it with `source` in [tool.quality-gates] of pyproject.toml"
    )


def unparsed(gate: str, source: SourceFacts) -> tuple[Finding, ...]:
    """A finding for each file that could not be parsed."""
    return tuple(
        Finding(
            gate=gate,
            rule=SYNTAX_ERROR,
            path=module.path,
            line=module.error_line,
            end_line=module.error_line,
            symbol="",
            message=f"the file cannot be read or parsed, nothing in it was judged: {module.error}",
            remedy="correct the file or who may read it, or leave it out with `exclude` in [tool.quality-gates]",
            text=module.path,
        )
        for module in source.modules
        if module.role == "unparsed"
    )
