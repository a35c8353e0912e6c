"""The external calls and the blocking ones, each with what protects it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pytest_quality_gates.catalogue.schema import Marker
from pytest_quality_gates.facts.call_site import CallSite, Confidence, Explanation, Handled, Kind
from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.event_loop import EventLoop
from pytest_quality_gates.source.expression import Attribute, Constant, Name, Starred, dotted
from pytest_quality_gates.source.guards import Guards, Raises
from pytest_quality_gates.source.lexicon import Operation
from pytest_quality_gates.source.observers import Observers
from pytest_quality_gates.source.origins import Arguments, origins
from pytest_quality_gates.source.parameters import argument
from pytest_quality_gates.source.regions import Callers
from pytest_quality_gates.source.shields import Shields
from pytest_quality_gates.source.timeouts import Timeouts
from pytest_quality_gates.source.values import (
    Cls,
    Instance,
    Method,
    Obj,
    Partial,
    Plain,
    Ref,
    Site,
    Value,
    Values,
    is_guess,
)

# Builtins that block: no type checker's name for them may hide it.
_BLOCKING = frozenset({"builtins.open", "builtins.input"})
# What the type checker knows to be a plain object's method is nothing else.
_TELLING = ("builtins.", "typing.", "collections.", "_collections_abc.")
_IMPLIED = {
    "with": ("__enter__",),
    "async with": ("__aenter__",),
    "for": ("__iter__",),
    "async for": ("__aiter__",),
}
_RUNNERS = frozenset({"thread", "breaker", "retry", "timeout-scope"})
_LIBRARY = frozenset({Ref, Method, Instance})
_LOCAL_KINDS: frozenset[Kind] = frozenset({"sleep", "file", "input"})


class Found(NamedTuple):
    """An external or blocking call, by the catalogue."""

    site: Site
    callee: Value
    operation: Operation
    kind: Kind
    confidence: Confidence
    how: str
    run_by: str = ""
    """The role of the marker that is handed the callee to run, where the call itself does not run it."""


class CallSites:
    """Finds the calls that matter and asks every question about each."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self.lexicon = graph.evaluator.lexicon
        callers = Callers(graph)
        configured = Arguments(graph.evaluator, by_any_caller=True)
        self.observers = Observers(graph, callers.ways)
        self.guards = Guards(graph, callers, self.observers)
        arguments = Arguments(graph.evaluator)
        self.timeouts = Timeouts(graph, callers, arguments, configured)
        self.shields = Shields(graph, callers, self.guards, arguments, configured)
        self.loop = EventLoop(graph)
        self.found = [
            item
            for module in graph.project.modules
            for site in module.sites
            if (item := self._find(site)) is not None
        ]
        for item in self.found:
            self.observers.operations.add(item.site.function, item.site.index)

    def facts(self) -> tuple[CallSite, ...]:
        """The facts of every such call, sorted by path and line."""
        facts = [self._fact(item) for item in self.found]
        return tuple(sorted(facts, key=lambda fact: (fact.path, fact.line, fact.column, fact.end_line)))

    # Which calls

    def _find(self, site: Site) -> Found | None:
        names = self.evaluator.typed.get(site)
        if names:
            typed = self._by_type(site, names)
            if typed is not False:
                return typed or self._implied(site) or self._by_reference(site)
        return self._by_flow(site) or self._implied(site) or self._by_reference(site)

    def _by_type(self, site: Site, names: tuple[str, ...]) -> Found | Literal[False] | None:
        """By the type checker's names; False where they say nothing."""
        is_known = False
        libraries = [name for name in names if self.graph.project.find(name)[0] is None]
        for name in names:
            callee, operation = self._operation_named(name, is_library=name in libraries)
            if operation is None:
                continue
            if self._does_io(site, operation):
                flow = next((v for v in self.evaluator.callee(site) if self._same(v, operation)), None)
                return self._found(
                    site, flow or callee, operation, "certain", f"the type checker says {name}"
                )
            if operation.is_io:
                is_known = True
            elif not is_known:
                return None  # the nearest name is known, and it does no I/O
        if is_known:
            return None
        if libraries and all(name.startswith(_TELLING) for name in libraries) and names[0] not in _BLOCKING:
            return None
        return False

    @staticmethod
    def _found(
        site: Site, callee: Value, operation: Operation, confidence: Confidence, how: str
    ) -> Found | None:
        return (
            Found(site, callee, operation, operation.kind, confidence, how)
            if operation.kind is not None
            else None
        )

    def _does_io(self, site: Site, operation: Operation) -> bool:
        if operation.is_io:
            if operation.needs and not _may_be_given(site, operation.needs):
                return False
            return not operation.streams or self._is_streamed(site, operation.streams)
        return operation.buffered_in != "" and self._is_immediate(site)

    def _is_streamed(self, site: Site, setting: str) -> bool:
        """Whether the call that made the receiver left the body unread: `stream=True`."""
        name, _, wanted = setting.partition("=")
        for callee in self.evaluator.callee(site):
            receiver = callee.receiver if isinstance(callee, Method) else None
            if isinstance(receiver, Plain):
                continue  # of `str | Response`, the text
            origins_ = list(origins(receiver)) if receiver is not None else []
            for origin in origins_:
                given = dict(origin.call.keywords).get(name)
                if given is not None:
                    return not isinstance(given, Constant) or str(given.value).lower() == wanted
            if receiver is not None and not origins_:
                return True  # nobody knows how it was made
        return False

    def _is_immediate(self, site: Site) -> bool:
        """Whether a buffered command is sent at once: after `watch`, and before `multi`, on the same object."""
        call = site.call
        if not isinstance(call.function, Attribute):
            return False
        state = False
        for index in self.observers.reports.calls_of(site.module, call.scope):
            other = site.module.summary.calls[index]
            if isinstance(other.function, Attribute) and other.function.value == call.function.value:
                if other.line >= call.line and index != site.index:
                    continue
                state = (
                    True
                    if other.function.attr == "watch"
                    else False
                    if other.function.attr == "multi"
                    else state
                )
        return state and call.function.attr not in {"multi", "watch"}

    def _implied(self, site: Site) -> Found | None:
        """What entering or iterating over the result does."""
        use = site.call.use
        if use not in _IMPLIED:
            return None
        for value in self.evaluator.result(site):
            known = self.lexicon.class_named(value.class_name) if isinstance(value, Instance) else None
            if known is None:
                continue
            for method in _IMPLIED[use]:
                operation = known.operation(method)
                if operation is not None and operation.is_io:
                    callee = Method(known.name, method, value)
                    how = f"{use} calls {known.name}.{method}"
                    return self._found(site, callee, operation, _confidence(callee), how)
        return None

    def _by_reference(self, site: Site) -> Found | None:
        """What a thread, a breaker or a retry is handed to run at once: `to_thread(requests.get, url)`."""
        if not site.call.arguments:
            return None
        for marker in self.graph.markers(self.evaluator.callee(site)):
            if marker.role not in _RUNNERS:
                continue
            for place in marker.runs.split(":"):
                handed = argument(site, place)
                if isinstance(handed, Name | Attribute):
                    found = self._referenced(site, self.evaluator.values(handed, site.function), marker)
                    if found is not None:
                        return found
        return None

    def _referenced(self, site: Site, values: Values, marker: Marker) -> Found | None:
        for value in self._library_callees(values):
            operation = self.evaluator.operation(value)
            if (
                operation is not None
                and operation.is_io
                and not operation.streams
                and operation.kind is not None
            ):
                how = f"{dotted(site.call.function)} runs it"
                sure: Confidence = "possible" if is_guess(value) else "likely"
                return Found(site, value, operation, operation.kind, sure, how, marker.role)
        return None

    def _same(self, value: Value, operation: Operation) -> bool:
        known = self.evaluator.operation(value)
        return known is not None and known.name.rpartition(".")[2] == operation.name.rpartition(".")[2]

    def _operation_named(self, name: str, *, is_library: bool) -> tuple[Value, Operation | None]:
        """The library's operation of that full name; a function of the project is none, even if a library has its name."""
        operation = self.lexicon.callable_named(name) if is_library else None
        return (Ref(name), operation) if operation is not None else self._inherited(name)

    def _inherited(self, name: str) -> tuple[Value, Operation | None]:
        """A library's method that the type checker names by the project's subclass."""
        owner, _, method = name.rpartition(".")
        found = self.graph.project.functions_named(owner) if owner else None
        if isinstance(found, Cls) and found.class_.method(method) is None:
            for base in found.class_.all_library_bases():
                known = self.lexicon.class_named(base)
                operation = known.operation(method) if known is not None else None
                if operation is not None:
                    return Method(base, method, Obj(found.class_, None)), operation
        return Ref(name), None

    def _by_flow(self, site: Site) -> Found | None:
        for callee in sorted(self._library_callees(self.evaluator.callee(site)), key=is_guess):
            operation = self.evaluator.operation(callee)
            if operation is not None and self._does_io(site, operation):
                return self._found(site, callee, operation, _confidence(callee), _how(callee))
        return None

    def _library_callees(self, callees: Values) -> Values:
        """What of the callees is a library's; a class of the project that calls its library base counts for that base."""
        found: list[Value] = []
        for callee in callees:
            if type(callee) in _LIBRARY:
                found.append(callee)
            elif type(callee) is Cls and callee.class_.method("__init__") is None:
                found += [Ref(base) for base in callee.class_.all_library_bases()]
            elif type(callee) is Partial:
                found += self._library_callees((callee.target,))
        return tuple(found)

    # What protects them

    def _fact(self, item: Found) -> CallSite:
        call = item.site.call
        function = item.site.function
        is_local = item.kind in _LOCAL_KINDS
        is_async = item.operation.is_async or call.use in {"await", "async with", "async for"}
        off_loop = is_async or item.run_by == "thread"
        blocks, loop = (False, ()) if off_loop else self.loop.blocks(item.site)
        callees = self._alike(item)
        if blocks and self.timeouts.never_waits(item.site, callees, item.operation):
            blocks, loop = False, ()
        raises = item.operation.raises or ("Exception",)
        handled, guard = ("none", ()) if is_local else self._handled(item, raises, is_async=is_async)
        timeout, bound = (
            ("none", ())
            if is_local
            else self.timeouts.timeout(
                item.site, callees, item.operation, blocks_loop=blocks, by_position=not item.run_by
            )
        )
        breaker, shield = (False, ()) if is_local else self.shields.breaker(item.site)
        retry, again = (False, ()) if is_local else self.shields.retry(item.site, callees, item.operation)
        observed, report = (
            ("none", ())
            if is_local
            else self.observers.observed(
                item.site, caught=handled == "local" and self.guards.ends_here(item.site, raises)
            )
        )
        return CallSite(
            path=item.site.module.path,
            line=self._first_line(item.site),
            end_line=call.end_line,
            column=call.column,
            end_column=call.end_column,
            module=item.site.module.name,
            function=function.scope.name,
            function_line=function.scope.line,
            text=dotted(call.function),
            callee=_callee_name(item),
            kind=item.kind,
            is_async=is_async,
            handled=handled,
            timeout=timeout,
            breaker=breaker,
            retry=retry,
            observed=observed,
            blocks_loop=blocks,
            confidence=item.confidence,
            explanation=Explanation(
                name=(item.how,),
                handled=guard,
                timeout=bound,
                breaker=shield,
                retry=again,
                observed=report,
                blocks_loop=loop,
            ),
        )

    def _handled(self, item: Found, raises: Raises, *, is_async: bool) -> tuple[Handled, tuple[str, ...]]:
        found = self.guards.handled(item.site, raises, is_async=is_async)
        if found[0] == "none" and item.operation.contains:
            return "framework", ("the library ends every failure of it by itself",)
        return found

    def _alike(self, item: Found) -> Values:
        """Everything the callee can be that is the same operation: one client, made in several places."""
        others = (
            value for value in self.evaluator.callee(item.site) if isinstance(value, Ref | Method | Instance)
        )
        return (
            item.callee,
            *(value for value in others if value != item.callee and self._same(value, item.operation)),
        )

    @staticmethod
    def _first_line(site: Site) -> int:
        """Where the call starts; in a chain over several lines, where its own link of the chain stands."""
        call = site.call
        return call.function_end if isinstance(call.function, Attribute) and call.function_end else call.line


def _may_be_given(site: Site, place: str) -> bool:
    """Whether a call has that argument, or passes on some that nobody sees."""
    call = site.call
    given = argument(site, place)
    if given is not None:
        return not (isinstance(given, Constant) and not given.value)
    return any(name == "**" for name, _ in call.keywords) or any(
        isinstance(item, Starred) for item in call.arguments
    )


def _callee_name(item: Found) -> str:
    if isinstance(item.callee, Ref):
        return item.operation.name if "." in item.operation.name else item.callee.name
    return item.operation.name.removesuffix(".__init__")


def _confidence(callee: Value) -> Confidence:
    """How sure the data flow is of it."""
    if isinstance(callee, Ref):
        return "certain"
    return "possible" if is_guess(callee) else "likely"


def _how(callee: Value) -> str:
    if isinstance(callee, Ref):
        return f"imported: {callee.name}"
    if isinstance(callee, Method):
        receiver = callee.receiver
        if is_guess(receiver):
            return f"the receiver is called like the one class that keeps a {callee.class_name}"
        origin = receiver.origin if isinstance(receiver, Instance | Obj) else None
        made = f", made at {origin.module.path}:{origin.call.line}" if origin is not None else ""
        return f"the receiver is a {callee.class_name}{made}"
    return "followed through the project's own assignments"
