"""Getting a project and an environment for its tests; what is there already is used again."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

from tests import package_index
from tests.ecosystem.projects import ROOT, Project
from tests.lock import alone

_TIME = 300
_SHOWN = 1500
_UNREACHABLE = (
    "No module named uv",
    "No module named pip",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "error sending request",
    "dns error",
    "Connection refused",
    "Could not connect",
)


class UnreachableError(Exception):
    """The package index cannot be reached, or what asks it is missing."""


class InstallationError(Exception):
    """The package index can be reached, and it does not work all the same."""


class Installation(NamedTuple):
    """A project unpacked, and an environment that it is installed in, in place."""

    archive: Path
    tree: Path
    python: Path

    def unpack(self) -> None:
        """Put the tree back to what the source distribution holds."""
        unpacking = self.tree.with_name("unpacking")
        for directory in (self.tree, unpacking):
            shutil.rmtree(directory, ignore_errors=True)
        with tarfile.open(self.archive) as archive:
            archive.extractall(unpacking, filter="data")
        next(unpacking.iterdir()).rename(self.tree)
        unpacking.rmdir()


def install(project: Project, store: Path) -> Installation:
    """Make ready to run the tests of a project.

    Args:
        project: What is wanted.
        store: Where downloads, trees and environments are kept, a directory for each state of their ingredients.

    Returns:
        The installation; `unpack` it before each run.

    Raises:
        UnreachableError: There is no way to the package index.
        InstallationError: Something else went wrong.
    """
    directory = store / f"{project.name}-{_key(project)}"
    archives = directory / "archive"
    python = directory / "environment" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = directory / "installed"
    with alone(directory):
        if not done.exists():
            shutil.rmtree(directory, ignore_errors=True)
            archives.mkdir(parents=True)
            # Where it sees the top of a repository, mypy stops looking for settings: those of our own are further up.
            (directory / ".hg").mkdir()
            _download(project, archives)
            installation = Installation(next(archives.iterdir()), directory / "tree", python)
            installation.unpack()
            _make_environment(project, installation)
            done.touch()
    return Installation(next(archives.iterdir()), directory / "tree", python)


def _key(project: Project) -> str:
    ingredients = [project, project.requirements.read_text(encoding="utf-8"), sys.version, sys.executable]
    ingredients.append(str(ROOT))
    return hashlib.sha256(json.dumps(ingredients).encode()).hexdigest()[:12]


def _download(project: Project, target: Path) -> None:
    """Download the source distribution, and no other than the pinned one."""
    wanted = target.parent / "wanted.txt"
    wanted.write_text(f"{project.name}=={project.version} --hash=sha256:{project.sha256}\n", encoding="utf-8")
    # The backend that pip must run to learn the metadata has no hash here, so it is not asked for one.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    command += ["--retries", "1", "--timeout", "30", "--require-hashes", "--dest", str(target)]
    checked(
        subprocess.run(
            [*command, "--requirement", str(wanted)],
            capture_output=True,
            text=True,
            timeout=_TIME,
            check=False,
        )
    )


def _make_environment(project: Project, installation: Installation) -> None:
    """Make an environment with the project and us in place, and what both need as it is pinned."""
    place = installation.python.parents[1]
    command = [sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, str(place)]
    checked(subprocess.run(command, capture_output=True, text=True, timeout=_TIME, check=False))
    into = ("--python", str(installation.python), "--no-deps")
    checked(package_index.install(*into, "--requirement", str(project.requirements), timeout=_TIME))
    in_place = ("--editable", str(installation.tree), "--editable", str(ROOT))
    checked(package_index.install(*into, *in_place, timeout=_TIME))


def checked(run: subprocess.CompletedProcess[str]) -> None:
    """Raise what went wrong with pip or uv.

    Raises:
        UnreachableError: There is no way to the package index.
        InstallationError: Something else.
    """
    if run.returncode == 0:
        return
    said = run.stderr.strip()[-_SHOWN:]
    if any(sign in run.stderr for sign in _UNREACHABLE):
        raise UnreachableError(said)
    raise InstallationError(said)
