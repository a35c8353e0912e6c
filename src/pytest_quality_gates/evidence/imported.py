"""Which of the project's files this process has run."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from pytest_quality_gates.evidence.own_files import OwnFiles

log = logging.getLogger(__name__)


def imported_files(root: Path) -> tuple[str, ...]:
    """The files below `root` that modules come from, relative to it, with `/`; what is installed below it is left out."""
    own = OwnFiles(root)
    files = {file for file in map(_file, [*sys.modules.values()]) if file.endswith(".py")}
    paths = (own.relative(file) for file in files)
    return tuple(sorted({path.replace(os.sep, "/") for path in paths if path}))


def _file(module: object) -> str:
    """Where a module comes from. It may be anything that somebody put there, or load only when an attribute is asked for."""
    try:
        file = object.__getattribute__(module, "__dict__").get("__file__")
    except Exception:
        log.debug("what stands in sys.modules is no module: %s", type(module), exc_info=True)
        return ""
    return file if isinstance(file, str) else ""
