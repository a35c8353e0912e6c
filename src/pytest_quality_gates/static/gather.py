"""Gather static evidence in this process, with the type checker in one of its own beside it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.catalogue.releases import that_matter
from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.evidence import type_check
from pytest_quality_gates.evidence.versions import installed_version, installed_with, versions
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.type_check import TypeFacts
from pytest_quality_gates.static.messages import Seconds, StaticEvidence, Task, Tell
from pytest_quality_gates.static.source_index import SourceIndex
from pytest_quality_gates.store.cache_directory import cache_directory, is_writable
from pytest_quality_gates.store.results import Results

Found = TypeVar("Found")


def gather(task: Task, tell: Tell = lambda _: None) -> StaticEvidence:
    """Find out what is asked; what cannot be found out is there with the reason.

    Args:
        task: What to find out.
        tell: Is told what is being done whenever that changes.
    """
    began = time.monotonic()
    catalogue = reader.load(task.catalogue)
    types = _start_types(task, catalogue)
    index, reading_s = _timed(lambda: _index(task, catalogue, tell))
    if types.is_running():
        tell(f"waiting for {task.checker}")
    said = types.join()
    types_s = time.monotonic() - began
    tell("following the calls")
    source, following_s = _timed(lambda: _facts(index, said))
    return StaticEvidence(
        source=source,
        types=said,
        judged=task.selection.roots,
        left_out=task.selection.left_out(),
        seconds=Seconds(types=types_s if task.checker else 0.0, source=reading_s + following_s),
    )


def _timed(what: Callable[[], Found]) -> tuple[Found, float]:
    began = time.monotonic()
    return what(), time.monotonic() - began


def _index(task: Task, catalogue: tuple[CatalogueFile, ...], tell: Tell) -> SourceIndex | Unavailable:
    try:
        root = Path(task.root)
        cache = cache_directory(root) if task.keeps_cache else None
        releases = _versions(root, catalogue, task.python)
        return SourceIndex(
            root, task.selection, catalogue, releases, cache / "source" if cache else None, tell
        )
    except Exception as error:  # noqa: BLE001 - whatever the source may hold, the run ends with a report
        return _unread(error)


def _facts(index: SourceIndex | Unavailable, types: TypeFacts | Unavailable) -> SourceFacts | Unavailable:
    if isinstance(index, Unavailable):
        return index
    try:
        return index.facts(types.callees if isinstance(types, TypeFacts) else {})
    except Exception as error:  # noqa: BLE001 - as above
        return _unread(error)


def _unread(error: Exception) -> Unavailable:
    return Unavailable("could_not_run", f"the source could not be read: {type(error).__name__}: {error}")


def _versions(root: Path, files: Iterable[CatalogueFile], python: str) -> Mapping[str, str]:
    installed = installed_version if python == sys.executable else installed_with(python)
    return versions(root, that_matter(files), installed)


def _start_types(task: Task, catalogue: tuple[CatalogueFile, ...]) -> type_check.Running:
    if not task.checker:
        reason = "the type checker was not asked for"
        return type_check.Running(facts=Unavailable("not_evaluated", reason))
    directory = cache_directory(Path(task.root)) if task.keeps_cache else None
    cache = directory / task.checker if directory else None
    modules = {module for file in catalogue for module in file.library.modules}
    return type_check.start(
        Path(task.root),
        [file.path for file in task.selection.judged],
        python=task.python,
        cache_dir=cache if directory and is_writable(directory) else None,
        checker=task.checker,
        roots=task.selection.import_roots(),
        libraries=sorted({module.partition(".")[0] for module in modules}),
        seed=cache,
        answers=Results(cache / "answers") if cache else None,
    )
