"""What mypy looked at in the file system. Runs in the child that runs mypy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import mypy
from mypy.fscache import FileSystemCache

from pytest_quality_gates.evidence.lookups import Lookups, Places, recorded
from pytest_quality_gates.evidence.mypy_plugin import absolute

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from mypy.build import BuildResult
    from mypy.options import Options


class Trace:
    """Hands out the caches through which mypy sees files, and remembers them."""

    def __init__(self) -> None:
        self._caches: list[FileSystemCache] = []
        self._modules: set[str] = set()
        self._is_whole = True

    def cache(self) -> FileSystemCache:
        """A new cache."""
        cache = FileSystemCache()
        # Older versions keep what they saw under other names.
        self._is_whole &= hasattr(cache, "stat_or_none_cache") and hasattr(cache, "listdir_cache")
        self._caches.append(cache)
        return cache

    def built(self, result: BuildResult, options: Options) -> None:
        """Note what a build imports. Plugins of the user's, and another interpreter, look at what nobody sees."""
        self._is_whole &= not options.plugins and options.python_executable in (None, sys.executable)
        for name, state in result.graph.items():
            self._modules |= {module.partition(".")[0] for module in (name, *state.suppressed)}

    def lookups(self, places: Places) -> Lookups | None:
        """All of it; None where there is more than can be seen, or something has changed since."""
        if not self._is_whole:
            return None
        # mypy's own stubs are as its version has them.
        own = absolute(str(Path(mypy.__file__).parent / "typeshed"))
        seen = {path: found for path, found in self._seen() if not path.startswith(own)}
        listed = {absolute(path) for cache in self._caches for path in cache.listdir_cache}
        return recorded(
            seen, sorted(path for path in listed if not path.startswith(own)), self._modules, places
        )

    def _seen(self) -> Iterator[tuple[str, os.stat_result | None]]:
        """Of what several builds saw, the first sight."""
        for cache in reversed(self._caches):
            for path, found in cache.stat_or_none_cache.items():
                yield absolute(path), found
