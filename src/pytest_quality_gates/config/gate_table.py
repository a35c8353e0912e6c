"""The gate table of a run: specifications, then the profile and what it extends, then pyproject.toml."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pytest_quality_gates.config.profiles import Profile, ProfileRow
from pytest_quality_gates.config.settings import GateSettings
from pytest_quality_gates.config.values import with_options
from pytest_quality_gates.model.gate import GateSpec, Level


def gate_table(
    specs: Iterable[GateSpec], lineage: Iterable[Profile], own: Mapping[str, ProfileRow]
) -> tuple[tuple[GateSettings, ...], dict[str, str]]:
    """Bring the rows together, the later source over the earlier one.

    Args:
        specs: Of the gates of this run, in the order of the table.
        lineage: The profile of the run, behind those that it extends.
        own: What [tool.quality-gates.<slug>] says.

    Returns:
        The rows, and where each value of them came from by its key, `gates.tests.threshold`.
    """
    layers = [(f"profile {profile.name}", profile.rows) for profile in lineage]
    layers.append(("pyproject.toml", dict(own)))
    rows = []
    origins: dict[str, str] = {}
    for spec in specs:
        row = GateSettings(slug=spec.slug, level=spec.level, threshold=spec.threshold, options=spec.options)
        if sys.version_info < spec.first_python and row.level == Level.ENFORCE:
            row = replace(row, level=Level.REPORT)
            origins[f"gates.{spec.slug}.level"] = (
                f"measured from Python {'.'.join(map(str, spec.first_python))} on"
            )
        for origin, changes in layers:
            if (change := changes.get(spec.slug)) is not None:
                row = _changed(row, change)
                origins |= _origins(spec.slug, change, origin)
        rows.append(row)
    return tuple(rows), origins


def lineage(name: str, profiles: Mapping[str, Profile]) -> list[Profile]:
    """The profile behind all that it extends, the furthest first. A circle is cut where it closes."""
    line: list[Profile] = []
    while name in profiles and profiles[name] not in line:
        line.insert(0, profiles[name])
        name = profiles[name].extends
    return line


def _changed(row: GateSettings, change: ProfileRow) -> GateSettings:
    return replace(
        row,
        level=row.level if change.level is None else change.level,
        threshold=row.threshold if change.threshold is None else change.threshold,
        options=with_options(row.options, change.options),
    )


def _origins(slug: str, change: ProfileRow, origin: str) -> dict[str, str]:
    keys = [*change.options]
    if change.level is not None:
        keys.append("level")
    if change.threshold is not None:
        keys.append("threshold")
    return {f"gates.{slug}.{key}": change.origins.get(key, origin) for key in keys}
