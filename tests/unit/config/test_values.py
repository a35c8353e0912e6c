"""Options that a gate of one's own declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates.config.document import key_lines
from pytest_quality_gates.config.load import load
from pytest_quality_gates.config.settings import Overrides
from pytest_quality_gates.errors import ConfigurationError
from pytest_quality_gates.model.gate import GateOptions, GateSpec, Threshold


class SizeOptions(GateOptions, frozen=True, kw_only=True):
    """What a stranger's gate may be told."""

    max_lines: int = 500
    share: float = 0.5


SPEC = GateSpec(
    slug="size",
    title="Size",
    unit="files",
    summary="No file is too long.",
    needs=("source",),
    rules=("too-long",),
    threshold=Threshold("at_most", 0),
    options=SizeOptions(),
)


def test_options_of_a_subclass(tmp_path: Path) -> None:
    """The fields of a gate's own options are keys of its table, with hyphens, in their declared types."""
    (tmp_path / "pyproject.toml").write_text("[tool.quality-gates.size]\nmax-lines = 300\nshare = 0.25\n")
    options = load(tmp_path, Overrides(), [SPEC], []).gate("size").options
    assert SizeOptions(max_lines=300, share=0.25) == options


def test_wrong_type_of_an_option(tmp_path: Path) -> None:
    """A value of another type is named with what was expected."""
    (tmp_path / "pyproject.toml").write_text("[tool.quality-gates.size]\nmax-lines = 'many'\n")
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml:2: .* max-lines: Expected `int`"):
        load(tmp_path, Overrides(), [SPEC], [])


def test_key_lines() -> None:
    """Headers, dotted and quoted keys are found below the table, and nothing else."""
    text = (
        "[project]\nname = 'x'\n\n[tool.quality-gates] # ours\ntests.level = 'off'\n"
        "[tool.\"quality-gates\".'types']\n  threshold = 1\n[[tool.quality-gates.catalogue]]\n[[tool.quality-gates.catalogue]]\n"
    )
    assert {("tests", "level"): 5, ("types",): 6, ("types", "threshold"): 7, ("catalogue",): 8} == key_lines(
        text
    )
