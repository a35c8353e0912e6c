"""Which tests passed, and whether each checked anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_quality_gates.facts.test_run import PassedTest, RunFacts

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from pytest_quality_gates.evidence.assertions import Watch

Sent = list[tuple[str, str, int, bool]]
"""What a worker of xdist tells the controller: plain values only."""


class CheckRecord:
    """Watches each test from its first fixture to its last. Its methods are pytest's hooks."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._problem = ""
        self._passed: set[str] = set()
        self._tests: dict[str, PassedTest] = {}

    def pytest_sessionstart(self) -> None:
        """Begin to watch."""
        self._problem = self._watch.start()

    def pytest_unconfigure(self) -> None:
        """End it."""
        self._watch.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch one test, with its fixtures."""
        self._watch.begin()
        result = yield
        if item.nodeid in self._passed and isinstance(item, pytest.Function):
            path, line, _ = item.location
            before = self._tests.get(item.nodeid)
            checked = self._watch.has_checked() or (before is not None and before.checked)
            self._tests[item.nodeid] = PassedTest(
                item.nodeid, path.replace("\\", "/"), (line or 0) + 1, checked
            )
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which tests passed; an expected failure that came is none of them."""
        if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self._passed.add(report.nodeid)

    def sent(self) -> Sent:
        """What a worker hands over."""
        return [(test.node_id, test.path, test.line, test.checked) for test in self._tests.values()]

    def receive(self, sent: Iterable[tuple[str, str, int, bool]]) -> None:
        """Take over what a worker saw."""
        for values in sent:
            test = PassedTest(*values)
            self._tests[test.node_id] = test

    def facts(self) -> RunFacts:
        """All of it."""
        if self._problem:
            return RunFacts((), self._problem)
        return RunFacts(tuple(self._tests[name] for name in sorted(self._tests)))
