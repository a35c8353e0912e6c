"""Which tests passed, whether each checked anything, and whether any of them failed before something made it pass."""

from __future__ import annotations

import logging
import unittest
from typing import TYPE_CHECKING, TypedDict

import msgspec
import pytest

from pytest_quality_gates.facts.test_run import PassedTest, RunFacts

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import CodeType

    from pytest_quality_gates.evidence.assertions import Watch

log = logging.getLogger(__name__)


class Sent(TypedDict):
    """What a worker of xdist tells the controller: plain values only."""

    tests: list[tuple[str, str, int, bool, str]]
    problem: str


_NO_FAILURES = (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception, unittest.SkipTest)
"""How a test ends by its own wish."""


class CheckRecord:
    """Watches each test from its first fixture to its last. Its methods are pytest's hooks."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._blind = ""
        self._problem = ""
        self._passed: set[str] = set()
        self._skipped: set[str] = set()
        self._codes: dict[str, CodeType] = {}
        self._tests: dict[str, PassedTest] = {}

    def pytest_sessionstart(self) -> None:
        """Begin to watch."""
        self._blind = self._watch.start()

    def pytest_unconfigure(self) -> None:
        """End it."""
        self._watch.stop()

    @pytest.hookimpl(tryfirst=True)
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note which function the test is, before anybody puts another in its place."""
        code = getattr(item.function, "__code__", None) if isinstance(item, pytest.Function) else None
        if code is not None:
            self._codes[item.nodeid] = code

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch one test, with its fixtures."""
        code = self._codes.get(item.nodeid)
        if code is not None:
            self._watch.follow(code)
        self._watch.begin()
        result = yield
        if isinstance(item, pytest.Function):
            self._note(item, code)
        return result

    def _note(self, item: pytest.Function, code: CodeType | None) -> None:
        has_passed = item.nodeid in self._passed
        if not has_passed and item.nodeid not in self._skipped:
            return
        hidden = self._hidden_failure(code)
        if not has_passed and not hidden:
            return
        self._problem = self._blind  # of no matter where all tests run in other processes
        path, line, _ = item.location
        before = self._tests.get(item.nodeid)
        checked = self._watch.has_checked() and (code is None or self._watch.has_ended(code))
        self._tests[item.nodeid] = PassedTest(
            item.nodeid,
            path.replace("\\", "/"),
            (line or 0) + 1,
            checked or (before is not None and before.checked),
            hidden,
        )

    def _hidden_failure(self, code: CodeType | None) -> str:
        """How the test's own function failed when it ran last."""
        failure = self._watch.failure(code) if code is not None else None
        if failure is None or isinstance(failure, _NO_FAILURES):
            return ""
        return f"{type(failure).__name__}: {_said(failure)}".rstrip(": ")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which tests passed, and which say that they were skipped; an expected failure that came is neither."""
        if report.when == "call" and not hasattr(report, "wasxfail"):
            if report.passed:
                self._passed.add(report.nodeid)
            elif report.skipped:
                self._skipped.add(report.nodeid)

    def sent(self) -> Sent:
        """What a worker hands over."""
        return {"tests": list(map(msgspec.structs.astuple, self._tests.values())), "problem": self._problem}

    def receive(self, sent: Sent) -> None:
        """Take over what a worker saw."""
        self._problem = self._problem or sent["problem"]
        for values in sent["tests"]:
            test = PassedTest(*values)
            self._tests[test.node_id] = test

    def facts(self) -> RunFacts:
        """All of it."""
        return RunFacts(tuple(self._tests[name] for name in sorted(self._tests)), self._problem)


def _said(failure: BaseException) -> str:
    """The first line of what it says; nothing where it cannot be printed."""
    try:
        return str(failure).partition("\n")[0]
    except Exception:
        log.debug("a failure of type %s cannot be printed", type(failure), exc_info=True)
        return ""
