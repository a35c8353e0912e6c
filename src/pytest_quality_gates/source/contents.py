"""What is in a value: its items, what it yields, what entering or awaiting it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import FILLED, CallOf, Constant, Expression, Item, Name
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import (
    Cls,
    Instance,
    Many,
    Obj,
    Ref,
    Site,
    Value,
    Values,
    guessed,
    is_guess,
    union,
)

if TYPE_CHECKING:
    from pytest_quality_gates.source.evaluate import Evaluator


class ContentReader:
    """Answers for an evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def item(self, expression: Item, at: Function) -> Values:
        """What `value[index]` gives."""
        index = expression.index
        part = self._part(expression, at)
        if part:
            return part
        values = self._evaluator.values(expression.value, at)
        key = index.value if isinstance(index, Constant) else None
        under = [known for v in values if isinstance(v, Many) and (known := v.under(key)) is not None]
        found: list[Values] = [*under]
        for value in values:
            if isinstance(value, Many):
                if not under:
                    found.append(_picked(value, key))
            elif isinstance(value, Ref | Cls):
                found.append(self._ref_item(value) or (value,))  # a generic class with its argument
            elif isinstance(value, Instance | Obj):
                found.append(self._evaluator.results.method_result(value, "__getitem__", None))
        return union(found)

    def _ref_item(self, value: Value) -> Values:
        """What a library's own mapping holds: `connections["default"]`."""
        known = (
            self._evaluator.lexicon.function_named(f"{value.name}.__getitem__")
            if isinstance(value, Ref)
            else None
        )
        return (
            self._evaluator.results.made(known.returns, None) if known is not None and known.returns else ()
        )

    def _part(self, expression: Item, at: Function) -> Values:
        """What stands under a key of the mapping that a library's method gave: `client.get_object(...)["Body"]`."""
        index, given = expression.index, expression.value
        if not isinstance(index, Constant) or not isinstance(index.value, str):
            return ()
        sites = [at.module.sites[given.index]] if isinstance(given, CallOf) else []
        if isinstance(given, Name):
            sites = self._evaluator.made_by(given.id, at)
        return union(
            self._evaluator.results.made(operation.parts[index.value], site)
            for site in sites
            for callee in self._evaluator.callee(site)
            if (operation := self._evaluator.operation(callee)) is not None and index.value in operation.parts
        )

    def _made(self, name: str, site: Site | None, owner: Value) -> Values:
        """What a library's object, or a method of it, gives."""
        made = self._evaluator.results.made(name, site)
        return guessed(made) if is_guess(owner) else made

    def entered(self, context: Expression, at: Function) -> Values:
        """What `with context as` gives."""
        if isinstance(context, CallOf):
            site = at.module.sites[context.index]
            for callee in self._evaluator.callee(site):
                operation = self._evaluator.operation(callee)
                if operation is not None and operation.enters:
                    return self._made(operation.enters, site, callee)
        return union(self._enter(value) for value in self._evaluator.values(context, at))

    def _enter(self, value: Value) -> Values:
        if isinstance(value, Instance):
            known = self._evaluator.lexicon.class_named(value.class_name)
            entered = known.enters if known is not None else ""
            return (
                (Instance(self._evaluator.lexicon.canonical(entered), value.origin, value.is_guess),)
                if entered
                else (value,)
            )
        if isinstance(value, Obj):
            for name in ("__enter__", "__aenter__"):
                method = value.class_.method(name)
                if method is not None:
                    return self._evaluator.returned(method) or (value,)
        return (value,)

    def iterated(self, source: Expression, at: Function) -> Values:
        """What `for _ in source` gives."""
        if isinstance(source, CallOf):
            site = at.module.sites[source.index]
            for callee in self._evaluator.callee(site):
                operation = self._evaluator.operation(callee)
                if operation is not None and operation.yields:
                    return self._made(operation.yields, site, callee)
        found: list[Values] = []
        for value in self._evaluator.values(source, at):
            if isinstance(value, Many):
                found.append(union(value.items))
            elif isinstance(value, Instance):
                known = self._evaluator.lexicon.class_named(value.class_name)
                operation = (
                    known.operation("__iter__") or known.operation("__aiter__") if known is not None else None
                )
                if operation is not None and operation.yields:
                    found.append(self._made(operation.yields, value.origin, value))
            elif isinstance(value, Obj):
                found.append(self._iterated_object(value))
        return union(found)

    def _iterated_object(self, value: Obj) -> Values:
        """What iterating over an object of the project gives: what its `__iter__` yields, or its iterator's next."""
        methods = (value.class_.method(name) for name in ("__iter__", "__aiter__"))
        iterators = union(self._evaluator.returned(method) for method in methods if method is not None)
        steps = (
            item.class_.method(name)
            for item in iterators
            if isinstance(item, Obj)
            for name in ("__next__", "__anext__")
        )
        return union(
            (
                *(union(item.items) for item in iterators if isinstance(item, Many)),
                *(self._evaluator.returned(step) for step in steps if step is not None),
            )
        )

    def unpacked(self, values: Values, position: int) -> Values:
        """What the name at that position gets: `first, second = values`."""
        return union(
            value.items[position]
            if position < len(value.items) and value.kind not in {"list", FILLED}
            else union(value.items)
            for value in values
            if isinstance(value, Many)
        )

    def awaited(self, value: Value) -> Values:
        """What awaiting a library's object gives: a connection, where `async with` would give that too."""
        known = self._evaluator.lexicon.class_named(value.class_name) if isinstance(value, Instance) else None
        return self._enter(value) if known is not None and known.is_awaited else (value,)


def _picked(container: Many, index: object) -> Values:
    """What stands at that place of a tuple, or in a container whose keys do not say it."""
    if container.kind == "tuple" and isinstance(index, str):
        return ()
    if (
        container.kind == "tuple"
        and isinstance(index, int)
        and -len(container.items) <= index < len(container.items)
    ):
        return container.items[index]
    return container.anywhere() if isinstance(index, str) else union(container.items)
