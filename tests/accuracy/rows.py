"""What is compared: labels written by hand, and the sites that an analyser found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

Value = str | bool

FIELDS = ("handled", "timeout", "breaker", "retry", "observed", "blocks_loop")
"""The questions about a call, by the names of the facts."""
_NAMEABLE = ("external", "callee", "kind", *FIELDS)


class Answers(Struct, frozen=True, kw_only=True):
    """A call and what is said of its protection, by a reader or by an analyser."""

    path: str
    line: int
    callee: str
    kind: str
    handled: str
    timeout: str
    breaker: bool
    retry: bool
    observed: str
    blocks_loop: bool

    @property
    def last_name(self) -> str:
        """The callee's name without what it belongs to."""
        return self.callee.rpartition(".")[2]

    def value(self, field: str) -> Value:
        """The answer to one of `FIELDS`."""
        answer: Value = getattr(self, field)
        return answer


class Site(Answers, frozen=True, kw_only=True):
    """A call that an analyser says is external, or a sleep."""

    end_line: int = 0

    @property
    def last_line(self) -> int:
        """Where it ends; where it begins, if nothing is said of its end."""
        return self.end_line or self.line


class Label(Answers, frozen=True, kw_only=True, tag_field="row", tag="call"):
    """A call as a reader labelled it; `external` is false for a call that only looks like an external one."""

    source: str
    end_line: int
    external: bool
    sure: bool
    note: str = ""

    def doubtful(self) -> frozenset[str]:
        """The fields on which careful readers could disagree: those that the note names, or else all."""
        if self.sure:
            return frozenset()
        named = frozenset(field for field in _NAMEABLE if re.search(rf"\b{field}\b", self.note))
        return named or frozenset(("external", *FIELDS))


class LabelledModule(
    Struct, frozen=True, kw_only=True, tag_field="row", tag="module", rename={"has_async": "async"}
):
    """A module in which every external call has a label."""

    source: str
    path: str
    lines: int
    has_async: bool


class Labels(Struct, frozen=True):
    """All labels, by source and path."""

    by_module: dict[tuple[str, str], tuple[Label, ...]]

    @property
    def sources(self) -> list[str]:
        """The labelled packages, as `name==version`."""
        return sorted({source for source, _ in self.by_module})


def overlaps(site: Site, label: Label) -> bool:
    """Whether both have a line in common."""
    return site.line <= label.end_line and label.line <= site.last_line


def read_labels(path: Path) -> Labels:
    """Read labels, one JSON object a line.

    Raises:
        msgspec.DecodeError: A line is no JSON.
        msgspec.ValidationError: A row lacks a field or has a wrong one.
    """
    decoder = msgspec.json.Decoder(Label | LabelledModule)
    rows = decoder.decode_lines(path.read_bytes())
    found: dict[tuple[str, str], list[Label]] = {
        (row.source, row.path): [] for row in rows if isinstance(row, LabelledModule)
    }
    for row in rows:
        if isinstance(row, Label):
            found.setdefault((row.source, row.path), []).append(row)
    return Labels({key: tuple(labels) for key, labels in found.items()})


def read_sites(path: Path) -> list[Site]:
    """Read what `quality-gates facts` printed.

    Raises:
        msgspec.DecodeError: A line is no JSON.
        msgspec.ValidationError: A site lacks a field or has a wrong one.
    """
    return msgspec.json.Decoder(Site).decode_lines(path.read_bytes())


def by_path(sites: Iterable[Site]) -> dict[str, list[Site]]:
    """The sites of each file, in their order."""
    found: dict[str, list[Site]] = {}
    for site in sites:
        found.setdefault(site.path, []).append(site)
    return found
