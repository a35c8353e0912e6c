"""The layers of the house, held by import-linter."""

from __future__ import annotations

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
