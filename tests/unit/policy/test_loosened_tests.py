"""Two states of test files: what was moved or has another name, and what went."""

from __future__ import annotations

import pytest

from pytest_quality_gates.policy.loosened_tests import test_loosenings as loosenings
from pytest_quality_gates.source.test_outline import outline

SKIPPED = """\
import pytest


@pytest.mark.skip
def test_total():
    assert total([1]) == 1
"""
OTHER = "def test_other():\n    assert total([]) == 0\n"
TEST = "    def test_total(self):\n        self.assertEqual(total([1]), 1)\n"


def found(before: dict[str, str], now: dict[str, str]) -> list[tuple[str, str]]:
    """What the second state tests less; a file keeps its path."""
    old, new = (
        {path: each for path, text in state.items() if (each := outline(text.encode())) is not None}
        for state in (before, now)
    )
    moved = {path: path for path in now if path in before}
    return [(item.rule, item.subject) for item in loosenings(old, new, moved)]


@pytest.mark.parametrize("left", [{}, {"a.py": OTHER}])
def test_skipped_test_that_moved(left: dict[str, str]) -> None:
    """It was skipped before, wherever it stands; once more is new."""
    assert [] == found({"a.py": SKIPPED}, {**left, "b.py": SKIPPED})
    assert [("new-skip", "b.py skip")] == found(
        {"a.py": SKIPPED}, {**left, "b.py": f"{SKIPPED}\n\n@pytest.mark.skip\n{OTHER}"}
    )


def test_skip_that_goes_with_no_test() -> None:
    """Another test is skipped in place of the one that is not any more."""
    before = {"a.py": SKIPPED, "b.py": OTHER}
    now = {"a.py": SKIPPED.replace("@pytest.mark.skip\n", ""), "b.py": f"@pytest.mark.skip\n{OTHER}"}
    assert [("new-skip", "b.py skip")] == found(before, now)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("CartTests(TestCase)", "BasketTests(TestCase)", []),
        ("CartTestCase(unittest.TestCase)", "BasketTestCase(unittest.TestCase)", []),
        ("TestCart(SimpleTestCase)", "Basket(SimpleTestCase)", []),
        ("TestCart", "BasketTests", ["deleted-test"]),
        ("CartTests(TestCase)", "BasketTests(object)", ["deleted-test"]),
        ("CartTests(TestCase)", "BasketTests(made())", ["deleted-test"]),
    ],
)
def test_renamed_class(old: str, new: str, expected: list[str]) -> None:
    """Its tests are still collected by its name or as those of a test case; else they are gone."""
    before, now = ({"a.py": f"class {each}:\n{TEST}"} for each in (old, new))
    assert expected == [rule for rule, _ in found(before, now)]
