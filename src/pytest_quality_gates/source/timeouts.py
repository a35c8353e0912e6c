"""What bounds a call in time: an argument, the client, a scope around it, or the library itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pytest_quality_gates.catalogue.schema import Timeouts as Given
from pytest_quality_gates.facts.call_site import Timeout
from pytest_quality_gates.source.branches import Branches
from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.expression import (
    Attribute,
    CallOf,
    Constant,
    Expression,
    Name,
    dotted,
    is_none,
)
from pytest_quality_gates.source.funnels import FUNNELS, funnels
from pytest_quality_gates.source.lexicon import Operation
from pytest_quality_gates.source.origins import Arguments
from pytest_quality_gates.source.parameters import argument
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.regions import Callers, regions_around
from pytest_quality_gates.source.values import Instance, Method, Obj, Partial, Site, Value, Values, union

_Explained = tuple[Timeout, tuple[str, ...]]


class Timeouts:
    """Answers what bounds a call."""

    def __init__(
        self, graph: CallGraph, callers: Callers, arguments: Arguments, configured: Arguments
    ) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self.callers = callers
        self.arguments = arguments
        self.configured = configured
        self._setters: dict[str, list[Site]] = defaultdict(list)
        self._has_global_default = False
        self._branches = Branches()
        self._find_setters()

    def _find_setters(self) -> None:
        for module in self.graph.project.modules:
            for site in module.sites:
                call = site.call
                if not isinstance(call.function, Attribute):
                    continue
                name = call.function.attr
                if name in self.evaluator.lexicon.setters or (_is_setter(name) and call.arguments):
                    self._setters[name].append(site)
                if name == "setdefaulttimeout" and call.arguments and not is_none(call.arguments[0]):
                    self._has_global_default = True

    def timeout(
        self,
        site: Site,
        callees: Values,
        operation: Operation,
        *,
        blocks_loop: bool = False,
        by_position: bool = True,
    ) -> _Explained:
        """What bounds the call at `site`, and why; a call that blocks the loop also blocks the loop's own timeouts."""
        said = self._explicit(site, operation, by_position=by_position)
        if said is None and self._is_made_bounded(site, callees, operation):
            said = True
        if said is None and not operation.default_timeout and self._forwarded(site, operation):
            said = True  # where there is a default, that is what is sure
        if said is True:
            return "explicit", ("given in the call",)
        if said is None:
            for callee in callees:
                configured = self._client(site, callee, operation)
                if configured:
                    return "client", (configured,)
        scope = "" if blocks_loop else self._scope(site)
        if scope:
            return "scope", (scope,)
        off = said is None and self._switched_off(callees, operation)
        if said is None and operation.default_timeout and not off:
            return "default", (f"{operation.library.name} has a finite default",)
        return "none", (off or ("given as None" if said is False else "nothing bounds it"),)

    # The call itself

    def _explicit(self, site: Site, operation: Operation, *, by_position: bool = True) -> bool | None:
        timeouts = operation.timeouts
        for place, name in enumerate(timeouts.argument):
            given = self.arguments.given(
                site, name, timeouts.position if place == 0 and by_position else None
            )
            if given is not None:
                return given
        for callee in self.evaluator.callee(site):
            if isinstance(callee, Partial):
                return self._explicit(callee.site, operation, by_position=False)
        return None

    def _forwarded(self, site: Site, operation: Operation) -> bool:
        """Whether the call passes a mapping on that may well hold the timeout."""
        return bool(operation.timeouts.argument) and self.arguments.forwards(site)

    def _is_made_bounded(self, site: Site, callees: Values, operation: Operation) -> bool:
        """`for blob in client.list_blobs(timeout=5)`: what is iterated is made, and bounded, by this very call."""
        return any(
            isinstance(callee, Method)
            and isinstance(callee.receiver, Instance)
            and callee.receiver.origin == site
            and self._bounds_what_it_makes(site, operation.timeouts.client)
            for callee in callees
        )

    # The object it is called on

    def _client(self, site: Site, callee: Value, operation: Operation) -> str:
        receiver = callee.receiver if isinstance(callee, Method) else callee
        names = operation.timeouts.client
        itself = () if isinstance(callee, Method) else (site,)  # a constructor that connects
        for origin in (*itself, *self.arguments.chain(receiver), *self.arguments.handed_over(site)):
            found = self._configured(origin, names or self._settings_of_maker(origin, operation))
            if found:
                return found
        if isinstance(receiver, Obj):
            found = self._own_constructor(receiver, names) or self._by_funnel(
                site, receiver, callee, operation
            )
            if found:
                return found
        found = (
            self._by_setter(site, receiver, operation)
            or self._by_setter_of_maker(receiver, operation)
            or self._by_replaced_method(site, receiver, operation)
        )
        if found:
            return found
        if self._has_global_default and operation.kind in {"socket", "mail"}:
            return "a default timeout is set for all sockets"
        return ""

    def _settings_of_maker(self, origin: Site, operation: Operation) -> list[str]:
        """`Client(timeout=5).resource.get()`: a part of a client, without settings of its own, has the client's."""
        for made in self.evaluator.callee(origin):
            maker = self.evaluator.operation(made)
            if maker is not None and maker.library is operation.library:
                return maker.timeouts.client
        return []

    def _switched_off(self, callees: Values, operation: Operation) -> str:
        """Where the client is made with `timeout=None`, which takes the library's own default away."""
        for callee in callees:
            receiver = callee.receiver if isinstance(callee, Method) else callee
            own = self._base_constructors(receiver) if isinstance(receiver, Obj) else ()
            for origin in (*self.arguments.chain(receiver), *own):
                for name in operation.timeouts.client:
                    if self.configured.given(origin, name) is False:
                        return f"{name} is None where the client is made ({origin.module.path}:{origin.call.line})"
        return ""

    def _configured(self, origin: Site, names: list[str]) -> str:
        where = f"{origin.module.path}:{origin.call.line}"
        for name in names:
            if self.configured.given(origin, name):
                return f"{name} is set where the client is made ({where})"
        return (
            f"the call that made it is bounded ({where})" if self._bounds_what_it_makes(origin, names) else ""
        )

    def _bounds_what_it_makes(self, origin: Site, names: list[str]) -> bool:
        """Whether one of `names` is an argument that the call itself is given."""
        for made in self.evaluator.callee(origin):
            operation = self.evaluator.operation(made)
            if (
                operation is not None
                and set(names) & set(operation.timeouts.argument)
                and (
                    self._explicit(origin, operation)
                    or (not operation.default_timeout and self._forwarded(origin, operation))
                )
            ):
                return True
        return False

    def _own_constructor(self, receiver: Obj, names: list[str]) -> str:
        """A subclass of the client passes the setting on in its own constructor."""
        found = (self._configured(site, names) for site in self._base_constructors(receiver))
        return next((text for text in found if text), "")

    def _by_funnel(self, site: Site, receiver: Obj, callee: Value, operation: Operation) -> str:
        """A subclass bounds the one method that all others of the client go through."""
        called = callee.name if isinstance(callee, Method) else ""
        sites = funnels(self.graph, receiver, called, site)
        if sites and all(
            self._explicit(item, operation) or self._forwarded(item, operation) for item in sites
        ):
            return f"every call goes through {sites[0].function.place}, which is bounded"
        return ""

    @staticmethod
    def _base_constructors(receiver: Obj) -> Iterator[Site]:
        """The calls of `super().__init__(...)` and their like in its class and the bases of that."""
        for class_ in receiver.class_.lineage():
            init = class_.method("__init__")
            if init is None:
                continue
            for site in init.module.sites_in(init.index):
                if dotted(site.call.function).endswith("__init__"):
                    yield site

    def _by_setter(self, site: Site, receiver: Value, operation: Operation) -> str:
        for setter in operation.timeouts.setter:
            for call_site in self._setters.get(setter, ()):
                call = call_site.call
                if not isinstance(call.function, Attribute) or not self._sets(setter, call_site, site):
                    continue
                if self._same_object(call.function.value, call_site.function, site, receiver):
                    return f"{setter} is called ({call_site.module.path}:{call.line})"
            if self._attribute_set(setter, site, receiver):
                return f"{setter} is set"
        return ""

    def never_waits(self, site: Site, callees: Values, operation: Operation) -> bool:
        """Whether the object at `site` was told to return at once: `setblocking(False)` and `settimeout(0)` of a socket."""
        told = [
            setting
            for name in operation.timeouts.setter
            for setting in self._setters.get(name, ())
            if setting.function is site.function and setting.index < site.index
        ]
        told.sort(key=lambda setting: -setting.index)
        return bool(told) and any(
            isinstance(callee, Method) and self._is_told_at_once(site, callee.receiver, told)
            for callee in callees
        )

    def _is_told_at_once(self, site: Site, receiver: Value, told: list[Site]) -> bool:
        """Whether the nearest setting above says so, on every way to the call."""
        for setting in told:
            call = setting.call
            if isinstance(call.function, Attribute) and self._same_object(
                call.function.value, setting.function, site, receiver
            ):
                return call.arguments[:1] in _AT_ONCE and self._is_on_the_way(setting, site)
        return False

    def _is_on_the_way(self, first: Site, second: Site) -> bool:
        """Whether no branch holds the first call that does not hold the second, too."""
        module = second.module
        around = self._branches.at(module, second.call.line)
        return all(branch in around for branch in self._branches.at(module, first.call.line))

    def _sets(self, setter: str, site: Site, called: Site) -> bool:
        """Whether a call of a setter bounds `called`: by its first argument, or by the timeout among its own ones."""
        if _is_setter(setter):
            arguments = site.call.arguments
            return bool(arguments) and not _bounds_nothing(arguments[0])
        operations = (self.evaluator.operation(callee) for callee in self.evaluator.callee(site))
        return any(found is not None and self._explicit(site, found) for found in operations) or (
            _is_for(site, called) and self._hands_over_bounded(site)
        )

    def _hands_over_bounded(self, site: Site) -> bool:
        """`session.mount(prefix, adapter)`, where the adapter is one of the project that bounds all that it sends."""
        handed = union(self.evaluator.values(item, site.function) for item in site.call.arguments)
        sent = [funnels(self.graph, value, "", site) for value in handed if isinstance(value, Obj)]
        return any(sites and all(self._bounds_by_itself(item) for item in sites) for sites in sent)

    def _bounds_by_itself(self, site: Site) -> bool:
        """Whether a call of a base's method is given a timeout that does not just come from the caller, who may give none."""
        operations = [self.evaluator.operation(callee) for callee in self.evaluator.callee(site)]
        return any(
            found is not None and self._explicit(site, found) and not self._passes_on(site, found.timeouts)
            for found in operations
        )

    @staticmethod
    def _passes_on(site: Site, timeouts: Given) -> bool:
        scope = site.function.scope
        given = [argument(site, f"{timeouts.position}:{name}") for name in timeouts.argument]
        optional = {p.name for p in scope.parameters if p.default is not None and is_none(p.default)}
        return any(
            isinstance(item, Name) and item.id in optional and item.id not in scope.bindings for item in given
        )

    def _by_replaced_method(self, site: Site, receiver: Value, operation: Operation) -> str:
        """`session.request = partial(session.request, timeout=5)`: all other methods of it go through that one."""
        module = site.module
        for item in module.summary.attribute_sets:
            if item.attr not in FUNNELS or not isinstance(item.value, CallOf):
                continue
            given = module.sites[item.value.index]
            if (
                any(self.arguments.given(given, name) for name in operation.timeouts.argument)
                and self._same_object(item.target, module.functions[item.scope], site, receiver)
                and self._is_in_force(given, site, receiver)
            ):
                return f"{item.attr} is replaced by one that is bounded ({module.path}:{given.call.line})"
        return ""

    def _is_in_force(self, setting: Site, site: Site, receiver: Value) -> bool:
        """Whether a setting stands above the call, and not on a branch that neither the call nor what made the object is on."""
        made = receiver.origin if isinstance(receiver, Instance | Obj) else None
        together = [
            other for other in (site, made) if other is not None and other.function is setting.function
        ]
        if site in together and setting.index > site.index:
            return False
        return not self._branches.at(setting.module, setting.call.line) or any(
            self._is_on_the_way(setting, other) for other in together
        )

    def _by_setter_of_maker(self, receiver: Value, operation: Operation) -> str:
        """`client.set_timeout(5)` bounds its parts that have no setter of their own, too."""
        for origin in self.arguments.chain(receiver) if not operation.timeouts.setter else ():
            for made in self.evaluator.callee(origin):
                maker = self.evaluator.operation(made)
                if isinstance(made, Method) and maker is not None and maker.library is operation.library:
                    found = self._by_setter(origin, made.receiver, maker)
                    if found:
                        return found
        return ""

    def _same_object(self, target: Expression, at: Function, site: Site, receiver: Value) -> bool:
        called = site.call.function
        here = called.value if isinstance(called, Attribute) else None
        owner = site.function
        if here == target and (
            at is owner or (at.method_owner() is not None and at.method_owner() is owner.method_owner())
        ):
            return True
        values = self.evaluator.values(target, at)
        made = receiver.origin if isinstance(receiver, Instance | Obj) else None
        if isinstance(receiver, Obj) and _is_self(target, at):
            return any(isinstance(v, Obj) and v.class_ in receiver.class_.lineage() for v in values)
        return made is not None and any(isinstance(v, Instance | Obj) and v.origin == made for v in values)

    def _attribute_set(self, setter: str, site: Site, receiver: Value) -> bool:
        if isinstance(receiver, Obj) and any(
            setter in c.summary.attributes for c in receiver.class_.lineage()
        ):
            return True
        return any(
            item.attr == setter
            and not is_none(item.value)
            and self._same_object(item.target, site.module.functions[item.scope], site, receiver)
            for item in site.module.summary.attribute_sets
        )

    # Scopes around it

    def _scope(self, site: Site) -> str:
        here = self._local_scope(site)
        if here:
            return here
        function = site.function
        around = self._around(function)
        if around:
            return around
        if self.callers.all(function, "timeout", self._edge_bounds) == "yes":
            return "every caller is in a timeout scope"
        return ""

    def _edge_bounds(self, edge: Edge, _: Function) -> bool:
        return edge.via in {"call", "dispatch", "name"} and bool(
            self._local_scope(edge.site) or self._around(edge.site.function)
        )

    def _around(self, function: Function) -> str:
        for site in self.graph.wrappers(function):
            if self._local_scope(site):
                return f"the decorator around {function.place}"
        for _, value in self.evaluator.decorating(function):
            applied = self.graph.marker(value)
            if applied is not None and applied.role == "timeout-scope":
                return f"the decorator around {function.place}"
        return ""

    def _local_scope(self, site: Site) -> str:
        for outer, marker in self.graph.wrapped_by.about(site):
            if marker.role == "timeout-scope" and self._is_bounded(outer, marker.argument):
                return f"{dotted(outer.call.function)} ({outer.module.path}:{outer.call.line})"
        for marker in self.graph.markers(self.evaluator.callee(site)):
            if marker.role == "timeout-scope" and marker.runs and self._is_bounded(site, marker.argument):
                return f"run by {dotted(site.call.function)}"
        function = site.function
        for _, region in regions_around(site):
            if region.kind == "with":
                for context in region.contexts:
                    if self._is_scope(context, function):
                        return f"a timeout scope ({function.module.path})"
        return ""

    def _is_scope(self, context: Expression, function: Function) -> bool:
        if not isinstance(context, CallOf):
            return False
        site = function.module.sites[context.index]
        for callee in self.evaluator.callee(site):
            marker = self.graph.marker(callee)
            if marker is not None and marker.role == "timeout-scope":
                return self._is_bounded(site, marker.argument)
        return False

    def _is_bounded(self, site: Site, place: str) -> bool:
        call = site.call
        for part in place.split(":"):
            if part.isdigit() and int(part) < len(call.arguments):
                return self.arguments.is_value(call.arguments[int(part)], site.function)
            if part and self.arguments.given(site, part) is not None:
                return bool(self.arguments.given(site, part))
        return not place


_AT_ONCE = ((Constant("bool", value=False),), (Constant("int", 0),), (Constant("float", 0.0),))


_ALL_URLS = frozenset({"", "http", "http://", "https://"})


def _is_self(target: Expression, at: Function) -> bool:
    """Whether it is the object itself, in a method of its class or in what is defined there."""
    home: Function | None = at
    while home is not None and home.class_ is None:
        home = home.parent()
    first = home.scope.parameters[:1] if home is not None else ()
    return isinstance(target, Name) and any(parameter.name == target.id for parameter in first)


def _is_for(mount: Site, called: Site) -> bool:
    """Whether `session.mount("https://api.example", adapter)` is for the URL of that call; other prefixes are for all."""
    prefix = mount.call.arguments[0] if mount.call.arguments else None
    if not isinstance(prefix, Constant) or not isinstance(prefix.value, str) or prefix.value in _ALL_URLS:
        return True
    urls = (item.value for item in called.call.arguments if isinstance(item, Constant))
    return any(isinstance(url, str) and url.startswith(prefix.value) for url in urls)


def _is_setter(name: str) -> bool:
    return "timeout" in name.lower() or name == "setblocking"


def _bounds_nothing(value: Expression) -> bool:
    """`settimeout(None)`, `setblocking(True)`."""
    return is_none(value) or (isinstance(value, Constant) and value.value is True)
