"""Whether a test run was the whole suite, from what really happened in it."""

from __future__ import annotations

from msgspec import Struct

_SHOWN = 3


class RunShape(Struct, frozen=True, kw_only=True):
    """What happened in a test run."""

    collected: int
    """Tests that were selected to run."""
    ran: int
    """Tests that were run to their end, skipped ones included."""
    deselected: int
    """Tests that were collected and then left out, unless the project's own configuration asks for it every time."""
    node_ids: tuple[str, ...] = ()
    """Arguments that name single tests or classes."""
    unvisited: tuple[str, ...] = ()
    """Test files that the arguments or `--ignore` left out."""
    collection_errors: int = 0
    only_last_failed: bool = False
    """`--lf` ran what had failed the last time, and something had."""


def partial_reason(shape: RunShape) -> str:
    """Why the run cannot say how much the whole suite covers; empty where it was the whole suite.

    To leave tests out can only lower the coverage, so it never passes a gate that would fail; but what failed so would
    say nothing about the code.
    """
    reasons = [reason for reason in _reasons(shape) if reason]
    return f"partial run: {'; '.join(reasons)}" if reasons else ""


def _reasons(shape: RunShape) -> tuple[str, ...]:
    stopped = shape.collected - shape.ran
    return (
        "only what failed the last time was run" if shape.only_last_failed else "",
        f"only {_listed(shape.node_ids)} was asked for" if shape.node_ids else "",
        f"{_listed(shape.unvisited)} left out" if shape.unvisited else "",
        f"{_count(shape.deselected, 'test')} deselected" if shape.deselected else "",
        f"{_count(shape.collection_errors, 'error')} while tests were collected"
        if shape.collection_errors
        else "",
        f"stopped after {shape.ran} of {_count(shape.collected, 'test')}" if stopped > 0 else "",
    )


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
