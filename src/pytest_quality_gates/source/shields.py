"""Circuit breakers and retries around a call: here, in a decorator, in the client's settings, or in every caller."""

from __future__ import annotations

import re
from typing import Literal

from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.expression import Attribute, CallOf, Constant, Expression, dotted, last_name
from pytest_quality_gates.source.funnels import funnels
from pytest_quality_gates.source.guards import Guards, Raises
from pytest_quality_gates.source.lexicon import Operation
from pytest_quality_gates.source.origins import Arguments
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.regions import Callers, regions_around, regions_from
from pytest_quality_gates.source.values import Cls, Fn, Instance, Method, Obj, Site, Value, Values

Role = Literal["breaker", "retry"]
# A project's own breaker or retry is known by its name; nothing else is called so.
_OWN = {
    "breaker": re.compile(r"circuit|breaker", re.IGNORECASE),
    "retry": re.compile(r"(^|_)(retry|retries|retrying|backoff)(_|$)|Retry|Backoff"),
}
_AGAIN = re.compile(r"retr(y|ies)|attempt|backoff", re.IGNORECASE)
_NAPS = frozenset({"sleep", "wait", "backoff"})


class Shields:
    """Answers what else is around a call."""

    def __init__(
        self, graph: CallGraph, callers: Callers, guards: Guards, arguments: Arguments, configured: Arguments
    ) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self.callers = callers
        self.guards = guards
        self.arguments = arguments
        self.configured = configured
        self._here: dict[tuple[Site, Role], tuple[str, int]] = {}
        self._mounts: dict[Module, tuple[list[Site], int]] = {}

    def breaker(self, site: Site) -> tuple[bool, tuple[str, ...]]:
        """Whether a circuit breaker is around the call, and which."""
        found = self._around(site, "breaker")
        return bool(found), (found,) if found else ()

    def retry(self, site: Site, callees: Values, operation: Operation) -> tuple[bool, tuple[str, ...]]:
        """Whether a retry policy is around the call, and which."""
        found = (
            self._by_loop(site, operation.raises)
            or next((f for callee in callees if (f := self._by_client(site, callee, operation))), "")
            or self._by_recursion(site, operation.raises)
            or self._by_funnel(site, callees, operation.raises)
            or self._around(site, "retry", operation.raises)
        )
        return bool(found), (found,) if found else ()

    def _around(self, site: Site, role: Role, raises: Raises = ()) -> str:
        here = self._local(site, role) or self._on_function(site.function, role, raises)
        if here:
            return here
        question = (role, raises)
        if self.callers.all(site.function, question, lambda edge, _: self._edge(edge, role, raises)) == "yes":
            return f"every caller has a {role} around it"
        return ""

    def _edge(self, edge: Edge, role: Role, raises: Raises) -> bool:
        if self._local(edge.site, role) or self._on_function(edge.site.function, role, raises):
            return True
        return role == "retry" and bool(self._by_loop(edge.site, raises))

    def _local(self, site: Site, role: Role) -> str:
        return self.graph.project.trace.once(self._here, (site, role), lambda: self._find_here(site, role))

    def _find_here(self, site: Site, role: Role) -> str:
        for outer, marker in self.graph.wrapped_by.about(site):
            if marker.role == role:
                return dotted(outer.call.function)
        if any(marker.role == role for marker in self.graph.markers(self.evaluator.callee(site))):
            return dotted(site.call.function) or f"a {role} that is called"
        function = site.function
        for _, region in regions_around(site):
            if region.kind in {"with", "loop"}:
                for context in region.contexts:
                    found = self._context(context, function, role)
                    if found:
                        return found
        return ""

    def _context(self, context: Expression, function: Function, role: Role) -> str:
        if isinstance(context, CallOf):
            site = function.module.sites[context.index]
            for callee in (*self.evaluator.callee(site), *self.evaluator.result(site)):
                if self._is_role(callee, role):
                    return dotted(site.call.function)
            return ""
        values = self.evaluator.meanings(context, function)
        return dotted(context) if any(self._is_role(value, role) for value in values) else ""

    def _is_role(self, value: Value, role: Role) -> bool:
        marker = self.graph.marker(value)
        if marker is not None:
            return marker.role == role
        return _is_own(value, role)

    def _on_function(self, function: Function, role: Role, raises: Raises) -> str:
        for decorator, value in self.evaluator.decorating(function):
            marker = self.graph.marker(value)
            if (
                marker is not None
                and role == "retry"
                and not self.guards.is_meant(marker, decorator, function, raises)
            ):
                if marker.role == "retry" and self._asks_again(function):
                    return f"{function.scope.name} asks for another try ({function.place})"
                continue
            if self._is_role(value, role):
                return f"the decorator around {function.place}"
        for site in self.graph.wrappers(function):
            if self._local(site, role) or (role == "retry" and self._by_loop(site, raises)):
                return f"the decorator around {function.place}"
        return ""

    # Retries

    @staticmethod
    def _asks_again(function: Function) -> bool:
        """A task that calls `self.retry(...)`."""
        return any(
            last_name(site.call.function) == "retry" for site in function.module.sites_in(function.index)
        )

    def _by_loop(self, site: Site, raises: Raises) -> str:
        """A loop that catches the failure, waits and goes round again until it went well."""
        function = site.function
        caught = False
        for place, region in regions_around(site):
            if region.kind == "try" and not caught:
                caught = any(self._goes_round(number, function, raises) for number in region.handlers)
            elif region.kind == "loop" and self._is_retry(function, place, caught=caught):
                return f"the loop in {function.place}"
        return ""

    def _is_retry(self, function: Function, loop: int, *, caught: bool) -> bool:
        """Whether a loop tries again: after the failure that a handler in it caught, or after a bad answer and a pause."""
        region = function.module.summary.regions[loop]
        if caught and region.ends_on_success:
            return region.counts_tries or self._tries_again(function, loop)
        return region.counts_tries and any(
            last_name(call.function) in _NAPS and loop in self._places(function, call.region)
            for call in function.module.summary.calls
            if call.scope == function.index
        )

    @staticmethod
    def _places(function: Function, place: int) -> list[int]:
        return [number for number, _ in regions_from(function.module, place)]

    def _by_recursion(self, site: Site, raises: Raises) -> str:
        """A handler of the failure that calls its own function again."""
        function = site.function
        for _, region in regions_around(site):
            for number in region.handlers if region.kind == "try" else ():
                handler = function.module.summary.handlers[number]
                if not self.guards.catches(handler, function, raises):
                    continue
                for edge in self.graph.callers.about(function):
                    again = edge.site.call
                    if edge.site.function is function and handler.line <= again.line <= handler.end_line:
                        return f"the handler calls {function.scope.name} again ({function.module.path}:{again.line})"
        return ""

    def _by_funnel(self, site: Site, callees: Values, raises: Raises) -> str:
        """A subclass of the client retries in the one method that all its requests go through."""
        for callee in callees:
            if isinstance(callee, Method) and isinstance(callee.receiver, Obj):
                inner = funnels(self.graph, callee.receiver, callee.name, site)
                if inner and all(self._by_loop(item, raises) for item in inner):
                    return f"every call goes through {inner[0].function.place}, which tries again"
        return ""

    def _goes_round(self, number: int, function: Function, raises: Raises) -> bool:
        handler = function.module.summary.handlers[number]
        return handler.leaves and (
            self.guards.catches(handler, function, raises)
            or self.guards.catches_some(handler, function, raises)
        )

    def _tries_again(self, function: Function, loop: int) -> bool:
        """Whether the loop waits, or its words say that it tries again."""
        summary = function.module.summary
        iterated = summary.regions[loop].contexts
        named = [dotted(site.call.function) for site in function.module.sites_in(function.index)]
        return any(name.rpartition(".")[2] in _NAPS or _AGAIN.search(name) for name in named) or any(
            _AGAIN.search(dotted(item)) for item in iterated
        )

    def _by_client(self, site: Site, callee: Value, operation: Operation) -> str:
        if any(self._asks(site, name, self.arguments) for name in operation.retry):
            return "asked for in the call"
        receiver = callee.receiver if isinstance(callee, Method) else callee
        for origin in self.configured.chain(receiver):
            for name in operation.client_retry:
                if self._asks(origin, name, self.configured):
                    return f"{name} is set where the client is made ({origin.module.path}:{origin.call.line})"
            if self._is_mounted(origin):
                return "an adapter with retries is mounted"
        if isinstance(receiver, Obj):
            return self._own_client(receiver, operation)
        return ""

    @staticmethod
    def _asks(site: Site, name: str, arguments: Arguments) -> bool:
        """Whether a call asks for retries by that argument: `retries=0` asks for none."""
        said = next((value for word, value in site.call.keywords if word == name), None)
        return bool(arguments.given(site, name)) and not (isinstance(said, Constant) and not said.value)

    def _own_client(self, receiver: Obj, operation: Operation) -> str:
        for class_ in receiver.class_.lineage():
            init = class_.method("__init__")
            if init is None:
                continue
            for site in init.module.sites_in(init.index):
                if last_name(site.call.function) == "mount" and self._mounts_retries(site):
                    return "an adapter with retries is mounted"
                if dotted(site.call.function).endswith("__init__") and any(
                    self.configured.given(site, name) for name in operation.client_retry
                ):
                    return "set in the client's constructor"
        return ""

    def _is_mounted(self, origin: Site) -> bool:
        """Whether `client.mount(prefix, adapter)` gives the object made at `origin` an adapter that retries."""
        for site in self._mounts_in(origin.module):
            function = site.call.function
            if isinstance(function, Attribute):
                made = self.evaluator.values(function.value, site.function)
                if any(isinstance(v, Instance | Obj) and v.origin == origin for v in made):
                    return self._mounts_retries(site)
        return False

    def _mounts_in(self, module: Module) -> list[Site]:
        return self.graph.project.trace.once(
            self._mounts,
            module,
            lambda: [
                site
                for site in module.sites
                if isinstance(site.call.function, Attribute) and site.call.function.attr == "mount"
            ],
        )

    def _mounts_retries(self, site: Site) -> bool:
        call = site.call
        if len(call.arguments) < 2:  # noqa: PLR2004 -- prefix, adapter
            return False
        for value in self.evaluator.values(call.arguments[1], site.function):
            origin = value.origin if isinstance(value, Instance | Obj) else None
            if origin is not None and self.configured.given(origin, "max_retries", 0):
                return True
        return False


def _is_own(value: Value, role: Role) -> bool:
    if isinstance(value, Fn):
        return bool(_OWN[role].search(value.function.name)) or (
            value.function.class_ is not None and bool(_OWN[role].search(value.function.class_.name))
        )
    if isinstance(value, Cls | Obj):
        return bool(_OWN[role].search(value.class_.name))
    return False
