"""Where the body of a called function runs: at the call, or where its generator or coroutine is used."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.expression import CallOf, Name, Starred
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.values import Site


class LazyCalls:
    """Tells calls that run a function's body from those that only make a generator or a coroutine of it."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self._arguments: dict[Module, dict[int, int]] = {}

    def regions(self, site: Site, target: Function) -> tuple[int, ...]:
        """The regions (-1: none) in which the body of `target` runs, as far as the function of the call shows."""
        call = site.call
        is_generator = bool(target.scope.yields) and not self.graph.evaluator.results.is_context_manager(
            target
        )
        is_used = call.use not in {"", "decorator"} or bool(self.graph.wrapped_by.about(site))
        if is_used or not (is_generator or target.scope.kind == "async"):
            return (call.region,)
        outer = self._argument_of(site.module).get(site.index)
        if outer is not None:
            return (site.module.summary.calls[outer].region,)
        function = site.function
        if CallOf(site.index) in function.scope.returns:
            return ()
        names = names_of(site)
        if not names or not is_generator:
            return (call.region,)
        return tuple(self._uses(function, names))

    def handed_on(self, site: Site) -> tuple[int, ...]:
        """The regions in which the coroutine that a library's call made is handed on by name; else that of the call."""
        call = site.call
        names = set() if call.use else names_of(site)
        return tuple(self._uses(site.function, names)) or (call.region,)

    def _argument_of(self, module: Module) -> dict[int, int]:
        """By call, the call that it is an argument of."""
        known = self._arguments.get(module)
        if known is None:
            known = self._arguments[module] = {
                value.index: index
                for index, call in enumerate(module.summary.calls)
                for value in (*call.arguments, *(item for _, item in call.keywords))
                if isinstance(value, CallOf)
            }
        return known

    @staticmethod
    def _uses(function: Function, names: set[str]) -> Iterator[int]:
        """Where a generator of that name is iterated or handed on."""
        summary = function.module.summary
        for index, region in enumerate(summary.regions):
            if region.kind == "loop" and any(isinstance(c, Name) and c.id in names for c in region.contexts):
                yield index
        for call in summary.calls:
            if call.scope == function.index and any(_is_name(value, names) for value in call.arguments):
                yield call.region


def names_of(site: Site) -> set[str]:
    """The names that are bound to what the call gives back."""
    return {
        name
        for name, bindings in site.function.scope.bindings.items()
        if any(binding.how == "=" and binding.value == CallOf(site.index) for binding in bindings)
    }


def _is_name(value: object, names: set[str]) -> bool:
    if isinstance(value, Starred):
        value = value.value
    return isinstance(value, Name) and value.id in names
