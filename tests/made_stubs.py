"""What mypy makes of the standard library, made once and laid into the projects of the tests.

It is over half of what a first run on a small project costs, and the same for all of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.lock import alone

KEPT = Path(".quality-gates") / "mypy" / "errors"
"""Below the root of a project: mypy's own cache of our run."""
SOURCE = '"""Nothing."""\n\nimport asyncio\nimport collections.abc\nimport dataclasses\nimport logging\nimport urllib.request\n'
TEST = "def test_nothing():\n    import nothing\n"


class Stubs:
    """That cache, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def lay_into(self, root: Path) -> None:
        """Let the first run in a project find the standard library read; not where it has a cache already."""
        if not (root / KEPT).exists():
            shutil.copytree(self._directory, root / KEPT)


def read_stubs(directory: Path) -> Stubs:
    """Run the gates once on nothing but imports, unless another process of these tests did."""
    kept = directory / KEPT
    with alone(directory):
        if not (directory / "done").exists():
            (directory / "nothing.py").write_text(SOURCE, encoding="utf-8")
            (directory / "test_nothing.py").write_text(TEST, encoding="utf-8")
            (directory / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
            command = ("-m", "pytest", "-q", "-p", "pytest_quality_gates.plugin", "--quality-gates")
            environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
            for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS", "COVERAGE_PROCESS_CONFIG"):
                environment.pop(name, None)
            done = subprocess.run(
                [sys.executable, *command],
                cwd=directory,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=240,
            )
            assert kept.is_dir(), done.stdout + done.stderr
            (directory / "done").touch()
    return Stubs(kept)


@pytest.fixture(scope="session")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> Stubs:
    """One for all processes that run these tests together."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    directory = shared / "stubs"
    directory.mkdir(exist_ok=True)
    return read_stubs(directory)
