"""The gate `type-errors`: the type checker finds nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import FunctionFact, SourceFacts
from pytest_quality_gates.facts.type_check import TypeFacts, TypeProblem
from pytest_quality_gates.gates.unread import SYNTAX_ERROR_TEXT, unparsed, without, without_source
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, Outcome
from pytest_quality_gates.model.rule import RuleText

SLUG = "type-errors"
TYPE_ERROR = "type-error"

_LINE = re.compile(r"\bline \d+")
"""mypy names other lines in its messages, which move."""


class TypeErrors:
    """Errors that the type checker finds in the judged source, by the project's own settings of it."""

    spec = GateSpec(
        slug=SLUG,
        title="Type errors",
        unit="files",
        summary="The type checker finds no error.",
        needs=("types",),
        rules=(TYPE_ERROR, SYNTAX_ERROR),
        threshold=Threshold("at_most", 0),
        rule_texts=(
            RuleText(
                rule=TYPE_ERROR,
                means="The type checker found an error; its own code stands in brackets. The project's settings of it "
                "([tool.mypy], mypy.ini, setup.cfg) apply.",
                why="Each is a call that fails with a TypeError or an AttributeError once that line is reached, or "
                "an annotation that misleads its readers.",
                bad='def greet(name: str) -> str:\n    return "hello " + name\n\n\ngreet(None)\n',
                good='def greet(name: str) -> str:\n    return "hello " + name\n\n\ngreet("Ada")\n',
            ),
            SYNTAX_ERROR_TEXT,
        ),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:  # noqa: ARG002 - it has no options of its own
        """Count the files without an error; each error is a finding."""
        source = facts.source
        if not isinstance(source, Unavailable) and (nothing := without_source(source)) is not None:
            return nothing
        if isinstance(facts.types, Unavailable):
            return without(facts.types)
        known = None if isinstance(source, Unavailable) else source
        problems = _judged(facts.types, known)
        unread = unparsed(SLUG, known) if known else ()
        flawed = {problem.path for problem in problems} | {finding.path for finding in unread}
        total = max(facts.types.files, len(flawed))
        return Measured(
            measured=total - len(flawed),
            total=total,
            findings=(*unread, *_findings(problems, facts.types.checker, known)),
            notes=(f"{facts.types.checker} {facts.types.version}".strip(),),
        )


def _judged(types: TypeFacts, source: SourceFacts | None) -> list[TypeProblem]:
    """The errors in files that are judged. A file that cannot be parsed has its finding already."""
    if source is None:
        return list(types.problems)
    other = {module.path for module in source.modules if module.role != "source"}
    return [problem for problem in types.problems if problem.path not in other]


def _findings(problems: Iterable[TypeProblem], checker: str, source: SourceFacts | None) -> list[Finding]:
    functions: defaultdict[str, list[FunctionFact]] = defaultdict(list)
    for function in source.functions if source else ():
        functions[function.path].append(function)
    return [_finding(problem, checker, functions[problem.path]) for problem in problems]


def _finding(problem: TypeProblem, checker: str, functions: list[FunctionFact]) -> Finding:
    code = f" [{problem.code}]" if problem.code else ""
    return Finding(
        gate=SLUG,
        rule=TYPE_ERROR,
        path=problem.path,
        line=problem.line,
        end_line=problem.line,
        symbol=_symbol(problem.line, functions),
        message=f"{problem.message}{code}",
        remedy=_remedy(problem.code, checker),
        text=f"{problem.code} {_LINE.sub('line', problem.message)}",
        column=problem.column,
    )


def _symbol(line: int, functions: list[FunctionFact]) -> str:
    """The innermost function around the line."""
    around = [function for function in functions if function.line <= line <= function.end_line]
    return max(around, key=lambda function: function.line).name if around else ""


def _remedy(code: str, checker: str) -> str:
    if code == "import-untyped":
        return "install the library's stubs (`types-...`), or allow it in the type checker's settings"
    if code in {"import-not-found", "import"}:
        return "install the library where the type checker runs, or allow it in the type checker's settings"
    ignore = f"; where {checker} is wrong, `# type: ignore[{code}]` with the reason" if code else ""
    return f"make the types agree{ignore}"
