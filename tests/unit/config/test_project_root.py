"""A run below the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates.config.project_root import check_root
from pytest_quality_gates.errors import ConfigurationError

GATES = "[tool.quality-gates]\nprofile = 'development'\n"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"pyproject.toml": GATES, "sub/pytest.ini": ""}, "has no Python source to judge"),
        ({"pyproject.toml": "", "sub/pytest.ini": ""}, "has no Python source to judge"),
        ({"pyproject.toml": "", "sub/pyproject.toml": ""}, "has no Python source to judge"),
        ({"pyproject.toml": GATES, "sub/shop.py": ""}, "has no pyproject.toml, and so none of the settings"),
        ({"pyproject.toml": "", "sub/shop.py": ""}, ""),
        ({"pyproject.toml": "nonsense", "sub/shop.py": ""}, ""),
        ({"pyproject.toml": GATES, "sub/shop.py": "", "sub/pyproject.toml": ""}, ""),
        ({"pyproject.toml": GATES, "sub/pyproject.toml": GATES}, ""),
        ({"pyproject.toml": GATES, "sub/.git": "gitdir: elsewhere"}, ""),
        ({"sub/pytest.ini": ""}, ""),
    ],
)
def test_root_below_the_project(tmp_path: Path, files: dict[str, str], why: str) -> None:
    """Where the settings are further up, or nothing is judged here and a project is further up, its place is told."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    root = tmp_path / "sub"
    judges_nothing = not (root / "shop.py").exists()
    if not why:
        check_root(root, judges_nothing=judges_nothing)
        return
    with pytest.raises(ConfigurationError) as caught:
        check_root(root, judges_nothing=judges_nothing)
    told = f"pytest's rootdir {root} {why}; the project seems to be {tmp_path}: run pytest with -c {tmp_path / 'pyproject.toml'}"
    assert str(caught.value).startswith(told)
