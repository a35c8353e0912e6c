"""Command line over pyproject.toml over profile: the settings of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_quality_gates.config import document
from pytest_quality_gates.config.gate_table import gate_table, lineage
from pytest_quality_gates.config.nearest import nearest
from pytest_quality_gates.config.parse import FileSettings, PathTable, parse
from pytest_quality_gates.config.profiles import STRICT, Profile
from pytest_quality_gates.config.report_requests import parse_report
from pytest_quality_gates.config.settings import Overrides, PathSettings, ReportRequest, Settings
from pytest_quality_gates.errors import ConfigurationError
from pytest_quality_gates.model.gate import GateSpec


def load(root: Path, overrides: Overrides, specs: Sequence[GateSpec], formats: Sequence[str]) -> Settings:
    """Read the user's wishes from the command line and the pyproject.toml in `root`.

    Args:
        root: The project's directory.
        overrides: What the command line and the environment say.
        specs: Of the gates of this run, in the order of the table.
        formats: The names of the report formats.

    Raises:
        ConfigurationError: With every problem of the file and of the command line.
    """
    own = document.read(root)
    file, problems = parse(own, specs)
    reports, report_problems = _reports(overrides, formats)
    problems += _profile_problems(overrides, file) + report_problems + _since_problems(overrides)
    if problems:
        raise ConfigurationError(problems)
    return _settings(overrides, file, specs, reports, own)


def _settings(
    overrides: Overrides,
    file: FileSettings,
    specs: Sequence[GateSpec],
    reports: tuple[ReportRequest, ...],
    own: document.Document,
) -> Settings:
    profile = overrides.profile or file.profile or STRICT
    rows, origins = gate_table(specs, lineage(profile, file.profiles), file.gates)
    complete, complete_origin = _complete(overrides, file, own)
    if overrides.profile:
        origins["profile"] = f"{overrides.option_prefix}profile"
    elif file.profile:
        origins["profile"] = own.place(("profile",))
    origins["complete"] = complete_origin
    for key in ("source", "exclude", "paths", "suite", "type-checker", "catalogue"):
        if key in own.table:
            origins[key] = own.place((key,))
    return Settings(
        profile=profile,
        complete=complete,
        gates=rows,
        paths=tuple(_path_settings(table, file, specs, profile) for table in file.paths),
        source=file.source,
        exclude=file.exclude,
        approved=file.approved,
        suite=file.suite,
        type_checker=file.type_checker or "mypy",
        catalogue=file.catalogue,
        reports=reports,
        update_baseline=overrides.update_baseline,
        since=overrides.since,
        origins=origins,
    )


def _path_settings(
    table: PathTable, file: FileSettings, specs: Sequence[GateSpec], general: str
) -> PathSettings:
    """The table of some files: over a profile of its own, or else over the general table."""
    profile = table.profile or general
    line = lineage(profile, file.profiles)
    if not table.profile:
        line.append(Profile(name=profile, rows=file.gates))
    rows, _ = gate_table(specs, line, table.rows)
    return PathSettings(name=table.patterns[0], patterns=table.patterns, profile=profile, gates=rows)


def _complete(overrides: Overrides, file: FileSettings, own: document.Document) -> tuple[bool, str]:
    """Whether the run must be complete, and who says so: the command line, the file, or CI by its presence."""
    if overrides.complete is not None:
        return overrides.complete, f"{overrides.option_prefix}complete"
    if file.complete is not None:
        return file.complete, own.place(("complete",))
    if overrides.in_ci:
        return True, "environment variable CI"
    return False, "default"


def _profile_problems(overrides: Overrides, file: FileSettings) -> list[str]:
    name = overrides.profile
    if name is None or name in file.profiles:
        return []
    return [f'{overrides.option_prefix}profile: there is no profile "{name}"{nearest(name, file.profiles)}']


def _since_problems(overrides: Overrides) -> list[str]:
    if not overrides.since or not overrides.update_baseline:
        return []
    prefix = overrides.option_prefix
    return [f"{prefix}since, {prefix}update-baseline: a baseline is one of the whole project; leave one out"]


def _reports(overrides: Overrides, formats: Sequence[str]) -> tuple[tuple[ReportRequest, ...], list[str]]:
    option = f"{overrides.option_prefix}report"
    parsed = [parse_report(request, formats, option) for request in overrides.reports]
    good = tuple(request for request in parsed if isinstance(request, ReportRequest))
    return good, [problem for problem in parsed if isinstance(problem, str)]
