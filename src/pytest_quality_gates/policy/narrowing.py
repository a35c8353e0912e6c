"""Facts narrowed to what changed or to some files, and findings told apart by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from msgspec.structs import replace

from pytest_quality_gates.facts.change import Change
from pytest_quality_gates.facts.coverage import CoverageFacts, FileCoverage
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.test_run import RunFacts
from pytest_quality_gates.facts.type_check import TypeFacts
from pytest_quality_gates.model.finding import Finding

Touches = Callable[[str, int, int], bool]
"""Whether a range of lines of a file is meant."""


def of_change(facts: FactSet, change: Change) -> FactSet:
    """The facts about what changed: statements, definitions, handlers and calls with a changed line."""
    return _narrowed(facts, change.touches, {file.path for file in change.files}, keeps_modules=True)


def of_files(facts: FactSet, files: Collection[str]) -> FactSet:
    """The facts about some files."""
    return _narrowed(facts, lambda path, *_: path in files, files, keeps_modules=False)


def _narrowed(facts: FactSet, touches: Touches, files: Collection[str], *, keeps_modules: bool) -> FactSet:
    source, coverage, types = facts.source, facts.coverage, facts.types
    return replace(
        facts,
        source=source
        if isinstance(source, Unavailable)
        else _source(source, touches, files, keeps_modules=keeps_modules),
        coverage=coverage if isinstance(coverage, Unavailable) else _coverage(coverage, touches, files),
        tests=facts.tests if isinstance(facts.tests, Unavailable) else _tests(facts.tests, touches),
        types=types if isinstance(types, Unavailable) else _types(types, touches, files),
    )


def apart(findings: Iterable[Finding], near: Iterable[Finding]) -> tuple[Finding, ...]:
    """All findings, those that are not among `near` in the state `outside`."""
    inside = {_key(finding) for finding in near}
    return tuple(
        finding if _key(finding) in inside else replace(finding, state="outside") for finding in findings
    )


def _key(finding: Finding) -> tuple[str | int, ...]:
    return (
        finding.rule,
        finding.path,
        finding.line,
        finding.end_line,
        finding.column,
        finding.end_column,
        finding.symbol,
    )


def _source(
    source: SourceFacts, touches: Touches, files: Collection[str], *, keeps_modules: bool
) -> SourceFacts:
    return replace(
        source,
        modules=tuple(
            module
            for module in source.modules
            if module.path in files or (keeps_modules and module.role != "unparsed")
        ),
        functions=tuple(item for item in source.functions if touches(item.path, item.line, item.line)),
        handlers=tuple(item for item in source.handlers if touches(item.path, item.line, item.end_line)),
        call_sites=tuple(item for item in source.call_sites if touches(item.path, item.line, item.end_line)),
    )


def _coverage(coverage: CoverageFacts, touches: Touches, files: Collection[str]) -> CoverageFacts:
    found = (_file_coverage(file, touches) for file in coverage.files if file.path in files)
    return replace(coverage, files=tuple(found))


def _file_coverage(file: FileCoverage, touches: Touches) -> FileCoverage:
    def is_changed(line: int) -> bool:
        return touches(file.path, line, line)

    executed = tuple(filter(is_changed, file.executed_lines))
    missing = tuple(filter(is_changed, file.missing_lines))
    taken = tuple(branch for branch in file.executed_branches if is_changed(branch[0]))
    not_taken = tuple(branch for branch in file.missing_branches if is_changed(branch[0]))
    return replace(
        file,
        statements=len(executed) + len(missing),
        executed_lines=executed,
        missing_lines=missing,
        branches=len(taken) + len(not_taken),
        executed_branches=taken,
        missing_branches=not_taken,
    )


def _tests(tests: RunFacts, touches: Touches) -> RunFacts:
    return replace(
        tests, tests=tuple(test for test in tests.tests if touches(test.path, test.line, test.line))
    )


def _types(types: TypeFacts, touches: Touches, files: Collection[str]) -> TypeFacts:
    problems = tuple(item for item in types.problems if touches(item.path, item.line, item.line))
    return replace(types, problems=problems, files=min(types.files, len(files)))
