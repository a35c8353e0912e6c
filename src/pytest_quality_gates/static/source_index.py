"""The source facts through the cache: a finished result where nothing has changed, else as little reading as that takes."""

from __future__ import annotations

import hashlib
import itertools
import sys
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

import msgspec

from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.type_check import CalleeName
from pytest_quality_gates.source.index import Reading, analyse, read
from pytest_quality_gates.source.selection import SelectedFile, Selection
from pytest_quality_gates.source.summary import ModuleSummary
from pytest_quality_gates.static.summaries import from_texts, read_texts
from pytest_quality_gates.store.cache_directory import versioned
from pytest_quality_gates.store.packs import Packs
from pytest_quality_gates.store.results import Results

_MAKERS = ("facts", "source")
"""The packages of ours whose code decides what facts come out."""

_STEP = 50
"""Files after which it is told how far the reading is."""


class SourceIndex:
    """One pass over the source, in two steps: what can be done without the type checker, and the rest."""

    def __init__(
        self,
        root: Path,
        selection: Selection,
        catalogue: tuple[CatalogueFile, ...],
        versions: Mapping[str, str],
        directory: Path | None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Look at every file, and read those that changed unless the whole result may be known.

        Args:
            root: The project's directory.
            selection: The files.
            catalogue: All files of the catalogue, the user's last.
            versions: By distribution, the release in use.
            directory: Where this and nothing else is kept between runs; None to keep nothing.
            tell: Is told how far the reading is.
        """
        self._selection = selection
        self._tell = tell
        self._catalogue = catalogue
        self._versions = versions
        place = versioned(directory, maker()) if directory is not None else None
        self._packs = Packs(place / "files" if place else None)
        self._results = Results(place / "results" if place else None)
        texts = read_texts(root, selection.judged)
        digests = {path: text.digest for path, text in texts.items()}
        self._load = from_texts(texts, digests, self._packs)
        self._inputs = _digest((selection, list(digests.values()), catalogue, sorted(versions.items())))
        self._reading = None if self._results.has(self._inputs) else self._read()

    def facts(self, callees: Mapping[str, tuple[CalleeName, ...]]) -> SourceFacts:
        """All facts.

        Args:
            callees: By path, what the type checker says each callee is; empty where it did not run.
        """
        key = f"{self._inputs}-{_digest(sorted(callees.items()))}"
        known = _decoded(self._results.get(key))
        if known is not None:
            return known
        facts = analyse(self._reading or self._read(), callees, self._catalogue, self._versions)
        encoded = _encoded(facts)
        if encoded is not None:
            self._results.put(key, encoded)
        return facts

    def _read(self) -> Reading:
        total = len(self._selection.judged)
        done = itertools.count()

        def load(file: SelectedFile) -> ModuleSummary:
            number = next(done)
            if number % _STEP == 0:
                self._tell(f"reading the source, {number} of {total} files")
            return self._load(file)

        found = read(self._selection, load)
        self._packs.save()
        return found


def maker() -> str:
    """What made a value of the cache: this interpreter, and the code of ours as it is installed."""
    total = hashlib.blake2b(f"{sys.version}\0{msgspec.__version__}".encode(), digest_size=8)
    for package in _MAKERS:
        folder = resources.files("pytest_quality_gates") / package
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                total.update(file.name.encode() + file.read_bytes())
    return f"{sys.implementation.cache_tag}-{total.hexdigest()}"


def _digest(value: object) -> str:
    """Of anything that msgspec can write; names that are no text count by their bytes."""
    try:
        encoded = msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        encoded = repr(value).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


def _encoded(facts: SourceFacts) -> bytes | None:
    try:
        return msgspec.msgpack.encode(facts)
    except (UnicodeEncodeError, OverflowError):
        return None


def _decoded(value: bytes | None) -> SourceFacts | None:
    try:
        return msgspec.msgpack.decode(value, type=SourceFacts) if value is not None else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
