"""The comparison with a threshold, and how figures are printed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_quality_gates.model.gate import Threshold
from pytest_quality_gates.policy.comparison import is_met, missing, percent_text, threshold_text

EIGHTY = Threshold("at_least_percent", 8000)
ALL = Threshold("at_least_percent", 10_000)
NONE = Threshold("at_most", 0)


@pytest.mark.parametrize(
    ("threshold", "measured", "total", "findings", "expected"),
    [
        (EIGHTY, 8, 10, 2, True),
        (EIGHTY, 7999, 10_000, 1, False),
        (EIGHTY, 8000, 10_000, 1, True),
        (EIGHTY, 79_999_999, 100_000_000, 1, False),
        (ALL, 0, 0, 0, True),
        (ALL, 9_999_999, 10_000_000, 1, False),
        (NONE, 9, 10, 1, False),
        (NONE, 10, 10, 0, True),
        (Threshold("at_most", 2), 0, 10, 2, True),
    ],
)
def test_is_met(threshold: Threshold, measured: int, total: int, findings: int, expected: bool) -> None:
    """Percentages compare exactly, counts by the findings; nothing of nothing reaches every threshold."""
    assert expected == is_met(threshold, measured, total, findings)


@given(
    st.integers(0, 10_000), st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
)
def test_missing_is_the_smallest_change(value: int, figures: tuple[int, int]) -> None:
    """With as many more as `missing` says the threshold is reached, with one fewer it is not."""
    measured, total = figures
    threshold = Threshold("at_least_percent", value)
    more = missing(threshold, measured, total, 0)
    assert is_met(threshold, measured + more, total, 0)
    assert more == 0 or not is_met(threshold, measured + more - 1, total, 0)


def test_missing_findings() -> None:
    """Of findings, as many must go as are above what is allowed."""
    assert [3, 0] == [missing(Threshold("at_most", 2), 0, 0, found) for found in (5, 1)]


@pytest.mark.parametrize(
    ("measured", "total", "threshold", "expected"),
    [
        (79_996, 100_000, EIGHTY, "79.996 %"),
        (7999, 10_000, EIGHTY, "79.99 %"),
        (8, 10, EIGHTY, "80 %"),
        (2, 3, EIGHTY, "66.7 %"),
        (99_999, 100_000, ALL, "99.999 %"),
        (1, 100_000, None, "0.001 %"),
        (0, 5, ALL, "0 %"),
        (5, 5, ALL, "100 %"),
        (0, 0, ALL, ""),
        (7999, 10_000, Threshold("at_least_percent", 7999), "79.99 %"),
        (5, 6, NONE, "83.3 %"),
    ],
)
def test_percent_text(measured: int, total: int, threshold: Threshold | None, expected: str) -> None:
    """A percentage has the digits that the decision needs, and no more than one otherwise."""
    assert expected == percent_text(measured, total, threshold)


@given(
    st.integers(0, 10_000), st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
)
def test_printed_figure_gives_the_same_verdict(value: int, figures: tuple[int, int]) -> None:
    """Who compares what is printed with the threshold comes to the verdict of the gate."""
    measured, total = figures
    threshold = Threshold("at_least_percent", value)
    shown = Decimal(percent_text(measured, total, threshold).removesuffix(" %"))
    assert (shown >= Decimal(value) / 100) == is_met(threshold, measured, total, 0)


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(EIGHTY, "≥ 80 %"), (Threshold("at_least_percent", 7950), "≥ 79.5 %"), (NONE, "≤ 0")],
)
def test_threshold_text(threshold: Threshold, expected: str) -> None:
    """A threshold is printed with its direction and without needless zeros."""
    assert expected == threshold_text(threshold)
