"""Our lines on pytest's terminal."""

from __future__ import annotations

import contextlib
import sys

# By name: what is tested may have left something else in its place.
from time import monotonic
from typing import TYPE_CHECKING, Any

from pytest_quality_gates.policy.verdict import fails_session
from pytest_quality_gates.reports.terminal import Look, body, header, title, verdict_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pytest

    from pytest_quality_gates.model.report import Report
    from pytest_quality_gates.reports.terminal import Line, Style

_MARKUP: dict[Style, dict[str, bool]] = {
    "plain": {},
    "good": {"green": True},
    "bad": {"red": True},
    "warn": {"yellow": True},
    "faint": {"light": True},
    "strong": {"bold": True},
}

_QUIET_S = 60.0
"""Seconds between two lines on what takes so long, where there is no terminal."""


class _Log:
    """Says on a file what is being done, seldom."""

    def __init__(self, reporter: Any, text: str) -> None:  # noqa: ANN401 - see Screen
        self._reporter = reporter
        self._text = text
        self._began = self._last = monotonic()

    def __call__(self, words: str) -> None:
        now = monotonic()
        if now - self._last >= _QUIET_S:
            self._last = now
            self._reporter.write_line(f"{self._text}{words}, {now - self._began:.0f} s ...")


class Screen:
    """Writes with pytest's own colours; where pytest has no terminal (`-p no:terminal`), only what is bad, to stderr."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def header(self, profile: str, judged: Sequence[str], files: int, measured_by: str) -> str:
        """The line for the top of the run."""
        return header(
            profile, judged, files, measured_by, Look(ascii_only=_is_ascii(), root=str(self._config.rootpath))
        )

    def report(self, report: Report, cost: str) -> None:
        """Table, findings and verdict, as long as `-q`, `-v` and `--no-summary` allow.

        Args:
            report: The result.
            cost: What the gates added in time; shown with `-v`.
        """
        if self._reporter is None:
            if fails_session(report.verdict):
                self.problem(
                    "".join(span.text for span in verdict_line(report, Look(ascii_only=_is_ascii())))
                )
            return
        look = Look(
            width=self._config.get_terminal_writer().fullwidth,
            verbosity=self._config.option.verbose,
            ascii_only=_is_ascii(),
            root=str(self._config.rootpath),
            start=str(self._config.invocation_params.dir),
        )
        if not self._config.option.no_summary:
            lines = body(report, look)
            if lines and look.verbosity >= 0:
                self._reporter.write_sep("=", f"quality gates: {title(report)}")
            for line in lines:
                self._line(line)
            if look.verbosity > 0:
                self._reporter.write_line(cost, light=True)
        self._line(verdict_line(report, look), bold=True)

    def verdict(self, text: str) -> None:
        """The verdict of a run that was not judged."""
        self.problem(f"quality gates: {text}")

    def said(self, text: str) -> None:
        """A line about what was done."""
        if self._reporter is not None:
            self._reporter.write_line(text)

    def problem(self, text: str) -> None:
        """A line that should not be missed."""
        if self._reporter is not None:
            self._reporter.write_line(text, red=True, bold=True)
        elif sys.stderr is not None:
            sys.stderr.write(f"{text}\n")

    @contextlib.contextmanager
    def waiting(self, text: str) -> Iterator[Callable[[str], None]]:
        """Say what takes so long, and take it back.

        Yields:
            What to call again and again with a few words on what is being done. A terminal shows them with the time; a
            file sees a line a minute.
        """
        reporter = self._reporter
        if reporter is None:
            yield lambda _: None
        elif not reporter.isatty:
            yield _Log(reporter, text)
        else:
            room = self._config.get_terminal_writer().fullwidth - 1
            began = monotonic()

            def tell(words: str) -> None:
                reporter.rewrite(f"{text}{words}, {monotonic() - began:.0f} s ..."[:room], erase=True)

            reporter.rewrite(f"{text}..."[:room], erase=True)
            try:
                yield tell
            finally:
                reporter.rewrite("", erase=True)
                reporter.rewrite("")

    @property
    def _reporter(self) -> Any:  # noqa: ANN401 - pytest keeps the class of its terminal reporter to itself
        return self._config.pluginmanager.get_plugin("terminalreporter")

    def _line(self, line: Line, **markup: bool) -> None:
        for span in line:
            self._reporter.write(span.text, **_MARKUP[span.style], **markup)
        self._reporter.write_line("")


def _is_ascii() -> bool:
    """Whether the terminal's encoding cannot write the signs that we like."""
    encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
    try:
        "≥≤…·".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False
