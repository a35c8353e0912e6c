"""An environment for each labelled package, with what it depends on: the type checker learns the libraries' types there."""

from __future__ import annotations

import subprocess
import sys
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from tests import package_index
from tests.accuracy.sources import FetchError

_TIME = 900


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def with_dependencies(tree: Path, environment: Path) -> Path:
    """Make an environment with the dependencies of an unpacked wheel, not with the package itself.

    Args:
        tree: The unpacked wheel.
        environment: Where to; one that is complete is used again.

    Returns:
        The environment's interpreter.

    Raises:
        FetchError: The dependencies cannot be installed.
    """
    return made(environment, *map(str, dependencies(tree)))


def made(environment: Path, *requirements: str) -> Path:
    """Make an environment with these requirements and give its interpreter.

    A requirement whose bounds no release in the index meets is installed without its bounds: types of a near release are
    better than none.

    Raises:
        FetchError: They cannot be installed.
    """
    python, done = python_of(environment), environment / ".complete"
    if done.exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", environment], check=True)
    failure = _installed(python, requirements)
    if failure:
        loosened = [_possible(python, requirement) for requirement in requirements]
        failure = _installed(python, loosened)
    if failure:
        raise FetchError(f"{environment.name}: the requirements cannot be installed: {failure}")
    done.touch()
    return python


def dependencies(tree: Path) -> list[Requirement]:
    """What the metadata of an unpacked wheel asks for here, extras left out."""
    metadata = next(tree.glob("*.dist-info/METADATA"))
    headers = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
    asked = [Requirement(text) for text in headers.get_all("Requires-Dist", [])]
    return [item for item in asked if item.marker is None or item.marker.evaluate({"extra": ""})]


def _installed(python: Path, requirements: tuple[str, ...] | list[str], *options: str) -> str:
    """Install; what went wrong, or nothing."""
    if not requirements:
        return ""
    run = package_index.install("--python", str(python), *options, *requirements, timeout=_TIME)
    return run.stderr.strip() if run.returncode else ""


def _possible(python: Path, requirement: str) -> str:
    """The requirement as it is if a release meets it, else without its bounds."""
    if not _installed(python, [requirement], "--dry-run", "--no-deps"):
        return requirement
    loose = Requirement(requirement)
    loose.specifier = SpecifierSet()
    sys.stdout.write(f"  no release meets {requirement}; its newest is taken\n")
    return str(loose)
