"""Generators that are made in one place and kept in an attribute: their body runs where that is read, to be iterated over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.expression import Attribute, CallOf
from pytest_quality_gates.source.project import Function, ProjectClass
from pytest_quality_gates.source.values import Obj, Site


class _Kept(NamedTuple):
    owner: ProjectClass
    function: Function
    made: Site


class KeptGenerators:
    """Gathers them while calls are followed, and says then where they run."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._by_attribute: dict[str, dict[_Kept, None]] = defaultdict(dict)

    def takes(self, site: Site, function: Function) -> bool:
        """Note a call of a generator whose result is kept; False where it is of another kind."""
        owner = site.function.class_
        if not function.scope.yields or owner is None:
            return False
        value = CallOf(site.index)
        attrs = [
            attr
            for attr, bindings in owner.summary.attributes.items()
            if any(binding.value == value for binding in bindings)
        ]
        for attr in attrs:
            self._by_attribute[attr][_Kept(owner, function, site)] = None
        return bool(attrs)

    def calls(self) -> Iterator[tuple[Function, Site]]:
        """The calls whose generator is kept, by the function that they call."""
        for kept in self._by_attribute.values():
            for item in kept:
                yield item.function, item.made

    def runs(self) -> Iterator[tuple[Function, Site]]:
        """What runs, and the read at which it does; the call that makes it where none is seen."""
        seen: set[_Kept] = set()
        for site in self._reads():
            read = site.call.function
            if isinstance(read, Attribute):
                owners = self._evaluator.values(read.value, site.function)
                for item in self._by_attribute[read.attr]:
                    if any(isinstance(o, Obj) and item.owner in o.class_.lineage() for o in owners):
                        seen.add(item)
                        yield item.function, site
        for kept in self._by_attribute.values():
            yield from ((item.function, item.made) for item in kept if item not in seen)

    def _reads(self) -> Iterator[Site]:
        for module in self._evaluator.project.modules if self._by_attribute else ():
            for site in module.read_sites:
                read = site.call.function
                if isinstance(read, Attribute) and read.attr in self._by_attribute:
                    yield site
