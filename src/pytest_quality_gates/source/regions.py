"""Walking outwards from a call: the regions around it in its own function, then its callers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Literal

from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.summary import Region
from pytest_quality_gates.source.values import Site
from pytest_quality_gates.source.ways_in import WaysIn

Answer = Literal["yes", "no", "framework"]


def regions_around(site: Site) -> Iterator[tuple[int, Region]]:
    """The regions around a call, innermost first, with their places."""
    return regions_from(site.module, site.call.region)


def regions_from(module: Module, place: int) -> Iterator[tuple[int, Region]]:
    """The region at `place` and those around it, innermost first, with their places."""
    regions = module.summary.regions
    while place >= 0:
        region = regions[place]
        yield place, region
        place = region.parent


class Callers:
    """Asks a question of every way up from a function."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.ways = WaysIn(graph)
        self._known: dict[tuple[Hashable, Function], tuple[Answer | None, int]] = {}

    def all(
        self,
        function: Function,
        question: Hashable,
        holds: Callable[[Edge, Function], bool],
        at_entry: Callable[[Function], Answer] = lambda _: "no",
    ) -> Answer:
        """Whether `holds` on every path from an entry point down to `function`.

        Args:
            function: Where the paths end.
            question: What is asked, as a key: answers are kept.
            holds: Of one call on the path, and the function that it calls.
            at_entry: What to answer where a path begins.
        """
        answer = self.graph.project.trace.once(
            self._known, (question, function), lambda: self._ask(function, question, holds, at_entry)
        )
        return answer or "no"  # without an entry they only call each other

    def _ask(
        self,
        function: Function,
        question: Hashable,
        holds: Callable[[Edge, Function], bool],
        at_entry: Callable[[Function], Answer],
    ) -> Answer | None:
        """Upwards from `function`, stopping where it holds; functions that only call each other are entered from outside."""
        trace = self.graph.project.trace
        found: set[Answer] = set()
        reached: dict[Function, Function | None] = {function: None}
        todo = [function]
        for current in todo:
            known = self._known.get((question, current))
            if known is None:
                found |= self._step(current, holds, at_entry, reached, todo)
            else:
                trace.read |= known[1]
                found |= {known[0]} if known[0] else set()
            if "no" in found:
                self._note_no(question, current, reached)
                return "no"
        if "framework" in found:
            return "framework"
        return "yes" if found else None

    def _step(
        self,
        current: Function,
        holds: Callable[[Edge, Function], bool],
        at_entry: Callable[[Function], Answer],
        reached: dict[Function, Function | None],
        todo: list[Function],
    ) -> set[Answer]:
        """The answers of the calls of `current`; callers that have to be asked in turn are added to `todo`."""
        ways = self.ways.of(current)
        found: set[Answer] = {at_entry(entry) for entry in ways.entries}
        for edge in ways.edges:
            caller = edge.site.function
            if holds(edge, current):
                found.add("yes")
            elif edge.via == "spawn":
                found.add("no")
            elif caller not in reached:
                reached[caller] = current
                todo.append(caller)
        return found

    def _note_no(self, question: Hashable, end: Function, came: dict[Function, Function | None]) -> None:
        """Keep the answer for `end` and for all that it was reached from."""
        current: Function | None = end
        while current is not None:
            self._known.setdefault((question, current), ("no", self.graph.project.trace.read))
            current = came[current]
