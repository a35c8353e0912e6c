"""Releases are looked up of those libraries alone whose defaults changed."""

from __future__ import annotations

import pytest

from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.catalogue.releases import that_matter

LIBRARY = '[library]\nname = "parcels"\nmodules = ["parcels"]\nkind = "http"\n'
PINNED = LIBRARY + 'distribution = "Parcels"\ntested = "2"\n'
CHANGED = 'default_by_version = [{ since = "2.0", timeout = true }]'
FUNCTION = '[[function]]\nnames = ["parcels.track"]\n'
CLASS = '[[class]]\nname = "parcels.Client"\nio = ["get"]\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PINNED + FUNCTION + f"timeouts = {{ {CHANGED} }}", {"Parcels"}),
        (PINNED + CLASS + f"timeouts = {{ {CHANGED} }}", {"Parcels"}),
        (PINNED + CLASS + f"method_timeouts = {{ get = {{ {CHANGED} }} }}", {"Parcels"}),
        (PINNED + CLASS + "timeouts = { default = true }", set()),
        (PINNED + FUNCTION + CLASS, set()),
        (LIBRARY + FUNCTION + f"timeouts = {{ {CHANGED} }}", set()),
    ],
    ids=["function", "class", "method", "always", "nothing", "no-distribution"],
)
def test_a_library_whose_default_came_with_a_release(text: str, found: set[str]) -> None:
    """It counts wherever the entry with the change stands, and only with a name on the package index."""
    assert found == that_matter([reader.parse(text, "parcels")])


def test_redis_is_one_in_the_catalogue_that_is_shipped() -> None:
    """Its client waits for ever in older releases, and few others have changed so."""
    found = that_matter(reader.load())
    assert "redis" in found
    assert len(found) < 10
