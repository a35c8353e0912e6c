"""Which of the project's files this process has run."""

from __future__ import annotations

import sys
from pathlib import Path


def imported_files(root: Path) -> tuple[str, ...]:
    """The files below `root` that modules come from, relative to it, with `/`; what is installed below it is left out."""
    files = {getattr(module, "__file__", None) for module in [*sys.modules.values()]}
    top = root.resolve()
    found = set()
    for file in files:
        if isinstance(file, str) and file.endswith(".py"):
            path = Path(file).resolve()
            if path.is_relative_to(top) and "site-packages" not in path.parts:
                found.add(path.relative_to(top).as_posix())
    return tuple(sorted(found))
