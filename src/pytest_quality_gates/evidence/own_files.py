"""Which files that run are the project's own, and which are installed inside of it."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

_INSTALLED = frozenset({"site-packages", "dist-packages"})


class OwnFiles:
    """The files below a directory, but for an interpreter, an environment or packages that lie in it."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root) + os.sep
        places = (sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"))
        real = {os.path.realpath(place) + os.sep for place in places}
        self._known: dict[str, str] = {}
        self._foreign = tuple(place for place in real if place.startswith(self._root) and place != self._root)

    def relative(self, file: str) -> str:
        """The path below the directory; empty for what is not the project's, as the text that `exec` runs."""
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = self._look_up(file)
        return known

    def _look_up(self, file: str) -> str:
        if file.startswith("<"):
            return ""
        real = os.path.realpath(file)
        if not real.startswith(self._root) or (self._foreign and real.startswith(self._foreign)):
            return ""
        path = real[len(self._root) :]
        return "" if set(Path(path).parts) & _INSTALLED else path
