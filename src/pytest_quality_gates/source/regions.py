"""Walking outwards from a call: the regions around it in its own function, then its callers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Literal

from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.project import Function, Module, call_at, function_of
from pytest_quality_gates.source.summary import Region
from pytest_quality_gates.source.values import Site
from pytest_quality_gates.source.ways_in import WaysIn

Answer = Literal["yes", "no", "framework"]
_MOST_CALLERS = 400


def regions_around(site: Site) -> Iterator[tuple[int, Region]]:
    """The regions around a call, innermost first, with their places."""
    return regions_from(site.module, call_at(site).region)


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
        self.ways = WaysIn(graph)
        self._known: dict[tuple[Hashable, Function], Answer] = {}

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
        key = (question, function)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._ask(function, question, holds, at_entry)
        return known

    def _ask(
        self,
        function: Function,
        question: Hashable,
        holds: Callable[[Edge, Function], bool],
        at_entry: Callable[[Function], Answer],
    ) -> Answer:
        """Upwards from `function`, stopping where it holds; functions that only call each other are entered from outside."""
        found: set[Answer] = set()
        reached: dict[Function, Function | None] = {function: None}
        todo = [function]
        for current in todo:
            known = self._known.get((question, current))
            found |= {known} if known is not None else self._step(current, holds, at_entry, reached, todo)
            if "no" in found or len(todo) > _MOST_CALLERS:
                return self._note("no", question, reached, current)
        if "framework" in found:
            return "framework"
        # without an entry they only call each other
        return self._note("yes" if found else "no", question, dict.fromkeys(reached), *reached)

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
            caller = function_of(edge.site)
            if holds(edge, current):
                found.add("yes")
            elif edge.via == "spawn":
                found.add("no")
            elif caller not in reached:
                reached[caller] = current
                todo.append(caller)
        return found

    def _note(
        self, answer: Answer, question: Hashable, came: dict[Function, Function | None], *ends: Function
    ) -> Answer:
        """Keep the answer for `ends` and for all that they were reached from."""
        for end in ends:
            current: Function | None = end
            while current is not None:
                self._known[question, current] = answer
                current = came[current]
        return answer
