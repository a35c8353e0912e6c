"""`quality-gates facts PATH`: every external call and what protects it, as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from pytest_quality_gates import wiring
from pytest_quality_gates.cli.environment import overrides, python_option
from pytest_quality_gates.cli.explained_call import explained
from pytest_quality_gates.cli.failure import told_plainly
from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.facts.call_site import CallSite
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.source.selection import for_path


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--no-types", is_flag=True, help="Do not ask the type checker what the callees are.")
@python_option
@click.option("--possible", is_flag=True, help="Print also the calls that are known by their name alone.")
@click.option("--explain", metavar="PATH:LINE", help="Say in words why the call at that line has its facts.")
def facts(path: Path, no_types: bool, python: str, possible: bool, explain: str | None) -> None:
    """Print the external calls and the sleeps in PATH, one JSON object a line.

    PATH is any directory with Python files in it, or one file; the paths that are printed are relative to it.
    """
    with told_plainly():
        root, sites = _sites(path, python, with_types=not no_types)
        if explain is not None:
            _explain(root, sites, explain)
            return
    for site in sites:
        if possible or site.confidence != "possible":
            click.echo(msgspec.json.encode(site).decode())


def _sites(path: Path, python: str, *, with_types: bool) -> tuple[Path, list[CallSite]]:
    """The call sites by path and line."""
    root = path if path.is_dir() else path.parent
    known = wiring.extensions()
    settings = wiring.configure(root, overrides(), known)
    root, selection = for_path(path, settings.exclude)
    evidence = wiring.gather_static(
        root, settings, selection, known=known, with_types=with_types, keeps_cache=False, python=python
    )
    if isinstance(evidence.source, Unavailable):
        raise EvidenceError(evidence.source.reason)
    if isinstance(evidence.types, Unavailable) and evidence.types.state == "could_not_run":
        click.echo(f"warning: without the type checker: {evidence.types.reason}", err=True)
    wanted = [site for site in evidence.source.call_sites if site.is_external or site.kind == "sleep"]
    return root, sorted(wanted, key=lambda site: (site.path, site.line, site.column))


def _explain(root: Path, sites: Iterable[CallSite], place: str) -> None:
    file, _, line = place.rpartition(":")
    if not file or not line.isdigit():
        raise click.BadParameter(
            f'"{place}" is not PATH:LINE, as src/shop/orders.py:42', param_hint="--explain"
        )
    names = {file.replace(os.sep, "/"), os.path.relpath(file, root).replace(os.sep, "/")}
    of_file = [site for site in sites if site.path in names]
    found = [site for site in of_file if site.line <= int(line) <= site.end_line]
    if not found:
        raise click.ClickException(
            f"{place}: there is no external call and no sleep that is known here{_others(of_file)}"
        )
    click.echo("\n\n".join("\n".join(explained(site, root)) for site in found))


def _others(sites: Iterable[CallSite]) -> str:
    lines = sorted({site.line for site in sites})
    listed = ", ".join(map(str, lines))
    return (
        f"; in this file there are some at {'line' if len(lines) == 1 else 'lines'} {listed}" if lines else ""
    )
