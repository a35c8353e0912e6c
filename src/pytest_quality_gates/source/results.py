"""What calls give: objects of libraries and of the project, what a function returns, what a context manager yields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import CallOf, Constant
from pytest_quality_gates.source.language import SPECIAL
from pytest_quality_gates.source.lexicon import Operation
from pytest_quality_gates.source.parameters import argument
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import (
    Cls,
    Fn,
    Instance,
    Many,
    Method,
    Obj,
    Partial,
    Plain,
    Ref,
    Site,
    Super,
    Value,
    Values,
    each_once,
    flat,
    guessed,
    is_guess,
    kind_of,
    union,
)

if TYPE_CHECKING:
    from pytest_quality_gates.source.evaluate import Evaluator

CONTAINER_ITEMS = frozenset("get pop popleft popitem setdefault __getitem__ next".split())
_WITH_DEFAULT = frozenset({"get", "pop", "setdefault"})
_KEY_AND_DEFAULT = 2
CONTAINER_VIEWS = frozenset(["values", "copy", "union", "keys"])
_CONTEXT_MANAGERS = frozenset(
    {
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "contextlib2.contextmanager",
        "async_generator.asynccontextmanager",
    }
)


_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})


class ResultReader:
    """Says what calls give."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def typed_result(self, site: Site) -> Values:
        """What the call gives, by what the type checker says is called."""
        for name in self._evaluator.typed.get(site, ()):
            operation = self._evaluator.lexicon.callable_named(name)
            if operation is not None and (operation.returns or operation.unpacks or operation.yields):
                return self._given(operation, site)
            if self._evaluator.lexicon.class_named(name) is not None:
                return (Instance(self._evaluator.lexicon.canonical(name), site),)
        return ()

    def made(self, name: str, site: Site | None) -> Values:
        """An object of a library's class, made at `site`; of the project's class that inherits from it, if one is asked for."""
        class_name = self._evaluator.lexicon.canonical(name)
        heir = self._evaluator.asked_for.heir(class_name, site)
        return (Instance(class_name, site) if heir is None else Obj(heir, site),)

    def _given(self, operation: Operation, site: Site | None) -> Values:
        """What a library's call gives: an object, or a tuple of them."""
        if operation.unpacks:
            parts = tuple(self.made(part, site) if part else () for part in operation.unpacks)
            return (Many("tuple", parts),)
        if operation.returns:
            return self.made(operation.returns, site)
        return (Many("list", (self.made(operation.yields, site),)),) if operation.yields else ()

    def result_of(self, callee: Value, site: Site) -> Values:  # noqa: PLR0911 -- one case a kind of value
        """What a call of `callee` at `site` gives."""
        if type(callee) is Ref:
            return self._ref_result(callee.name, site)
        if type(callee) is Cls:
            return (Obj(callee.class_, site),)
        if type(callee) is Fn:
            return self._function_result(callee)
        if type(callee) is Method:
            return self._method_call(callee, site)
        if type(callee) is Partial:
            return self.result_of(callee.target, callee.site)
        if type(callee) is Obj:
            return self.method_result(callee, "__call__", site)
        if type(callee) is Instance:
            return self.method_result(callee, "__call__", site)
        return ()

    def _function_result(self, callee: Fn) -> Values:
        found = self._evaluator.returned(callee.function)
        receiver = callee.receiver.receiver if isinstance(callee.receiver, Super) else callee.receiver
        if not isinstance(receiver, Obj):
            return found
        if not found and not isinstance(callee.receiver, Super):  # left to subclasses
            found = union(
                self._evaluator.returned(item) for item in receiver.class_.overrides(callee.function.name)
            )
        lineage = receiver.class_.lineage()
        # `return self` gives the receiver, not just any object of the class that defines the method
        return each_once(
            receiver if isinstance(value, Obj) and value.class_ in lineage and value.origin is None else value
            for value in found
        )

    def _method_call(self, callee: Method, site: Site) -> Values:
        if isinstance(callee.receiver, Many):
            given = self._container_call(callee.receiver, callee.name, site)
            return union((given, self._default(callee, site)))
        special = SPECIAL.get(f"{callee.class_name}.{callee.name}")
        if special is not None:
            return special(self._evaluator, site)
        operation = self._evaluator.method_operation(callee)
        given = self._given(operation, site) if operation is not None else ()
        return guessed(given) if is_guess(callee) else given

    def _default(self, callee: Method, site: Site) -> Values:
        """What `clients.get(name, client)` gives where there is none of that name."""
        arguments = site.call.arguments
        has_default = callee.name in _WITH_DEFAULT and len(arguments) == _KEY_AND_DEFAULT
        return self._evaluator.values(arguments[1], site.function) if has_default else ()

    @staticmethod
    def _container_call(container: Many, method: str, site: Site) -> Values:
        if method in CONTAINER_ITEMS:
            first = site.call.arguments[0] if site.call.arguments else None
            if not isinstance(first, Constant) or not isinstance(first.value, str):
                return union(container.items)
            known = container.under(first.value)
            return container.anywhere() if known is None else known
        if method in CONTAINER_VIEWS:
            return (container,)
        if method == "items":
            return (Many("list", ((Many("tuple", ((), union(container.items))),),)),)
        return ()

    def method_result(self, owner: Value, method: str, site: Site | None) -> Values:
        """What `owner.method()` gives; `site` is where it is called, if it is a call."""
        if isinstance(owner, Obj):
            function = owner.class_.method(method)
            return self._evaluator.returned(function) if function is not None else ()
        if isinstance(owner, Instance):
            operation = self._evaluator.method_operation(Method(owner.class_name, method, owner))
            if operation is not None and operation.returns:
                made = self.made(operation.returns, site or owner.origin)
                return guessed(made) if owner.is_guess else made
        return ()

    def returned(self, function: Function) -> Values:
        """What a function of the project gives back (what awaiting or entering it gives).

        Asked through `Evaluator.returned`.
        """
        function.module.note()
        scope_ = function.scope
        said: Values = ()
        if scope_.return_annotation is not None:
            said = self._evaluator.annotations.instances(scope_.return_annotation, function)
        if scope_.yields:
            given = union(self._evaluator.values(value, function) for _, value in scope_.yields)
            if self.is_context_manager(function):
                return union((flat(said), given))
            return said or (Many("list", (given,)),)
        known = tuple(value for value in said if not isinstance(value, Plain))
        found = union(self._evaluator.values(value, function) for value in scope_.returns)
        told = tuple(v for v in found if not isinstance(v, Plain))
        return union((_of_kinds(told, known) or told, known)) or said or found

    def is_context_manager(self, function: Function) -> bool:
        """Whether it is a generator made into a context manager."""
        home = function.parent() or function.module.functions[0]
        return any(
            _is_maker(value) or (isinstance(value, Fn) and self._gives_context_manager(value.function))
            for decorator in function.scope.decorators
            for value in self._evaluator.values(decorator, home)
        )

    def _gives_context_manager(self, decorator: Function) -> bool:
        """Whether a decorator of the project returns `contextmanager(function)`."""
        sites = (
            decorator.module.sites[value.index]
            for value in decorator.scope.returns
            if isinstance(value, CallOf)
        )
        return any(_is_maker(callee) for site in sites for callee in self._evaluator.callee(site))

    def _ref_result(self, name: str, site: Site) -> Values:  # noqa: PLR0911 -- one case a kind of entry
        special = SPECIAL.get(name)
        if special is not None:
            return special(self._evaluator, site)
        function = self._evaluator.lexicon.function_named(name)
        if function is not None:
            if function.returns or function.unpacks or function.yields:
                return self._given(function, site)
            return self._handed_over(function.runs, site) if function.runs else ()
        known = self._evaluator.lexicon.class_named(name)
        if known is not None:
            return (Instance(known.name, site),)
        marker = self._evaluator.lexicon.marker_named(name)
        if marker is not None and marker.runs:
            return self._handed_over(marker.runs, site)
        operation = self._evaluator.lexicon.callable_named(name)
        if operation is not None and (operation.returns or operation.yields):
            return self._given(operation, site)
        last = name.rpartition(".")[2]
        return (Instance(name, site),) if last[:1].isupper() and not last.isupper() else ()

    def _handed_over(self, runs: str, site: Site) -> Values:
        """What the callable (or the awaitable) that is handed to a call gives."""
        expression = argument(site, runs)
        if expression is None:
            return ()
        at = site.function
        if isinstance(expression, CallOf):
            return self._evaluator.values(expression, at)
        values = self._evaluator.values(expression, at)
        called = union(
            self.result_of(value, site) for value in values if isinstance(value, Fn | Method | Partial | Ref)
        )
        return called or values


def _is_maker(value: Value) -> bool:
    return isinstance(value, Ref) and value.name in _CONTEXT_MANAGERS


def _of_kinds(values: Values, said: Values) -> Values:
    """Those of the values that are what an annotation says; a project's class is also what it inherits from.

    Anything may be what a protocol asks for.
    """
    if any(isinstance(v, Obj) and _PROTOCOLS.intersection(v.class_.all_library_bases()) for v in said):
        return values
    kinds = {kind_of(value) for value in said}
    return tuple(
        value
        for value in values
        if kind_of(value) in kinds
        or (isinstance(value, Obj) and kinds & {*value.class_.lineage(), *value.class_.all_library_bases()})
    )
