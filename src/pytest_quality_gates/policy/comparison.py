"""The one comparison of a measure with a threshold, in integers, and how both are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_quality_gates.model.gate import Threshold

HUNDRED_PERCENT = 10_000
"""In hundredths of a per cent."""


def is_met(threshold: Threshold, measured: int, total: int, findings: int) -> bool:
    """Whether `measured` of `total`, or the number of `findings`, reaches the threshold. Nothing of nothing does."""
    if threshold.comparison == "at_most":
        return findings <= threshold.value
    return measured * HUNDRED_PERCENT >= threshold.value * total


def missing(threshold: Threshold, measured: int, total: int, findings: int) -> int:
    """How many more must be met, or how many findings must go, before the threshold is reached; 0 where it is."""
    if threshold.comparison == "at_most":
        return max(0, findings - threshold.value)
    needed = -(-threshold.value * total // HUNDRED_PERCENT)
    return max(0, needed - measured)


def threshold_text(threshold: Threshold) -> str:
    """The threshold for the table: `≥ 80 %`, `≥ 79.5 %`, `≤ 0`."""
    if threshold.comparison == "at_most":
        return f"≤ {threshold.value}"
    return f"≥ {_decimal(threshold.value, 2)} %"


def percent_text(measured: int, total: int, threshold: Threshold | None = None) -> str:
    """The percentage with as many digits as the decision needs, `79.996 %`; empty for nothing of nothing.

    A measure that misses the threshold is never printed as one that reaches it, 100 % is never printed where
    something is missing, and 0 % never where something is met.
    """
    if total == 0:
        return ""
    digits = 1 if threshold is None or threshold.value % 10 == 0 else 2
    while not _tells_the_truth(_rounded(measured, total, digits), digits, measured, total, threshold):
        digits += 1
    return f"{_decimal(_rounded(measured, total, digits), digits)} %"


def _rounded(measured: int, total: int, digits: int) -> int:
    """The percentage times 10 ** digits, rounded half up."""
    scale = 100 * _power(digits)
    return (2 * measured * scale + total) // (2 * total)


def _tells_the_truth(shown: int, digits: int, measured: int, total: int, threshold: Threshold | None) -> bool:
    full = 100 * _power(digits)
    if (shown >= full) != (measured >= total) or (shown == 0) != (measured == 0):
        return False
    if threshold is None or threshold.comparison == "at_most":
        return True
    seems_met = shown * HUNDRED_PERCENT >= threshold.value * full
    return seems_met == is_met(threshold, measured, total, 0)


def _decimal(value: int, digits: int) -> str:
    """`value` / 10 ** digits without trailing zeros."""
    whole, part = divmod(value, _power(digits))
    fraction = f"{part:0{digits}d}".rstrip("0")
    return f"{whole}.{fraction}" if fraction else str(whole)


def _power(digits: int) -> int:
    """10 ** digits, which for `int` alone the type checker cannot know to be one."""
    return int(10**digits)
