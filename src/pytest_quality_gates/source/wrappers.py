"""Decorators of the project: the calls in them that run what they decorate."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.expression import Expression, Name
from pytest_quality_gates.source.markers import Markers, runs_at
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import Fn, Site


class Wrappers:
    """Looks into the decorators of functions."""

    def __init__(self, evaluator: Evaluator, markers: Markers) -> None:
        self._evaluator = evaluator
        self._markers = markers
        self._known: dict[Function, tuple[tuple[Site, ...], int]] = {}
        self._runs: dict[Function, tuple[Iterable[Site], int]] = {}

    def of(self, function: Function) -> tuple[Site, ...]:
        """The calls, inside the project's own decorators, that run `function`."""
        if not function.scope.decorators:
            return ()
        return self._evaluator.project.trace.once(
            self._known, function, lambda: self._runs_in_decorators(function)
        )

    def _runs_in_decorators(self, function: Function) -> tuple[Site, ...]:
        found: list[Site] = []
        for _, value in self._evaluator.decorating(function):
            if isinstance(value, Fn):
                found += self._evaluator.project.trace.once(
                    self._runs, value.function, partial(self._runs_of_parameters, value.function)
                )
        return tuple(found)

    def _runs_of_parameters(self, decorator: Function) -> Iterable[Site]:
        """The calls, in functions nested in `decorator`, that run what is decorated: `function()`, `breaker.call(function)`."""
        module = decorator.module
        inside = [decorator.index]
        for function in module.functions[decorator.index + 1 :]:
            if function.scope.parent in inside:
                inside.append(function.index)
            elif function.scope.line > decorator.scope.end_line:
                break
        nested = set(inside[1:])
        own = {p.name for index in inside for p in module.functions[index].scope.parameters}
        outer = {module.functions[index].scope.parent for index in nested}
        handed = {p.name for index in outer for p in module.functions[index].scope.parameters}
        return [
            site
            for site in module.sites
            if site.call.scope in nested
            and (_is_one_of(site.call.function, own) or self._is_run_by(site, handed))
        ]

    def _is_run_by(self, site: Site, names: set[str]) -> bool:
        """Whether the call hands one of `names` to a breaker, a retry, a thread or a scope that runs it."""
        handed = [str(place) for place, v in enumerate(site.call.arguments) if _is_one_of(v, names)]
        if not handed:
            return False
        markers = self._markers.among(self._evaluator.callee(site))
        return any(marker.runs and runs_at(marker, place) for marker in markers for place in handed)


def _is_one_of(value: Expression, names: set[str]) -> bool:
    return isinstance(value, Name) and value.id in names
