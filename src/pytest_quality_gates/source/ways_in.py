"""How a function is reached: by calls, in the place of what it decorates, by a framework, or by its name alone."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.expression import Attribute, Starred, last_name
from pytest_quality_gates.source.project import Function, ProjectClass, call_at
from pytest_quality_gates.source.values import Fn, Site

# What plain objects have, too: a call by such a name on something unknown says nothing of a method of the project.
_PLAIN = frozenset(name for kind in (dict, list, set, str, bytes) for name in dir(kind))
_MOST_BY_NAME = 20
"""A word that is called more often than that, on things unknown, is everybody's."""

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
        self._known: dict[Function, Ways] = {}
        self._decorated: dict[Function, list[Function]] | None = None

    def of(self, function: Function) -> Ways:
        """The calls that reach `function`, and where it is entered from outside."""
        known = self._known.get(function)
        if known is None:
            known = self._known[function] = self._find(function)
        return known

    def _find(self, function: Function) -> Ways:
        found = Ways([], [])
        for reached in self._stands_for(function):
            edges = self.graph.callers.get(reached) or self._by_name(reached)
            found.edges.extend(edges)
            if not edges or reached in self.graph.escapes or self.graph.is_entry(reached):
                found.entries.append(reached)
        found.edges.sort(key=lambda edge: (edge.site.module.path, edge.site.index))
        return found

    def _stands_for(self, function: Function) -> list[Function]:
        """What callers name when they reach `function`: what it decorates, where a decorator gives it back."""
        maker = function.parent()
        if maker is None or self.graph.callers.get(function) or function.scope.kind == "lambda":
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
                    for _, value in (
                        self.graph.evaluator.decorating(function) if function.scope.decorators else ()
                    ):
                        if isinstance(value, Fn):
                            self._decorated[value.function].append(function)
        return self._decorated

    def _by_name(self, function: Function) -> list[Edge]:
        """Calls of a method of that name on something unknown, where nothing else is known to call this one."""
        name = function.name
        if function.class_ is None or name in _PLAIN or function in self.graph.escapes:
            return []
        sites = self.graph.unknown_calls.get(name, [])
        sites = [site for site in sites if _is_called_so(site, function.class_)] or sites
        if len(sites) > _MOST_BY_NAME or self.graph.is_entry(function):
            return []
        return [Edge(site, "name") for site in sites if _fits(site, function)]


def _is_called_so(site: Site, class_: ProjectClass) -> bool:
    """Whether the object is called by a word of its class's name, or of a base's: `archiver.check()`, `class WalArchiver`."""
    called = call_at(site).function
    word = (
        last_name(called.value).strip("_").replace("_", "").lower() if isinstance(called, Attribute) else ""
    )
    return len(word) >= _SHORTEST and any(word in item.name.lower() for item in class_.lineage())


def _fits(site: Site, function: Function) -> bool:
    """Whether a method can take as many arguments as a call gives it by position."""
    parameters = function.scope.parameters
    given = call_at(site).arguments
    if any(isinstance(value, Starred) for value in given) or any(item.kind == "*" for item in parameters):
        return True
    return len(given) <= sum(item.kind == "" for item in parameters) - 1
