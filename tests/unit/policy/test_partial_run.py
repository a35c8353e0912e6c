"""What makes a run partial, in words."""

from __future__ import annotations

import pytest

from pytest_quality_gates.policy.partial_run import RunShape, partial_reason


def test_whole_suite() -> None:
    """Everything that was collected ran."""
    assert "" == partial_reason(RunShape(collected=3, ran=3, deselected=0))


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (RunShape(collected=2, ran=2, deselected=1), "1 test deselected"),
        (RunShape(collected=4, ran=1, deselected=0), "stopped after 1 of 4 tests"),
        (RunShape(collected=1, ran=1, deselected=0, node_ids=("a.py::b",)), "only a.py::b was asked for"),
        (
            RunShape(collected=1, ran=1, deselected=0, unvisited=("a.py", "b.py", "c.py", "d.py", "e.py")),
            "a.py, b.py, c.py and 2 more left out",
        ),
        (
            RunShape(collected=1, ran=1, deselected=0, collection_errors=2),
            "2 errors while tests were collected",
        ),
        (
            RunShape(collected=1, ran=1, deselected=0, only_last_failed=True),
            "only what failed the last time was run",
        ),
        (RunShape(collected=3, ran=2, deselected=5), "5 tests deselected; stopped after 2 of 3 tests"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_partial(shape: RunShape, reason: str) -> None:
    """Each reason is named, with its figure."""
    assert f"partial run: {reason}" == partial_reason(shape)
