"""What one pass over the source says: modules, functions, handlers and call sites."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pytest_quality_gates.facts.call_site import CallSite

ModuleRole = Literal["source", "test", "generated", "vendored", "unparsed"]
"""`source` is judged; the others are counted and shown. `unparsed` has an `error`."""

HandlerFlaw = Literal["bare", "pass", "blind-silent", "raise-without-cause", "detail-to-client"]
"""How a handler loses a failure.

`bare`: `except:` that does not re-raise. `pass`: the body does nothing (also `...`, `contextlib.suppress(Exception)`).
`blind-silent`: catches Exception or BaseException, and neither re-raises nor logs nor uses what it caught.
`raise-without-cause`: raises another exception with neither `from` nor the caught one in its arguments.
`detail-to-client`: the text of the exception goes to a client (`HTTPException(detail=str(e))` and its like).
"""


class ModuleFact(Struct, frozen=True, kw_only=True):
    """One source file."""

    path: str
    module: str
    lines: int
    role: ModuleRole
    error: str = ""
    """Why it could not be parsed, with the line where known."""
    error_line: int = 1


class FunctionFact(Struct, frozen=True, kw_only=True):
    """One `def`, with what of its signature is not annotated."""

    path: str
    line: int
    """Of the `def` keyword (decorators come before it)."""
    end_line: int
    name: str
    """Qualified name inside the module, `Client.fetch`."""
    is_async: bool
    missing_parameters: tuple[str, ...]
    """Parameters without an annotation, `*args` and `**kwargs` with their stars; `self` and `cls` never count."""
    missing_return: bool
    explicit_any: tuple[str, ...]
    """Parameters (and `return`) annotated with a plain `Any`."""
    overloaded: bool = False
    """The implementation behind overloads: it counts by its overloads, not by itself."""


class HandlerFact(Struct, frozen=True, kw_only=True):
    """One `except` clause, or one `contextlib.suppress`."""

    path: str
    line: int
    end_line: int
    function: str
    function_line: int
    caught: tuple[str, ...]
    """Canonical names of what it catches; empty for a bare `except:`."""
    text: str
    """As it is written, `except ValueError as error`."""
    flaws: tuple[HandlerFlaw, ...]
    ends_failure: bool
    """Neither re-raises nor raises another on every path: the failure ends here."""
    observed: bool
    """Logs, counts, traces, or hands the exception on."""
    guards_external: bool
    """An external call is in the guarded body, directly or through project functions."""


class SourceFacts(Struct, frozen=True, kw_only=True):
    """All that the index knows of the judged source; each tuple is sorted by path and line."""

    modules: tuple[ModuleFact, ...]
    functions: tuple[FunctionFact, ...]
    handlers: tuple[HandlerFact, ...]
    call_sites: tuple[CallSite, ...]
