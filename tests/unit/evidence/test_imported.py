"""Files that this process ran."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from pytest_quality_gates.evidence.imported import imported_files


def test_files_below_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python files of the project by path; what is installed, elsewhere, built in or compiled is left out."""
    places = ["shop/a.py", "venv/lib/site-packages/b.py", "shop/c.so", "../d.py", None]
    for number, place in enumerate(places):
        module = ModuleType(f"made_{number}")
        module.__file__ = place and str(tmp_path / place)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    assert ("shop/a.py",) == imported_files(tmp_path)


def test_modules_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody put in the place of a module is not asked for anything."""

    class Lazy:
        def __getattr__(self, name: str) -> str:
            raise ImportError(name)

    class Odd:
        __slots__ = ()

    monkeypatch.setitem(sys.modules, "made_lazy", Lazy())
    monkeypatch.setitem(sys.modules, "made_odd", Odd())
    assert () == imported_files(tmp_path)
