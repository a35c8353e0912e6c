"""Which tests passed, whether each checked anything, and whether any of them failed before something made it pass."""

from __future__ import annotations

import logging
import os
import unittest
from typing import TYPE_CHECKING, TypedDict

import msgspec
import pytest

from pytest_quality_gates.facts.test_run import PassedTest, RunFacts
from pytest_quality_gates.plugin.fork_note import ForkNote, Seen

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import CodeType

    from pytest_quality_gates.evidence.assertions import Watch

log = logging.getLogger(__name__)


class Sent(TypedDict):
    """What a worker of xdist tells the controller: plain values only."""

    tests: list[tuple[str, str, int, bool, str]]
    problem: str
    in_children: int


_NO_FAILURES = (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception, unittest.SkipTest)
"""How a test ends by its own wish."""


class CheckRecord:
    """Watches each test from its first fixture to its last. Its methods are pytest's hooks."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._pid = os.getpid()
        self._from_child = ForkNote()
        self._problem = ""
        self._passed: set[str] = set()
        self._skipped: set[str] = set()
        self._codes: dict[str, CodeType] = {}
        self._tests: dict[str, PassedTest] = {}
        self._in_children = 0

    @property
    def in_children(self) -> int:
        """How many tests ran in children that were forked for them."""
        return self._in_children

    def pytest_sessionstart(self) -> None:
        """Begin to watch."""
        self._watch.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """End it with the last test: what comes then is not watched, and does not pay for it."""
        try:
            return (yield)
        finally:
            self._watch.stop()

    def pytest_unconfigure(self) -> None:
        """End it where the tests never began."""
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
        self._from_child.clear()
        result = yield
        told = None if code is not None and self._watch.has_ended(code) else self._from_child.read()
        self._in_children += told is not None
        if isinstance(item, pytest.Function):
            self._note(item, told or self._seen(code))
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """In a child that was forked for the test, tell the parent what was seen; the last report comes after its fixtures."""
        if call.when == "teardown" and os.getpid() != self._pid:
            self._from_child.write(self._seen(self._codes.get(item.nodeid)))

    def _note(self, item: pytest.Function, seen: Seen) -> None:
        has_passed = item.nodeid in self._passed
        if not has_passed and item.nodeid not in self._skipped:
            return
        if not has_passed and not seen.hidden:
            return
        # Of no matter in a process that runs no test.
        self._problem = self._problem or self._watch.problem()
        path, line, _ = item.location
        before = self._tests.get(item.nodeid)
        self._tests[item.nodeid] = PassedTest(
            item.nodeid,
            path.replace("\\", "/"),
            (line or 0) + 1,
            seen.checked or (before is not None and before.checked),
            seen.hidden,
        )

    def _seen(self, code: CodeType | None) -> Seen:
        """What was seen of a test in this process."""
        checked = self._watch.has_checked() and (code is None or self._watch.has_ended(code))
        return Seen(checked, self._hidden_failure(code))

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
        tests = list(map(msgspec.structs.astuple, self._tests.values()))
        return {"tests": tests, "problem": self._problem, "in_children": self._in_children}

    def receive(self, sent: Sent) -> None:
        """Take over what a worker saw."""
        self._problem = self._problem or sent["problem"]
        self._in_children += sent["in_children"]
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
