"""The gate `tests` in an audited package: its own tests, run under the gates."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.accuracy.environments import made
from tests.accuracy.sources import ROOT, FetchError
from tests.audit.findings import CheckError, Finding, read_report
from tests.audit.packages import Package, Tests

_FETCH, _RUN = 600, 3600
_FULL = "\n[tool.quality-gates.tests]\nthreshold = 100\n"
"""A covered share that falls short of this is listed file by file, so that there is something to audit."""


def run(package: Package, tests: Tests, store: Path) -> list[Finding]:
    """Run a package's tests with `pytest --quality-gates` and give the findings of the gate `tests`.

    Args:
        package: The release.
        tests: How its tests are run.
        store: Where source distributions and environments are kept.

    Raises:
        FetchError: The source distribution, or what the tests need, cannot be had.
        CheckError: pytest gave no report.
    """
    tree = _unpacked(package, tests, store)
    folder = f"{package.source.folder}-tests"
    python = made(store / "environments" / folder, f"--editable={ROOT}", f"--editable={tree}", *tests.needs)
    report = store / "reports" / f"{folder}.json"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    command = [str(python), "-m", "pytest", "-q", "--quality-gates", f"--quality-gates-report=json:{report}"]
    ended = subprocess.run(
        [*command, *tests.arguments],
        cwd=tree,
        env={key: value for key, value in os.environ.items() if not key.startswith("COV")},
        capture_output=True,
        text=True,
        timeout=_RUN,
        check=False,
    )
    if not report.exists():
        raise CheckError(f"{package.requirement}: its tests gave no report: {ended.stdout[-2000:]}")
    found = read_report(report, package.requirement)
    return [finding for finding in found if finding.gate == "tests"]


def _unpacked(package: Package, tests: Tests, store: Path) -> Path:
    folder = store / "sdists"
    tree = folder / tests.sdist.removesuffix(".tar.gz")
    if not tree.exists():
        _download(package, tests, folder)
        with tarfile.open(folder / tests.sdist) as archive:
            archive.extractall(folder, filter="data")
        with (tree / "pyproject.toml").open("a", encoding="utf-8") as project:
            project.write(_FULL)
    return tree


def _download(package: Package, tests: Tests, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / f"{package.source.folder}.txt"
    wanted.write_text(f"{package.requirement} --hash=sha256:{tests.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    name = package.requirement.partition("==")[0]
    ended = subprocess.run(
        [*command, f"--no-binary={name}", "--dest", str(folder), "--requirement", str(wanted)],
        capture_output=True,
        text=True,
        timeout=_FETCH,
        check=False,
    )
    if ended.returncode:
        raise FetchError(f"{tests.sdist} cannot be fetched: {ended.stderr.strip()}")
