"""What the tests covered."""

from __future__ import annotations

from msgspec import Struct


class FileCoverage(Struct, frozen=True, kw_only=True):
    """One measured file."""

    path: str
    statements: int
    missing_lines: tuple[int, ...]
    excluded: int
    executed_lines: tuple[int, ...] = ()
    branches: int = 0
    executed_branches: tuple[tuple[int, int], ...] = ()
    missing_branches: tuple[tuple[int, int], ...] = ()
    """From line, to line; a negative target is the exit of the code object that starts there (coverage.py's form)."""

    @property
    def covered(self) -> int:
        """Statements that ran."""
        return self.statements - len(self.missing_lines)


class CoverageFacts(Struct, frozen=True, kw_only=True):
    """The coverage of a run. `origin` says who measured."""

    origin: str
    """`pytest-quality-gates`, `pytest-cov` or `coverage run`."""
    core: str
    """`sysmon`, `ctrace` or `pytrace`, empty where unknown."""
    has_branches: bool
    files: tuple[FileCoverage, ...]
    core_reason: str = ""
    """Why it was that core, where we chose; `sysmon measures branches from CPython 3.14 on`."""
    partial: str = ""
    """Why this was not the whole suite, so that the figures judge nothing; empty where it was."""
