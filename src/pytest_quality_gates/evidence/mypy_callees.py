"""The names of all calls in the judged files, whatever the user's mypy settings leave out.

By default mypy does not look into functions without annotations, and it may be told to ignore modules. That decides
which errors count; the names of calls are wanted all the same. So where the user's own build leaves something out, a
second build looks at it, with a cache of its own that starts as a copy of the first one's: libraries are read once.
Its errors are nobody's business, and where it fails there are the names of the first.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_quality_gates.evidence import mypy_store
from pytest_quality_gates.evidence.mypy_build import Built, RefusedError, Task, build_all
from pytest_quality_gates.evidence.mypy_names import callees

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy.build import State
    from mypy.modulefinder import BuildSource
    from mypy.options import Options

    from pytest_quality_gates.facts.type_check import CalleeName

Entries = dict[str, mypy_store.Entry]


class Noted(NamedTuple):
    """What a build knows of the judged files."""

    entries: Entries
    left_out: bool
    """mypy did not look into all functions of all files."""
    lost: bool
    """mypy took a module from its cache whose names are not stored."""
    untyped_libraries: frozenset[str]
    """Top-level packages whose code mypy would not follow for want of type hints."""


def note(builds: Sequence[Built], store: Path, version: str, files: Sequence[str]) -> Noted:
    """Name the calls of what was checked, take the rest from the store, and write the store."""
    stored = mypy_store.read(store, version)
    entries: Entries = {}
    left_out = lost = False
    libraries: set[str] = set()
    for built in builds:
        states = _states(built, files)
        for path, state in states.items():
            entry = _entry(built, path, state, stored.get(path))
            if entry is None:
                lost = True
                continue
            entries[path] = entry
            left_out |= state.options.ignore_errors or (
                entry.has_untyped and not state.options.check_untyped_defs
            )
            libraries |= {module.partition(".")[0] for module in state.suppressed}
    if entries != stored:
        mypy_store.write(store, version, entries)
    return Noted(entries, left_out or len(entries) < len(files), lost, frozenset(libraries))


def complete(
    task: Task, first: Noted, libraries: frozenset[str], version: str
) -> Mapping[str, tuple[CalleeName, ...]]:
    """The names of all calls; builds a second time where the first build left something out."""
    follow = first.untyped_libraries & libraries
    entries = first.entries
    if first.left_out or first.lost or follow:
        with contextlib.suppress(RefusedError):
            entries = {**entries, **_second(task, follow, version).entries}
    return {path: entry.callees for path, entry in entries.items() if entry.callees}


def _second(task: Task, follow: frozenset[str], version: str) -> Noted:
    cache = task.cache.with_name("names")
    store = store_of(cache)
    if not cache.exists():
        shutil.copytree(task.cache, cache)
        with contextlib.suppress(OSError):
            shutil.copy(store_of(task.cache), store)

    def adjust(options: Options, sources: Sequence[BuildSource]) -> None:
        _look_everywhere(options, sources, follow)

    wide = task._replace(cache=cache, adjust=adjust, keeps_excluded=True)
    try:
        builds = build_all(wide)
    except RefusedError:
        # What the user excludes may well be what mypy cannot read.
        wide = wide._replace(keeps_excluded=False)
        builds = build_all(wide)
    noted = note(builds, store, version, task.files)
    if noted.lost:
        shutil.rmtree(cache, ignore_errors=True)
        noted = note(build_all(wide), store, version, task.files)
    return noted


def store_of(cache: Path) -> Path:
    """Where the names that belong to a cache of mypy's are kept."""
    return cache.with_name(f"{cache.name}.json")


def _look_everywhere(options: Options, sources: Sequence[BuildSource], follow: frozenset[str]) -> None:
    """Check all functions of the judged modules and follow the libraries, with all other options as they are.

    Only modules whose options change are checked anew; so nothing is set for all.
    """
    changes = {"check_untyped_defs": True, "ignore_errors": False, "follow_imports": "normal"}
    per_module = options.per_module_options
    for source in sources:
        per_module[source.module] = {**per_module.get(source.module, {}), **changes}
    for library in follow:
        for pattern in (library, f"{library}.*"):
            followed = {"follow_untyped_imports": True, "follow_imports": "silent"}
            per_module[pattern] = {**per_module.get(pattern, {}), **followed}
    options.warn_unused_configs = False


def _states(built: Built, files: Sequence[str]) -> dict[str, State]:
    by_path = {state.path: state for state in built.result.graph.values() if state.path}
    return {path: by_path[path] for path in files if path in by_path}


def _entry(built: Built, path: str, state: State, stored: mypy_store.Entry | None) -> mypy_store.Entry | None:
    graph = built.result.graph
    interfaces = [(name, str(graph[name].interface_hash)) for name in state.dependencies if name in graph]
    try:
        content = Path(path).read_bytes()
    except OSError:
        return None
    digest = mypy_store.digest(content, interfaces)
    noted = built.notes.files.get(path)
    if noted is not None:
        names = callees(noted.calls, built.result.types)
        return mypy_store.Entry(digest=digest, has_untyped=noted.has_untyped, callees=names)
    return stored if stored is not None and stored.digest == digest else None
