"""Functions that run the handler of every request: where a framework's application is given them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pytest_quality_gates.catalogue.schema import Marker
from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.expression import Attribute, Expression, Name, last_name
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import Fn, Site, flat, library_of


class Middleware(NamedTuple):
    """One call of the request's handler in a middleware that an application has."""

    library: str
    """The top-level module of the framework."""
    function: Function
    site: Site


def middlewares(graph: CallGraph) -> Iterator[Middleware]:
    """Every call of a request's handler, in the middlewares that are registered."""
    for function, (library, marker) in _decorated(graph).items():
        parameters = function.scope.parameters
        if int(marker.runs) >= len(parameters) or function not in _registered(graph, marker.argument):
            continue
        handler = Name(parameters[int(marker.runs)].name)
        for site in function.module.sites_in(function.index):
            if site.call.function == handler and site.call.use == "await":
                yield Middleware(library, function, site)


def _decorated(graph: CallGraph) -> dict[Function, tuple[str, Marker]]:
    found: dict[Function, tuple[str, Marker]] = {}
    for module in graph.project.modules:
        for function in module.functions:
            for _, value in graph.evaluator.decorating(function):
                marker = graph.marker(value)
                if marker is not None and marker.role == "middleware":
                    found[function] = (library_of(value), marker)
    return found


def _registered(graph: CallGraph, argument: str) -> set[Function]:
    """The functions in `Application(middlewares=[...])` and `app.middlewares.append(...)`."""
    found: set[Function] = set()
    for module in graph.project.modules:
        for site in module.sites:
            given = [value for name, value in site.call.keywords if name == argument]
            if _adds_to(site.call.function, argument):
                given += site.call.arguments
            for expression in given:
                values = flat(graph.evaluator.values(expression, site.function))
                found |= {value.function for value in values if isinstance(value, Fn)}
    return found


def _adds_to(function: Expression, name: str) -> bool:
    return (
        isinstance(function, Attribute)
        and function.attr in {"append", "insert", "extend"}
        and last_name(function.value) == name
    )
