"""The gates that come with the package, in the order of the table; they enter by the hook like anybody's."""

from __future__ import annotations

from pytest_quality_gates.gates.assertions import Assertions
from pytest_quality_gates.gates.blocking import Blocking
from pytest_quality_gates.gates.circuit_breakers import CircuitBreakers
from pytest_quality_gates.gates.error_handling import ErrorHandling
from pytest_quality_gates.gates.handlers import Handlers
from pytest_quality_gates.gates.integrity import Integrity
from pytest_quality_gates.gates.observability import Observability
from pytest_quality_gates.gates.tests import Tests
from pytest_quality_gates.gates.timeouts import Timeouts
from pytest_quality_gates.gates.type_errors import TypeErrors
from pytest_quality_gates.gates.types import Types
from pytest_quality_gates.hookspecs import hookimpl
from pytest_quality_gates.model.gate import Gate


@hookimpl
def pytest_quality_gates_gates() -> tuple[Gate, ...]:
    """The built-in gates."""
    return (
        Tests(),
        Types(),
        TypeErrors(),
        ErrorHandling(),
        CircuitBreakers(),
        Timeouts(),
        Observability(),
        Blocking(),
        Handlers(),
        Assertions(),
        Integrity(),
    )
