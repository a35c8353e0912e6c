"""`quality-gates verify REPORT`: the check before a merge."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pytest_quality_gates import verification, wiring
from pytest_quality_gates.cli.check import facts_of, static_gates
from pytest_quality_gates.cli.environment import overrides, python_option
from pytest_quality_gates.cli.failure import GATE_FAILED, told_plainly


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
@python_option
def verify(report: Path, python: str) -> None:
    """Say whether the JSON report REPORT allows this tree to be merged.

    It must have passed in complete mode, by this version of the gates and the project's own profile, on these very
    files and this commit, with every test run. The gates that need no test run are judged again. What the configuration
    approves of being less strict is listed. The exit status is 1 where anything does not hold; otherwise the state is kept
    in .quality-gates/, and later runs on it are compared with it.
    """
    with told_plainly():
        root = Path.cwd()
        found = verification.read(report)
        present = _present(root, python)
        problems = verification.problems(found, present)
        is_kept = not problems and wiring.keep_verified(root, present.tree)
    for words in (*verification.approvals(present), *verification.unjudged(found)):
        click.echo(f"{report}: {words}")
    for problem in problems:
        click.echo(f"{report}: {problem}")
    if problems:
        sys.exit(GATE_FAILED)
    told = "" if is_kept else "; it could not be kept for later runs to be compared with"
    click.echo(f"{report}: passed, complete, and of this tree{told}")


def _present(root: Path, python: str) -> verification.Present:
    known = wiring.extensions()
    settings = wiring.configure(root, overrides(complete=True), known)
    selection = wiring.select(root, settings)
    evidence = wiring.gather_static(root, settings, selection, known=known, python=python)
    return verification.Present(
        version=wiring.own_version(),
        settings=settings,
        tree=wiring.tree_of(root, selection),
        rejudged=wiring.judge(root, settings, facts_of(evidence), known=static_gates(known)),
    )
