"""What a gate found, before anybody compared it with a threshold."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.model.finding import Finding


class Measured(Struct, frozen=True, kw_only=True):
    """The gate could measure: `measured` of `total` were met."""

    measured: int
    total: int
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    """What to show beside the figures: what was left out, explicit `Any` and the like."""
    decisive: frozenset[str] = frozenset()
    """Rules of which one finding is too many, whatever the figure is."""
    unit: str = ""
    """What was counted, where this run counted something narrower than the gate's own unit."""


class NotEvaluated(Struct, frozen=True):
    """The run does not allow a judgement (a partial run, nothing measured)."""

    reason: str
    measured: int = 0
    """What was met so far, for information."""
    total: int = 0
    unit: str = ""
    """As in `Measured`."""


class CouldNotRun(Struct, frozen=True):
    """What the gate needs is broken or missing."""

    error: str


Outcome = Measured | NotEvaluated | CouldNotRun
