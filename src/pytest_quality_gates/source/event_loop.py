"""Whether a synchronous call runs on an event loop: in a coroutine, or in a function that a coroutine calls."""

from __future__ import annotations

from typing import NamedTuple

from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.expression import CallOf, Choice, Expression, Name
from pytest_quality_gates.source.parameters import argument
from pytest_quality_gates.source.project import Function, ProjectClass
from pytest_quality_gates.source.trace import GRAPH
from pytest_quality_gates.source.values import Fn, Obj, Site, Super

_ON_THE_LOOP = frozenset({"call", "spawn"})
"""The ways of reaching a function that leave it where the caller runs."""


class _Reached(NamedTuple):
    """A function on the way up, and what is known of the object that it is a method of."""

    function: Function
    class_: ProjectClass | None


class EventLoop:
    """Answers what runs on a loop."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self._known: dict[Function, tuple[tuple[str, ...], int]] = {}
        self._own: dict[Site, tuple[bool, int]] = {}
        self._below = self._below_coroutines()
        self._handing: dict[tuple[Function, int], tuple[bool, int]] = {}

    def blocks(self, site: Site) -> tuple[bool, tuple[str, ...]]:
        """Whether the synchronous call at `site` runs on a loop, and by which calls it gets there."""
        chain = self.reached(site.function)
        return bool(chain), chain

    def reached(self, function: Function) -> tuple[str, ...]:
        """The chain of calls from a coroutine to `function`; empty where no coroutine reaches it on the loop."""
        if function.is_async:
            return (f"runs in the coroutine {function.place}",)
        return self.graph.project.trace.once(self._known, function, lambda: self._search(function))

    def _below_coroutines(self) -> set[Function]:
        """All that calls lead to from a coroutine, whatever objects they are methods of: of nothing else need be asked."""
        calls: dict[Function, list[Function]] = {}
        for target, edges in self.graph.callers.items():
            for edge in edges:
                if edge.via in _ON_THE_LOOP:
                    calls.setdefault(edge.site.function, []).append(target)
        todo = [function for function in calls if function.is_async]
        found = set(todo)
        for function in todo:
            new = [target for target in calls.get(function, ()) if target not in found]
            found.update(new)
            todo += dict.fromkeys(new)
        return found

    def _search(self, function: Function) -> tuple[str, ...]:
        """Breadth first, so that the shortest chain is the one that is shown."""
        function.module.note(GRAPH)
        if function not in self._below:
            return ()
        first = _Reached(function, function.method_owner())
        came: dict[_Reached, tuple[_Reached, Site] | None] = {first: None}
        todo = [first]
        for current in todo:
            if current.function.is_async:
                return self._chain(current, came)
            if self._is_handed_to_thread(current.function):
                continue
            for edge in self.graph.callers.about(current.function):
                if edge.via not in _ON_THE_LOOP:
                    continue
                caller = self._caller(current, edge.site)
                if caller is not None and caller not in came and caller.function.scope.kind != "module":
                    came[caller] = (current, edge.site)
                    todo.append(caller)
        return ()

    def _is_handed_to_thread(self, function: Function) -> bool:
        """Whether a decorator runs it in a thread, whoever calls it: one of a library, or one of the project."""
        for written, value in self.graph.evaluator.decorating(function):
            marker = self.graph.marker(value)
            if marker is not None and marker.role == "thread":
                return True
            if isinstance(value, Fn) and any(
                self._hands_on(taker, place) for taker, place in _takers(value, written)
            ):
                return True
        return False

    def _hands_on(self, decorator: Function, place: int) -> bool:
        """Whether what is defined in a decorator of the project hands what that decorates to a thread, and never runs it."""
        return self.graph.project.trace.once(
            self._handing, (decorator, place), lambda: self._hands_decorated_on(decorator, place)
        )

    def _hands_decorated_on(self, decorator: Function, place: int) -> bool:
        parameters = decorator.scope.parameters[place : place + 1]
        decorated = [Name(parameter.name) for parameter in parameters]
        inside = [item for item in decorator.module.functions if _is_inside(item, decorator)]
        sites = [site for item in inside for site in item.module.sites_in(item.index)]
        if any(site.call.function in decorated and site.call.use != "await" for site in sites):
            return False
        return any(
            marker.role == "thread" and not _handed(site, marker.runs).isdisjoint(decorated)
            for site in sites
            for marker in self.graph.markers(self.graph.evaluator.callee(site))
        )

    def _caller(self, called: _Reached, site: Site) -> _Reached | None:
        """The function that calls `called` at `site`; None where that is a method of an object of another kind.

        A base calls `self.send()`, which two subclasses define: what calls the base from one of them by `super()` never
        runs the `send` of the other.
        """
        owner = site.function.method_owner()
        if owner is None or called.class_ is None or not self._is_same_object(site, owner):
            return _Reached(site.function, owner)
        if called.class_ in owner.lineage():
            return _Reached(site.function, owner)
        if owner in called.class_.lineage() or any(
            owner in below.lineage() for below in called.class_.descendants()
        ):
            return _Reached(site.function, called.class_)
        return None

    def _is_same_object(self, site: Site, owner: ProjectClass) -> bool:
        """Whether the call is of a method of the caller's own object: by `self`, or by `super()`."""
        return self.graph.project.trace.once(self._own, site, lambda: self._is_own(site, owner))

    def _is_own(self, site: Site, owner: ProjectClass) -> bool:
        receivers = (value.receiver for value in self.graph.evaluator.callee(site) if isinstance(value, Fn))
        return any(isinstance(receiver, Super) or receiver == Obj(owner, None) for receiver in receivers)

    @staticmethod
    def _chain(top: _Reached, came: dict[_Reached, tuple[_Reached, Site] | None]) -> tuple[str, ...]:
        chain = [f"the coroutine {top.function.place}"]
        step = came[top]
        while step is not None:
            below, site = step
            chain.append(f"calls {below.function.scope.name} at {site.module.path}:{site.call.line}")
            step = came[below]
        return tuple(chain)


def _handed(site: Site, place: str) -> set[Expression]:
    """What a call hands over at that place: a name, or the function in `partial(function, ...)`."""
    given = argument(site, place)
    if isinstance(given, CallOf):
        return set(site.module.sites[given.index].call.arguments[:1])
    return {given} if given is not None else set()


def _takers(decorator: Fn, written: Expression) -> list[tuple[Function, int]]:
    """The functions that are given what is decorated, and at which place.

    Of `@name` that is `name`, of `@name(...)` what it gives back; `return inner(function)` hands it on to `inner`.
    """
    function = decorator.function
    given = [
        option
        for item in function.scope.returns
        for option in (item.options if isinstance(item, Choice) else (item,))
    ]
    if isinstance(written, CallOf):
        own = []
        names = {item.id for item in given if isinstance(item, Name)}
    else:
        own = [(function, 0 if decorator.receiver is None else 1)]
        calls = [function.module.sites[item.index].call for item in given if isinstance(item, CallOf)]
        names = {call.function.id for call in calls if isinstance(call.function, Name)}
    inner = (item for item in function.module.functions if item.parent() is function)
    return [*own, *((item, 0) for item in inner if item.name in names)]


def _is_inside(function: Function, outer: Function) -> bool:
    home: Function | None = function
    while home is not None and home is not outer:
        home = home.parent()
    return home is outer
