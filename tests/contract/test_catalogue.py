"""The catalogue as a whole: right in itself, and its compiled form in step with it."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_quality_gates.catalogue import reader, shipped
from pytest_quality_gates.catalogue.consistency import belongs, class_references, defined_names
from pytest_quality_gates.catalogue.schema import CatalogueFile


@pytest.fixture(scope="module")
def files() -> dict[str, CatalogueFile]:
    """Every file, parsed from its TOML, by name."""
    return {name: reader.parse(content.decode(), name) for name, content in shipped.texts()}


def test_there_are_a_hundred_libraries(files: dict[str, CatalogueFile]) -> None:
    """The catalogue knows at least a hundred libraries, each by a name of its own."""
    assert len(files) >= 100
    assert len(files) == len({file.library.name for file in files.values()})


def test_a_library_of_the_index_is_pinned(files: dict[str, CatalogueFile]) -> None:
    """Whoever names a distribution says which release it was written for."""
    assert [] == [
        name for name, file in files.items() if file.library.distribution and not file.library.tested
    ]


def test_no_name_is_described_twice(files: dict[str, CatalogueFile]) -> None:
    """A function or class has one entry in one file."""
    owners: dict[str, set[str]] = defaultdict(set)
    for origin, file in files.items():
        for name in defined_names(file):
            if name not in file.exceptions:
                owners[name].add(origin)
    assert {} == {name: sorted(found) for name, found in owners.items() if len(found) > 1}


def test_references_between_files_resolve(files: dict[str, CatalogueFile]) -> None:
    """A class of another library that an entry refers to is in that library's file."""
    known = {name for file in files.values() for one in file.class_ for name in (one.name, *one.aliases)}
    dangling = {
        (origin, name)
        for origin, file in files.items()
        for name in _foreign(file)
        if name not in known and any(belongs(name, other) for other in files.values())
    }
    assert set() == dangling


def _foreign(file: CatalogueFile) -> Iterator[str]:
    for function in file.function:
        yield from (name for name in (function.returns, function.enters, function.yields) if name)
    for one in file.class_:
        yield from (name for _, name in class_references(one))


def test_compiled_form_is_in_step() -> None:
    """The compiled form is what `python -m pytest_quality_gates.catalogue.shipped` writes now."""
    current = [(name, shipped.digest(content)) for name, content in shipped.texts()]
    assert current == sorted(shipped.compiled())


def test_compiled_form_says_what_the_files_say(files: dict[str, CatalogueFile]) -> None:
    """Reading through the compiled form gives the same values as parsing."""
    assert tuple(files.values()) == reader.load()


def test_the_examples_of_the_page_are_right() -> None:
    """The catalogue file that the page shows is read, and so are the tables for the user's settings."""
    page = (Path(__file__).parents[2] / "docs/reference/catalogue.md").read_text(encoding="utf-8")
    example, own = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert "parcels" == reader.parse(example, "example").library.name
    tables = tomllib.loads(own)["tool"]["quality-gates"]["catalogue"]
    assert ["our-billing"] == [reader.from_table(table, "own", own).library.name for table in tables]
