"""The named gate tables that come with the package."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.model.gate import Level, Threshold

STRICT = "strict"
"""The default: every gate as its own specification has it."""


class ProfileRow(Struct, frozen=True, kw_only=True):
    """What a profile (or pyproject.toml) says of one gate; None and empty where it says nothing."""

    level: Level | None = None
    threshold: Threshold | None = None
    options: dict[str, object] = {}
    origins: dict[str, str] = {}
    """Where each of these was written, by its key; empty for the built-in profiles."""


class Profile(Struct, frozen=True, kw_only=True):
    """A gate table by its differences from another one."""

    name: str
    extends: str = ""
    """The profile that it differs from; empty for what the gates' specifications say."""
    rows: dict[str, ProfileRow] = {}
    """By the gate's slug."""


BUILT_IN_PROFILES = (
    Profile(name=STRICT),
    # For code on its way: what needs a decision on architecture (breakers) or on tooling (logs, metrics, traces) is
    # shown but does not stop the work; what is a mistake today is one here too.
    Profile(
        name="development",
        extends=STRICT,
        rows={
            "tests": ProfileRow(threshold=Threshold("at_least_percent", 7_000)),
            "circuit-breakers": ProfileRow(level=Level.REPORT),
            "observability": ProfileRow(level=Level.REPORT),
        },
    ),
)
