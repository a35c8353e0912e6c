"""What is noted of each test."""

from __future__ import annotations

from pytest_quality_gates.plugin.check_record import _said


class BrokenError(Exception):
    """It cannot be printed."""

    def __str__(self) -> str:
        raise IndexError


def test_what_a_failure_says() -> None:
    """Its first line; nothing where it cannot be printed."""
    assert ("one", "") == (_said(ValueError("one\ntwo")), _said(BrokenError()))
