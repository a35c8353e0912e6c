"""What the catalogue says of failures, as the index asks for it."""

from __future__ import annotations

import pytest

from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.source.lexicon import Lexicon, Operation

CATALOGUE = """
[library]
name = "parcels"
modules = ["parcels"]
kind = "http"
raises = ["OSError"]

[[function]]
names = ["parcels.guess"]
raises = []

[[function]]
names = ["parcels.track"]

[[class]]
name = "parcels.Quiet"
io = ["get"]
raises = []

[[class]]
name = "parcels.Loud"
bases = ["parcels.Quiet"]
raises = ["EOFError"]
contains = ["close"]
io = ["close"]

[[class]]
name = "parcels.Heir"
bases = ["parcels.Quiet"]
io = ["put"]
"""


@pytest.mark.parametrize(
    ("name", "raises", "contains"),
    [
        ("parcels.guess", (), True),
        ("parcels.track", ("OSError",), False),
        ("parcels.Quiet.get", (), True),
        ("parcels.Heir.put", (), True),
        ("parcels.Loud.get", ("EOFError",), False),
        ("parcels.Loud.close", ("EOFError",), True),
    ],
)
def test_nothing_is_raised_where_the_catalogue_says_so(
    name: str, raises: tuple[str, ...], contains: bool
) -> None:
    """An empty `raises` is not the same as none: the nearest class that speaks of it decides, and `contains` adds to it."""
    found = Lexicon([reader.parse(CATALOGUE, "parcels")]).callable_named(name)
    assert isinstance(found, Operation)
    assert (raises, contains) == (found.raises, found.contains)
