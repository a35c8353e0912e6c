"""What a report is: a call of a logger, of a library's log, metric or span, or of a function of the project that makes one."""

from __future__ import annotations

import re
from collections import defaultdict

from pytest_quality_gates.source.branches import Branches
from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.expression import Attribute, dotted, last_name
from pytest_quality_gates.source.project import Function, Module
from pytest_quality_gates.source.regions import regions_around
from pytest_quality_gates.source.values import Fn, Site

ROLES = frozenset({"log", "metric", "span"})
"""The roles of markers that are reports."""
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
_SHORT = 6
_FEW = 2


class Reports:
    """Tells reports from other calls."""

    def __init__(self, graph: CallGraph, branches: Branches) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self._branches = branches
        self._calls: dict[Module, dict[int, list[int]]] = {}
        self.is_report = graph.evaluator.remembering(self._tell, nothing=False)
        """Whether that call is itself a report."""
        self._by_scope: dict[tuple[Module, int], tuple[list[int], int]] = {}

    def calls_of(self, module: Module, scope: int) -> list[int]:
        """The calls that stand in one scope, lambdas in it included."""
        module.note()
        known = self._calls.get(module)
        if known is None:
            known = self._calls[module] = defaultdict(list)
            for index, call in enumerate(module.summary.calls):
                home = call.scope
                while module.functions[home].scope.kind == "lambda":
                    home = module.functions[home].scope.parent
                known[home].append(index)
        return known.get(scope, [])

    def among(self, module: Module, scope: int) -> list[int]:
        """The calls in one scope that are reports."""
        return self.graph.project.trace.once(
            self._by_scope,
            (module, scope),
            lambda: [index for index in self.calls_of(module, scope) if self.is_report(module.sites[index])],
        )

    def _tell(self, site: Site) -> bool:
        site.module.note()
        if self._reports_itself(site):
            return True
        callees = self.evaluator.callee(site)
        bodies = [callee.function for callee in callees if isinstance(callee, Fn)]
        name = last_name(site.call.function)
        if name in _LEVELS and any(self._logs_in_turn(body) for body in bodies):
            return True
        if _REPORTS.search(name):
            return any(self._passes_on(body) for body in bodies)
        in_handler = bool(handlers_around(site))
        return any(self._only_reports(body) or (in_handler and self._tells_at_once(body)) for body in bodies)

    def _tells_at_once(self, function: Function) -> bool:
        """Whether a function that a handler calls reports, whatever else it does: not in a branch, a loop or a `try`."""
        module, first = function.module, function.scope.line
        return not function.gives_back and any(
            module.summary.calls[index].region < 0
            and not any(
                branch.line > first for branch in self._branches.at(module, module.summary.calls[index].line)
            )
            and self._reports_itself(module.sites[index])
            for index in self.calls_of(module, function.index)
        )

    def _reports_itself(self, site: Site) -> bool:
        """Whether it is a call of a logger, or of a library's log, metric or span."""
        function = site.call.function
        if isinstance(function, Attribute):
            receiver = dotted(function.value)
            if function.attr in _LEVELS and _LOGGER.search(receiver):
                return True
            if _FULL_LOGGER.search(receiver) and not function.attr.startswith(
                ("set", "add", "get", "is", "has", "remove")
            ):
                return True
        return any(marker.role in ROLES for marker in self.graph.markers(self.evaluator.callee(site)))

    def _logs_in_turn(self, function: Function) -> bool:
        """Whether a function of the project that is named as a logger's are, `output.info`, logs by itself or by what it calls."""
        if function.gives_back:
            return False
        sites = [function.module.sites[index] for index in self.calls_of(function.module, function.index)]
        called = (
            value.function for site in sites for value in self.evaluator.callee(site) if isinstance(value, Fn)
        )
        return any(self._reports_itself(site) for site in sites) or any(
            self._reports_itself(inner.module.sites[index])
            for inner in called
            for index in self.calls_of(inner.module, inner.index)
        )

    def _only_reports(self, function: Function) -> bool:
        """Whether a function of the project, whatever its name, does little else than report."""
        if function.gives_back:
            return False  # it is called for its value
        calls = self.calls_of(function.module, function.index)
        return len(calls) <= _FEW and any(
            self._reports_itself(function.module.sites[index]) for index in calls
        )

    def _passes_on(self, function: Function) -> bool:
        """Whether a function of the project, named so, is short and reports."""
        calls = self.calls_of(function.module, function.index)
        if any(self.is_report(function.module.sites[index]) for index in calls):
            return True
        return not function.gives_back and (len(calls) > _SHORT or _LOGS.search(function.name) is not None)


def handlers_around(site: Site) -> list[int]:
    """The handlers that a call stands in: what is done about a failure is no step of what failed."""
    return [place for place, region in regions_around(site) if region.kind == "handler"]
