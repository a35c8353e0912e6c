"""What is said on a terminal while something takes long."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_quality_gates.model.report import Report
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.plugin.screen import Screen

REPORT = Report(verdict=Verdict.PASSED, profile="strict", complete=False, gates=())


class Reporter:
    """Notes what pytest's terminal reporter is told to write."""

    def __init__(self, *, isatty: bool) -> None:
        self.isatty = isatty
        self.written: list[str] = []

    def rewrite(self, line: str, *, erase: bool = False) -> None:
        """Write over the current line."""
        self.written.append(f"{line}{' (erasing)' if erase else ''}")

    def write_line(self, line: str, **markup: bool) -> None:
        """Write a line."""
        self.written.append(line)


def screen(reporter: Reporter | None) -> Screen:
    """A screen on a terminal of 20 columns."""
    config: Any = SimpleNamespace(
        pluginmanager=SimpleNamespace(get_plugin=lambda name: reporter),
        get_terminal_writer=lambda: SimpleNamespace(fullwidth=20),
    )
    return Screen(config)


def test_waiting_at_a_terminal() -> None:
    """A terminal shows what is being done, cut to its width, and nothing of it afterwards."""
    reporter = Reporter(isatty=True)
    with screen(reporter).waiting("gates: ") as tell:
        tell("mypy")
        tell("reading a long long text")
    assert [
        "gates: ... (erasing)",
        "gates: mypy, 0 s .. (erasing)",
        "gates: reading a lo (erasing)",
        " (erasing)",
        "",
    ] == reporter.written


def test_waiting_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file sees a line a minute, so that nobody takes a long run for dead, and nothing in a short one."""
    seconds = iter([0.0, 1.0, 59.0, 61.0, 100.0, 121.5])
    monkeypatch.setattr("pytest_quality_gates.plugin.screen.monotonic", lambda: next(seconds))
    reporter = Reporter(isatty=False)
    with screen(reporter).waiting("gates: ") as tell:
        for _ in range(5):
            tell("mypy")
    assert ["gates: mypy, 61 s ...", "gates: mypy, 122 s ..."] == reporter.written


def test_no_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pytest has no terminal, only what is bad is written, to stderr; a program without one has none to tell."""
    silent = screen(None)
    with silent.waiting("something") as tell:
        tell("mypy")
        silent.said("the baseline was written")
    silent.report(REPORT, "")
    assert ("", "") == capsys.readouterr()
    silent.report(replace(REPORT, verdict=Verdict.FAILED, reason="1 test failed"), "")
    silent.verdict("not evaluated (interrupted)")
    said = "quality gates: failed (1 test failed)\nquality gates: not evaluated (interrupted)\n"
    assert ("", said) == capsys.readouterr()
    monkeypatch.setattr("sys.stderr", None)
    silent.problem("unheard")


def test_verdict() -> None:
    """The verdict of a run that was not judged."""
    reporter = Reporter(isatty=False)
    screen(reporter).verdict("not evaluated (interrupted)")
    assert ["quality gates: not evaluated (interrupted)"] == reporter.written
