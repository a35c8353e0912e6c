"""Additions to pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.store.project_file import append_table

TABLE = "[tool.x]\n# why\na = 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, TABLE),
        ("", TABLE),
        ("[project]\nname = 'é'\n", f"[project]\nname = 'é'\n\n{TABLE}"),
        ("[project]", f"[project]\n\n{TABLE}"),
        ("[project]\r\n", "[project]\r\n\r\n[tool.x]\r\n# why\r\na = 1\r\n"),
        ("\ufeff[project]\n", f"\ufeff[project]\n\n{TABLE}"),
    ],
)
def test_appended(tmp_path: Path, before: str | None, after: str) -> None:
    """What is there stays byte for byte, and the addition has its line ends."""
    path = tmp_path / "pyproject.toml"
    if before is not None:
        path.write_bytes(before.encode())
    append_table(tmp_path, TABLE)
    assert after.encode() == path.read_bytes()


@pytest.mark.parametrize("before", [b"tool = 1\n", b"[project\n", b"# \xff\n"])
def test_refused(tmp_path: Path, before: bytes) -> None:
    """A file that would not be TOML afterwards is not touched."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(before)
    with pytest.raises(StoreError, match="nothing was changed"):
        append_table(tmp_path, TABLE)
    assert before == path.read_bytes()
