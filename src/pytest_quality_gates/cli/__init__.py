"""The `quality-gates` command: one module a subcommand."""

from __future__ import annotations

import click

from pytest_quality_gates.cli.check import check
from pytest_quality_gates.cli.config import config
from pytest_quality_gates.cli.explain import explain
from pytest_quality_gates.cli.facts import facts
from pytest_quality_gates.cli.init import init
from pytest_quality_gates.cli.merge import merge
from pytest_quality_gates.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pytest-quality-gates")
def main() -> None:
    """Say whether Python code is ready for production."""


for _command in (check, config, explain, facts, init, merge, verify):
    main.add_command(_command)

__all__ = ["main"]
