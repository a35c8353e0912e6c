"""What the gates find in an audited package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
from tests.audit.packages import Package, prepare

COMMAND = Path(sys.executable).with_name("quality-gates")
_TIME = 3600
_JUDGED = {0, 1}
"""Exit statuses of a check that came to its end."""


class CheckError(Exception):
    """The command failed on a package; the text says on which and how."""


class Finding(msgspec.Struct, frozen=True, order=True):
    """A finding of one gate in one package, without what changes from run to run."""

    package: str
    path: str
    line: int
    rule: str
    symbol: str
    message: str
    gate: str


class _Reported(msgspec.Struct, frozen=True):
    """What is read of a finding in the JSON report."""

    gate: str
    rule: str
    path: str
    line: int
    symbol: str
    message: str


class _Report(msgspec.Struct, frozen=True):
    findings: list[_Reported]


def check(package: Package, store: Path) -> list[Finding]:
    """Run `quality-gates check` on a package and give all its findings.

    Raises:
        FetchError: The package cannot be had.
        CheckError: The command failed.
    """
    tree, python = prepare(package, store)
    report = store / "reports" / f"{package.source.folder}.json"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    run = subprocess.run(
        [COMMAND, "check", tree, "--python", python, "--quiet", "--report", f"json:{report}"],
        capture_output=True,
        text=True,
        timeout=_TIME,
        check=False,
    )
    if run.returncode not in _JUDGED or not report.exists():
        raise CheckError(
            f"{package.requirement} cannot be checked: {run.stderr.strip() or run.stdout.strip()}"
        )
    return read_report(report, package.requirement)


def read_report(report: Path, package: str) -> list[Finding]:
    """The findings of a JSON report.

    Args:
        report: The file.
        package: The package that it is about, as `name==version`.
    """
    found = msgspec.json.decode(report.read_bytes(), type=_Report).findings
    return [Finding(package, f.path, f.line, f.rule, f.symbol, f.message, f.gate) for f in found]
