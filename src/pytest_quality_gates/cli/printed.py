"""A report as a command prints it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from pytest_quality_gates.model.report import Report
from pytest_quality_gates.reports import terminal

_COLOURS = {"good": "green", "bad": "red", "warn": "yellow"}


def print_report(report: Report, verbosity: int, root: Path) -> None:
    """Print the table, what fell short and the verdict.

    Args:
        report: The result.
        verbosity: As pytest counts it.
        root: What the paths of the report are relative to; they are printed as seen from the current directory.
    """
    encoding = (sys.stdout.encoding or "ascii").lower()
    look = terminal.Look(
        width=shutil.get_terminal_size().columns,
        verbosity=verbosity,
        ascii_only=not encoding.startswith(("utf", "cp65001")),
        root=str(root.resolve()),
        start=str(Path.cwd()),
    )
    for line in (*terminal.body(report, look), terminal.verdict_line(report, look)):
        click.echo("".join(map(_styled, line)))


def _styled(span: terminal.Span) -> str:
    if span.style in _COLOURS:
        return click.style(span.text, fg=_COLOURS[span.style])
    return click.style(span.text, bold=span.style == "strong" or None, dim=span.style == "faint" or None)
