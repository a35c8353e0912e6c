"""What all tests share."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from pathlib import Path

import coverage
import pytest
from tests.made_stubs import stubs

__all__ = ["golden", "pytest_addoption", "pytest_sessionstart", "stubs"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew."""
    parser.addoption(
        "--regenerate",
        action="store_true",
        default=False,
        help="Write the golden files under fixtures/ from what the code gives now, to be read before they are kept.",
    )


def pytest_sessionstart() -> None:
    """Keep what is measured in a worker of xdist: coverage.py drops it once a test has made a `Coverage`."""
    automatic = getattr(coverage.process_startup, "coverage", None)
    if automatic is not None:
        atexit.register(_save, automatic)


def _save(measurement: coverage.Coverage) -> None:
    measurement.stop()
    measurement.save()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a golden file, or write it there with `--regenerate`."""

    def compare(path: Path, actual: str) -> None:
        if request.config.getoption("--regenerate"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == actual

    return compare
