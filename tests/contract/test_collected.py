"""No test of ours is overlooked by pytest for the name of its class or of its file, and all processes see the same ones."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def overlooked(path: Path) -> list[str]:
    """The functions in a file that are named as tests and never run."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    if path.name.startswith("test_"):
        body = []
        classes = [node for node in classes if not node.name.startswith("Test")]
    nodes = [*body, *(node for owner in classes for node in owner.body)]
    return [
        f"{path.name}:{node.lineno}: {node.name}"
        for node in nodes
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test")
    ]


def test_every_test_is_collected(tmp_path: Path) -> None:
    """Tests are in files named `test_*`, at the top or in a class named `Test*`."""
    sample = tmp_path / "test_sample.py"
    sample.write_text("class TestOne:\n    def test_a(self): ...\nclass Other:\n    def test_b(self): ...\n")
    assert ["test_sample.py:4: test_b"] == overlooked(sample)
    found = [line for path in sorted(TESTS.rglob("*.py")) for line in overlooked(path)]
    assert [] == found


def test_the_same_tests_in_every_process() -> None:
    """No name of a test hangs on the order of a set: pytest-xdist refuses workers that collected different tests."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", str(TESTS)]
    seeds = [
        subprocess.Popen(
            command,
            cwd=TESTS.parent,
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    one, other = (process.communicate()[0].splitlines() for process in seeds)
    tests = [line for line in one if "::" in line]
    assert any("test_collected.py::" in line for line in tests)
    assert tests == [line for line in other if "::" in line]
