"""Whether a run is one of the project, or of a directory somewhere below it."""

from __future__ import annotations

import itertools
from pathlib import Path

from pytest_quality_gates.config.document import FILE_NAME, read
from pytest_quality_gates.errors import ConfigurationError


def check_root(root: Path, *, judges_nothing: bool) -> None:
    """See that `root` is that of the project: below it there would be no settings, or nothing to judge.

    Args:
        root: pytest's rootdir: where a `pytest.ini` is found first, or what `--rootdir` says.
        judges_nothing: Whether there is no source in it.

    Raises:
        ConfigurationError: The project seems to be further up.
    """
    above = None if read(root).table else _project_above(root)
    if above is None:
        return
    if judges_nothing:
        why = "has no Python source to judge"
    elif not (root / FILE_NAME).exists() and _has_table(above):
        why = f"has no {FILE_NAME}, and so none of the settings"
    else:
        return
    raise ConfigurationError(
        [f"pytest's rootdir {root} {why}; the project seems to be {above}: {_remedy(above)}"]
    )


def _remedy(above: Path) -> str:
    return (
        f"run pytest with -c {above / FILE_NAME}, or give the rootdir a {FILE_NAME} with a table [tool.quality-gates] of "
        "its own"
    )


def _project_above(root: Path) -> Path | None:
    """The nearest directory above that has a pyproject.toml; the repository that `root` lies in is not left."""
    for below, place in itertools.pairwise((root, *root.parents)):
        if (below / ".git").exists():
            return None
        if (place / FILE_NAME).is_file():
            return place
    return None


def _has_table(root: Path) -> bool:
    try:
        return bool(read(root).table)
    except ConfigurationError:  # a broken file that may have nothing to do with this project
        return False
