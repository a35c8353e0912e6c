"""The gate `types`: every function has its parameters and its return annotated."""

from __future__ import annotations

from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import FunctionFact
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT, unparsed, without, without_source
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "types"
MISSING_ANNOTATION = "missing-annotation"


class Types:
    """Functions with every parameter and the return annotated."""

    spec = GateSpec(
        slug=SLUG,
        title="Type hints",
        unit="functions",
        summary="Every function has each parameter and its return annotated.",
        needs=("source",),
        rules=(MISSING_ANNOTATION, SYNTAX_ERROR),
        threshold=Threshold("at_least_percent", 10_000),
        rule_texts=(
            RuleText(
                rule=MISSING_ANNOTATION,
                means="A parameter or the return of a function has no annotation. `self` and `cls` need none, `*args` "
                "and `**kwargs` do, and `__init__` needs no return where a parameter is annotated.",
                why="A type checker takes what is not annotated for anything: mistakes pass through it, here and in "
                "every caller.",
                bad="def total(prices, *, tax=0.0):\n    return sum(prices) * (1 + tax)\n",
                good="def total(prices: list[float], *, tax: float = 0.0) -> float:\n    return sum(prices) * (1 + tax)\n",
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:  # noqa: ARG002 - it has no options of its own
        """Count the functions with complete annotations; each other one is a finding."""
        source = facts.source
        if isinstance(source, Unavailable):
            return without(source)
        if (nothing := without_source(source)) is not None:
            return nothing
        functions = [function for function in source.functions if not function.overloaded]
        lacking = [
            function for function in functions if function.missing_parameters or function.missing_return
        ]
        return Measured(
            measured=len(functions) - len(lacking),
            total=len(functions),
            findings=(*unparsed(SLUG, source), *map(_finding, lacking)),
            notes=_notes(functions),
        )


def _notes(functions: list[FunctionFact]) -> tuple[str, ...]:
    if not functions:
        return ("nothing to judge: no function was found",)
    explicit = sum(bool(function.explicit_any) for function in functions)
    return (f"{explicit} annotated with an explicit Any",) if explicit else ()


def _finding(function: FunctionFact) -> Finding:
    lacks = [f"`{name}`" for name in function.missing_parameters]
    if function.missing_return:
        lacks.append("the return")
    listed = " and ".join(filter(None, (", ".join(lacks[:-1]), lacks[-1])))
    return Finding(
        gate=SLUG,
        rule=MISSING_ANNOTATION,
        path=function.path,
        line=function.line,
        end_line=function.line,
        symbol=function.name,
        message=f"`{function.name}` has no annotation for {listed}",
        remedy=f"annotate {listed}"
        + (" (`-> None` where nothing is returned)" if function.missing_return else ""),
        text=" ".join((*function.missing_parameters, *(("->",) if function.missing_return else ()))),
    )
