"""What is declared, and what is there."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_no_upper_bounds() -> None:
    """We live in other people's environments: every dependency has a lower bound and no upper one."""
    bounds = {
        Requirement(text).name: str(Requirement(text).specifier)
        for text in PYPROJECT["project"]["dependencies"]
    }
    assert {name: bound for name, bound in bounds.items() if not bound.startswith(">=") or "," in bound} == {}


def test_every_exception_has_a_reason() -> None:
    """Each rule of ruff that is left out says why, on its own line."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    start = lines.index("[tool.ruff.lint]")
    end = lines.index("[tool.ruff.lint.flake8-type-checking]")
    codes = [line for line in lines[start:end] if line.startswith('    "')]
    assert codes
    assert [line for line in codes if "# " not in line] == []


def test_entry_points_lead_somewhere() -> None:
    """The plugin's module and the command's function can be imported."""
    import_module(PYPROJECT["project"]["entry-points"]["pytest11"]["quality-gates"])
    module, _, name = PYPROJECT["project"]["scripts"]["quality-gates"].partition(":")
    assert callable(getattr(import_module(module), name))
