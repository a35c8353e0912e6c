"""Which module a file is, where mypy's own guess fails. Runs in the child that runs mypy.

Without configuration mypy takes a package to start at the topmost directory with an `__init__.py`. That is wrong for
namespace packages and gives some trees two modules of one name. Then module names are derived from the directories
that imports start from.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_quality_gates.evidence.mypy_build import Built, RefusedError, Task, build_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy.fscache import FileSystemCache

_NOT_FOUND = re.compile(r'module named "([\w.]+)"')


def build_with_roots(task: Task, roots: Sequence[str]) -> tuple[Task, list[Built]]:
    """Build as the user's configuration has it, and again by our import roots if that does not fit the tree.

    Raises:
        RefusedError: mypy will not check, or crashed.
    """
    from_roots = task._replace(explicit_bases=True)
    try:
        builds = build_all(task)
    except RefusedError as error:
        if not error.is_about_module_names:
            raise
        _import_from(roots)
        return from_roots, build_all(from_roots)
    missing = _missing_but_there(builds, roots, task)
    if not missing:
        return task, builds
    before = os.environ.get("MYPYPATH", "")
    _import_from(roots)
    try:
        again = build_all(from_roots)
    except RefusedError:
        again = []
    if again and len(_missing_but_there(again, roots, task)) < len(missing):
        return from_roots, again
    os.environ["MYPYPATH"] = before
    return task, builds


def _import_from(roots: Sequence[str]) -> None:
    paths = [
        *filter(None, os.environ.get("MYPYPATH", "").split(os.pathsep)),
        *(str(Path.cwd() / root) for root in roots),
    ]
    os.environ["MYPYPATH"] = os.pathsep.join(paths)


def _missing_but_there(builds: Sequence[Built], roots: Sequence[str], task: Task) -> list[str]:
    """The modules that mypy does not find although a file or directory of their name is below an import root."""
    files = task.trace.cache()
    return [
        match[1]
        for built in builds
        for message in built.messages
        if message.code in {"import", "import-not-found"} and (match := _NOT_FOUND.search(message.text))
        if any(_has_module(Path(root), match[1], files) for root in roots)
    ]


def _has_module(root: Path, module: str, files: FileSystemCache) -> bool:
    path = root.joinpath(*module.split("."))
    return bool(files.isdir(str(path)) or files.isfile(f"{path}.py"))
