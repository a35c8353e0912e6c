"""Bundles on disk."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.unit.policy.test_shards import SHARD

from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.store import bundle


def test_comes_back(tmp_path: Path) -> None:
    """A bundle is read as it was written, and in place of an older one."""
    bundle.write(tmp_path / "a" / "b", SHARD, b"old")
    bundle.write(tmp_path / "a" / "b", SHARD, b"coverage")
    assert (SHARD, b"coverage") == bundle.read(tmp_path / "a" / "b")
    assert ["bundle.json", "coverage.bin"] == sorted(path.name for path in (tmp_path / "a" / "b").iterdir())


def test_removed(tmp_path: Path) -> None:
    """An old bundle is taken away, what else is in the directory stays."""
    bundle.write(tmp_path, SHARD, b"coverage")
    (tmp_path / "notes.txt").write_text("mine")
    bundle.remove(tmp_path)
    bundle.remove(tmp_path / "nothing")
    assert ["notes.txt"] == [path.name for path in tmp_path.iterdir()]


def test_no_bundle(tmp_path: Path) -> None:
    """What is missing is named."""
    with pytest.raises(StoreError, match=r"bundle\.json: no bundle can be read: No such file"):
        bundle.read(tmp_path)


def test_directory_is_a_file(tmp_path: Path) -> None:
    """A file in place of the directory is told."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="a bundle needs a directory, and this is a file"):
        bundle.remove(tmp_path / "file")
    with pytest.raises(StoreError, match="the bundle cannot be written"):
        bundle.write(tmp_path / "file", SHARD, b"")


def test_damaged(tmp_path: Path) -> None:
    """Coverage that was cut off and a description that is none are refused."""
    bundle.write(tmp_path, SHARD, b"coverage")
    (tmp_path / bundle.COVERAGE).write_bytes(b"cov")
    with pytest.raises(StoreError, match=r"coverage\.bin: 3 bytes, and the bundle was written with 8"):
        bundle.read(tmp_path)
    (tmp_path / bundle.DESCRIPTION).write_text("{}")
    with pytest.raises(StoreError, match="this describes no bundle"):
        bundle.read(tmp_path)


def test_another_version(tmp_path: Path) -> None:
    """A bundle of another version says what to do."""
    bundle.write(tmp_path, SHARD, b"")
    other = msgspec.json.decode((tmp_path / bundle.DESCRIPTION).read_bytes())
    (tmp_path / bundle.DESCRIPTION).write_bytes(msgspec.json.encode({**other, "schema_version": 2}))
    with pytest.raises(StoreError, match="a bundle of version 2, and this is version 1: use one release"):
        bundle.read(tmp_path)
