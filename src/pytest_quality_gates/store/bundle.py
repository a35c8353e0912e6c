"""What one shard of a suite leaves behind for `quality-gates merge`: a directory that describes itself."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.facts.shard import ShardFact

SCHEMA_VERSION = 1
DESCRIPTION = "bundle.json"
COVERAGE = "coverage.bin"


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """The description, `bundle.json`."""

    schema_version: int
    shard: ShardFact
    coverage_size: int
    """Bytes of `coverage.bin`; 0 where there is none."""


def remove(directory: Path) -> None:
    """Take an old bundle away, so that a run that dies leaves none that looks whole.

    Raises:
        StoreError: It is there and cannot be removed.
    """
    for name in (DESCRIPTION, COVERAGE):
        try:
            (directory / name).unlink(missing_ok=True)
        except NotADirectoryError:
            raise StoreError(f"{directory}: a bundle needs a directory, and this is a file") from None
        except OSError as error:
            raise StoreError(
                f"{directory / name}: the old bundle cannot be removed: {error.strerror}"
            ) from error


def write(directory: Path, shard: ShardFact, coverage: bytes) -> None:
    """Write a bundle; its description comes last, so that there is none of half a bundle.

    Raises:
        StoreError: It cannot be written; the text says what and why.
    """
    bundle = Bundle(schema_version=SCHEMA_VERSION, shard=shard, coverage_size=len(coverage))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / COVERAGE).write_bytes(coverage)
        partial = directory / f"{DESCRIPTION}.part"
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(bundle), indent=1))
        partial.replace(directory / DESCRIPTION)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(directory / COVERAGE)  # noqa: PTH108 - as well a name as a path
        raise StoreError(f"{directory}: the bundle cannot be written: {error.strerror or error}") from error


def read(directory: Path) -> tuple[ShardFact, bytes]:
    """Read a bundle.

    Returns:
        What the shard says, and its coverage.

    Raises:
        StoreError: It is none, or one of another version, or damaged; the text says which.
    """
    description = directory / DESCRIPTION
    try:
        bundle = msgspec.json.decode(description.read_bytes(), type=Bundle)
        coverage = (directory / COVERAGE).read_bytes()
    except OSError as error:
        raise StoreError(f"{error.filename or directory}: no bundle can be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise StoreError(f"{description}: this describes no bundle: {error}") from error
    if bundle.schema_version != SCHEMA_VERSION:
        raise StoreError(
            f"{description}: a bundle of version {bundle.schema_version}, and this is version {SCHEMA_VERSION}: use one "
            "release of pytest-quality-gates for all shards and the merge"
        )
    if len(coverage) != bundle.coverage_size:
        raise StoreError(
            f"{directory / COVERAGE}: {len(coverage)} bytes, and the bundle was written with {bundle.coverage_size}"
        )
    return bundle.shard, coverage
