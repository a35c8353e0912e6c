"""`quality-gates config`: the settings that hold here, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from pytest_quality_gates import wiring
from pytest_quality_gates.cli.environment import overrides
from pytest_quality_gates.cli.failure import told_plainly
from pytest_quality_gates.config.settings import GateSettings, PathSettings, Settings
from pytest_quality_gates.policy.comparison import threshold_text


@click.command()
@click.option("--profile", metavar="NAME", help="The gate table: strict, development or one of your own.")
def config(profile: str | None) -> None:
    """Print the settings that hold in this directory, each with where it comes from."""
    with told_plainly():
        root = Path.cwd()
        known = wiring.extensions()
        settings = wiring.configure(root, overrides(profile), known)
        roots = wiring.select(root, settings).roots
    takes_kinds = {gate.spec.slug for gate in known.gates if gate.spec.options.kinds is not None}
    rows = [
        *_general(settings, roots),
        *(row for gate in settings.gates for row in _gate(gate, settings, takes_kinds)),
        *(row for table in settings.paths for row in _of_paths(table, settings)),
    ]
    widest = max(len(key) for key, _, _ in rows)
    for key, value, origin in rows:
        click.echo(f"{key:<{widest}}  {value}  ({origin})")


def _general(settings: Settings, roots: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    origins = settings.origins
    yield "profile", settings.profile, origins.get("profile", "default")
    yield "complete", _value(settings.complete), origins.get("complete", "default")
    yield "source", ", ".join(roots) or "nothing", origins.get("source", "found in the project")
    yield "exclude", ", ".join(settings.exclude) or "nothing", origins.get("exclude", "default")
    yield "suite", ", ".join(settings.suite) or "all tests", origins.get("suite", "default")
    yield "type-checker", settings.type_checker, origins.get("type-checker", "default")
    yield "catalogue", f"{len(settings.catalogue)} of your own", origins.get("catalogue", "default")


def _gate(row: GateSettings, settings: Settings, takes_kinds: set[str]) -> Iterator[tuple[str, str, str]]:
    values = {"level": row.level.value, "threshold": threshold_text(row.threshold)}
    for name in (field.name for field in msgspec.structs.fields(type(row.options))):
        if row.slug in takes_kinds or name not in {"kinds", "confidence"}:
            values[name.replace("_", "-")] = _value(getattr(row.options, name))
    for name, value in values.items():
        yield f"{row.slug}.{name}", value, settings.origins.get(f"gates.{row.slug}.{name}", "default")


def _of_paths(table: PathSettings, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """What is other for some files."""
    origin = settings.origins.get("paths", "pyproject.toml")
    yield f"paths[{table.name}]", f"{', '.join(table.patterns)} by {table.profile}", origin
    for row in table.gates:
        general = settings.gate(row.slug)
        if row.level != general.level:
            yield f"paths[{table.name}].{row.slug}.level", row.level.value, origin
        if row.threshold != general.threshold:
            yield f"paths[{table.name}].{row.slug}.threshold", threshold_text(row.threshold), origin


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, frozenset | tuple | list):
        return ", ".join(sorted(map(str, value))) or "nothing"
    return str(value)
