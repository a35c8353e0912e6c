"""The user's own catalogue, before and after a change."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_quality_gates.policy.loosened_catalogue import catalogue_loosenings

OWN = """
[[catalogue]]
library = { name = "billing", modules = ["billing"], kind = "http" }

[[catalogue.class]]
name = "billing.Client"
io = ["charge", "refund"]

[[catalogue.function]]
names = ["billing.ping"]
"""
FIRST = """
[[catalogue]]
library = { name = "parcels", modules = ["parcels"], kind = "http" }

[[catalogue.class]]
name = "parcels.Client"
io = ["send"]
pure = ["label"]
timeouts = { client = ["timeout"] }
"""


def tables(text: str) -> list[dict[str, Any]]:
    """The tables of a text."""
    found: list[dict[str, Any]] = tomllib.loads(text).get("catalogue", [])
    return found


def found(before: str, now: str) -> Iterator[str]:
    """What takes calls out of the count."""
    for item in catalogue_loosenings(tables(before), tables(now), {"requests"}):
        assert ("judged-less", "catalogue") == (item.rule, item.subject)
        yield item.message.removeprefix("the catalogue ").removesuffix(", which it did not")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('io = ["charge", "refund"]', 'io = ["charge"]', "does not say any more that `billing.Client.refund` does I/O"),
        ("refund", 'refund"]\npure = ["ping', "says of `billing.Client.ping` that it does no I/O"),
        ('refund"]', 'refund"]\ncontains = ["refund"]', "says of `billing.Client.refund` that it ends every failure"),
        ('refund"]', 'refund"]\ntimeouts = { client = ["a"] }', "says of `billing.Client` that it is bounded by the client `a`"),
        (
            'refund"]',
            'refund"]\nmethod_timeouts = { charge = { default = true } }',
            "says of `billing.Client.charge` that it is bounded by its library's default",
        ),
        ('refund"]', 'refund"]\nraises = []', "says of `billing.Client` that it never fails"),
        ('ping"]', 'ping"]\nraises = []', "says of `billing.ping` that it never fails"),
        ('ping"]', 'ping"]\nkind = "file"', "does not say any more that `billing.ping` does I/O"),
        ('ping"]', 'ping"]\ntimeouts = { argument = ["t"] }', "says of `billing.ping` that it is bounded by the argument `t`"),
        ('ping"]', 'ping"]\n[[catalogue.marker]]\nnames = ["shop.safe"]\nrole = "breaker"', "says of `shop.safe` that it is a breaker"),
        (
            'ping"]',
            'ping"]\n[[catalogue.function]]\nnames = ["requests.get"]\nio = true',
            "says of `requests.get` something in place of what comes with the package",
        ),
    ],
)  # fmt: skip
def test_each_entry_that_silences(old: str, new: str, said: str) -> None:
    """Each is a finding when it comes, and none when it goes or stays."""
    assert old in OWN
    looser = OWN.replace(old, new, 1)
    assert [said] == list(found(OWN, looser))
    assert [] == list(found(looser, OWN))
    assert [] == list(found(looser, looser))


def test_function_without_io() -> None:
    """It is told twice: what it says now, and what it said."""
    looser = OWN.replace('ping"]', 'ping"]\nio = false')
    assert 2 == len(list(found(OWN, looser)))
    assert [] == list(found(looser, OWN))


def test_library_that_is_described_for_the_first_time() -> None:
    """Nothing of it was judged before, so nothing is taken out of the count; a guard is."""
    assert [] == list(found(OWN, OWN + FIRST))
    guard = '\n[[catalogue.marker]]\nnames = ["parcels.safe"]\nrole = "entry-point"\nguards = true\n'
    assert ["says of `parcels.safe` that it is a guard"] == list(found("", FIRST + guard))
    assert 1 == len(list(found(OWN + FIRST, OWN)))


def test_tables_of_another_form() -> None:
    """What the configuration will refuse says nothing here."""
    assert [] == list(found("", "catalogue = [{ library = 1, function = [1], class = 2 }]"))
