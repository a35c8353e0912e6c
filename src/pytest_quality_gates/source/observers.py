"""What reports on an operation: a log line, a metric, a span."""

from __future__ import annotations

import re
from collections import defaultdict

from pytest_quality_gates.facts.call_site import Observed
from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.expression import Attribute, CallOf, Expression, dotted, last_name
from pytest_quality_gates.source.project import Function, Module, call_at, function_of
from pytest_quality_gates.source.regions import regions_around
from pytest_quality_gates.source.values import Fn, Obj, Site

_LEVELS = frozenset(
    "debug info warning warn error exception critical fatal log trace success notice msg adebug ainfo "
    "awarning aerror aexception acritical".split()
)
_LOGGER = re.compile(r"(^|[._])(logs?|logging|\w*logger\w*|\w+_log|log_\w+)([._(]|$)", re.IGNORECASE)
_FULL_LOGGER = re.compile(r"logger", re.IGNORECASE)
_REPORTS = re.compile(
    r"(^|_)(log|logs|logging|logger|report|record|metric|metrics|emit|track|trace|span|instrument|verbose|observe)(_|$)",
    re.IGNORECASE,
)
_LOGS = re.compile(r"(^|_)(log|logs|logging|logger|verbose)(_|$)", re.IGNORECASE)
_ROLES = frozenset({"log", "metric", "span"})
# A report belongs to a call where it stands close to it: it announces the call just before, or tells how it went soon
# after. Measured on hand-labelled code: nearer limits lose reports, wider ones take in those of other operations.
_LINES_BEFORE = 3
_LINES_AFTER = 12
_LINES_AFTER_IN_CALLER = 5
_FAR = 30
_SHORT = 6
_FEW = 2


class Observers:
    """Answers whether something reports on a call."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self._calls: dict[Module, dict[int, list[int]]] = {}
        self._reports: dict[Site, bool] = {}
        self.operations: dict[tuple[Module, int], list[int]] = defaultdict(list)
        """The lines of the external calls, by module and scope, once they are known."""
        self._by_scope: dict[tuple[Module, int], list[int]] = {}

    def observed(self, site: Site, *, caught: bool) -> tuple[Observed, tuple[str, ...]]:
        """Where the call at `site` is reported on.

        Args:
            site: The call.
            caught: Its failure ends in its own function: a handler of a caller never hears of it.
        """
        here = self._report_on(site)
        if here:
            return "function", (here,)
        for edge in self.graph.callers.get(function_of(site), ()):
            if function_of(edge.site) is function_of(site):
                continue  # by calling itself a function says nothing new
            found = self._report_on(edge.site, _LINES_AFTER_IN_CALLER, by_handler=not caught)
            if found:
                return "caller", (f"called at {edge.site.module.path}:{call_at(edge.site).line}", found)
        return "none", ("nothing in the function or its callers logs, counts or traces it",)

    def handler_reports(self, module: Module, number: int) -> bool:
        """Whether the body of a handler reports."""
        handler = module.summary.handlers[number]
        calls = self.calls_of(module, handler.scope)
        return any(
            handler.line <= module.summary.calls[index].line <= handler.end_line
            and self.reports(Site(module, index))
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
            for index in self._reports_in(module, handler.scope)
        )

    def calls_of(self, module: Module, scope: int) -> list[int]:
        """The calls that stand in one scope, lambdas in it included."""
        known = self._calls.get(module)
        if known is None:
            known = self._calls[module] = defaultdict(list)
            for index, call in enumerate(module.summary.calls):
                home = call.scope
                while module.functions[home].scope.kind == "lambda":
                    home = module.functions[home].scope.parent
                known[home].append(index)
        return known.get(scope, [])

    def _report_on(self, site: Site, lines_after: int = _LINES_AFTER, *, by_handler: bool = True) -> str:
        """The report, in the call's own function or around that, that tells of the call at `site`."""
        function = function_of(site)
        home = function
        while home.scope.kind == "lambda" and home.parent() is not None:
            home = home.parent() or home
        module = site.module
        for index in self._reports_in(module, home.index):
            if index != site.index and self._belongs(site, index, lines_after, by_handler=by_handler):
                return f"{dotted(module.summary.calls[index].function)} ({module.path}:{module.summary.calls[index].line})"
        return self._report_by_context(site) or self._report_around(home)

    def _reports_in(self, module: Module, scope: int) -> list[int]:
        """The calls in one scope that are reports."""
        key = (module, scope)
        if key not in self._by_scope:
            self._by_scope[key] = [i for i in self.calls_of(module, scope) if self.reports(Site(module, i))]
        return self._by_scope[key]

    def _report_by_context(self, site: Site) -> str:
        """A context manager of the project around the call that reports: `with timed("read"):`."""
        function = function_of(site)
        for _, region in regions_around(site):
            if region.kind != "with":
                continue
            for context in region.contexts:
                if isinstance(context, CallOf) and self._reports_when_left(context, function):
                    called = function.module.summary.calls[context.index]
                    return f"{dotted(called.function)} ({function.module.path}:{called.line})"
        return ""

    def _reports_when_left(self, context: CallOf, at: Function) -> bool:
        site = Site(at.module, context.index)
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
        return any(self._reports_in(body.module, body.index) for body in bodies)

    def _belongs(self, site: Site, index: int, lines_after: int, *, by_handler: bool) -> bool:
        """Whether a report at `index` would tell of the call at `site`: in its handler, or close to it on its way."""
        call, report = call_at(site), site.module.summary.calls[index]
        around = self._around(site.module, call.region)
        regions = site.module.summary.regions
        handlers = {
            number for place in around for number in regions[place].handlers if regions[place].kind == "try"
        }
        place = report.region
        while place >= 0:
            if regions[place].kind == "handler" and regions[place].handlers[0] in handlers:
                return by_handler
            place = regions[place].parent
        if not self._on_its_way(site.module, around, report.region):
            return False
        if report.line <= call.end_line and report.end_line >= call.line:
            return True
        if report.line > call.end_line:
            away = report.line - call.end_line
            return away <= lines_after or self._is_final(site.module, around, report.region)
        away = call.line - report.end_line
        return away <= _LINES_BEFORE or (away <= _FAR and self._announces(site, index))

    def _announces(self, site: Site, index: int) -> bool:
        """Whether a report further up has nothing else to announce: no other operation between, no loop around the call alone."""
        call, report = call_at(site), site.module.summary.calls[index]
        lines = self.operations.get((site.module, call.scope), ())
        if call.line not in lines or any(report.end_line < line < call.line for line in lines):
            return False
        regions = site.module.summary.regions
        loops = {place for place in self._around(site.module, call.region) if regions[place].kind == "loop"}
        return loops <= set(self._around(site.module, report.region))

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

    def _on_its_way(self, module: Module, around: list[int], place: int) -> bool:
        """Whether a report in the region `place` runs whenever the call does: not in another loop or handler."""
        regions = module.summary.regions
        while place >= 0 and place not in around:
            if regions[place].kind in {"loop", "handler"}:
                return False
            place = regions[place].parent
        return True

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
            if marker is not None and marker.role in _ROLES:
                return f"the decorator {dotted(_named(decorator, function.module))}"
        for site in self.graph.wrappers(function):
            wrapper = function_of(site)
            if wrapper is not function and self._reports_in(wrapper.module, wrapper.index):
                return f"the decorator around {function.place}"
        return ""

    def reports(self, site: Site) -> bool:
        """Whether that call is itself a report."""
        known = self._reports.get(site)
        if known is None:
            self._reports[site] = False  # a helper that calls itself
            known = self._reports[site] = self._is_report(site)
        return known

    def _is_report(self, site: Site) -> bool:
        if self._reports_itself(site):
            return True
        callees = self.evaluator.callee(site)
        bodies = [callee.function for callee in callees if isinstance(callee, Fn)]
        if _REPORTS.search(last_name(call_at(site).function)):
            return any(self._passes_on(body) for body in bodies)
        return any(self._only_reports(body) for body in bodies)

    def _reports_itself(self, site: Site) -> bool:
        """Whether it is a call of a logger, or of a library's log, metric or span."""
        function = call_at(site).function
        if isinstance(function, Attribute):
            receiver = dotted(function.value)
            if function.attr in _LEVELS and _LOGGER.search(receiver):
                return True
            if _FULL_LOGGER.search(receiver) and not function.attr.startswith(
                ("set", "add", "get", "is", "has", "remove")
            ):
                return True
        return any(marker.role in _ROLES for marker in self.graph.markers(self.evaluator.callee(site)))

    def _only_reports(self, function: Function) -> bool:
        """Whether a function of the project, whatever its name, does little else than report."""
        calls = self.calls_of(function.module, function.index)
        return len(calls) <= _FEW and any(
            self._reports_itself(Site(function.module, index)) for index in calls
        )

    def _passes_on(self, function: Function) -> bool:
        """Whether a function of the project, named so, is short and reports."""
        if _LOGS.search(function.name):
            return True
        calls = self.calls_of(function.module, function.index)
        return len(calls) > _SHORT or any(self.reports(Site(function.module, index)) for index in calls)


def _named(decorator: Expression, module: Module) -> Expression:
    return module.summary.calls[decorator.index].function if isinstance(decorator, CallOf) else decorator
