"""Whether a test checked anything, by what ran: executed `assert` statements and functions that check."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

from pytest_quality_gates.evidence.own_files import OwnFiles
from pytest_quality_gates.facts.test_run import FIRST_PYTHON

# Free for anybody by PEP 669; debuggers, coverage and profilers have numbers of their own.
_TOOLS = (3, 4)
_NAME = "pytest-quality-gates"
_CHECKING = ("assert", "expect", "verify")
_MACHINERY = ("_pytest", "pluggy", "xdist", "pytest_quality_gates")
_CHECKING_METHODS = frozenset(
    {
        "RaisesContext.__exit__",
        "RaisesExc.__exit__",
        "RaisesGroup.__exit__",
        "WarningsChecker.__exit__",
        "DocTestRunner.run",
    }
)
"""Of pytest's own `raises` and `warns`, by release, and of doctest."""
_ASSERTING = frozenset({"RequestsMock.stop"})
"""Functions of libraries whose own assertions are the test's, where they are reached: `responses.RequestsMock` ends by asserting
that every request was sent, unless it is told not to."""


_MATCHERS = "_matcher.<locals>.match"
"""The end of the name of what `responses` compares a request with (`match=[json_params_matcher(...)]`, or one's own made in
the same way): a request that does not match raises an error in the code under test."""


class Watch:
    """Sees, while it is on, whether something was checked. One for a process."""

    def __init__(
        self,
        root: Path,
        lines_of: Callable[[bytes], frozenset[int]],
        failing_of: Callable[[bytes], frozenset[int]],
    ) -> None:
        """Prepare; nothing is seen yet.

        Args:
            root: The project: an `assert` counts in its files, one in a library does not.
            lines_of: The lines of a file's text on which an `assert` is executed.
            failing_of: The first lines of the functions in a file's text that can fail: what is named as a check counts
                in the project's files where it is one of them, in a library always.
        """
        self._own = OwnFiles(root)
        self._lines_of = lines_of
        self._failing_of = failing_of
        self._files: dict[tuple[str, bool], frozenset[int]] = {}
        self._failing: dict[str, frozenset[int]] = {}
        # By identity: functions that are alike are equal.
        self._checks: dict[int, CodeType] = {}
        self._followed: dict[int, CodeType] = {}
        self._ends: dict[int, BaseException | None] = {}
        self._tool: int | None = None
        self._checked = False
        self._hears_lines = False

    def start(self) -> None:
        """Begin to watch, where that can be done."""
        if sys.version_info < FIRST_PYTHON:
            return
        monitoring = sys.monitoring
        self._tool = next((tool for tool in _TOOLS if monitoring.get_tool(tool) is None), None)
        if self._tool is None:
            return
        monitoring.use_tool_id(self._tool, _NAME)
        monitoring.register_callback(self._tool, monitoring.events.PY_START, self._started)
        self._hear_lines(wanted=True)
        monitoring.register_callback(self._tool, monitoring.events.PY_RETURN, self._returned)
        monitoring.register_callback(self._tool, monitoring.events.PY_UNWIND, self._unwound)
        monitoring.set_events(self._tool, monitoring.events.PY_START | monitoring.events.PY_UNWIND)

    def problem(self) -> str:
        """Why nothing is watched; empty where it is."""
        if sys.version_info < FIRST_PYTHON:
            version = ".".join(map(str, FIRST_PYTHON))
            return f"what a test checks can be seen from Python {version} on"
        if self._is_on:
            return ""
        names = {sys.monitoring.get_tool(tool) for tool in _TOOLS} - {None}
        users = " and ".join(sorted(map(str, names)))
        return f"what a test checks cannot be seen: this interpreter's places for watching (sys.monitoring) are those of {users}"

    def stop(self) -> None:
        """End it; harmless where nothing is watched."""
        if sys.version_info >= FIRST_PYTHON and self._tool is not None and self._is_on:
            events = sys.monitoring.events
            sys.monitoring.set_events(self._tool, 0)
            # Events of single functions stay set before Python 3.14, whoever has the place then.
            for event in (events.PY_START, events.LINE, events.PY_RETURN, events.PY_UNWIND):
                sys.monitoring.register_callback(self._tool, event, None)
            sys.monitoring.free_tool_id(self._tool)
        self._tool = None
        self._hears_lines = False

    def follow(self, code: CodeType) -> None:
        """Note how this function ends from now on."""
        if id(code) in self._followed:
            return
        if sys.version_info >= FIRST_PYTHON and self._tool is not None and self._is_on:
            self._followed[id(code)] = code
            events = sys.monitoring.get_local_events(self._tool, code) | sys.monitoring.events.PY_RETURN
            sys.monitoring.set_local_events(self._tool, code, events)

    def begin(self) -> None:
        """A test begins."""
        self._checked = False
        self._ends.clear()
        self._hear_lines(wanted=True)

    def has_checked(self) -> bool:
        """Whether anything was checked since it began."""
        return self._checked

    def has_ended(self, code: CodeType) -> bool:
        """Whether a followed function ran to its end, in whatever way, since then."""
        return id(code) in self._ends

    def failure(self, code: CodeType) -> BaseException | None:
        """What a followed function ended with when it ran last; None where it returned."""
        return self._ends.get(id(code))

    @property
    def _is_on(self) -> bool:
        """Whether the place that was taken is still ours."""
        if sys.version_info < FIRST_PYTHON or self._tool is None:
            return False
        return bool(sys.monitoring.get_tool(self._tool) == _NAME)

    def _started(self, code: CodeType, _offset: int) -> object:
        """A function starts. What is of no interest is not asked about again."""
        if id(code) in self._checks:
            self._note_check()
            return None
        if _is_check(code) and self._can_fail(code):
            self._checks[id(code)] = code
            self._note_check()
            return None
        if sys.version_info >= FIRST_PYTHON and self._tool is not None and self._is_on:
            lines = self._lines(code)
            if lines and not lines.isdisjoint(line for *_, line in code.co_lines()):
                events = sys.monitoring.get_local_events(self._tool, code) | sys.monitoring.events.LINE
                sys.monitoring.set_local_events(self._tool, code, events)
            return sys.monitoring.DISABLE
        return None

    def _returned(self, code: CodeType, _offset: int, _value: object) -> object:
        self._ends[id(code)] = None
        return None

    def _unwound(self, code: CodeType, _offset: int, error: BaseException) -> object:
        if id(code) in self._followed:
            self._ends[id(code)] = error
        return None

    def _reached(self, code: CodeType, line: int) -> object:
        if line in self._lines(code):
            self._note_check()
            return None
        return sys.monitoring.DISABLE if sys.version_info >= FIRST_PYTHON else None

    def _note_check(self) -> None:
        """Nothing more is to be seen in this test: code with assertions in a loop would call us at each of them."""
        if not self._checked:
            self._checked = True
            self._hear_lines(wanted=False)

    def _hear_lines(self, *, wanted: bool) -> None:
        """Without a callback an event costs next to nothing; to turn it off and on would change the code each time."""
        if (
            sys.version_info >= FIRST_PYTHON
            and self._tool is not None
            and self._hears_lines != wanted
            and self._is_on
        ):
            callback = self._reached if wanted else None
            sys.monitoring.register_callback(self._tool, sys.monitoring.events.LINE, callback)
            self._hears_lines = wanted

    def _lines(self, code: CodeType) -> frozenset[int]:
        """The lines of assertions in the function's file; none of a file that is not the project's."""
        counts_anywhere = code.co_qualname in _ASSERTING
        key = (code.co_filename, counts_anywhere)
        known = self._files.get(key)
        if known is None:
            known = self._files[key] = self._read(code.co_filename, counts_anywhere=counts_anywhere)
        return known

    def _can_fail(self, code: CodeType) -> bool:
        """Of a helper in the project's files, whether it can fail at all; in a library its name is enough."""
        if not self._own.relative(code.co_filename):
            return True
        known = self._failing.get(code.co_filename)
        if known is None:
            known = self._failing[code.co_filename] = _read(code.co_filename, self._failing_of)
        return code.co_firstlineno in known

    def _read(self, file: str, *, counts_anywhere: bool) -> frozenset[int]:
        if not counts_anywhere and not self._own.relative(file):
            return frozenset()
        return _read(file, self._lines_of)


def _read(file: str, find: Callable[[bytes], frozenset[int]]) -> frozenset[int]:
    try:
        return find(Path(file).read_bytes())
    except OSError:
        return frozenset()


def _is_check(code: CodeType) -> bool:
    """Whether the function makes assertions, by its name; the machinery that runs tests asserts things of its own."""
    if code.co_qualname in _CHECKING_METHODS or code.co_qualname.endswith(_MATCHERS):
        return True
    if not code.co_name.lstrip("_").lower().startswith(_CHECKING):
        return False
    return not any(f"{os.sep}{package}{os.sep}" in code.co_filename for package in _MACHINERY)
