"""Calls whose failures come back as results: `results = await asyncio.gather(read(), return_exceptions=True)`."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.expression import (
    Attribute,
    CallOf,
    Constant,
    Display,
    Expression,
    Name,
    Starred,
)
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.values import Site

_FILLS = frozenset({"append", "add"})
# A list of calls by its name, a task in it, the call that it runs.
_DEEPEST = 6


class FailuresAsResults:
    """Answers whether what a call raises is handed back as a result, and to whom."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self._known: dict[Module, tuple[dict[int, int], int]] = {}

    def of(self, site: Site) -> str:
        """What hands the failure of the call at `site` back; empty if nothing does."""
        module = site.module
        found = self.graph.project.trace.once(self._known, module, lambda: dict(self._held(module)))
        line = found.get(site.index)
        return f"its failure is a result ({module.path}:{line})" if line is not None else ""

    def _held(self, module: Module) -> Iterator[tuple[int, int]]:
        """Each call whose failure is a result, with the line of what hands it back."""
        for site in module.sites:
            call = site.call
            true = {
                name for name, value in call.keywords if isinstance(value, Constant) and value.value is True
            }
            if true and call.use == "await" and self._hands_back(site, true) and _is_used(site):
                for value in call.arguments:
                    for inner in self._calls_in(value, site.function, 0):
                        yield inner, call.line

    def _hands_back(self, site: Site, true: set[str]) -> bool:
        markers = self.graph.markers(self.graph.evaluator.callee(site))
        return any(marker.role == "spawns" and marker.argument in true for marker in markers)

    def _calls_in(self, value: Expression, at: Function, depth: int) -> Iterator[int]:
        if isinstance(value, CallOf):
            yield value.index
        for part in self._parts(value, at) if depth < _DEEPEST else ():
            yield from self._calls_in(part, at, depth + 1)

    def _parts(self, value: Expression, at: Function) -> Iterator[Expression]:
        if isinstance(value, Starred):
            yield value.value
        elif isinstance(value, Display):
            yield from value.items
        elif isinstance(value, Name):
            yield from (b.value for b in at.scope.bindings.get(value.id, ()) if b.how == "=")
            filled = {Attribute(value, name) for name in _FILLS}
            for called in at.module.sites_in(at.index):
                if called.call.function in filled:
                    yield from called.call.arguments
        elif isinstance(value, CallOf):
            site = at.module.sites[value.index]
            if any(marker.runs for marker in self.graph.markers(self.graph.evaluator.callee(site))):
                yield from (item for item in site.call.arguments if isinstance(item, CallOf))


def _is_used(site: Site) -> bool:
    """Whether the results go anywhere: they are bound to a name, iterated, handed on or given back."""
    result = CallOf(site.index)
    function = site.function
    bound = {
        name
        for name, bindings in function.scope.bindings.items()
        if any(binding.value == result for binding in bindings)
    }
    return (
        bool(bound - {"_"})
        or result in function.scope.returns
        or any(result in region.contexts for region in site.module.summary.regions if region.kind == "loop")
        or any(result in other.call.arguments for other in site.module.sites_in(function.index))
    )
