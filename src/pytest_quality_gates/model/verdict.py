"""The four ways a gate, and a run, can come out."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Of a gate or of the run."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_EVALUATED = "not_evaluated"
    COULD_NOT_RUN = "could_not_run"

    @property
    def words(self) -> str:
        """As a person reads it: `not evaluated`."""
        return self.value.replace("_", " ")
