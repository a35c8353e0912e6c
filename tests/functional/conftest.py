"""Whole runs of pytest on small projects, each in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.made_stubs import Stubs

HERE = Path(__file__).parent

PRICES = '''"""Prices."""

from __future__ import annotations


def total(prices: list[float], rate: float) -> float:
    """Sum with tax."""
    if rate > 1:
        return 0.0
    return sum(prices) * (1 + rate)


def half(price: float) -> float:
    """Half of it."""
    return price / 2
'''
TESTS = '''"""Tests of prices."""

from shop.prices import half, total


def test_total():
    assert total([1.0], 0.0) == 1.0


def test_half():
    assert half(4.0) == 2.0
'''
SETTINGS = """[project]
name = "shop"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["."]
"""
GOOD_SHOP = {
    "pyproject.toml": SETTINGS,
    "shop/__init__.py": '"""A shop."""\n',
    "shop/prices.py": PRICES,
    "tests/test_prices.py": TESTS,
}


class Project:
    """A project in a directory, and pytest on it."""

    def __init__(self, pytester: pytest.Pytester, root: Path) -> None:
        self._pytester = pytester
        self.root = root

    def write(self, files: dict[str, str]) -> None:
        """Write files, by path relative to the root."""
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text, encoding="utf-8")

    def run(
        self,
        *arguments: str,
        plugins: tuple[str, ...] = (),
        gated: bool = True,
        through: tuple[str, ...] = (),
    ) -> pytest.RunResult:
        """Run pytest with our plugin and `plugins`, and nothing else that is installed; `through` another program."""
        loaded = ("pytest_quality_gates.plugin", *(["keep_measuring"] if gated else []), *plugins)
        named = [part for plugin in loaded for part in ("-p", plugin)]
        asked = ["--quality-gates"] if gated else []
        return self.python("-m", "pytest", *named, *asked, *arguments, through=through)

    def python(self, *arguments: str, through: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run the interpreter in the project."""
        os.chdir(self.root)
        return self._pytester.run(*through, sys.executable, *arguments, timeout=240)

    @staticmethod
    def last_line(result: pytest.RunResult) -> str:
        """The last line printed."""
        return [line for line in result.outlines if line][-1]

    def report(self) -> dict[str, Any]:
        """What was written by `--quality-gates-report json:report.json`."""
        report: dict[str, Any] = json.loads((self.root / "report.json").read_text(encoding="utf-8"))
        return report

    def gate(self, slug: str) -> dict[str, Any]:
        """One gate of that report."""
        found: dict[str, Any] = next(gate for gate in self.report()["gates"] if gate["slug"] == slug)
        return found


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, stubs: Stubs) -> Project:
    """An empty project, but for what mypy made of the standard library."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(HERE), prepend=os.pathsep)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("CI", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "COVERAGE_CORE", "COVERAGE_FILE"):
        monkeypatch.delenv(name, raising=False)
    stubs.lay_into(pytester.path)
    return Project(pytester, pytester.path)


@pytest.fixture
def shop(project: Project) -> Project:
    """A project that passes every gate."""
    project.write(GOOD_SHOP)
    return project
