"""The form of a catalogue file: one TOML file a library. docs/reference/catalogue.md shows it by example."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from pytest_quality_gates.facts.call_site import Kind


class VersionedDefault(Struct, frozen=True, forbid_unknown_fields=True):
    """A library default that changed: from release `since` on, it is `timeout`."""

    since: str
    timeout: bool


class Library(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for the whole library unless a class or function says otherwise."""

    name: str
    distribution: str = ""
    """Name on the package index; empty for the standard library."""
    tested: str = ""
    """The release that the conformity test installs."""
    extras: list[str] = []
    """Distributions that must be installed beside it for every name to resolve (`hiredis==3.2.1`)."""
    modules: list[str]
    """Top-level modules, `["redis"]`; a dotted one for a namespace package, `["google.cloud.storage"]`."""
    kind: Kind | None = None
    """None for a library that does no I/O of its own (tenacity, structlog)."""
    raises: list[str] = []
    """What the transport raises when the other side is down, slow or refuses: the failures a guard must catch."""


class Timeouts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a timeout is given. Names are of arguments."""

    argument: list[str] = []
    """Arguments of the call itself; any one of them, not None, bounds it."""
    position: int | None = None
    """Where the first of them stands when given by position, from 0, `self` not counted."""
    client: list[str] = []
    """Arguments of the class's constructor, or of the factory, that bound every later call. Dotted for a value inside
    a mapping or another object: `connect_args.connect_timeout`, `config.read_timeout`."""
    setter: list[str] = []
    """Methods or attributes of the object that bound later calls: `settimeout`, `timeout`. A method that has a timeout
    among its own arguments (`connect(host, timeout=5)`) does so where it is given."""
    default: bool = False
    """The library itself has a finite default."""
    default_by_version: list[VersionedDefault] = []
    """Where the default changed: the last one whose release is not newer than the one in use wins."""


class Function(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some functions (or constructors by another name) that behave alike."""

    names: list[str]
    """Full dotted names, as defined or as users import them."""
    io: bool = True
    """False for a factory or anything else that is listed only for what it returns."""
    kind: Kind | None = None
    is_async: bool = False
    """The call gives an awaitable, an async iterator or an async context manager: it does not block."""
    raises: list[str] | None = None
    """What it raises, where that is not what the library does. Empty: nothing, it ends every failure by itself."""
    returns: str = ""
    """The class of what it returns (what awaiting or entering gives, for those)."""
    enters: str = ""
    """The class of what `with` gives, where it is not what is returned."""
    yields: str = ""
    """The class of what iterating gives."""
    unpacks: list[str] = []
    """The classes of the parts where it gives a tuple, empty for one that does not matter:
    `reader, writer = await asyncio.open_connection(...)`."""
    timeouts: Timeouts | None = None
    retry: list[str] = []
    """Arguments that ask for retries: `max_retries`, `config.retries`."""
    runs: str = ""
    """A callable is handed over and run inside this call: `0` for its position, or the keyword's name (`target`)."""


class Class(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class: what of it does I/O, what its methods return, how it is bounded."""

    name: str
    """Full name where it is defined, as mypy says it: `requests.sessions.Session`."""
    aliases: list[str] = []
    """Other names users know it by: `requests.Session`."""
    bases: list[str] = []
    """Classes it inherits behaviour from, where they are in a catalogue too."""
    kind: Kind | None = None
    is_async: bool = False
    raises: list[str] | None = None
    """The same for all of its methods."""
    matches: str = ""
    """A pattern (`*` for anything) of more full names that are this class: code that a generator writes into projects."""
    connects: bool = False
    """Constructing it does I/O."""
    connects_with: str = ""
    """Position or keyword of the argument without which constructing it does none: `0:host`."""
    io: list[str] = []
    """Methods that do I/O now. `*` for every public method not named in `pure` (a client with generated methods).
    Magic methods by their own name: `__call__`, `__iter__`, `__aiter__`, `__enter__`, `__aenter__`."""
    io_async: list[str] = []
    """Methods that do I/O and are async in a class that is not, or the other way round for `io_sync`."""
    io_sync: list[str] = []
    contains: list[str] = []
    """I/O methods that end every failure by themselves: nobody needs to catch anything."""
    guarded_overrides: list[str] = []
    """Methods that the library calls, and whose failures it ends: an override of a project needs no guard."""
    pure: list[str] = []
    """Methods that do none; overrides `*` and what a base says."""
    returns: dict[str, str] = {}
    """Class of what a method returns (awaiting or entering included), by method."""
    enters: str = ""
    """Class of what `with instance` gives, where it is not the instance."""
    enter_of: dict[str, str] = {}
    """Class of what `with instance.method()` gives, by method, where it is not what the method returns."""
    yields: dict[str, str] = {}
    """Class of the items when iterating over what a method returns; `__iter__` for the instance itself."""
    unpacks: dict[str, list[str]] = {}
    """Classes of the parts of the tuple that a method gives, by method; empty for one that does not matter."""
    attributes: dict[str, str] = {}
    """Classes of public attributes: `blobs = "x.Blobs"`."""
    parts: dict[str, str] = {}
    """Classes of what stands under a key of the mapping that any of its methods gives: `client.get_object(...)["Body"]`."""
    timeouts: Timeouts | None = None
    """For all its I/O methods; `client` means the constructor."""
    method_timeouts: dict[str, Timeouts] = {}
    """For single methods, in place of `timeouts`; `__init__` for a constructor that connects."""
    retry: list[str] = []
    """Constructor arguments that ask for retries of every later call."""
    call_retry: list[str] = []
    """Arguments of its I/O methods that ask for retries of that one call."""
    streams: str = ""
    """The setting of the call that made it without which its I/O is over by then: `stream=true`, `preload_content=false`."""
    buffered: bool = False
    """Its commands are queued and only what is in `io` sends them (a pipeline, a batch, a bulk)."""
    generated: bool = False
    """Its members are made at run time (a client built from a service description): none can be looked up, and the
    arguments of `timeouts.client` and `retry` are those of the factory that builds it."""


class Marker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names with a meaning other than I/O. `used` says how such a name has its effect."""

    names: list[str]
    """Full dotted names of functions, classes or methods (`pybreaker.CircuitBreaker.call`)."""
    role: Literal[
        "breaker",
        "retry",
        "timeout-scope",
        "log",
        "metric",
        "span",
        "thread",
        "suppress",
        "exception-handler",
        "entry-point",
        "middleware",
        "spawns",
    ]
    """`thread`: runs the callable it is handed off the loop. `spawns`: runs it on the loop, later (`create_task`).
    `exception-handler`: registers a handler for an exception. `entry-point`: the framework calls what it decorates.
    `middleware`: what it decorates runs the handler of each request, its parameter at `runs`, in every application that is
    given it as `argument`.
    `suppress`: a context manager that swallows the exceptions it is given."""
    used: list[Literal["decorator", "call", "context", "iterate"]] = field(default_factory=lambda: ["call"])
    """`decorator`: `@name` or `@name(...)`. `call`: calling it (with the callable at `runs`). `context`: `with name(...)`.
    `iterate`: `for attempt in name(...)`."""
    runs: str = ""
    """Position or keyword of the callable that is run: `0`, `1`, `target`, `func`."""
    exceptions: str = ""
    """Position or keyword of the exceptions it is for: `0`, `on`, `autoretry_for`."""
    argument: str = ""
    """Position or keyword that must be given (and not None) for the effect: `0` for `asyncio.timeout(5)`,
    `autoretry_for` for a task that retries. Of a middleware, the application's argument that registers it; of what
    spawns, the one with which failures come back as results."""
    guards: bool = False
    """Its failure handling ends the failure by itself (a retry that returns a fallback, a task runner that retries, a
    framework that logs whatever the callbacks it is handed raise); of what is spawned, the failure is raised here."""
    plain_in_thread: bool = False
    """Of what spawns: a callable that is no coroutine runs in a thread, off the loop (a background task)."""


class CatalogueFile(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"class_": "class"}
):
    """One file of the catalogue."""

    library: Library
    exceptions: dict[str, list[str]] = {}
    """Every exception that a handler of this library's failures may name, with its bases: canonical name, then bases
    (canonical names, or builtins without a dot)."""
    exception_groups: dict[str, list[str]] = {}
    """Names that stand for several exceptions, for use in `except`: `ftplib.all_errors`."""
    aliases: dict[str, str] = {}
    """Other public spellings of functions and exceptions: `requests.ConnectionError` -> `requests.exceptions.ConnectionError`.
    A module may be an alias too: `redis.asyncio` is not needed where its classes are listed."""
    function: list[Function] = []
    class_: list[Class] = []
    marker: list[Marker] = []
