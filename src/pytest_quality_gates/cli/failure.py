"""How a command ends when something is wrong: with a text, never with a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from pytest_quality_gates.errors import ConfigurationError, QualityGatesError

GATE_FAILED = 1
CONFIGURATION_WRONG = 4
"""As pytest's own usage error."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Print an expected failure on the error stream and end with its status."""
    try:
        yield
    except ConfigurationError as error:
        for problem in error.problems:
            click.echo(f"error: {problem}", err=True)
        raise click.exceptions.Exit(CONFIGURATION_WRONG) from error
    except QualityGatesError as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(GATE_FAILED) from error
