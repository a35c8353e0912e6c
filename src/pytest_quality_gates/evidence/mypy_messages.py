"""What passes between us and the child that runs mypy."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.evidence.lookups import Lookups
from pytest_quality_gates.facts.type_check import CalleeName, TypeProblem


class Request(Struct, frozen=True, kw_only=True):
    """What the child is to do."""

    root: str
    files: tuple[str, ...]
    """Relative to the root, with `/`."""
    roots: tuple[str, ...]
    """Directories that imports start from, relative to the root."""
    python: str
    """The interpreter whose installed packages mypy sees."""
    cache: str
    """A directory of ours, for mypy's cache and for the names that belong to it."""
    answer: str
    """The file that the answer is written to."""
    libraries: tuple[str, ...]
    """Top-level packages that are followed for names even where they have no type hints."""


class Refusal(Struct, frozen=True, kw_only=True, tag=True):
    """mypy could not check: in its own words."""

    reason: str
    version: str = ""


class Answer(Struct, frozen=True, kw_only=True, tag=True):
    """What mypy said."""

    version: str
    problems: tuple[TypeProblem, ...]
    problems_elsewhere: int
    files: int
    callees: dict[str, tuple[CalleeName, ...]]
    lookups: Lookups | None = None
    """What it rests on; None where that is not known."""
