"""Whether a synchronous call runs on an event loop: in a coroutine, or in a function that a coroutine calls."""

from __future__ import annotations

from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import Site


class EventLoop:
    """Answers what runs on a loop."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self._known: dict[Function, tuple[tuple[str, ...], int]] = {}

    def blocks(self, site: Site) -> tuple[bool, tuple[str, ...]]:
        """Whether the synchronous call at `site` runs on a loop, and by which calls it gets there."""
        chain = self.reached(site.function)
        return bool(chain), chain

    def reached(self, function: Function) -> tuple[str, ...]:
        """The chain of calls from a coroutine to `function`; empty where no coroutine reaches it on the loop."""
        if function.is_async:
            return (f"runs in the coroutine {function.place}",)
        return self.graph.project.trace.once(self._known, function, lambda: self._search(function))

    def _search(self, function: Function) -> tuple[str, ...]:
        """Breadth first, so that the shortest chain is the one that is shown."""
        came: dict[Function, tuple[Function, Site] | None] = {function: None}
        todo = [function]
        for current in todo:
            if current.is_async:
                return self._chain(current, came)
            for edge in self.graph.callers.about(current):
                caller = edge.site.function
                if edge.via in {"call", "spawn"} and caller not in came and caller.scope.kind != "module":
                    came[caller] = (current, edge.site)
                    todo.append(caller)
        return ()

    @staticmethod
    def _chain(top: Function, came: dict[Function, tuple[Function, Site] | None]) -> tuple[str, ...]:
        chain = [f"the coroutine {top.place}"]
        step = came[top]
        while step is not None:
            below, site = step
            chain.append(f"calls {below.scope.name} at {site.module.path}:{site.call.line}")
            step = came[below]
        return tuple(chain)
