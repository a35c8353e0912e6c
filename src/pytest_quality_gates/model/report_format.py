"""A format that a report can be written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pytest_quality_gates.model.report import Report


class ReportFormat(Protocol):
    """Turns a report into text and nothing else; who calls it writes the file."""

    @property
    def name(self) -> str:
        """What the user writes before the colon: `json`."""

    def render(self, report: Report) -> str:
        """The whole file's text, in UTF-8, with a newline at its end."""
