"""`quality-gates check PATH`: the gates that need no test run."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from msgspec import structs

from pytest_quality_gates import wiring
from pytest_quality_gates.cli.environment import overrides, python_option
from pytest_quality_gates.cli.failure import GATE_FAILED, told_plainly
from pytest_quality_gates.cli.printed import print_report
from pytest_quality_gates.config.settings import Settings
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.policy.verdict import fails_session
from pytest_quality_gates.source.selection import Selection, for_path
from pytest_quality_gates.static.messages import StaticEvidence

PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
"""Any of them makes a directory a project, of which only its own packages are judged."""


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--profile", metavar="NAME", help="The gate table: strict, development or one of your own.")
@click.option("--complete", is_flag=True, help="A gate that cannot be evaluated fails the check.")
@click.option(
    "--report", "reports", metavar="FORMAT:PATH", multiple=True, help="Write a report, as json:gates.json."
)
@click.option("--since", metavar="REF", default="", help="Judge only what changed since REF.")
@click.option("--update-baseline", is_flag=True, help="Accept what falls short today.")
@python_option
@click.option("-v", "--verbose", count=True, help="Print every finding.")
@click.option("-q", "--quiet", count=True, help="Print only what did not pass.")
def check(  # noqa: PLR0913, PLR0917 - click hands each option over by its name
    path: Path,
    profile: str | None,
    complete: bool,
    reports: tuple[str, ...],
    since: str,
    update_baseline: bool,
    python: str,
    verbose: int,
    quiet: int,
) -> None:
    """Judge the code in PATH by the gates that need no test run.

    PATH is a project, any directory with Python files in it, or one file. The exit status is 1 where a gate fails
    and 4 where the configuration is wrong.
    """
    with told_plainly():
        root = path if path.is_dir() else path.parent
        known = wiring.extensions()
        settings = wiring.configure(
            root,
            overrides(
                profile, complete=complete, reports=reports, since=since, update_baseline=update_baseline
            ),
            known,
        )
        evidence = wiring.gather_static(
            root, settings, _selection(path, settings), known=known, python=python
        )
        facts = facts_of(evidence)
        if update_baseline:
            click.echo(wiring.update_baseline(root, settings, facts, static_gates(known)))
        report = wiring.judge(
            root,
            settings,
            facts,
            known=static_gates(known),
            judged=evidence.judged,
            left_out=evidence.left_out,
        )
        print_report(report, verbosity=verbose - quiet, root=root)
        wiring.write_reports(report, settings, Path.cwd(), known)
    if fails_session(report.verdict):
        sys.exit(GATE_FAILED)


def _selection(path: Path, settings: Settings) -> Selection:
    if path.is_dir() and (settings.source or any((path / name).is_file() for name in PROJECT_FILES)):
        return wiring.select(path, settings)
    return for_path(path, settings.exclude)[1]


def static_gates(known: wiring.Extensions) -> wiring.Extensions:
    """The gates that need no test run."""
    gates = tuple(gate for gate in known.gates if not {"coverage", "tests"} & set(gate.spec.needs))
    return structs.replace(known, gates=gates)


def facts_of(evidence: StaticEvidence) -> FactSet:
    """What is known where no test was run."""
    return FactSet(
        source=evidence.source,
        types=evidence.types,
        coverage=Unavailable("not_evaluated", "no test was run"),
    )
