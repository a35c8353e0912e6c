"""Files of the project, apart from what is installed inside of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_quality_gates.evidence.own_files import OwnFiles


@pytest.mark.parametrize(
    ("file", "relative"),
    [
        ("shop/a.py", "shop/a.py"),
        ("env/lib/python3.12/unittest/case.py", ""),
        ("libs/dist-packages/b.py", ""),
        ("libs/site-packages/b.py", ""),
        ("../other/c.py", ""),
        ("<string>", ""),
    ],
)
def test_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, relative: str) -> None:
    """An interpreter in the project's directory is not the project's, and neither is the text that `exec` runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    path = file if file.startswith("<") else str(tmp_path / file)
    assert relative == OwnFiles(tmp_path).relative(path)


def test_root_that_is_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project whose root is the environment's own directory has files all the same."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert "shop/a.py" == OwnFiles(tmp_path).relative(str(tmp_path / "shop/a.py"))
