"""What is noted of each test."""

from __future__ import annotations

from typing import Any

from pytest_quality_gates.facts.test_run import PassedTest, RunFacts
from pytest_quality_gates.plugin.check_record import CheckRecord, _said


class BrokenError(Exception):
    """It cannot be printed."""

    def __str__(self) -> str:
        raise IndexError


def test_what_a_failure_says() -> None:
    """Its first line; nothing where it cannot be printed."""
    assert ("one", "") == (_said(ValueError("one\ntwo")), _said(BrokenError()))


def test_what_workers_say() -> None:
    """What one of them could not see is known on the controller, which has nothing to say of itself."""
    watch: Any = None
    record = CheckRecord(watch)
    seen, blind = ("t.py::test_a", "t.py", 1, True, ""), ("t.py::test_b", "t.py", 2, False, "")
    record.receive({"tests": [seen], "problem": "", "in_children": 0})
    assert RunFacts((PassedTest(*seen),)) == record.facts()
    record.receive({"tests": [blind], "problem": "no place", "in_children": 2})
    record.receive({"tests": [], "problem": "", "in_children": 1})
    assert RunFacts((PassedTest(*seen), PassedTest(*blind)), "no place") == record.facts()
    assert {"tests": [seen, blind], "problem": "no place", "in_children": 3} == record.sent()
