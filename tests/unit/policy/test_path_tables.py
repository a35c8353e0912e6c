"""Which table a file belongs to."""

from __future__ import annotations

import pytest

from pytest_quality_gates.config.settings import PathSettings
from pytest_quality_gates.policy.path_tables import assigned


def table(*patterns: str) -> PathSettings:
    """A table for these patterns, named by the first."""
    return PathSettings(name=patterns[0], patterns=patterns, profile="strict", gates=())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/a.py", ""),
        ("src/legacy/a.py", "src/legacy/"),
        ("src/legacy/deep/a.py", "src/legacy/deep"),
        ("src/legacy/api_x.py", "src/legacy/"),
        ("other/api_x.py", "api_*.py"),
        ("src/same/a.py", "src/same/*"),
        ("src/legacy/two.py", "src/legacy/deep"),
    ],
)
def test_deepest_then_latest(path: str, name: str) -> None:
    """The deepest named directory holds, whatever the order; of equals the later table does."""
    tables = [
        table("src/legacy/deep", "src/legacy/two.py"),
        table("api_*.py"),
        table("src/legacy/"),
        table("src/same/"),
        table("src/same/*"),
    ]
    assert {path: name} == assigned([path], tables)
