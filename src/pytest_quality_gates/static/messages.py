"""What is asked for, and what comes back: also between us and the child that works beside the tests."""

from __future__ import annotations

from msgspec import Struct

from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.type_check import TypeFacts
from pytest_quality_gates.source.selection import Selection


class Task(Struct, frozen=True, kw_only=True):
    """What to find out."""

    root: str
    """The project's directory, absolute."""
    selection: Selection
    catalogue: tuple[CatalogueFile, ...]
    """The files of plugins and of the user, beside those of this package; the user's last."""
    python: str
    """The interpreter whose installed packages count."""
    checker: str
    """The type checker; empty for none."""
    keeps_cache: bool
    """Whether anything is kept in the project's directory."""


class Seconds(Struct, frozen=True, kw_only=True):
    """How long each part took; what waits for the type checker is not counted as reading."""

    types: float = 0.0
    source: float = 0.0


class StaticEvidence(Struct, frozen=True, kw_only=True):
    """What is known without running a test."""

    source: SourceFacts | Unavailable
    types: TypeFacts | Unavailable
    judged: tuple[str, ...]
    """The packages and directories that are judged, relative to the root; for the report."""
    left_out: tuple[str, ...]
    """What is not judged, in words with counts."""
    seconds: Seconds = Seconds()


class Answer(Struct, frozen=True, kw_only=True):
    """The evidence as it is sent: a value or, in its place, why there is none."""

    source: SourceFacts | None = None
    no_source: Unavailable | None = None
    types: TypeFacts | None = None
    """Without the names of callees, which the source facts hold already."""
    no_types: Unavailable | None = None
    seconds: Seconds = Seconds()
