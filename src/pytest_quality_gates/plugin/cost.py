"""What the gates add to a run in time, by our own clock."""

from __future__ import annotations

from contextlib import contextmanager

# By name: what is tested may have left something else in its place.
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_quality_gates.static.messages import Seconds


class Cost:
    """Adds up the seconds for which the run waited for us."""

    def __init__(self, began: float) -> None:
        """Start.

        Args:
            began: When the first of ours was imported, by `time.perf_counter`.
        """
        self._before = perf_counter() - began
        self._after = 0.0

    @contextmanager
    def before_tests(self) -> Iterator[None]:
        """Count what is done before the tests."""
        began = perf_counter()
        try:
            yield
        finally:
            self._before += perf_counter() - began

    @contextmanager
    def after_tests(self) -> Iterator[None]:
        """Count what is done after the tests."""
        began = perf_counter()
        try:
            yield
        finally:
            self._after += perf_counter() - began

    def words(self, beside: Seconds) -> str:
        """All of it, as a line for the report.

        Args:
            beside: How long the work beside the tests took.
        """
        return (
            f"added by the gates: {self._before:.2f} s before the tests, {self._after:.2f} s after them, and what "
            f"measuring takes; beside the tests: types {beside.types:.1f} s, source {beside.source:.1f} s"
        )
