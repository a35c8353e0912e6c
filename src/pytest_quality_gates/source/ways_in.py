"""How a function is reached: by calls, in the place of what it decorates, by a framework, or by its name alone."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.expression import Attribute, Name, Starred, last_name
from pytest_quality_gates.source.method_names import PATH_METHODS
from pytest_quality_gates.source.project import Function, ProjectClass
from pytest_quality_gates.source.values import Cls, Fn, Obj, Site, library_of

# What plain objects have, too: a call by such a name on something unknown says nothing of a method of the project.
_PLAIN = frozenset(name for kind in (dict, list, set, str, bytes) for name in dir(kind))
_MOST_BY_NAME = 20
"""A word that is called more often than that, on things unknown, is everybody's."""

_FILE = frozenset("read write close flush seek tell readline readlines readinto writelines".split())
"""What a library calls on a file that it is handed."""
_SHORTEST = 4
"""Letters of a word that tells of a class."""


class Ways(NamedTuple):
    """The ways into one function."""

    edges: list[Edge]
    entries: list[Function]
    """Where the outside enters: the function itself, or what it is called in the place of."""


class WaysIn:
    """Says how functions are reached."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self._known: dict[Function, tuple[Ways, int]] = {}
        self._decorated: dict[Function, list[Function]] | None = None
        self._handed: dict[ProjectClass, list[Edge]] | None = None

    def of(self, function: Function) -> Ways:
        """The calls that reach `function`, and where it is entered from outside."""
        return self.graph.project.trace.once(self._known, function, lambda: self._find(function))

    def _find(self, function: Function) -> Ways:
        found = Ways([], [])
        for reached in self._stands_for(function):
            edges = self.graph.callers.about(reached) or self._by_name(reached)
            found.edges.extend(edges)
            if not edges or reached in self.graph.escapes or self.graph.is_entry(reached):
                found.entries.append(reached)
        found.edges.sort(key=lambda edge: (edge.site.module.path, edge.site.index))
        return found

    def _stands_for(self, function: Function) -> list[Function]:
        """What callers name when they reach `function`: what it decorates, where a decorator gives it back."""
        maker = function.parent()
        if maker is None or self.graph.callers.about(function) or function.scope.kind == "lambda":
            return [function]
        decorated: list[Function] = []
        while maker is not None and not decorated:
            decorated = self._decorated_by().get(maker, [])
            maker = maker.parent()
        return decorated or [function]

    def _decorated_by(self) -> dict[Function, list[Function]]:
        """By decorator, or what makes it, the functions that it decorates."""
        if self._decorated is None:
            self._decorated = defaultdict(list)
            for module in self.graph.project.modules:
                for function in module.functions:
                    for _, value in self.graph.evaluator.decorating(function):
                        if isinstance(value, Fn):
                            self._decorated[value.function].append(function)
        return self._decorated

    def _by_name(self, function: Function) -> list[Edge]:
        """Calls of a method of that name on something unknown, where nothing else is known to call this one."""
        name = function.name
        if function.class_ is None or name in _PLAIN or function in self.graph.escapes:
            return []
        if name in _FILE and (handed := self._as_files().get(function.class_)):
            return handed
        sites = self.graph.unknown_calls.get(name, [])
        called_so = [site for site in sites if _is_called_so(site, function.class_)]
        if not called_so and (name in _FILE or name in PATH_METHODS):
            sites = self._with_failures_of(function, sites)
        sites = called_so or sites
        if len(sites) > _MOST_BY_NAME or self.graph.is_entry(function):
            return []
        return [Edge(site, "name") for site in sites if _fits(site, function)]

    def _with_failures_of(self, function: Function, sites: list[Site]) -> list[Site]:
        """The calls in a `try` that names a failure of a library that `function` calls: no path raises it."""
        if not sites:
            return []
        callee = self.graph.evaluator.callee
        called = {
            library_of(value) for site in function.module.sites_in(function.index) for value in callee(site)
        }
        return [site for site in sites if not called.isdisjoint(self._expected(site))]

    def _expected(self, site: Site) -> set[str]:
        """The libraries whose failures are caught around a call, in its own function."""
        summary = site.module.summary
        found: set[str] = set()
        place = site.call.region
        while place >= 0:
            region = summary.regions[place]
            caught = (kind for number in region.handlers for kind in summary.handlers[number].types)
            if region.kind == "try":
                values = (
                    value for kind in caught for value in self.graph.evaluator.values(kind, site.function)
                )
                found |= {library_of(value) for value in values} - {""}
            place = region.parent
        return found

    def _as_files(self) -> dict[ProjectClass, list[Edge]]:
        """Where objects of the project that can be read or written are handed to a library: `tarfile.open(fileobj=self)`."""
        if self._handed is None:
            self._handed = defaultdict(list)
            classes = {
                class_
                for module in self.graph.project.modules
                for class_ in module.classes
                if _FILE & class_.summary.methods.keys()
            }
            for module in self.graph.project.modules if classes else ():
                for site in module.sites:
                    for class_ in self._handed_over(site) & classes:
                        self._handed[class_].append(Edge(site, "name", -1))
        return self._handed

    def _handed_over(self, site: Site) -> set[ProjectClass]:
        """The classes of what the call of a library is handed by name."""
        call = site.call
        given = [value for value in (*call.arguments, *(v for _, v in call.keywords)) if type(value) is Name]
        callees = self.graph.evaluator.callee(site) if given else ()
        if not callees or any(isinstance(callee, Fn | Cls | Obj) for callee in callees):
            return set()
        at = site.function
        values = (item for value in given for item in self.graph.evaluator.values(value, at))
        return {value.class_ for value in values if isinstance(value, Obj)}


def _is_called_so(site: Site, class_: ProjectClass) -> bool:
    """Whether the object is called by a word of its class's name, or of a base's: `archiver.check()`, `class WalArchiver`."""
    called = site.call.function
    word = (
        last_name(called.value).strip("_").replace("_", "").lower() if isinstance(called, Attribute) else ""
    )
    return len(word) >= _SHORTEST and any(word in item.name.lower() for item in class_.lineage())


def _fits(site: Site, function: Function) -> bool:
    """Whether a method can take as many arguments as a call gives it by position."""
    parameters = function.scope.parameters
    given = site.call.arguments
    if any(isinstance(value, Starred) for value in given) or any(item.kind == "*" for item in parameters):
        return True
    return len(given) <= sum(item.kind == "" for item in parameters) - 1
