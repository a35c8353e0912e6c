"""The catalogue, turned into what the index asks of it: is this name external, and what does it give?"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property

from packaging.version import InvalidVersion, Version

from pytest_quality_gates.catalogue.schema import CatalogueFile, Class, Function, Library, Marker, Timeouts
from pytest_quality_gates.facts.call_site import Kind

_NO_TIMEOUTS = Timeouts()
# Typed stubs of generated clients: each of their classes is that library's one generic client.
_STUBS = {
    "mypy_boto3_": "botocore.client.BaseClient",
    "types_boto3_": "botocore.client.BaseClient",
    "types_aiobotocore_": "aiobotocore.client.AioBaseClient",
    "types_aioboto3_": "aiobotocore.client.AioBaseClient",
}


class Operation:
    """One callable of a library that the catalogue knows: a function, a constructor or a method."""

    __slots__ = (
        "buffered_in",
        "client_retry",
        "contains",
        "default_timeout",
        "enters",
        "is_async",
        "is_io",
        "kind",
        "library",
        "name",
        "needs",
        "parts",
        "raises",
        "retry",
        "returns",
        "runs",
        "streams",
        "timeouts",
        "unpacks",
        "yields",
    )

    def __init__(self, name: str, library: Library, *, is_io: bool, is_async: bool) -> None:
        self.name = name
        self.library = library
        self.is_io = is_io
        self.is_async = is_async
        self.kind: Kind | None = library.kind
        self.raises: tuple[str, ...] = tuple(library.raises)
        self.returns = ""
        self.enters = ""
        self.yields = ""
        self.unpacks: tuple[str, ...] = ()
        self.runs = ""
        self.streams = ""
        self.parts: dict[str, str] = {}
        self.needs = ""
        """The argument without which it does no I/O, a position or keyword."""
        self.buffered_in = ""
        self.retry: tuple[str, ...] = ()
        self.client_retry: tuple[str, ...] = ()
        self.timeouts = _NO_TIMEOUTS
        self.default_timeout = False
        self.contains = False
        """It ends every failure by itself."""


class LibraryClass:
    """One class of a library, with what it inherits."""

    def __init__(self, entry: Class, library: Library, lexicon: Lexicon) -> None:
        self.entry = entry
        self.library = library
        self.name = entry.name
        self._lexicon = lexicon
        self._operations: dict[str, Operation | None] = {}

    @cached_property
    def lineage(self) -> tuple[LibraryClass, ...]:
        """The class and its catalogued bases, nearest first."""
        found: dict[str, LibraryClass] = {self.name: self}
        for base in self.entry.bases:
            known = self._lexicon.class_named(base)
            if known is not None and known.name not in found:
                found.update({item.name: item for item in known.lineage})
        return tuple(found.values())

    def attribute(self, name: str) -> str:
        """The class of a public attribute; empty where unknown."""
        for item in self.lineage:
            if name in item.entry.attributes:
                return item.entry.attributes[name]
        return ""

    @cached_property
    def enters(self) -> str:
        """The class of what `with instance` gives."""
        return next((item.entry.enters for item in self.lineage if item.entry.enters), "")

    @property
    def is_awaited(self) -> bool:
        """Whether making one connects in the awaiting: `await connect(...)`, which `async with connect(...)` does too."""
        return self.entry.is_async and self.entry.connects and bool(self.enters)

    def knows(self, method: str) -> bool:
        """Whether the catalogue says anything about `method`."""
        return self.operation(method) is not None

    def operation(self, method: str) -> Operation | None:
        """What calling `method` does; `__init__` for the constructor."""
        if method not in self._operations:
            self._operations[method] = self._find(method)
        return self._operations[method]

    def _find(self, method: str) -> Operation | None:
        owner, is_io = self._says(method)
        if owner is None:
            return None
        entry = owner.entry
        is_async = self.entry.is_async or entry.is_async
        if method in entry.io_async or method in entry.io_sync:
            is_async = method in entry.io_async
        found = Operation(f"{self.name}.{method}", self.library, is_io=is_io, is_async=is_async)
        self._describe(found, method, owner)
        return found

    def _says(self, method: str) -> tuple[LibraryClass | None, bool]:
        """The class of the lineage that speaks of `method`, and whether it says I/O."""
        if method == "__init__":
            connects = next((item for item in self.lineage if item.entry.connects), None)
            return connects or self, connects is not None
        for item in self.lineage:
            entry = item.entry
            if method in entry.pure:
                return item, False
            if method in entry.io or method in entry.io_async or method in entry.io_sync:
                return item, True
            described = (
                method in entry.returns
                or method in entry.yields
                or method in entry.enter_of
                or method in entry.unpacks
            )
            if "*" in entry.io and not method.startswith("_") and not described:
                return item, True
            if described:
                return item, False
        return None, False

    def _describe(self, found: Operation, method: str, owner: LibraryClass) -> None:
        for item in reversed(self.lineage):
            entry = item.entry
            found.kind = entry.kind or found.kind
            found.streams = entry.streams or found.streams
            found.parts = entry.parts or found.parts
            found.buffered_in = item.name if entry.buffered else found.buffered_in
            if entry.raises is not None:
                found.raises, found.contains = tuple(entry.raises), not entry.raises
            found.timeouts = entry.timeouts or found.timeouts
            found.client_retry = tuple(entry.retry) or found.client_retry
            found.retry = tuple(entry.call_retry) or found.retry
        for item in reversed(self.lineage):
            entry = item.entry
            found.timeouts = entry.method_timeouts.get(method, found.timeouts)
            found.returns = entry.returns.get(method, found.returns)
            found.enters = entry.enter_of.get(method, found.enters)
            found.yields = entry.yields.get(method, found.yields)
            found.unpacks = tuple(entry.unpacks.get(method, found.unpacks))
        if method == "__init__":
            found.needs = next((i.entry.connects_with for i in self.lineage if i.entry.connects_with), "")
        found.contains |= any(method in item.entry.contains for item in self.lineage)
        found.default_timeout = self._lexicon.has_default(found.timeouts, owner.library)


class Lexicon:
    """Every name of the catalogue.

    Args:
        files: The catalogue, the user's entries last (they win).
        versions: By distribution, the release in use where it is known; library defaults depend on it.
    """

    def __init__(self, files: Iterable[CatalogueFile], versions: Mapping[str, str] | None = None) -> None:
        self._versions = dict(versions or {})
        self._functions: dict[str, Operation] = {}
        self._classes: dict[str, LibraryClass] = {}
        self._classes_asked: dict[str, LibraryClass | None] = {}
        self._ancestors: dict[str, frozenset[str]] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._groups: dict[str, tuple[str, ...]] = {}
        self._patterns: list[tuple[str, LibraryClass]] = []
        self.markers: dict[str, Marker] = {}
        self.aliases: dict[str, str] = {}
        self.libraries: dict[str, Library] = {}
        self.exception_tables: set[str] = set()
        for file in files:
            self._add(file)
        self.setters = self._all_setters()
        """Methods, and attributes, that bound later calls on their object."""
        self._marked = frozenset(name.rpartition(".")[2] for name in self.markers)

    def _all_setters(self) -> frozenset[str]:
        entries = [known.entry for known in self._classes.values()]
        given = [timeouts for e in entries for timeouts in (e.timeouts, *e.method_timeouts.values())]
        return frozenset(name for timeouts in given if timeouts for name in timeouts.setter)

    def _add(self, file: CatalogueFile) -> None:
        library = file.library
        for module in library.modules:
            self.libraries[module] = library
        for entry in file.class_:
            known = LibraryClass(entry, library, self)
            for name in (entry.name, *entry.aliases):
                self._classes[name] = known
            if entry.matches:
                self._patterns.append((entry.matches, known))
        for function in file.function:
            for name in function.names:
                self._functions[name] = self._function(name, function, library)
        for marker in file.marker:
            for name in marker.names:
                self.markers[name] = marker
        self.aliases.update(file.aliases)
        for name, bases in file.exceptions.items():
            self._bases[name] = tuple(bases)
            self.exception_tables.add(name.partition(".")[0])
        self._groups.update({name: tuple(members) for name, members in file.exception_groups.items()})

    def _function(self, name: str, entry: Function, library: Library) -> Operation:
        found = Operation(name, library, is_io=entry.io, is_async=entry.is_async)
        found.kind = entry.kind or library.kind
        found.raises = tuple(entry.raises) if entry.raises is not None else tuple(library.raises)
        found.contains = entry.raises == []
        found.returns, found.enters, found.yields = entry.returns, entry.enters, entry.yields
        found.runs = entry.runs
        found.unpacks = tuple(entry.unpacks)
        found.retry = tuple(entry.retry)
        found.timeouts = entry.timeouts or _NO_TIMEOUTS
        found.default_timeout = self.has_default(found.timeouts, library)
        return found

    def has_default(self, timeouts: Timeouts, library: Library) -> bool:
        """Whether the release in use bounds such a call by itself."""
        if not timeouts.default_by_version:
            return timeouts.default
        used = _version(self._versions.get(library.distribution.lower(), ""))
        decided = timeouts.default
        for change in timeouts.default_by_version:
            since = _version(change.since)
            if used is None or since is None or since <= used:
                decided = change.timeout
        return decided

    # Names

    def canonical(self, dotted: str) -> str:
        """The name the catalogue knows it by; unknown names stay as they are."""
        if dotted in self.aliases:
            return self.canonical(self.aliases[dotted]) if self.aliases[dotted] != dotted else dotted
        known = self._classes.get(dotted)
        return known.name if known is not None else dotted

    def class_named(self, dotted: str) -> LibraryClass | None:
        """The class of that name or alias."""
        if dotted in self._classes_asked:
            return self._classes_asked[dotted]
        found = self._classes_asked[dotted] = self._class_named(dotted)
        return found

    def _class_named(self, dotted: str) -> LibraryClass | None:
        known = self._classes.get(dotted)
        if known is None and dotted in self.aliases:
            known = self._classes.get(self.aliases[dotted])
        if known is None and dotted.rpartition(".")[2][:1].isupper():
            known = next(
                (self._classes.get(name) for stub, name in _STUBS.items() if dotted.startswith(stub)), None
            )
            return known or next((c for pattern, c in self._patterns if fnmatchcase(dotted, pattern)), None)
        return known

    def function_named(self, dotted: str) -> Operation | None:
        """The function (or the constructor) of that name or alias."""
        return self._functions.get(dotted) or self._functions.get(self.aliases.get(dotted, ""))

    def callable_named(self, dotted: str) -> Operation | None:
        """What calling that name does: a function, a class's constructor, or `Class.method`."""
        function = self.function_named(dotted)
        if function is not None:
            return function
        known = self.class_named(dotted)
        if known is not None:
            return known.operation("__init__")
        owner, _, method = dotted.rpartition(".")
        known = self.class_named(owner) if owner else None
        return known.operation(method) if known is not None else None

    def marker_named(self, dotted: str) -> Marker | None:
        """What else that name means."""
        return self.markers.get(dotted) or self.markers.get(self.aliases.get(dotted, ""))

    def marker_of_method(self, class_name: str, method: str) -> Marker | None:
        """The marker of a method, its class's bases and aliases included."""
        if method not in self._marked:
            return None  # most methods of most classes
        found = self.markers.get(f"{class_name}.{method}")
        known = self.class_named(class_name)
        if found is None and known is not None:
            names = [name for item in known.lineage for name in (item.name, *item.entry.aliases)]
            found = next(
                (self.markers[f"{n}.{method}"] for n in names if f"{n}.{method}" in self.markers), None
            )
        return found

    # Exceptions

    def catches(self, caught: str, raised: str) -> bool:
        """Whether a handler for `caught` is reached by `raised`."""
        caught = self.canonical(caught)
        if caught in self._groups:
            return any(self.catches(member, raised) for member in self._groups[caught])
        return caught in self.ancestors(raised)

    def ancestors(self, exception: str) -> frozenset[str]:
        """The exception's own name and those of all its bases, builtins without a module."""
        known = self._ancestors.get(exception)
        if known is None:
            known = self._ancestors[exception] = self._with_bases(exception)
        return known

    def _with_bases(self, exception: str) -> frozenset[str]:
        found: set[str] = set()
        todo = [exception]
        while todo:
            name = self.canonical(todo.pop())
            name = name.removeprefix("builtins.")
            if name in found:
                continue
            found.add(name)
            builtin = getattr(builtins, name, None)
            if isinstance(builtin, type):
                found.update(base.__name__ for base in builtin.__mro__)
                found.add({"OSError": "IOError"}.get(name, name))
            todo.extend(self._bases.get(name, ()) if builtin is None else ())
        if len(found) == 1:
            found.add("Exception")
        found.add("BaseException")
        if "OSError" in found:
            found |= {"IOError", "EnvironmentError", "socket.error", "select.error"}
        return frozenset(found)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
