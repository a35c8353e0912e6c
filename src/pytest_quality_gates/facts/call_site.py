"""One place where the code leaves the process, and what protects it there."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Kind = Literal[
    "http",
    "rpc",
    "cloud",
    "database",
    "orm",
    "cache",
    "broker",
    "mail",
    "ssh",
    "socket",
    "subprocess",
    "llm",
    "dns",
    "sleep",
    "file",
    "input",
]
"""What a call reaches. `sleep`, `file` and `input` are not external: they count for the event loop alone."""

EXTERNAL_KINDS: frozenset[Kind] = frozenset(
    {
        "http",
        "rpc",
        "cloud",
        "database",
        "orm",
        "cache",
        "broker",
        "mail",
        "ssh",
        "socket",
        "subprocess",
        "llm",
        "dns",
    }
)

Handled = Literal["local", "caller", "framework", "none"]
Timeout = Literal["explicit", "client", "scope", "default", "none"]
Observed = Literal["function", "caller", "none"]
Confidence = Literal["certain", "likely", "possible"]


class Explanation(Struct, frozen=True, kw_only=True):
    """Why a call site has the facts it has: one chain a question, each a tuple of short sentences, surest cause first."""

    name: tuple[str, ...] = ()
    """How the callee's canonical name was found."""
    handled: tuple[str, ...] = ()
    """Which handler catches the failure, or which entry point it escapes from."""
    timeout: tuple[str, ...] = ()
    breaker: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    blocks_loop: tuple[str, ...] = ()
    """The calls by which a coroutine reaches this one."""


class CallSite(Struct, frozen=True, kw_only=True):
    """A call that does I/O beyond the process, or that blocks the thread (a sleep), with what protects it.

    The values of `handled`, `timeout`, `breaker`, `retry`, `observed` and `blocks_loop` are defined on the page
    docs/explanation/call-sites.md.
    """

    path: str
    """Relative to the root, with `/`."""
    line: int
    """Where the call expression starts, from 1."""
    end_line: int
    column: int
    """Of the first character, from 0, in UTF-8 bytes, as `ast` counts."""
    end_column: int
    module: str
    """Dotted name of the module."""
    function: str
    """Qualified name inside the module, `Client.fetch`; `<module>` at the top level."""
    function_line: int
    """The `def` line of that function; 1 at the top level."""
    text: str
    """The callee as it is written, `self.session.get`, for messages and fingerprints."""
    callee: str
    """Canonical name, `requests.sessions.Session.get`."""
    kind: Kind
    is_async: bool
    handled: Handled
    timeout: Timeout
    breaker: bool
    retry: bool
    observed: Observed
    blocks_loop: bool
    confidence: Confidence
    explanation: Explanation = Explanation()

    @property
    def is_external(self) -> bool:
        """Whether the call leaves the process."""
        return self.kind in EXTERNAL_KINDS
