"""A small project that passes, in a repository, and the two commands that a change of it has to pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.made_repository import Repository
from tests.made_stubs import Stubs

from pytest_quality_gates.compared_base import CI_TARGETS

SETTINGS = """\
[project]
name = "shop"
version = "1.0"

[tool.quality-gates]
source = ["shop"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
addopts = []
"""
PRICES = '''\
"""Prices."""


def total(prices: list[int]) -> int:
    """The sum."""
    if not prices:
        raise ValueError("nothing to add")
    return sum(prices)
'''
TESTS = """\
import pytest

from shop.prices import total


def test_total():
    assert total([1, 2]) == 3


def test_nothing():
    with pytest.raises(ValueError):
        total([])
"""
BASE = {
    "pyproject.toml": SETTINGS,
    "shop/__init__.py": "",
    "shop/prices.py": PRICES,
    "tests/test_prices.py": TESTS,
    ".gitignore": "__pycache__/\n.quality-gates/\n.pytest_cache/\nreport.json\n.coverage\nbundles/\n",
}
RUN = ("--quality-gates", "--quality-gates-complete", "--quality-gates-report", "json:report.json")
VERIFY = "from pytest_quality_gates.cli import main; main()"


class Outcome(NamedTuple):
    """What a run said."""

    status: int
    text: str


class Project:
    """The project, on a branch."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self._environment = environment
        self.repository = Repository(root)
        self.repository.commit(BASE)
        self.repository.git("checkout", "-q", "-b", "work")

    def run(self, *arguments: str, **environment: str) -> Outcome:
        """Run the tests with the gates, as a CI does; the arguments come behind."""
        return self._python(
            "-m", "pytest", "-p", "pytest_quality_gates.plugin", *RUN, *arguments, **environment
        )

    def verify(self) -> Outcome:
        """Check the report before the merge."""
        return self._python("-c", VERIFY, "verify", "report.json")

    def shard(self, number: str, *arguments: str) -> Outcome:
        """Run one part of the suite; its bundle goes to `bundles/`."""
        bundle = ("--quality-gates-bundle", f"bundles/{number[0]}", "--quality-gates-shard", number)
        return self._python(
            "-m", "pytest", "-p", "pytest_quality_gates.plugin", "--quality-gates", *bundle, *arguments
        )

    def merge(self) -> Outcome:
        """Judge the parts."""
        return self._python("-c", VERIFY, "merge", "--complete", "--report", "json:report.json", "bundles")

    def _python(self, *arguments: str, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self._environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=55,
        )
        return Outcome(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def project(tmp_path: Path, stubs: Stubs) -> Project:
    """The project."""
    stubs.lay_into(tmp_path / "project")
    foreign = (
        *CI_TARGETS,
        "CI",
        "PYTEST_ADDOPTS",
        "PYTEST_XDIST_WORKER",
        "COVERAGE_PROCESS_CONFIG",
        "COVERAGE_FILE",
    )
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return Project(tmp_path / "project", kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
