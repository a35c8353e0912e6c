"""The demo service: as it was found every gate fails, put right every gate passes."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.made_repository import Repository

ORDERS = Path(__file__).parents[2] / "fixtures" / "projects" / "orders"
LIBRARIES = ("fakeredis", "fastapi", "httpx", "httpx2", "purgatory", "redis", "sqlalchemy")
MISSING = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]

LONGEST_SECONDS = 600
PASS_IN_BOTH = {"assertions", "integrity"}
"""Gates that judge the tests, which are honest in both, and a change, which the demo is none of."""

pytestmark = [
    pytest.mark.timeout(LONGEST_SECONDS + 10),  # mypy reads the libraries for the first time
    pytest.mark.ecosystem,
    pytest.mark.skipif(bool(MISSING), reason=f"the demo's libraries are not installed: {', '.join(MISSING)}"),
]


class Run(NamedTuple):
    """What came of one gated run."""

    exit_status: int
    output: str
    report: dict[str, Any]

    def gates_unlike(self, verdict: str) -> dict[str, str]:
        """The gates with another verdict than `verdict`, and their reasons."""
        return {gate["slug"]: gate["reason"] for gate in self.gates() if gate["verdict"] != verdict}

    def gates(self) -> list[dict[str, Any]]:
        """The gates that the demo is about."""
        return [gate for gate in self.report["gates"] if gate["slug"] not in PASS_IN_BOTH]

    def unprinted(self, block: str) -> list[str]:
        """The lines of a block of the README that the run did not print, spaces aside."""
        printed = {" ".join(line.split()) for line in self.output.splitlines()}
        shown = (" ".join(line.split()) for line in block.splitlines() if not line.startswith("="))
        return [line for line in shown if line not in {*printed, "…"}]


def readme_blocks() -> list[str]:
    """The outputs that the README shows, of the demo as it was found and put right."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _gated_run(name: str, folder: Path) -> Run:
    """Run the gates on a copy of one of the two projects."""
    project = folder / name
    shutil.copytree(ORDERS / name, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    repository = Repository(project)  # as a reader of the README has it
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "as it is")
    report = folder / "report.json"
    # The outer run's measurement and its CI must not reach into this one.
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("COV", "CI", "PYTEST"))
    }
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--quality-gates", f"--quality-gates-report=json:{report}"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    assert report.exists(), run.stdout + run.stderr
    return Run(run.returncode, run.stdout, json.loads(report.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def as_found(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The gated run of the service as it was found."""
    return _gated_run("before", tmp_path_factory.mktemp("before"))


def test_as_found_every_gate_fails(as_found: Run) -> None:
    """The service as it was found passes its tests, and fails each gate and with them the session."""
    assert "6 passed" in as_found.output
    assert {} == as_found.gates_unlike("failed")
    assert "failed" == as_found.report["verdict"]
    assert 1 == as_found.exit_status


def test_as_found_the_readme_shows_it(as_found: Run) -> None:
    """What the README shows of the first run is what the run prints."""
    assert [] == as_found.unprinted(readme_blocks()[0])


def test_as_found_the_distant_mistakes_are_named(as_found: Run) -> None:
    """What cannot be seen in one file is found: the sleep behind a helper, the guard missing two calls away."""
    found = {(finding["rule"], finding["path"], finding["symbol"]) for finding in as_found.report["findings"]}
    expected = {
        ("blocks-loop", "orders/backoff.py", "pause"),
        ("no-timeout", "orders/payments.py", "PaymentClient.charge"),
        ("unguarded", "orders/payments.py", "PaymentClient.charge"),
        ("unguarded", "orders/stock.py", "Stock.reserve"),
        ("blocks-loop", "orders/stock.py", "Stock.reserve"),
        ("pass", "orders/warehouse.py", "Warehouse.notify"),
        ("raise-without-cause", "orders/api.py", "create_order"),
        ("detail-to-client", "orders/api.py", "create_order"),
        ("missing-annotation", "orders/backoff.py", "pause"),
    }
    assert set() == expected - found


def test_put_right_every_gate_passes(tmp_path: Path) -> None:
    """The same service put right passes its tests and each gate, with calls and handlers to judge."""
    run = _gated_run("after", tmp_path)
    assert {} == run.gates_unlike("passed")
    assert [] == [gate["slug"] for gate in run.gates() if not gate["total"]]
    assert [] == run.unprinted(readme_blocks()[1])
    assert "passed" == run.report["verdict"]
    assert 0 == run.exit_status
