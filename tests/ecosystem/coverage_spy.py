"""A plugin for the gated run: writes down the coverage that the gate `tests` is given, line by line."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.gates.tests import Tests
from pytest_quality_gates.model.gate import GateOptions
from pytest_quality_gates.model.outcome import Outcome

TARGET = "ECOSYSTEM_COVERAGE"
"""The environment variable with the path to write to."""

_evaluate = Tests.evaluate


def _spying(self: Tests, facts: FactSet, options: GateOptions) -> Outcome:
    if isinstance(facts.coverage, Unavailable) or isinstance(facts.source, Unavailable):
        return _evaluate(self, facts, options)
    judged = [module.path for module in facts.source.modules if module.role == "source"]
    seen = {"files": facts.coverage.files, "judged": judged, "has_branches": facts.coverage.has_branches}
    Path(os.environ[TARGET]).write_bytes(msgspec.json.encode(seen))
    return _evaluate(self, facts, options)


def pytest_configure() -> None:
    """Put the spy in place; not when this module is imported, which the tests do for its names."""
    Tests.evaluate = _spying  # type: ignore[method-assign] # that is what a spy does
