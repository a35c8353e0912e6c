"""Properties that run: where their attribute is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pytest_quality_gates.source.attributes import is_property
from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.expression import Attribute
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import Obj, Site, is_told


class PropertyRead(NamedTuple):
    """One read of an attribute that some class of the project has as a property."""

    site: Site
    name: str
    targets: list[Function]
    """The properties that run; none where nothing is known of the object."""
    is_known: bool
    """Whether it is known what the object is."""


def property_reads(evaluator: Evaluator) -> Iterator[PropertyRead]:
    """Every read of an attribute that may be a property of the project."""
    names = _properties(evaluator)
    for module in evaluator.project.modules if names else ():
        for site in module.read_sites:
            expression = site.call.function
            if isinstance(expression, Attribute) and expression.attr in names:
                owners = evaluator.values(expression.value, site.function)
                targets = [f for owner in owners if isinstance(owner, Obj) for f in _run(owner, expression)]
                yield PropertyRead(site, expression.attr, targets, is_known=is_told(owners))


def _properties(evaluator: Evaluator) -> set[str]:
    return {
        function.name
        for module in evaluator.project.modules
        for function in module.functions
        if function.class_ is not None and function.scope.decorators and is_property(function)
    }


def _run(owner: Obj, read: Attribute) -> Iterator[Function]:
    method = owner.class_.method(read.attr)
    for item in (method, *owner.class_.overrides(read.attr)):
        if item is not None and is_property(item):
            yield item
