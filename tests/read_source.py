"""Facts of source text that is written down in a test, or kept under fixtures/source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.type_check import CalleeName
from pytest_quality_gates.source import index
from pytest_quality_gates.source.selection import SelectedFile, Selection


@cache
def catalogue() -> tuple[CatalogueFile, ...]:
    """The catalogue that is shipped, read once."""
    return reader.load()


def selection_of(paths: list[str]) -> Selection:
    """Those files, all of them judged, each named by its path."""
    return Selection(
        files=tuple(SelectedFile(path, module_name(path), "source") for path in paths), roots=(".",)
    )


def module_name(path: str) -> str:
    """`shop/api.py` is `shop.api`, `shop/__init__.py` is `shop`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def facts_below(
    root: Path,
    paths: list[str],
    callees: Mapping[str, tuple[CalleeName, ...]] | None = None,
    versions: Mapping[str, str] | None = None,
) -> SourceFacts:
    """What the index says of files that lie below `root`."""
    return index.build(root, selection_of(sorted(paths)), callees or {}, catalogue(), versions or {})


def facts_of(
    root: Path,
    files: Mapping[str, str | bytes],
    callees: Mapping[str, tuple[CalleeName, ...]] | None = None,
    versions: Mapping[str, str] | None = None,
) -> SourceFacts:
    """Write files below `root` and say what the index says of them."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return facts_below(root, list(files), callees, versions)
