"""A subclass of a library's client that overrides the method through which all its requests go."""

from __future__ import annotations

from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.expression import Attribute, CallOf, last_name
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import Obj, Site

# Names of the one method that the others of a client go through, in the libraries of the catalogue.
FUNNELS = frozenset(
    "request _request send _send make_request _make_request perform_request execute_command urlopen "
    "_make_api_call api_call".split()
)


def funnels(graph: CallGraph, receiver: Obj, called: str, site: Site) -> tuple[Site, ...]:
    """The calls of `super().request()` and its like, in overrides that an inherited method `called` goes through.

    Args:
        graph: The calls of the project.
        receiver: An object of the project's subclass.
        called: The library's method that is called on it.
        site: That call, which goes through no override if it stands in one.
    """
    for class_ in receiver.class_.lineage():
        for name in sorted(FUNNELS & class_.summary.methods.keys()):
            method = class_.module.functions[class_.summary.methods[name]]
            found = _calls_of_base(graph, method, name)
            if name != called and found:
                return tuple(item for item in found if item != site)
    return ()


def _calls_of_base(graph: CallGraph, method: Function, name: str) -> tuple[Site, ...]:
    return tuple(
        site
        for site in method.module.sites_in(method.index)
        if isinstance(function := site.call.function, Attribute)
        and function.attr == name
        and isinstance(function.value, CallOf)
        and last_name(method.module.sites[function.value.index].call.function) == "super"
        and any(graph.evaluator.operation(callee) is not None for callee in graph.evaluator.callee(site))
    )
