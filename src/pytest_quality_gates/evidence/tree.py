"""The state of the files that a result depends on."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence import git
from pytest_quality_gates.model.origin import Tree

log = logging.getLogger(__name__)

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
"""Files that decide what is judged and how: at the top of a project, and beside and above its files."""


def tree(root: Path, files: Iterable[str]) -> Tree:
    """The state of `files` and of the settings around them; a file that cannot be read is left out."""
    files = set(files)
    directories = {parent.as_posix() for path in files for parent in PurePosixPath(path).parents}
    nested = {f"{place}/{name}" for place in directories - {"."} for name in SETTINGS}
    found = {}
    for path in sorted({*files, *SETTINGS, *nested}):
        text = content(root, path)
        if text is not None:
            found[path] = digest(text)
    return Tree(commit=_commit(root), files=found)


def content(root: Path, path: str) -> bytes | None:
    """What stands in a file; None where it cannot be read."""
    try:
        return (root / path).read_bytes()
    except OSError:
        return None


def digest(text: bytes) -> str:
    """As it stands in the state of a tree."""
    return hashlib.sha256(text).hexdigest()


def _commit(root: Path) -> str:
    repository = git.find(root)
    try:
        return repository.ask("rev-parse", "HEAD").strip() if repository else ""
    except EvidenceError:
        log.debug("nothing is committed yet", exc_info=True)
        return ""
