"""What the environment says to a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pytest_quality_gates.config.settings import Overrides


def overrides(
    profile: str | None = None,
    *,
    complete: bool = False,
    reports: tuple[str, ...] = (),
    since: str = "",
    update_baseline: bool = False,
) -> Overrides:
    """The command line and the environment as settings read them."""
    return Overrides(
        profile=profile,
        complete=True if complete else None,
        in_ci=os.environ.get("CI", "").lower() not in {"", "0", "false"},
        reports=reports,
        since=since,
        update_baseline=update_baseline,
        option_prefix="--",
    )


def _absolute(_context: click.Context, _parameter: click.Parameter, given: Path | None) -> str:
    """The interpreter's path as it was given; a virtual environment's is a link, which must not be followed."""
    return str(given.absolute()) if given else sys.executable


python_option = click.option(
    "--python",
    metavar="PATH",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_absolute,
    help="The interpreter whose installed packages the code uses; without it, the one that runs this command.",
)
"""The option `--python`, for commands that look at the environment of a project."""
