"""The mypy plugin that takes note of calls. Runs in the child that runs mypy.

mypy frees a file's syntax tree as soon as it has checked it, and keeps the types only if it is told to
(`export_types`). So the calls are collected while the tree is whole, and named after the build from the types.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mypy.plugin import Plugin

from pytest_quality_gates.evidence.mypy_calls import CallFinder, FileCalls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy.nodes import MypyFile
    from mypy.options import Options

_CALLED_WHEN_CHECKED = hasattr(Plugin, "get_additional_indirect_deps")
"""Newer versions call this hook once a file is checked, when its tree also has what the check has added."""


def absolute(path: str) -> str:
    """The path from the working directory, links untouched, as mypy treats it."""
    return os.path.abspath(path)  # noqa: PTH100 - resolving would follow links


class CallNotes(Plugin):
    """Notes the calls of the judged files that mypy checks in this run; it changes no types.

    Args:
        options: mypy's.
        judged: Absolute path of each judged file to its path relative to the root.
    """

    def __init__(self, options: Options, judged: Mapping[str, str]) -> None:
        super().__init__(options)
        self._judged = judged
        self._finder = CallFinder()
        self.files: dict[str, FileCalls] = {}
        """By relative path; what mypy read from its cache is not there."""

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Called once a file is parsed."""
        if not _CALLED_WHEN_CHECKED:
            self._note(file)
        return []

    def get_additional_indirect_deps(self, file: MypyFile) -> set[str]:
        """Called once a file is checked."""
        self._note(file)
        return set()

    def _note(self, file: MypyFile) -> None:
        path = self._judged.get(absolute(file.path)) if file.path else None
        if path is not None:
            self.files[path] = self._finder.find(file)
