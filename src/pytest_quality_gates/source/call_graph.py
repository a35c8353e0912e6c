"""Who calls whom inside the project, and how: directly, off the loop, later, or through a decorator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pytest_quality_gates.catalogue.schema import Marker
from pytest_quality_gates.source.dispatch import Dispatch
from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.expression import Attribute, CallOf, Expression, LambdaOf, Name, last_name
from pytest_quality_gates.source.kept_generators import KeptGenerators
from pytest_quality_gates.source.markers import Markers, runs_at
from pytest_quality_gates.source.method_names import MethodNames
from pytest_quality_gates.source.project import Function, Module, Project
from pytest_quality_gates.source.properties import property_reads
from pytest_quality_gates.source.trace import GRAPH, Noted
from pytest_quality_gates.source.values import (
    Cls,
    Fn,
    Instance,
    Method,
    Obj,
    Partial,
    Ref,
    Site,
    Value,
    Values,
    is_guess,
    library_of,
)
from pytest_quality_gates.source.wrappers import Wrappers

Via = Literal["call", "thread", "spawn", "dispatch", "name"]
"""`call`: runs it here, failures come back. `thread`: in another thread. `spawn`: later, on the loop; failures do not come
back here. `dispatch`: one of several unrelated classes, by configuration. `name`: a call of a method of that name on something unknown."""

# Builtins that call what they are handed, at once.
_CALLS_BACK = frozenset(
    {"map", "filter", "sorted", "min", "max", "list", "functools.reduce", "itertools.starmap"}
)
_CALLS_WITH_EACH = frozenset({"map", "filter"})
"""Those of them that hand it the items of what stands beside it, one by one."""
_MAKES = frozenset({"functools.partial", "functools.wraps"})
_CLOSES = {"contextlib.closing": "close", "contextlib.aclosing": "aclose"}
"""Context managers of the standard library, with the method of their argument that they run at the end."""
_CONSTRUCTORS = ("__init__", "__new__", "__post_init__")
_FEW = 3
_ENTERED = frozenset({"entry-point", "middleware"})


_REFERENCES = frozenset({LambdaOf, CallOf, Name, Attribute})
"""What can name a function that is handed on."""


class Edge(NamedTuple):
    """One way a function is reached."""

    site: Site
    via: Via
    before: int = 0
    """How many arguments of the call stand before those of the function: 1 in `to_thread(f, a)`. -1: its own are not seen."""


class CallGraph:
    """The calls between the project's functions."""

    def __init__(self, project: Project, evaluator: Evaluator) -> None:
        self.project = project
        self.evaluator = evaluator
        markers = Markers(evaluator.lexicon)
        self.marker = markers.of
        """What else one callee means."""
        self.markers = markers.among
        """What else such callees mean: a breaker, a thread, a scope."""
        self.wrappers = Wrappers(evaluator, markers).of
        """The calls, inside the project's own decorators, that run a function."""
        self.callers: Noted[Function, Edge] = Noted()
        self._added: set[tuple[Function, Edge]] = set()
        self.escapes: set[Function] = set()
        """Functions whose reference is handed to somebody unknown, who will call them."""
        self.entered: dict[Function, set[str]] = defaultdict(set)
        """Functions that are handed to a framework, which will call them, with the top-level modules of the frameworks."""
        self.contained: set[Function] = set()
        """Those of them whose failures the framework ends by itself."""
        self.unknown_calls: dict[str, list[Site]] = defaultdict(list)
        """Calls of methods of the project's names on something unknown, by name."""
        self.wrapped_by: Noted[Site, tuple[Site, Marker]] = Noted()
        """Calls whose result (a coroutine, mostly) is handed to a scope, a retry, a breaker or the loop."""
        functions = [
            function
            for module in project.modules
            for function in module.functions
            if function.scope.kind in {"function", "async"}
        ]
        self._functions = frozenset(function.name for function in functions)
        """Their names."""
        self._methods = MethodNames(function for function in functions if function.class_ is not None)
        self._matter: frozenset[str] = frozenset()
        self._entries: dict[Function, tuple[bool, int]] = {}
        self._knows_callers = False
        self._awaited: list[tuple[Function, Site]] = []
        """Plain functions at awaited calls, which may turn out to be of a coroutine once callers are known."""
        self._dispatch = Dispatch(evaluator)
        self._kept = KeptGenerators(evaluator)
        self._inside: dict[Site, list[Site]] = defaultdict(list)

    def build(self) -> None:
        """Follow every call; then, knowing what callers hand over, those again that led nowhere."""
        self._matter = self._names_that_matter()
        unknown = [site for module in self.project.modules for site in module.sites if not self._follow(site)]
        self._tell_callers()
        self.evaluator.forget(GRAPH)
        self._follow_properties()
        for site in unknown:
            if not self._follow(site) and not self._is_known(site) and not self._typed(site):
                self._follow_references(site, ())
                if isinstance(function := site.call.function, Attribute):
                    for target in _fitting(self._methods.meant_by(function.attr), site.call.use):
                        self._add(target, Edge(site, "name"))
                    if function.attr in self._methods and site not in self.evaluator.typed:
                        self.unknown_calls[function.attr].append(site)
                    if function.attr in self._dispatch.names:
                        for target in self.targets(self._dispatch.targets(function.attr), site):
                            self._add(target, Edge(site, "call"))
        for target, site in self._kept.runs():
            self._add(target, Edge(site, "call", -1))

    def _tell_callers(self) -> None:
        """What the first round found says what parameters take."""
        for target, edges in self.callers.items():
            for edge in edges:
                if edge.before >= 0:
                    self.evaluator.callers.add(target, (edge.site, edge.before))
        for target, site in (*self._awaited, *self._kept.calls()):
            self.evaluator.callers.add(target, (site, 0))
        self._knows_callers = True

    def _follow_properties(self) -> None:
        """Reading a property runs it, as a call would."""
        for read in property_reads(self.evaluator):
            for target in read.targets:
                self._add(target, Edge(read.site, "call", -1))
            if not read.is_known:
                self.unknown_calls[read.name].append(read.site)

    def _names_that_matter(self) -> frozenset[str]:
        """The attributes through which a call can reach a function of the project, or hand one on."""
        names = set(self._functions)
        for module in self.project.modules:
            for class_ in module.classes:
                names.update(class_.summary.attributes)
                names.update(module.functions[class_.summary.scope].scope.bindings)
            names.update(module.functions[0].scope.bindings)
        names.update(
            name.rpartition(".")[2]
            for name in (*self.evaluator.lexicon.markers, *_CALLS_BACK, *_MAKES, *_CLOSES)
        )
        return frozenset(names) | self._dispatch.names

    def _follow(self, site: Site) -> bool:
        """Note what the call at `site` leads to; False where that may be known once callers are."""
        call = site.call
        typed = self._typed(site) if self.evaluator.typed else ()
        matters = type(call.function) is not Attribute or call.function.attr in self._matter
        callees = self.evaluator.callee(site) if matters else ()
        targets = dict.fromkeys(_fitting(self.targets((*typed, *callees), site), call.use))
        if call.use == "await" and not self._knows_callers and not any(item.is_async for item in targets):
            self._awaited += [(target, site) for target in targets]
            return False
        via: Via = "dispatch" if len(targets) > _FEW and not _is_own(call.function) else "call"
        for target in targets:
            if not self._kept.takes(site, target):
                self._add(target, Edge(site, via))
        if (call.arguments or call.keywords) and (callees or not matters):
            self._follow_references(site, callees)
        if call.arguments and _hands_on(site) and any(marker.runs for marker in self.markers(callees)):
            return False
        return bool(typed) or not matters or (bool(callees) and self._is_known(site))

    def _is_known(self, site: Site) -> bool:
        """Whether it is known what is called: a method that a library's class does not have may be one of the project's."""
        callees = self.evaluator.callee(site)
        return bool(callees) and (
            site in self.evaluator.typed or not all(self._may_be_of_an_heir(callee) for callee in callees)
        )

    def _may_be_of_an_heir(self, callee: Value) -> bool:
        """Whether it is a method that the catalogue's class does not have, of an object that may be of the project's heirs.

        Of a guess it may be any.
        """
        if is_guess(callee):
            return True
        if type(callee) is not Method or type(callee.receiver) is not Instance:
            return False
        known = self.evaluator.lexicon.class_named(callee.class_name)
        return (
            known is not None
            and not known.knows(callee.name)
            and self.evaluator.asked_for.has_heirs(known.name)
        )

    def _typed(self, site: Site) -> Values:
        names = self.evaluator.typed.get(site)
        if names is None:
            return ()
        found = (self.project.functions_named(name) for name in names)
        is_own = _is_bound(site.call.function, site.module)
        return tuple(
            Fn(item.function, Obj(item.function.class_, None))
            if is_own and isinstance(item, Fn) and item.function.class_ is not None
            else item
            for item in found
            if isinstance(item, Fn | Cls)
        )

    def _add(self, target: Function, edge: Edge) -> None:
        if (target, edge) not in self._added:
            self._added.add((target, edge))
            self.callers.add(target, edge)

    def targets(self, callees: Values, site: Site) -> list[Function]:
        """The functions of the project that a call of any of `callees` runs."""
        found: list[Function] = []
        for callee in callees:
            found += self._targets_of(callee)
            if type(callee) is Ref and callee.name in _CLOSES:
                found += self._closed(site, _CLOSES[callee.name])
        if site.call.use in {"with", "async with"}:
            found += [
                m
                for value in self.evaluator.result(site)
                if isinstance(value, Obj)
                for m in _context_methods(value)
            ]
        return found

    def _closed(self, site: Site, method: str) -> list[Function]:
        """What leaving `with closing(thing):` runs."""
        arguments = site.call.arguments
        values = self.evaluator.values(arguments[0], site.function) if arguments else ()
        found = (value.class_.method(method) for value in values if isinstance(value, Obj))
        return [item for item in found if item is not None]

    def _targets_of(self, callee: Value) -> list[Function]:
        if type(callee) is Fn:
            found = [callee.function]
            if isinstance(callee.receiver, Obj) and callee.function.class_ is not None:
                found += list(callee.receiver.class_.overrides(callee.function.name))
            return found
        if type(callee) is Cls:
            made = [callee.class_.method(name) for name in _CONSTRUCTORS]
            return [method for method in made if method is not None]
        if type(callee) is Obj:
            method = callee.class_.method("__call__")
            return [method] if method is not None else []
        if type(callee) is Partial:
            return self._targets_of(callee.target)
        return []

    # Functions handed on by reference

    def _follow_references(self, site: Site, callees: Values) -> None:
        call = site.call
        handed = [
            (str(place), value) for place, value in enumerate(call.arguments) if type(value) in _REFERENCES
        ]
        handed += [(word, value) for word, value in call.keywords if type(value) in _REFERENCES]
        markers = self.markers(callees) if handed else []
        is_run = any(marker.runs for marker in markers)
        for place, value in handed:
            if self._dispatch.takes(site, place):
                continue
            if markers:
                self._note_wrapped(site, place, value, markers)
            for target in self._referenced(value, site.function, is_run=is_run):
                self._hand_over(site, place, target, markers, callees)

    def _note_wrapped(self, site: Site, place: str, value: Expression, markers: list[Marker]) -> None:
        for marker in markers:
            if marker.role in {"timeout-scope", "spawns", "retry", "breaker"} and runs_at(marker, place):
                for inner in self._calls_in(value, site.function):
                    self.wrapped_by.add(inner, (site, marker))
                    self._wrap_inside(inner, site, marker)

    def _wrap_inside(self, inner: Site, outer: Site, marker: Marker) -> None:
        """`wait_for(gather(a(), b()))` bounds `a()` and `b()` too; what is inside is followed before what is outside."""
        for innermost in self._inside.get(inner, ()):
            self.wrapped_by.add(innermost, (outer, marker))
        self._inside[outer] += [inner, *self._inside.get(inner, ())]

    @staticmethod
    def _calls_in(value: Expression, at: Function) -> list[Site]:
        if isinstance(value, CallOf):
            return [at.module.sites[value.index]]
        if isinstance(value, Name):
            bound = at.scope.bindings.get(value.id, ())
            return [
                at.module.sites[b.value.index] for b in bound if b.how == "=" and isinstance(b.value, CallOf)
            ]
        return []

    def _referenced(self, value: Expression, at: Function, *, is_run: bool) -> list[Function]:
        if isinstance(value, LambdaOf):
            return [at.module.functions[value.scope]]
        if isinstance(value, CallOf):
            found = self.evaluator.values(value, at) if self._is_partial(value, at.module) else ()
        elif (type(value) is Name or type(value) is Attribute) and (
            last_name(value) in self._functions or (is_run and _is_parameter(value, at))
        ):
            found = self.evaluator.values(value, at)
        else:
            return []
        return [
            target for item in found if isinstance(item, Fn | Partial) for target in self._targets_of(item)
        ]

    @staticmethod
    def _is_partial(value: CallOf, module: Module) -> bool:
        return last_name(module.summary.calls[value.index].function) == "partial"

    def _hand_over(
        self, site: Site, place: str, target: Function, markers: list[Marker], callees: Values
    ) -> None:
        first = callees[0] if callees else None
        if isinstance(first, Ref) and first.name in _MAKES:
            return
        marker = next((marker for marker in markers if runs_at(marker, place)), None)
        if marker is not None:
            self._hand_to(
                marker, Edge(site, "call", int(place) + 1 if place.isdigit() else -1), target, callees
            )
            return
        for callee in callees:
            operation = self.evaluator.operation(callee)
            if isinstance(callee, Ref) and callee.name in _CALLS_BACK:
                self._add(target, Edge(site, "call", 1 if callee.name in _CALLS_WITH_EACH else -1))
                return
            if operation is not None and operation.runs and place in operation.runs.split(":"):
                self._add(target, Edge(site, "call", -1))
                return
            if isinstance(callee, Fn | Cls | Obj):
                return  # a function of the project: what it does with its parameter is followed there
        self.escapes.add(target)

    def _hand_to(self, marker: Marker, edge: Edge, target: Function, callees: Values) -> None:
        """Note who runs a function that is handed on: a framework, a thread, the loop, or the call itself."""
        if marker.role == "entry-point":
            self.entered[target] |= {library_of(callee) for callee in callees}
            if marker.guards:
                self.contained.add(target)
        elif marker.role == "thread" or (marker.plain_in_thread and not target.is_async):
            self._add(target, edge._replace(via="thread"))
        elif marker.role == "spawns" and not marker.guards:
            self._add(target, edge._replace(via="spawn"))
        else:  # what fails is raised here
            self._add(target, edge)

    def is_entry(self, function: Function) -> bool:
        """Whether a framework calls it (a route, a task, a command), whoever else does; asked once the graph is built."""
        return self.project.trace.once(self._entries, function, lambda: self._is_entered(function))

    def _is_entered(self, function: Function) -> bool:
        function.module.note(GRAPH)
        markers = (self.marker(value) for _, value in self.evaluator.decorating(function))
        return function in self.entered or any(m is not None and m.role in _ENTERED for m in markers)


def _fitting(targets: Sequence[Function], use: str) -> Sequence[Function]:
    """Of several candidates of an awaited call, those that can be awaited."""
    if use != "await":
        return targets
    return [target for target in targets if target.is_async] or [
        target for target in targets if _may_be_awaited(target)
    ]


def _may_be_awaited(target: Function) -> bool:
    """Whether what a plain function gives back may be an awaitable; a constructor makes one, a decorator may."""
    scope = target.scope
    is_constructor = target.class_ is not None and target.name in _CONSTRUCTORS
    return scope.kind != "function" or is_constructor or target.gives_back or bool(scope.decorators)


def _is_bound(function: Expression, module: Module) -> bool:
    """Whether a method is called on an object, which may be of a subclass: not on `super()`, nor on a class by its name."""
    if not isinstance(function, Attribute):
        return False
    if isinstance(function.value, CallOf):
        return last_name(module.summary.calls[function.value.index].function) != "super"
    return not last_name(function.value)[:1].isupper()


def _is_own(function: Expression) -> bool:
    """Whether it is a method of the object itself: a hook that subclasses fill in, not one of many backends."""
    return (
        isinstance(function, Attribute)
        and isinstance(function.value, Name)
        and function.value.id in {"self", "cls"}
    )


def _context_methods(value: Obj) -> list[Function]:
    names = ("__enter__", "__exit__", "__aenter__", "__aexit__")
    return [method for name in names if (method := value.class_.method(name)) is not None]


def _is_parameter(value: Expression, at: Function) -> bool:
    return type(value) is Name and any(p.name == value.id for p in at.scope.parameters)


def _hands_on(site: Site) -> bool:
    """Whether a parameter, which may be a function, is an argument: what it is, callers say."""
    names = {value.id for value in site.call.arguments if type(value) is Name}
    return bool(names) and any(parameter.name in names for parameter in site.function.scope.parameters)
