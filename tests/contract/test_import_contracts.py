"""The layers of the house, held by import-linter."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


def test_imports_run_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every contract in pyproject.toml is kept: the layers, the purity of gates, one door for each library."""
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert (0, True) == (status, " 0 broken." in capsys.readouterr().out)


def test_the_contracts_are_there() -> None:
    """None of the contracts was dropped."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {
        "layers",
        "catalogue",
        "pure-gates",
        "door-ast",
        "door-coverage",
        "door-click",
        "door-mypy",
        "door-pytest",
        "door-subprocess",
    } <= {contract["id"] for contract in contracts}


_IMPORTED = """
import sys
import pytest
before = set(sys.modules)
import pytest_quality_gates.plugin.gated_run
print(*sorted(set(sys.modules) - before))
"""


def test_a_gated_run_leaves_the_analysis_to_its_child() -> None:
    """What only the child beside the tests needs is not imported in the process of the tests, which waits for it."""
    ran = subprocess.run([sys.executable, "-c", _IMPORTED], capture_output=True, text=True, check=True)
    found = set(ran.stdout.split())
    assert "pytest_quality_gates.wiring" in found
    ours = {"source.call_graph", "source.index", "static.gather", "evidence.type_check", "evidence.versions"}
    assert set() == found & (
        {f"pytest_quality_gates.{name}" for name in ours} | {"mypy", "pathspec", "click"}
    )
