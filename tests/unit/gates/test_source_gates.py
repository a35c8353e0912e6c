"""Handlers, type hints, type errors."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.made_facts import FUNCTION, HANDLER, MODULE, SITE, fact_set, source_facts

from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.type_check import TypeFacts, TypeProblem
from pytest_quality_gates.gates.handlers import Handlers
from pytest_quality_gates.gates.type_errors import TypeErrors
from pytest_quality_gates.gates.types import Types
from pytest_quality_gates.model.gate import Gate
from pytest_quality_gates.model.outcome import CouldNotRun, Measured, NotEvaluated

PROBLEM = TypeProblem(path="shop/api.py", line=9, column=4, message="Incompatible types", code="assignment")


def measured(gate: Gate, facts: FactSet) -> Measured:
    """What the gate measures."""
    outcome = gate.evaluate(facts, gate.spec.options)
    assert isinstance(outcome, Measured)
    return outcome


class TestHandlers:
    """Handlers that lose a failure."""

    def test_every_flaw_is_a_finding(self) -> None:
        """A handler with two flaws is one handler and two findings, each with its own words."""
        flawed = replace(HANDLER, flaws=("bare", "raise-without-cause"), text="except:")
        found = measured(Handlers(), fact_set(source_facts(handlers=(HANDLER, flawed))))
        assert (1, 2) == (found.measured, found.total)
        assert ["bare", "raise-without-cause"] == [finding.rule for finding in found.findings]
        assert 2 == len({finding.remedy for finding in found.findings})

    def test_none_found_is_said(self) -> None:
        """No handler at all is nothing to judge."""
        found = measured(Handlers(), fact_set(source_facts()))
        assert (0, ("nothing to judge: no handler was found",)) == (found.total, found.notes)


class TestTypes:
    """Functions with all annotations."""

    def test_missing_are_named(self) -> None:
        """The finding names each parameter, and the return."""
        lacking = replace(FUNCTION, missing_parameters=("url", "**kwargs"), missing_return=True)
        found = measured(Types(), fact_set(source_facts(functions=(FUNCTION, lacking))))
        assert (1, 2) == (found.measured, found.total)
        (finding,) = found.findings
        assert "`Client.fetch` has no annotation for `url`, `**kwargs` and the return" == finding.message
        assert finding.remedy.endswith("(`-> None` where nothing is returned)")

    def test_one_parameter(self) -> None:
        """A single missing annotation is named alone."""
        lacking = replace(FUNCTION, missing_parameters=("url",))
        (finding,) = measured(Types(), fact_set(source_facts(functions=(lacking,)))).findings
        assert "`Client.fetch` has no annotation for `url`" == finding.message
        assert "annotate `url`" == finding.remedy

    def test_overloaded_implementation_does_not_count(self) -> None:
        """A function behind overloads counts by those."""
        behind = replace(FUNCTION, overloaded=True, missing_return=True)
        found = measured(Types(), fact_set(source_facts(functions=(FUNCTION, behind))))
        assert (1, 1, ()) == (found.measured, found.total, found.findings)

    def test_explicit_any_is_shown(self) -> None:
        """An explicit Any is an annotation, and is counted beside."""
        found = measured(Types(), fact_set(source_facts(functions=(replace(FUNCTION, explicit_any=("x",)),))))
        assert (1, 1, ("1 annotated with an explicit Any",)) == (found.measured, found.total, found.notes)

    def test_none_found_is_said(self) -> None:
        """No function at all is nothing to judge."""
        assert ("nothing to judge: no function was found",) == measured(
            Types(), fact_set(source_facts())
        ).notes


class TestTypeErrors:
    """What the type checker finds."""

    def test_errors_are_findings_in_their_function(self) -> None:
        """Each error is a finding with the innermost function around it; files are counted."""
        inner = replace(FUNCTION, name="Client.fetch.inner", line=9, end_line=10)
        types = TypeFacts(
            checker="mypy", version="2.0", problems=(PROBLEM, replace(PROBLEM, line=40)), files=3
        )
        found = measured(TypeErrors(), fact_set(source_facts(functions=(FUNCTION, inner)), types=types))
        assert (2, 3, ("mypy 2.0",)) == (found.measured, found.total, found.notes)
        assert ["Client.fetch.inner", ""] == [finding.symbol for finding in found.findings]
        assert "Incompatible types [assignment]" == found.findings[0].message

    def test_unjudged_files_do_not_count(self) -> None:
        """An error in a test file is not judged, and a file that cannot be parsed is named once."""
        modules = (
            replace(MODULE, path="tests/test_a.py", role="test"),
            replace(MODULE, path="shop/bad.py", role="unparsed", error="invalid syntax"),
        )
        problems = (replace(PROBLEM, path="tests/test_a.py"), replace(PROBLEM, path="shop/bad.py"))
        types = TypeFacts(checker="mypy", version="2.0", problems=problems, files=1)
        found = measured(TypeErrors(), fact_set(source_facts(modules=modules), types=types))
        assert ["syntax-error"] == [finding.rule for finding in found.findings]

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("import-untyped", "install the library's stubs"),
            ("import-not-found", "install the library where the type checker runs"),
            (
                "arg-type",
                "make the types agree; where mypy is wrong, `# type: ignore[arg-type]` with the reason",
            ),
            ("", "make the types agree"),
        ],
    )
    def test_remedy_by_code(self, code: str, expected: str) -> None:
        """The remedy fits the kind of error; source facts are not needed."""
        types = TypeFacts(checker="mypy", version="", problems=(replace(PROBLEM, code=code),), files=1)
        (finding,) = measured(TypeErrors(), fact_set(types=types)).findings
        assert finding.remedy.startswith(expected)

    def test_missing_type_checker_could_not_run(self) -> None:
        """Without the type checker the gate could not run."""
        facts = FactSet(
            source=source_facts(SITE),
            coverage=Unavailable("not_evaluated", ""),
            types=Unavailable("could_not_run", "mypy is missing"),
        )
        assert CouldNotRun("mypy is missing") == TypeErrors().evaluate(facts, TypeErrors.spec.options)


@pytest.mark.parametrize("gate", [Handlers(), Types(), TypeErrors()], ids=lambda gate: gate.spec.slug)
def test_without_any_source(gate: Gate) -> None:
    """Where no file is judged there is nothing to say of the code."""
    outcome = gate.evaluate(fact_set(source_facts(modules=())), gate.spec.options)
    assert isinstance(outcome, NotEvaluated)


@pytest.mark.parametrize("gate", [Handlers(), Types()], ids=lambda gate: gate.spec.slug)
def test_without_source_facts(gate: Gate) -> None:
    """Source facts that broke make the gate one that could not run."""
    broken = Unavailable("could_not_run", "broken")
    assert CouldNotRun("broken") == gate.evaluate(fact_set(broken), gate.spec.options)
