"""`quality-gates merge DIR...`: one verdict on the parts of a suite."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from pytest_quality_gates import sharding, wiring
from pytest_quality_gates.cli.environment import overrides, python_option
from pytest_quality_gates.cli.failure import GATE_FAILED, told_plainly
from pytest_quality_gates.cli.printed import print_report
from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.model.report import Report
from pytest_quality_gates.policy.verdict import fails_session
from pytest_quality_gates.store import bundle


@click.command()
@click.argument("directories", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option("--profile", metavar="NAME", help="The gate table; it must be that of the shards.")
@click.option("--complete", is_flag=True, help="A gate that cannot be evaluated fails the merge.")
@click.option(
    "--report", "reports", metavar="FORMAT:PATH", multiple=True, help="Write a report, as json:gates.json."
)
@click.option("--since", metavar="REF", default="", help="Judge only what changed since REF.")
@python_option
@click.option("-v", "--verbose", count=True, help="Print every finding.")
@click.option("-q", "--quiet", count=True, help="Print only what did not pass.")
def merge(
    directories: tuple[Path, ...],
    profile: str | None,
    complete: bool,
    reports: tuple[str, ...],
    since: str,
    python: str,
    verbose: int,
    quiet: int,
) -> None:
    """Judge the suite whose parts left the bundles in DIR..., in a checkout of the same commit.

    DIR is a bundle, or a directory with bundles in it. Nothing is judged where one is missing, doubled, from other
    source or from other settings. The exit status is 1 where a gate or a test failed or the bundles make no whole, and
    4 where the configuration is wrong.
    """
    with told_plainly():
        found = {str(place): bundle.read(place) for place in _bundles(directories)}
        known = wiring.extensions()
        asked = overrides(profile, complete=complete, reports=reports, since=since)
        settings = wiring.configure(Path.cwd(), asked, known)
        report: Report = sharding.judge_shards(Path.cwd(), settings, found, known=known, python=python)
        print_report(report, verbosity=verbose - quiet, root=Path.cwd())
        wiring.write_reports(report, settings, Path.cwd(), known)
    if fails_session(report.verdict):
        sys.exit(GATE_FAILED)


def _bundles(directories: Sequence[Path]) -> list[Path]:
    """The bundles themselves, each once.

    Raises:
        StoreError: There is none in one of the directories.
    """
    found: dict[Path, Path] = {}
    for directory in directories:
        inside = sorted(path.parent for path in directory.glob(f"*/{bundle.DESCRIPTION}"))
        if not inside and not (directory / bundle.DESCRIPTION).exists():
            raise StoreError(
                f"{directory}: there is no bundle: name what `pytest --quality-gates-bundle DIR` wrote, or a "
                "directory with such directories in it"
            )
        own = [directory] if (directory / bundle.DESCRIPTION).exists() else inside
        found.update({path.resolve(): path for path in own})
    return list(found.values())
