"""The audited packages: what the index has of them, and what their own tests need."""

from __future__ import annotations

from pathlib import Path

import msgspec
from tests.accuracy.environments import dependencies, made
from tests.accuracy.sources import ROOT, Source, unpack

DATA = ROOT / "fixtures" / "audit"


class Tests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a package's own tests are run; they stand in its source distribution."""

    sdist: str
    """The file's name."""
    sha256: str
    needs: list[str]
    arguments: list[str]
    """For pytest."""


class Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One release of a package."""

    requirement: str
    """`name==version`, by which the judgements name it."""
    wheel: str
    sha256: str
    needs: list[str] = []
    """What its optional parts import."""
    tests: Tests | None = None
    """None where its tests are not run."""

    @property
    def source(self) -> Source:
        """The wheel, as the index has it."""
        return Source(self.requirement, self.wheel, self.sha256)


class _Packages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    package: list[Package]


def read_packages(path: Path = DATA / "packages.toml") -> list[Package]:
    """Read the list of packages."""
    return msgspec.toml.decode(path.read_bytes(), type=_Packages).package


def prepare(package: Package, store: Path) -> tuple[Path, Path]:
    """Fetch and unpack the wheel, and make an environment with what it depends on.

    Args:
        package: The release.
        store: Where wheels, trees and environments are kept; what is there already is used again.

    Returns:
        The unpacked tree and the environment's interpreter.

    Raises:
        FetchError: Something of it cannot be had.
    """
    tree = unpack(package.source, store)
    asked = [*map(str, dependencies(tree)), *package.needs]
    return tree, made(store / "environments" / package.source.folder, *asked)
