"""The project's handlers, with what each does with the failure it catches."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_quality_gates.facts.source import HandlerFact, HandlerFlaw
from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.call_sites import CallSites
from pytest_quality_gates.source.expression import Attribute, LambdaOf, Name
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.regions import regions_from
from pytest_quality_gates.source.summary import Handler
from pytest_quality_gates.source.values import Cls, Fn, Site

_BLIND = frozenset({"Exception", "BaseException"})


class HandlerFacts:
    """Builds the facts of every `except` clause."""

    def __init__(self, graph: CallGraph, sites: CallSites) -> None:
        self.graph = graph
        self.guards = sites.guards
        self.observers = sites.observers
        self._external = {
            item.site: frozenset(item.operation.raises or ("Exception",))
            for item in sites.found
            if item.kind not in {"sleep", "file", "input"}
        }
        self._reaching = self._functions_that_reach()
        self._tries: dict[Module, tuple[tuple[int, frozenset[str]], ...]] = {}
        self._translated = self._translations()

    def facts(self) -> tuple[HandlerFact, ...]:
        """All handlers, by path and line."""
        found: list[HandlerFact] = []
        for module in sorted(self.graph.project.modules, key=lambda item: item.path):
            guarding = self._guarding(module)
            for number, handler in enumerate(module.summary.handlers):
                found.append(self._fact(module, number, handler, guards_external=number in guarding))
        return tuple(sorted(found, key=lambda fact: (fact.path, fact.line)))

    def _functions_that_reach(self) -> dict[Function, frozenset[str]]:
        """Functions from which an external call is reached, with what such calls raise."""
        reaching: dict[Function, frozenset[str]] = {}
        todo: list[Function] = []
        for site, raises in self._external.items():
            function = site.function
            reaching[function] = reaching.get(function, frozenset()) | raises
            todo.append(function)
        while todo:
            current = todo.pop()
            for edge in self.graph.callers.about(current):
                caller = edge.site.function
                known = reaching.get(caller, frozenset())
                if edge.via == "name" or _runs_parameter(edge.site):
                    continue  # of the second, what it reaches is said where the function is handed over
                if not reaching[current] <= known:
                    reaching[caller] = known | reaching[current]
                    todo.append(caller)
        return reaching

    def _guarding(self, module: Module) -> set[int]:
        """The handlers that catch the failure of an external call in the body of their `try`, or what it became."""
        found: set[int] = set()
        for number, raised in self._tried(module):
            handler = module.summary.handlers[number]
            names = set(self.guards.caught(handler, module.functions[handler.scope]) or ())
            if self._translated & names or self._catches(module, number, raised):
                found.add(number)
        return found

    def _tried(self, module: Module) -> tuple[tuple[int, frozenset[str]], ...]:
        """Each handler around an external call, directly or through functions of the project, with what that raises."""
        known = self._tries.get(module)
        if known is None:
            known = self._tries[module] = tuple(dict.fromkeys(self._try_calls(module)))
        return known

    def _try_calls(self, module: Module) -> Iterator[tuple[int, frozenset[str]]]:
        around = _handlers_around(module)
        for site in module.sites:
            region = site.call.region
            handlers = around[region] if region >= 0 else ()
            if not handlers:
                continue
            raised = self._external.get(site) or self._raised_below(site)
            if raised:
                yield from ((number, raised) for number in handlers)

    def _raised_below(self, site: Site) -> frozenset[str]:
        callees = self.graph.evaluator.callee(site)
        if not callees:
            return frozenset()
        below = (*self.graph.targets(callees, site), *self._handed(site))
        return frozenset().union(*(self._reaching.get(target, frozenset()) for target in below))

    def _handed(self, site: Site) -> Iterator[Function]:
        """The functions of the project that a call hands on."""
        call = site.call
        for given in (*call.arguments, *(value for _, value in call.keywords)):
            if isinstance(given, Name | Attribute | LambdaOf):
                values = self.graph.evaluator.values(given, site.function)
                yield from (value.function for value in values if isinstance(value, Fn))

    def _translations(self) -> frozenset[str]:
        """The project's exceptions that handlers of external failures raise instead."""
        found: set[str] = set()
        for module in self.graph.project.modules:
            numbers = {
                number for number, raised in self._tried(module) if self._catches(module, number, raised)
            }
            for number in numbers:
                handler = module.summary.handlers[number]
                for index in (
                    self.observers.reports.calls_of(module, handler.scope) if handler.translates else ()
                ):
                    if handler.line <= module.summary.calls[index].line <= handler.end_line:
                        found |= {
                            f"{item.module.name}.{item.name}"
                            for value in self.graph.evaluator.callee(module.sites[index])
                            if isinstance(value, Cls)
                            for item in value.class_.lineage()
                        }
        return frozenset(found)

    def _catches(self, module: Module, number: int, raised: frozenset[str]) -> bool:
        handler = module.summary.handlers[number]
        function = module.functions[handler.scope]
        if self.guards.catches(handler, function, tuple(sorted(raised))):
            return True
        # An error status is a failure of the call, too, though another method raises it.
        libraries = {name.partition(".")[0] for name in raised if "." in name}
        caught = self.guards.caught(handler, function) or ()
        return any(name.partition(".")[0] in libraries for name in caught if "." in name)

    def _fact(self, module: Module, number: int, handler: Handler, *, guards_external: bool) -> HandlerFact:
        function = module.functions[handler.scope]
        caught = self.guards.caught(handler, function)
        observed = handler.uses_name or self.observers.tells_of(module, number)
        return HandlerFact(
            path=module.path,
            line=handler.line,
            end_line=handler.end_line,
            function=function.scope.name,
            function_line=function.scope.line,
            caught=caught or (),
            text=handler.text,
            flaws=_flaws(handler, caught, observed=observed, guards_external=guards_external),
            ends_failure=handler.leaves,
            observed=observed,
            guards_external=guards_external,
        )


def _runs_parameter(site: Site) -> bool:
    """Whether the call runs what its function was handed, which is another thing for each caller."""
    called = site.call.function
    home: Function | None = site.function
    while isinstance(called, Name) and home is not None:
        if any(parameter.name == called.id for parameter in home.scope.parameters):
            return True
        home = home.parent()
    return False


def _handlers_around(module: Module) -> list[tuple[int, ...]]:
    """By region, the handlers of the `try` statements that it lies in."""
    return [
        tuple(
            number
            for _, region in regions_from(module, place)
            if region.kind == "try"
            for number in region.handlers
        )
        for place in range(len(module.summary.regions))
    ]


def _flaws(
    handler: Handler, caught: tuple[str, ...] | None, *, observed: bool, guards_external: bool
) -> tuple[HandlerFlaw, ...]:
    """The flaws of a handler: those of its text, and silence where it catches everything and is not bare, which says it all."""
    flaws: list[HandlerFlaw] = [flaw for flaw in handler.flaws if flaw != "pass"]
    if "bare" in flaws:
        return tuple(flaws)
    is_blind = bool(_BLIND & set(caught or ()))
    if "pass" in handler.flaws:
        if is_blind or guards_external:
            flaws.append("pass")
    elif is_blind and handler.leaves and not observed and not handler.may_reraise and not handler.translates:
        flaws.append("blind-silent")
    return tuple(flaws)
