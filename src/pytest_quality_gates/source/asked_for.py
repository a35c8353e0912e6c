"""Which class of the project a library is asked for: what `get_object_or_404(Order, pk=1)` gives is an `Order`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import Attribute, CallOf, Expression, Name
from pytest_quality_gates.source.project import Function, ProjectClass
from pytest_quality_gates.source.values import Cls, Instance, Site

if TYPE_CHECKING:
    from pytest_quality_gates.source.evaluate import Evaluator


class AskedFor:
    """Answers for an evaluator whose classes have their bases."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._heirs: frozenset[str] = frozenset()

    def link(self) -> None:
        """The bases of the project's classes became known."""
        classes = (class_ for module in self._evaluator.project.modules for class_ in module.classes)
        self._heirs = frozenset(name for class_ in classes for name in self._all_bases(class_))

    def has_heirs(self, library_class: str) -> bool:
        """Whether a class of the project inherits from that one."""
        return library_class in self._heirs

    def heir(self, library_class: str, site: Site | None) -> ProjectClass | None:
        """The class of the project that a call names, where the library says only that it gives what inherits from its own.

        It is the first argument, or what the call is made on, on the way of a query too: `Order.objects.filter(x).first()`.
        """
        if site is None or library_class not in self._heirs:
            return None
        todo, seen = [site], {site}
        for item in todo:
            call = item.call
            named = [*_links(call.function), *call.arguments[:1]]
            for expression in named:
                for value in self._values(expression, item.function):
                    if isinstance(value, Cls) and library_class in self._all_bases(value.class_):
                        return value.class_
                    origin = value.origin if isinstance(value, Instance) else None
                    if origin is not None and origin not in seen:
                        seen.add(origin)
                        todo.append(origin)
        return None

    def _values(self, expression: Expression, at: Function) -> tuple[object, ...]:
        is_name = isinstance(expression, Name | Attribute | CallOf)
        return self._evaluator.values(expression, at) if is_name else ()

    def _all_bases(self, class_: ProjectClass) -> set[str]:
        """The library classes that it inherits from, those of the catalogue with their own bases."""
        found: set[str] = set()
        for base in class_.all_library_bases():
            known = self._evaluator.lexicon.class_named(base)
            found.update((base,) if known is None else (item.name for item in known.lineage))
        return found


def _links(function: Expression) -> list[Expression]:
    """What a method is called on, and what that is an attribute of: `Order.objects` and `Order` in `Order.objects.get()`."""
    found: list[Expression] = []
    while isinstance(function, Attribute):
        function = function.value
        found.append(function)
    return found
