"""Every name of the catalogue exists in the library it is about."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.contract.conformity import record
from tests.contract.conformity.check import LIBRARIES, check

PATHS = record.due()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the libraries of this run are installed."""
    return tmp_path_factory.mktemp("libraries")


@pytest.fixture(scope="session")
def unreachable() -> list[str]:
    """Why the package index cannot be reached, once that is known: nobody asks a second time."""
    return []


@pytest.mark.conformity
@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_names_exist_in_the_real_library(path: Path, store: Path, unreachable: list[str]) -> None:
    """The pinned release has every function, class, member, argument, exception and base that its file names."""
    if not unreachable:
        checked = check(path, store)
        if checked.unbuildable:
            pytest.skip(f"cannot be built on this machine: {checked.unbuildable}")
        if not checked.unreachable:
            assert () == checked.problems
            return
        unreachable.append(checked.unreachable)
    pytest.skip(f"the package index cannot be reached: {unreachable[0]}")


def test_what_is_due(tmp_path: Path) -> None:
    """A file that was never found right, or has changed since, is due, and with it the same few of the others."""
    path = tmp_path / "checked.txt"
    files = sorted(LIBRARIES.glob("*.toml"))
    record.write(files[:-2], path)
    first = record.due(path)
    assert {*files[-2:]} <= set(first)
    assert record.SAMPLE + 2 == len(first)
    assert first == record.due(path)
    stale = hashlib.sha256(b"").hexdigest()
    path.write_text(path.read_text().replace(record.read(path)[files[0].stem], stale))
    assert files[0] in record.due(path)


def test_a_library_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """The record has no lines for files that are no longer there."""
    path = tmp_path / "checked.txt"
    path.write_text("no_such_library 0\n")
    record.write([LIBRARIES / "time.toml", tmp_path / "redis.toml"], path)
    assert ["time"] == list(record.read(path))
