"""What the type checker said."""

from __future__ import annotations

from msgspec import Struct


class TypeProblem(Struct, frozen=True, kw_only=True):
    """One error of the type checker."""

    path: str
    line: int
    column: int
    """From 0."""
    message: str
    code: str


class CalleeName(Struct, frozen=True, array_like=True):
    """What the type checker says the callee of one call is."""

    line: int
    """Where the call expression starts, from 1."""
    column: int
    """From 0, in UTF-8 bytes, as `ast` counts; `end_column` as well."""
    end_line: int
    end_column: int
    name: str
    """`requests.sessions.Session.get`: a method by the class of its receiver, a class that is called by itself. A call
    on a union of types has one entry for each."""
    also: tuple[str, ...] = ()
    """The same callee by further names: by each base class that shares the definition, nearest first."""


class TypeFacts(Struct, frozen=True, kw_only=True):
    """One run of the type checker."""

    checker: str
    version: str
    problems: tuple[TypeProblem, ...]
    files: int
    """Source files that were checked."""
    problems_elsewhere: int = 0
    """Errors in files that are not judged."""
    callees: dict[str, tuple[CalleeName, ...]] = {}
    """By path: the callees whose full name the checker knows."""
