"""The hooks by which gates, report formats and catalogue files enter: the built-in ones and a stranger's by the same door.

The names begin with `pytest_`, so a pytest plugin or a `conftest.py` may implement them; for the `quality-gates`
command as well, name the plugin's module in the entry point group `quality_gates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_quality_gates.model.gate import Gate
    from pytest_quality_gates.model.report_format import ReportFormat

hookspec = pluggy.HookspecMarker("pytest")
hookimpl = pluggy.HookimplMarker("pytest")

ENTRY_POINT_GROUP = "quality_gates"
"""Modules named here are loaded by the command and by the pytest plugin."""


@hookspec
def pytest_quality_gates_gates() -> Sequence[Gate]:  # type: ignore[empty-body] # a hook's declaration has none
    """Give the gates that the plugin adds; each slug must be new. Rows stand in the order of registration."""


@hookspec
def pytest_quality_gates_reports() -> Sequence[ReportFormat]:  # type: ignore[empty-body] # as above
    """Give the report formats that the plugin adds; each name must be new."""


@hookspec
def pytest_quality_gates_catalogue() -> Sequence[Path]:  # type: ignore[empty-body] # as above
    """Give the catalogue files (TOML) that the plugin adds; what they say about a name replaces what ours say."""
