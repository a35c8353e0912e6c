"""What reports on an operation: a log line, a metric, a span."""

from __future__ import annotations

from typing import NamedTuple

from pytest_quality_gates.facts.call_site import Observed
from pytest_quality_gates.source.branches import Branches
from pytest_quality_gates.source.call_graph import CallGraph, Edge
from pytest_quality_gates.source.expression import (
    Attribute,
    CallOf,
    Expression,
    Item,
    Name,
    dotted,
)
from pytest_quality_gates.source.lazy_calls import names_of
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.regions import regions_around
from pytest_quality_gates.source.reports import ROLES, Reports, handlers_around
from pytest_quality_gates.source.summary import Call
from pytest_quality_gates.source.trace import Noted
from pytest_quality_gates.source.values import Fn, Obj, Ref, Site
from pytest_quality_gates.source.ways_in import WaysIn

# A report belongs to a call where it stands close to it: it announces the call just before, or tells how it went soon
# after. Measured on hand-labelled code: nearer limits lose reports, wider ones take in those of other operations.
_LINES_BEFORE = 3
_LINES_AFTER = 12
_LINES_AFTER_IN_CALLER = 5
_FAR = 30


class _Near(NamedTuple):
    """How near a report has to be to tell of a call."""

    lines_after: int
    by_handler: bool = True
    """Whether a handler around the call hears of its failure."""
    is_caller: bool = False
    """Whether the call is one of a function that makes the external call."""


class Observers:
    """Answers whether something reports on a call."""

    def __init__(self, graph: CallGraph, ways: WaysIn) -> None:
        self.graph = graph
        self.ways = ways
        self.evaluator = graph.evaluator
        self._branches = Branches()
        self.reports = Reports(graph, self._branches)
        self.operations: Noted[Function, int] = Noted()
        """The external calls, by the function that they stand in, once they are known."""

    def observed(self, site: Site, *, caught: bool) -> tuple[Observed, tuple[str, ...]]:
        """Where the call at `site` is reported on.

        Args:
            site: The call.
            caught: Its failure ends in its own function: a handler of a caller never hears of it.
        """
        here = self._report_on(site)
        if here:
            return "function", (here,)
        for edge in self.ways.of(site.function).edges:
            if edge.site.function is site.function:
                continue  # by calling itself a function says nothing new
            found = self._report_in_caller(edge, caught=caught)
            if found:
                return "caller", (f"called at {edge.site.module.path}:{edge.site.call.line}", found)
        return "none", ("nothing in the function or its callers logs, counts or traces it",)

    def _report_in_caller(self, edge: Edge, *, caught: bool) -> str:
        """The report in the body of a caller that tells of what it called; its decorators tell of the caller itself."""
        comes_back = edge.via != "spawn" and (edge.via != "thread" or edge.site.call.use == "await")
        near = _Near(_LINES_AFTER_IN_CALLER, by_handler=comes_back and not caught, is_caller=True)
        return self._report_beside(edge.site, near) or self._report_by_context(edge.site)

    def handler_reports(self, module: Module, number: int) -> bool:
        """Whether the body of a handler reports."""
        handler = module.summary.handlers[number]
        calls = self.reports.calls_of(module, handler.scope)
        return any(
            handler.line <= module.summary.calls[index].line <= handler.end_line
            and self.reports.is_report(module.sites[index])
            for index in calls
        )

    def tells_of(self, module: Module, number: int) -> bool:
        """Whether a handler, or what follows at once where it goes on, reports on what it caught."""
        if self.handler_reports(module, number):
            return True
        handler = module.summary.handlers[number]
        if not handler.leaves:
            return False
        last = max(
            other.end_line
            for other in module.summary.handlers
            if (
                other.region == handler.region
                and other.scope == handler.scope
                and other.line - handler.end_line < _LINES_BEFORE
            )
            or other is handler
        )
        return any(
            module.summary.calls[index].region == handler.region
            and 0 < module.summary.calls[index].line - last <= _LINES_BEFORE
            for index in self.reports.among(module, handler.scope)
        )

    def _report_on(self, site: Site) -> str:
        """The report, in the call's own function or around that, that tells of the call at `site`."""
        return (
            self._report_beside(site, _Near(_LINES_AFTER))
            or self._report_by_context(site)
            or self._report_around(_home(site))
        )

    def _report_beside(self, site: Site, near: _Near) -> str:
        """The report in the body of the function that makes the call at `site`."""
        module = site.module
        for index in self.reports.among(module, _home(site).index):
            if index != site.index and self._belongs(site, index, near):
                return f"{dotted(module.summary.calls[index].function)} ({module.path}:{module.summary.calls[index].line})"
        return ""

    def _report_by_context(self, site: Site) -> str:
        """A context manager of the project around the call that reports: `with timed("read"):`."""
        function = site.function
        for _, region in regions_around(site):
            if region.kind != "with":
                continue
            for context in region.contexts:
                if isinstance(context, CallOf) and self._reports_when_left(context, function):
                    called = function.module.summary.calls[context.index]
                    return f"{dotted(called.function)} ({function.module.path}:{called.line})"
        return ""

    def _reports_when_left(self, context: CallOf, at: Function) -> bool:
        site = at.module.sites[context.index]
        bodies = [
            value.function
            for value in self.evaluator.callee(site)
            if isinstance(value, Fn) and self.evaluator.results.is_context_manager(value.function)
        ]
        for value in self.evaluator.result(site):
            if isinstance(value, Obj):
                found = (
                    value.class_.method(name) for name in ("__enter__", "__exit__", "__aenter__", "__aexit__")
                )
                bodies += [method for method in found if method is not None]
        return any(self.reports.among(body.module, body.index) for body in bodies)

    def _belongs(self, site: Site, index: int, near: _Near) -> bool:
        """Whether a report at `index` would tell of the call at `site`: in its handler, or close to it on its way."""
        call, report = site.call, site.module.summary.calls[index]
        around = self._around(site.module, call.region)
        regions = site.module.summary.regions
        handlers = {
            number for place in around for number in regions[place].handlers if regions[place].kind == "try"
        }
        place = report.region
        while place >= 0:
            if regions[place].kind == "handler" and regions[place].handlers[0] in handlers:
                return near.by_handler
            place = regions[place].parent
        if self._branches.apart(site.module, report, call) or not self._on_its_way(
            site, around, report.region
        ):
            return self._tells_of_same_object(site, report)
        if report.line <= call.end_line and report.end_line >= call.line:
            return True
        if report.line > call.end_line:
            end = call.end_line if near.is_caller else self._last_line(site, around, report)
            away = report.line - end
            return away <= near.lines_after or self._is_final(site.module, around, report.region)
        away = call.line - report.end_line
        if near.is_caller and self._announces_another(site, index):
            return False
        return away <= _LINES_BEFORE or (away <= _FAR and self._announces(site, index))

    def _last_line(self, site: Site, around: list[int], report: Call) -> int:
        """Where what a report below could tell of is over: with the call, or with the `try` around it that the report follows."""
        summary = site.module.summary
        tried = (summary.regions[place] for place in around)
        ends = [
            summary.handlers[number].end_line
            for region in tried
            if region.kind == "try" and region.parent == report.region
            for number in region.handlers
        ]
        return max([site.call.end_line, *(end for end in ends if end < report.line)])

    def _announces_another(self, site: Site, index: int) -> bool:
        """Whether between a report and the call stands one of another function of the project, which it announces."""
        call, report = site.call, site.module.summary.calls[index]
        return any(
            report.end_line < other.call.line and other.call.end_line < call.line
            for other in self._runs_of_project(site.module, call.scope)
        )

    def _runs_of_project(self, module: Module, scope: int) -> list[Site]:
        """The calls in one scope that run functions of the project, reports left out."""
        sites = (module.sites[index] for index in self.reports.calls_of(module, scope))
        return [
            site
            for site in sites
            if self.graph.targets(self.evaluator.callee(site), site) and not self.reports.is_report(site)
        ]

    def _announces(self, site: Site, index: int) -> bool:
        """Whether a report further up has nothing else to announce: no other operation between, no loop around the call alone."""
        call, report = site.call, site.module.summary.calls[index]
        operations = self.operations.about(site.function)
        if site.index not in operations or any(
            report.end_line < other.call.line < call.line
            and not self._on_one_object(site, other)
            and not self._branches.apart(site.module, other.call, call)
            for other in (site.module.sites[number] for number in operations)
        ):
            return False
        regions = site.module.summary.regions
        loops = {place for place in self._around(site.module, call.region) if regions[place].kind == "loop"}
        return loops <= set(self._around(site.module, report.region))

    def _tells_of_same_object(self, site: Site, report: Call) -> bool:
        """Whether a report stands in the handler of another `try` just above, whose body works on the same object.

        `try: connection.flush() … except … : log`, then `try: connection.close()`: the log tells how the closing goes.
        """
        regions = site.module.summary.regions
        handlers = [regions[place] for place in self._around(site.module, report.region)]
        handler = next((region for region in handlers if region.kind == "handler"), None)
        tried = next((place for place, region in regions_around(site) if region.kind == "try"), None)
        if handler is None or tried is None or regions[tried].parent != handler.parent:
            return False
        told = site.module.summary.handlers[handler.handlers[0]]
        if not (told.leaves and told.end_line < site.call.line <= told.end_line + _LINES_AFTER):
            return False
        above = next(
            place
            for place, region in enumerate(regions)
            if region.kind == "try" and handler.handlers[0] in region.handlers
        )
        return bool(self._objects_in(site, above) & self._objects_in(site, tried))

    def _objects_in(self, site: Site, place: int) -> set[str]:
        """What methods are called on inside one region; `self` itself says nothing."""
        module = site.module
        calls = (module.summary.calls[i] for i in self.reports.calls_of(module, _home(site).index))
        return {_receiver(call) for call in calls if place in self._around(module, call.region)} - {
            "",
            "self",
            "cls",
        }

    def _on_one_object(self, site: Site, other: Site) -> bool:
        """Whether both calls are methods of the same object: two steps of one operation, as `send` and `flush`."""
        held = _receiver(site.call)
        return (
            held != ""
            and held == _receiver(other.call)
            and handlers_around(site) == handlers_around(other)
            and not any(isinstance(callee, Ref) for callee in self.evaluator.callee(site))
        )

    @staticmethod
    def _is_final(module: Module, around: list[int], place: int) -> bool:
        """Whether a report stands in a `finally`, next to what is around the call: it tells of it at any distance."""
        regions = module.summary.regions
        return (
            place >= 0
            and regions[place].kind == "finally"
            and any(
                regions[other].kind == "try" and regions[other].parent == regions[place].parent
                for other in around
            )
        )

    def _on_its_way(self, site: Site, around: list[int], place: int) -> bool:
        """Whether a report in the region `place` runs whenever the call does: not in a handler, nor in a loop of another matter."""
        regions = site.module.summary.regions
        while place >= 0 and place not in around:
            kind = regions[place].kind
            if kind == "handler" or (kind == "loop" and not self._goes_over_result(site, place)):
                return False
            place = regions[place].parent
        return True

    def _goes_over_result(self, site: Site, loop: int) -> bool:
        """Whether a loop is about what the call gave, `for error in answer["errors"]:`, and makes no external call itself."""
        module = site.module
        operations = self.operations.about(site.function)
        if any(loop in self._around(module, module.summary.calls[number].region) for number in operations):
            return False
        names = _parts_of(site)
        return any(_is_part(source, site, names) for source in module.summary.regions[loop].contexts)

    @staticmethod
    def _around(module: Module, place: int) -> list[int]:
        found: list[int] = []
        while place >= 0:
            found.append(place)
            place = module.summary.regions[place].parent
        return found

    def _report_around(self, function: Function) -> str:
        for decorator, value in self.evaluator.decorating(function):
            marker = self.graph.marker(value)
            if marker is not None and marker.role in ROLES:
                return f"the decorator {dotted(_named(decorator, function.module))}"
        for site in self.graph.wrappers(function):
            wrapper = site.function
            if wrapper is not function and self.reports.among(wrapper.module, wrapper.index):
                return f"the decorator around {function.place}"
        return ""


def _home(site: Site) -> Function:
    """The function that the call stands in; a lambda is part of the one around it."""
    home = site.function
    while home.scope.kind == "lambda" and home.parent() is not None:
        home = home.parent() or home
    return home


def _parts_of(site: Site) -> set[str]:
    """The names that what the call gave is bound to, and those of the items that loops take out of it, however deep."""
    names = names_of(site)
    size = -1
    while len(names) > size:
        size = len(names)
        names |= {
            name
            for name, bindings in site.function.scope.bindings.items()
            if any(binding.how == "for" and _is_part(binding.value, site, names) for binding in bindings)
        }
    return names


def _is_part(value: Expression, site: Site, names: set[str]) -> bool:
    """Whether a value is taken out of what the call gave: `answer["errors"]`, `answer.items()`, an item of it."""
    while value != CallOf(site.index) and not isinstance(value, Name):
        if isinstance(value, CallOf):
            value = site.module.summary.calls[value.index].function
        elif isinstance(value, Attribute | Item):
            value = value.value
        else:
            return False
    return value == CallOf(site.index) or (isinstance(value, Name) and value.id in names)


def _receiver(call: Call) -> str:
    """The object that a method is called on, in words; empty for a plain function."""
    return dotted(call.function.value) if isinstance(call.function, Attribute) else ""


def _named(decorator: Expression, module: Module) -> Expression:
    return module.summary.calls[decorator.index].function if isinstance(decorator, CallOf) else decorator
