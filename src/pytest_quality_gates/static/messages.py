"""What is asked for, and what comes back: also between us and the child that works beside the tests."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.type_check import TypeFacts
from pytest_quality_gates.source.selection import Selection

TASK, PROGRESS, ANSWER = "task", "progress", "answer"
"""The files in the directory that we share with the child."""

Tell = Callable[[str], None]
"""Takes a few words on what is being done."""


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


def encoded(evidence: StaticEvidence) -> bytes:
    """The evidence, less what nobody there reads."""
    source, types = evidence.source, evidence.types
    return msgspec.msgpack.encode(
        Answer(
            source=None if isinstance(source, Unavailable) else source,
            no_source=source if isinstance(source, Unavailable) else None,
            types=None if isinstance(types, Unavailable) else msgspec.structs.replace(types, callees={}),
            no_types=types if isinstance(types, Unavailable) else None,
            seconds=evidence.seconds,
        )
    )


def decoded(answer: bytes, task: Task) -> StaticEvidence:
    """What `encoded` was given.

    Raises:
        msgspec.MsgspecError: It is no such answer.
    """
    sent = msgspec.msgpack.decode(answer, type=Answer)
    nothing = Unavailable("could_not_run", "there is no such part in the answer")
    return StaticEvidence(
        source=sent.source or sent.no_source or nothing,
        types=sent.types or sent.no_types or nothing,
        judged=task.selection.roots,
        left_out=task.selection.left_out(),
        seconds=sent.seconds,
    )
