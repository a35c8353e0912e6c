"""The state of the files that a result depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence import git
from pytest_quality_gates.model.origin import Tree

SETTINGS = (
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "conftest.py",
    ".coveragerc",
    "mypy.ini",
    ".mypy.ini",
    "ruff.toml",
    ".ruff.toml",
    ".quality-gates-baseline/entries",
)
"""Files at the top of a project that decide what is judged and how."""


def tree(root: Path, files: Iterable[str]) -> Tree:
    """The state of `files` and of the project's settings; a file that cannot be read is left out."""
    found = {}
    for path in sorted({*files, *SETTINGS}):
        try:
            found[path] = hashlib.sha256((root / path).read_bytes()).hexdigest()
        except OSError:
            continue
    return Tree(commit=_commit(root), files=found)


def _commit(root: Path) -> str:
    repository = git.find(root)
    try:
        return repository.ask("rev-parse", "HEAD").strip() if repository else ""
    except EvidenceError:  # nothing is committed yet
        return ""
