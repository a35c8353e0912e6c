"""What catches the failure of a call: a handler here, a context manager, a decorator, or a handler in a caller."""

from __future__ import annotations

from pytest_quality_gates.catalogue.schema import Marker
from pytest_quality_gates.facts.call_site import Handled
from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.expression import CallOf, Expression
from pytest_quality_gates.source.failures_as_results import FailuresAsResults
from pytest_quality_gates.source.funnels import funnels
from pytest_quality_gates.source.lazy_calls import LazyCalls, names_of
from pytest_quality_gates.source.middleware import middlewares
from pytest_quality_gates.source.observers import Observers
from pytest_quality_gates.source.parameters import argument
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.regions import Answer, Callers, regions_around, regions_from
from pytest_quality_gates.source.summary import Handler, Region
from pytest_quality_gates.source.values import (
    Cls,
    Fn,
    Instance,
    Many,
    Method,
    Obj,
    Ref,
    Site,
    Value,
    Values,
    library_of,
    union,
)

Raises = tuple[str, ...]
_GROUP = ("ExceptionGroup",)
# How task groups and nurseries start tasks.
_STARTS = ("create_task", "start_soon")
# No failures: what a socket that does not block has to say.
_NOT_YET = frozenset({"BlockingIOError", "InterruptedError", "ssl.SSLWantReadError", "ssl.SSLWantWriteError"})


class Guards:
    """Answers whether the failure of a call is caught, and where."""

    def __init__(self, graph: CallGraph, callers: Callers, observers: Observers) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self.lexicon = graph.evaluator.lexicon
        self.callers = callers
        self.observers = observers
        self.lazy = LazyCalls(graph)
        self.results = FailuresAsResults(graph)
        self._caught: dict[tuple[Module, int], tuple[tuple[str, ...] | None, int]] = {}
        self._edges: dict[tuple[Edge, Function, Raises], tuple[bool, int]] = {}
        self._entered: set[Function] = set()
        """Context managers that are being looked into: one may use itself."""
        self._framework = self._registered()

    def handled(self, site: Site, raises: Raises, *, is_async: bool) -> tuple[Handled, tuple[str, ...]]:
        """Where the failure of the call at `site` is caught, and the chain that says so."""
        places = self.lazy.handed_on(site) if is_async else (site.call.region,)
        here = self._in_all(site.function, places, raises) or self.results.of(site)
        if here:
            return "local", (here,)
        funnel = self._by_funnel(site, raises)
        if funnel:
            return "caller", (funnel,)
        function = site.function
        where, wrapper = self._by_wrapper(function, raises)
        if wrapper:
            return where, (wrapper,)
        answer = self._by_callers(function, raises)
        if answer == "yes":
            return "caller", self._caller_chain(function, raises)
        if answer == "framework":
            return "framework", ("a handler registered with the framework catches it",)
        return "none", (self._way_out(function, raises),)

    def ends_here(self, site: Site, raises: Raises) -> bool:
        """Whether the failure stays in the call's own function: no caller ever hears of it."""
        function = site.function
        for _, region in regions_around(site):
            if region.kind == "with" and self._by_context(region.contexts[0], function, raises):
                return True
            if region.kind != "try":
                continue
            for number in region.handlers:
                handler = function.module.summary.handlers[number]
                if self.catches(handler, function, raises):
                    if handler.leaves and not handler.translates and not handler.may_reraise:
                        return True
                    break
        return False

    def local(self, site: Site, raises: Raises, target: Function | None = None) -> str:
        """What in the call's own function catches its failure, or that of the `target` it calls; empty if nothing does."""
        places = (site.call.region,) if target is None else self.lazy.regions(site, target)
        return self._in_all(site.function, places, raises) or self.results.of(site)

    def _in_all(self, function: Function, places: tuple[int, ...], raises: Raises) -> str:
        found = [self._guarded(function, place, raises) for place in places]
        return found[0] if found and all(found) else ""

    def _guarded(self, function: Function, place: int, raises: Raises) -> str:
        is_grouped = False
        for _, region in regions_from(function.module, place):
            if region.kind == "try":
                found = self._by_handlers(region, function, raises, is_grouped=is_grouped)
            elif region.kind == "with":
                found = self._by_context(region.contexts[0], function, raises)
                is_grouped = is_grouped or self._groups(region.contexts[0], function)
            else:
                found = ""
            if found:
                return found
        return ""

    def _groups(self, context: Expression, function: Function) -> bool:
        """Whether an `ExceptionGroup` leaves the context manager: it starts tasks, and waits for them at its end."""
        for value in self.evaluator.contents.entered(context, function):
            if isinstance(value, Instance):
                markers = (self.lexicon.marker_of_method(value.class_name, name) for name in _STARTS)
                if any(marker is not None and marker.guards for marker in markers):
                    return True
        return False

    def _by_handlers(
        self, region: Region, function: Function, raises: Raises, *, is_grouped: bool = False
    ) -> str:
        handlers = function.module.summary.handlers
        for number in region.handlers:
            handler = handlers[number]
            arrives = _GROUP if is_grouped and not handler.is_group else raises
            if self.catches(handler, function, arrives):
                if handler.reraises and not self.observers.handler_reports(function.module, number):
                    return ""  # it goes on outwards
                return f"{handler.text} ({function.module.path}:{handler.line})"
        return ""

    def catches(self, handler: Handler, function: Function, raises: Raises) -> bool:
        """Whether one of `raises` reaches that handler."""
        if handler.is_bare:
            return True
        caught = self.graph.project.trace.once(
            self._caught, (function.module, handler.line), lambda: self.caught(handler, function)
        )
        if caught is None:
            return True  # what it catches cannot be told
        return any(self._matches(name, raised) for name in caught for raised in raises)

    def catches_some(self, handler: Handler, function: Function, raises: Raises) -> bool:
        """Whether that handler is for one kind of such a failure: `ConnectTimeout` of any `ConnectionError`."""
        caught = set(self.caught(handler, function) or ()) - _NOT_YET
        return any(self.lexicon.catches(raised, name) for name in caught for raised in raises)

    def caught(self, handler: Handler, function: Function) -> tuple[str, ...] | None:
        """Canonical names of what a handler catches; None where that cannot be told."""
        names: list[str] = []
        for expression in handler.types:
            found = self.evaluator.values(expression, function)
            if not found:
                return None
            names += _exception_names(found)
        return tuple(names)

    def _matches(self, caught: str, raised: str) -> bool:
        if self.lexicon.catches(caught, raised):
            return True
        library = raised.partition(".")[0]
        return (
            library == caught.partition(".")[0]
            and library not in self.lexicon.exception_tables
            and "." in raised
        )

    # Context managers and decorators

    def _by_context(self, context: Expression, function: Function, raises: Raises) -> str:
        if isinstance(context, CallOf):
            site = function.module.sites[context.index]
            for callee in self.evaluator.callee(site):
                marker = self.graph.marker(callee)
                if marker is not None and marker.role == "suppress" and self._suppresses(site, raises):
                    return f"suppressed ({function.module.path}:{site.call.line})"
                if isinstance(callee, Fn) and self._generator_guards(callee.function, raises):
                    return f"the context manager {callee.function.place}"
        for value in self.evaluator.values(context, function):
            if isinstance(value, Obj) and self._exit_ends(value, raises):
                return f"the context manager {value.class_.name}"
        return ""

    def _exit_ends(self, value: Obj, raises: Raises) -> bool:
        """Whether leaving a context manager of the project ends such a failure."""
        method = value.class_.method("__exit__") or value.class_.method("__aexit__")
        if method is None:
            return False
        named = _exception_names(
            union(self.evaluator.values(expression, method) for expression in method.scope.ends)
        )
        return any(self._matches(name, raised) for name in named for raised in raises)

    def _suppresses(self, site: Site, raises: Raises) -> bool:
        at = site.function
        named: list[str] = []
        for expression in site.call.arguments:
            named += _exception_names(self.evaluator.values(expression, at))
        return any(self._matches(name, raised) for name in named for raised in raises)

    def _generator_guards(self, function: Function, raises: Raises) -> bool:
        """Whether what a generator yields to is guarded: by a `try` around the `yield`, or another manager's `with`."""
        if function in self._entered or not function.scope.yields:
            return False
        if not self.evaluator.results.is_context_manager(function):
            return False
        self._entered.add(function)
        try:
            return any(self._guarded(function, place, raises) for place, _ in function.scope.yields)
        finally:
            self._entered.discard(function)

    def _by_funnel(self, site: Site, raises: Raises) -> str:
        """A subclass of the client guards the one method that all its requests go through."""
        for callee in self.evaluator.callee(site):
            if isinstance(callee, Method) and isinstance(callee.receiver, Obj):
                inner = funnels(self.graph, callee.receiver, callee.name, site)
                if inner and all(self.local(item, raises) for item in inner):
                    return f"every call goes through {inner[0].function.place}, which guards it"
        return ""

    def _by_wrapper(self, function: Function, raises: Raises) -> tuple[Handled, str]:
        for site in self.graph.wrappers(function):
            found = self.local(site, raises, function)
            if found:
                return "caller", f"the decorator around {function.place}: {found}"
        for decorator, value in self.evaluator.decorating(function):
            if isinstance(value, Fn) and self._generator_guards(value.function, raises):
                return "caller", f"the context manager around {function.place}"
            marker = self.graph.marker(value)
            if marker is not None and marker.guards and self.is_meant(marker, decorator, function, raises):
                where: Handled = "framework" if marker.role == "retry" else "caller"
                return where, f"the decorator around {function.place}"
        return "none", ""

    def is_meant(self, marker: Marker, decorator: Expression, function: Function, raises: Raises) -> bool:
        """Whether a library's decorator is asked to catch such a failure: `task(autoretry_for=(OSError,))`."""
        if not marker.argument:
            return True
        if not isinstance(decorator, CallOf):
            return False
        site = function.module.sites[decorator.index]
        given = argument(site, marker.argument)
        if given is None:
            return False
        named = _exception_names(self.evaluator.values(given, site.function))
        return not named or any(self._matches(name, raised) for name in named for raised in raises)

    # Callers and frameworks

    def _by_callers(self, function: Function, raises: Raises) -> Answer:
        return self.callers.all(
            function,
            ("handled", raises),
            lambda edge, target: self._edge_guards(edge, target, raises),
            lambda entry: self._entry(entry, raises),
        )

    def _edge_guards(self, edge: Edge, target: Function, raises: Raises) -> bool:
        return self.graph.project.trace.once(
            self._edges, (edge, target, raises), lambda: self._is_guarded_at(edge, target, raises)
        )

    def _is_guarded_at(self, edge: Edge, target: Function, raises: Raises) -> bool:
        if self.results.of(edge.site):
            return True
        if not _failure_comes_back(edge):
            return edge.via == "thread" and self._is_awaited_guarded(edge.site, raises)
        wrapped = self.graph.wrapped_by.about(edge.site)
        if any(marker.role == "spawns" and not marker.guards for _, marker in wrapped):
            outer, _ = wrapped[0]
            if outer.call.use != "await":
                return self._is_awaited_guarded(outer, raises)
        return bool(self.local(edge.site, raises, target)) or bool(
            self._by_wrapper(edge.site.function, raises)[1]
        )

    def _is_awaited_guarded(self, task: Site, raises: Raises) -> bool:
        """`task = create_task(read())`: the failure comes back with each `await task` in that function."""
        function = task.function
        names = names_of(task)
        places = tuple(place for place, name in function.scope.awaits if name in names)
        return bool(self._in_all(function, places, raises))

    def _entry(self, entry: Function, raises: Raises) -> Answer:
        if entry in self.graph.contained or self._is_guarded_override(entry):
            return "framework"
        libraries = self._entry_libraries(entry)
        for library, caught in self._framework:
            if library in libraries and any(self._matches(caught, raised) for raised in raises):
                return "framework"
        return "no"

    def _is_guarded_override(self, entry: Function) -> bool:
        """Whether a library calls the method in place of its own, and ends what it raises."""
        bases = entry.class_.all_library_bases() if entry.class_ is not None else ()
        known = (self.lexicon.class_named(base) for base in bases)
        return any(
            entry.name in item.entry.guarded_overrides
            for class_ in known
            if class_ is not None
            for item in class_.lineage
        )

    def _entry_libraries(self, entry: Function) -> set[str]:
        """The frameworks that call `entry`."""
        found = set(self.graph.entered.get(entry, ()))
        for _, value in self.evaluator.decorating(entry):
            marker = self.graph.marker(value)
            if marker is not None and marker.role == "entry-point":
                found.add(library_of(value))
        return found | ({"fastapi", "starlette"} if found & {"fastapi", "starlette"} else set())

    def _registered(self) -> list[tuple[str, str]]:
        """(library, exception) of every handler registered with a framework."""
        found: list[tuple[str, str]] = []
        for module in self.graph.project.modules:
            for site in module.sites:
                if not site.call.arguments and not site.call.keywords:
                    continue
                for callee in self.evaluator.callee(site):
                    marker = self.graph.marker(callee)
                    if marker is None or marker.role != "exception-handler":
                        continue
                    named = argument(site, marker.exceptions or "0")
                    values = self.evaluator.values(named, site.function) if named is not None else ()
                    found += [
                        (library, name) for name in _exception_names(values) for library in _family(callee)
                    ]
        for library, function, site in middlewares(self.graph):
            found += [(library, name) for name in self._ended_around(function, site)]
        return found

    def _ended_around(self, function: Function, site: Site) -> list[str]:
        """What handlers around a call end, by canonical name."""
        return [
            name
            for _, region in regions_around(site)
            for number in (region.handlers if region.kind == "try" else ())
            if not (handler := function.module.summary.handlers[number]).may_reraise
            for name in (["BaseException"] if handler.is_bare else self.caught(handler, function) or ())
        ]

    # Explanations

    def _caller_chain(self, function: Function, raises: Raises) -> tuple[str, ...]:
        chain: list[str] = []
        seen: set[Function] = set()
        current: Function | None = function
        while current is not None and current not in seen:
            seen.add(current)
            edges = self.callers.ways.of(current).edges
            step = next(
                (edge for edge in edges if self._edge_guards(edge, current, raises)),
                edges[0] if edges else None,
            )
            if step is None:
                break
            chain.append(f"called at {step.site.module.path}:{step.site.call.line}")
            here = self.local(step.site, raises, current)
            if here:
                chain.append(here)
                break
            current = step.site.function
        return tuple(chain)

    def _way_out(self, function: Function, raises: Raises) -> str:
        """The shortest way from an entry that nothing guards."""
        came: dict[Function, Function | None] = {function: None}
        todo = [function]
        for current in todo:
            ways = self.callers.ways.of(current)
            if any(self._entry(entry, raises) == "no" for entry in ways.entries):
                return f"no handler for it on the way out: {_path(current, came)}"
            for edge in ways.edges:
                caller = edge.site.function
                if caller in came or self._edge_guards(edge, current, raises):
                    continue
                came[caller] = current
                if edge.via == "spawn":
                    return f"no handler for it on the way out: {_path(caller, came)}"
                todo.append(caller)
        return f"no handler for it on the way out: {_path(todo[-1], came)}"


def _path(top: Function, came: dict[Function, Function | None]) -> str:
    """From where a way ends up to where it begins."""
    path: list[str] = []
    current: Function | None = top
    while current is not None:
        path.append(current.place)
        current = came[current]
    return " <- ".join(reversed(path))


def _failure_comes_back(edge: Edge) -> bool:
    if edge.via == "thread":
        return edge.site.call.use == "await"
    return edge.via != "spawn"


def _exception_names(values: Values) -> list[str]:
    names: list[str] = []
    for value in values:
        if isinstance(value, Ref):
            names.append(value.name)
        elif isinstance(value, Many):
            names += [name for items in value.items for name in _exception_names(items)]
        elif isinstance(value, Cls):
            names.append(f"{value.class_.module.name}.{value.class_.name}")
        elif isinstance(value, Instance):
            names.append(value.class_name)
    return names


def _family(value: Value) -> set[str]:
    library = library_of(value)
    return {"fastapi", "starlette"} if library in {"fastapi", "starlette"} else {library}
