"""`[[tool.quality-gates.paths]]`, read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates.config.load import load
from pytest_quality_gates.config.settings import Overrides
from pytest_quality_gates.errors import ConfigurationError
from pytest_quality_gates.gates.builtin import pytest_quality_gates_gates
from pytest_quality_gates.model.gate import Level, Threshold

SPECS = [gate.spec for gate in pytest_quality_gates_gates()]
HEAD = "[[tool.quality-gates.paths]]\n"


def test_over_its_own_profile_or_the_general_table(tmp_path: Path) -> None:
    """With a profile the table starts from that; without one, from all that holds in general."""
    general = "[tool.quality-gates.tests]\nthreshold = 95\n"
    milder = f'{HEAD}patterns = ["a/", "b/"]\nprofile = "development"\ntypes = {{ level = "off" }}\n'
    other = f'{HEAD}patterns = ["c/"]\ntypes = {{ threshold = 10 }}\n'
    (tmp_path / "pyproject.toml").write_text(general + milder + other)
    found = load(tmp_path, Overrides(), SPECS, [])
    assert [("a/", ("a/", "b/"), "development"), ("c/", ("c/",), "strict")] == [
        (table.name, table.patterns, table.profile) for table in found.paths
    ]
    assert Threshold("at_least_percent", 7_000) == found.gate("tests", "a/").threshold
    assert Level.OFF == found.gate("types", "a/").level
    assert Threshold("at_least_percent", 9_500) == found.gate("tests", "c/").threshold
    assert Threshold("at_least_percent", 1_000) == found.gate("types", "c/").threshold
    assert Threshold("at_least_percent", 9_500) == found.gate("tests").threshold


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.quality-gates.paths]\nx = 1\n", "must be an array of tables, `[[tool.quality-gates.paths]]`"),
        (f"{HEAD}profile = 'strict'\n", 'each table needs its files: `patterns = ["src/legacy/"]`'),
        (f"{HEAD}patterns = []\n", "each must name files; a list names none"),
        (f"{HEAD}patterns = ['!a/']\n", 'each must name files; "!a/" names none'),
        (
            f"{HEAD}patterns = ['a/']\nprofil = 'strict'\n",
            "there is no such key or gate; did you mean `profile`?",
        ),
        (
            f"{HEAD}patterns = ['a/']\nprofile = 'strikt'\n",
            'there is no profile "strikt"; did you mean `strict`?',
        ),
        (
            f"{HEAD}patterns = ['a/']\ntests = {{ threshold = 101 }}\n",
            "must be a percentage from 0 to 100, not 101",
        ),
        (
            f"{HEAD}patterns = ['a/']\n{HEAD}patterns = ['a/']\n",
            'two tables begin with the pattern "a/"; bring them together',
        ),
    ],
)
def test_problems(tmp_path: Path, text: str, problem: str) -> None:
    """Each mistake is named with its place."""
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, Overrides(), SPECS, [])
    (found,) = caught.value.problems
    assert found.startswith("pyproject.toml:")
    assert found.endswith(problem)
