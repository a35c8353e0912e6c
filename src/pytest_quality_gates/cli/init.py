"""`quality-gates init`: settings that pass today, and only get stricter."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from pytest_quality_gates import wiring
from pytest_quality_gates.cli.check import facts_of, static_gates
from pytest_quality_gates.cli.environment import overrides, python_option
from pytest_quality_gates.cli.failure import GATE_FAILED, told_plainly

_TABLE = """\
[tool.quality-gates]
# Written by `quality-gates init`. Change what you like; `quality-gates config` shows what holds and why.

# The gate table: "strict", "development" or one of your own.
profile = "{profile}"

# What is judged, as it was found here. Test files are never judged.
source = [{source}]

{suite}# Patterns of files that are not judged, as in a .gitignore.
# exclude = ["**/migrations/"]

# What falls short today is accepted in .quality-gates-baseline/, which belongs in version control. Only what is new
# fails. When something is fixed: pytest --quality-gates --quality-gates-update-baseline

# One gate, with another threshold or level ("enforce", "report", "off"):
# [tool.quality-gates.tests]
# threshold = 85
"""


_SUITE = """\
# The whole test suite, as it was given to `init`: a run of less than this cannot say what the tests cover.
suite = [{suite}]

"""


@click.command()
@click.option("--profile", metavar="NAME", default="strict", help="The gate table: strict or development.")
@click.option("--no-tests", is_flag=True, help="Do not run the tests; coverage is left out of the baseline.")
@python_option
@click.argument("pytest_arguments", nargs=-1)
def init(profile: str, no_tests: bool, python: str, pytest_arguments: tuple[str, ...]) -> None:
    """Set this project up, so that it passes today and what is new is held to the gates.

    Writes a commented table [tool.quality-gates] into pyproject.toml, where there is none yet, then runs the tests and
    accepts what falls short in a baseline. Arguments behind `--` go to pytest. The exit status is that of the run.
    """
    with told_plainly():
        root = Path.cwd()
        _configure(root, profile, [place for place in pytest_arguments if (root / place).exists()])
        status = 0 if no_tests else _run_tests(root, python, pytest_arguments)
        if no_tests or status:
            click.echo(
                f"{'' if no_tests else 'the run did not pass; '}without the tests: {_accept(root, python)}"
            )
    sys.exit(GATE_FAILED if status else 0)


def _configure(root: Path, profile: str, suite: list[str]) -> None:
    settings = wiring.configure(root, overrides(profile))
    if wiring.is_configured(root):
        click.echo("pyproject.toml has a table [tool.quality-gates] already: it was left as it is")
        return
    source = _listed(wiring.select(root, settings).roots)
    named = _SUITE.format(suite=_listed(suite)) if suite else ""
    wiring.add_configuration(root, _TABLE.format(profile=profile, source=source, suite=named))
    click.echo("pyproject.toml: the table [tool.quality-gates] was added")


def _listed(places: Iterable[str]) -> str:
    return ", ".join(f'"{place}"' for place in places)


def _run_tests(root: Path, python: str, arguments: tuple[str, ...]) -> int:
    command = [python, "-m", "pytest", "--quality-gates", "--quality-gates-update-baseline", *arguments]
    click.echo(f"running {' '.join(command[1:])}")
    status, text = wiring.run_to_end(root, command)
    click.echo(text.rstrip())
    return status


def _accept(root: Path, python: str) -> str:
    """Write the baseline of the gates that need no test run, and say what is in it."""
    known = wiring.extensions()
    settings = wiring.configure(root, overrides(), known)
    facts = facts_of(wiring.gather_static(root, settings, known=known, python=python))
    return wiring.update_baseline(root, settings, facts, static_gates(known))
