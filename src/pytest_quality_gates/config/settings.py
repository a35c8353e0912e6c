"""The settings of a run, after command line, pyproject.toml and profile were brought together."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from pytest_quality_gates.model.gate import GateOptions, Level, Threshold

TypeChecker = Literal["mypy"]


class ReportRequest(Struct, frozen=True):
    """One `--quality-gates-report FORMAT:PATH`."""

    format: str
    path: str
    """As it was given; relative paths are relative to the directory of the run."""


class Overrides(Struct, frozen=True, kw_only=True):
    """What the command line (and the environment) says; None and empty where it says nothing."""

    profile: str | None = None
    complete: bool | None = None
    in_ci: bool = False
    """Whether the environment variable `CI` is set (to anything but an empty text, `0` or `false`)."""
    reports: tuple[str, ...] = ()
    """Each `FORMAT:PATH`, as it was given."""
    update_baseline: bool = False
    since: str = ""
    option_prefix: str = "--quality-gates-"
    """How the command's options begin, for error texts."""


class GateSettings(Struct, frozen=True, kw_only=True):
    """One row of the gate table."""

    slug: str
    level: Level
    threshold: Threshold
    options: GateOptions


class Approval(Struct, frozen=True, kw_only=True):
    """One `[[tool.quality-gates.approved]]`: something may be less strict than before."""

    rule: str
    """`lowered-threshold`; a rule of the gate `integrity`."""
    subject: str
    """What it is about, as the finding names it; with wild cards."""
    reason: str


class PathSettings(Struct, frozen=True, kw_only=True):
    """One `[[tool.quality-gates.paths]]`: another gate table for some files."""

    name: str
    """Its first pattern."""
    patterns: tuple[str, ...]
    profile: str
    gates: tuple[GateSettings, ...]


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that a run needs to know from the user. The root is passed beside it."""

    profile: str
    complete: bool
    """Whether `not evaluated` fails the run."""
    gates: tuple[GateSettings, ...]
    """In the order of the table; gates that are off included."""
    approved: tuple[Approval, ...] = ()
    paths: tuple[PathSettings, ...] = ()
    """Gate tables for some of the files, as they were written."""
    source: tuple[str, ...] = ()
    """Directories, files or packages to judge, relative to the root; empty: found by looking at the project."""
    exclude: tuple[str, ...] = ()
    """Patterns of files that are not judged, as in a .gitignore."""
    suite: tuple[str, ...] = ()
    """Directories and files that are the whole test suite, relative to the root; empty: what pytest's own settings say."""
    type_checker: TypeChecker = "mypy"
    catalogue: tuple[dict[str, Any], ...] = ()
    """The user's own catalogue files, `[[tool.quality-gates.catalogue]]`, as they were written."""
    reports: tuple[ReportRequest, ...] = ()
    update_baseline: bool = False
    """Whether the run writes the baseline of the project anew."""
    since: str = ""
    """Only what changed since the common commit with this one is judged; empty for everything."""
    origins: dict[str, str] = {}
    """Where each value came from, by its key (`gates.tests.threshold`): `profile strict`, `pyproject.toml:12`, ..."""

    def gate(self, slug: str, table: str = "") -> GateSettings:
        """The row of one gate, in the general table or in that of some files.

        Raises:
            KeyError: There is no such gate.
        """
        rows = next((each.gates for each in self.paths if each.name == table), self.gates)
        for row in rows:
            if row.slug == slug:
                return row
        raise KeyError(slug)
