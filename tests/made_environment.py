"""A virtual environment made for one test."""

from __future__ import annotations

import sys
import venv
from pathlib import Path
from typing import NamedTuple


class Environment(NamedTuple):
    """An environment without pip."""

    python: str
    """Its interpreter."""
    packages: Path
    """The directory of its installed packages."""

    def install(self, files: dict[str, str]) -> None:
        """Write files into the packages' directory, by their paths in it."""
        for name, text in files.items():
            path = self.packages / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def made_environment(root: Path) -> Environment:
    """Make one in `root`."""
    on_windows = sys.platform == "win32"
    venv.create(root, symlinks=not on_windows)
    packages = next(root.glob("Lib/site-packages" if on_windows else "lib/python*/site-packages"))
    return Environment(str(root / ("Scripts/python.exe" if on_windows else "bin/python")), packages)
