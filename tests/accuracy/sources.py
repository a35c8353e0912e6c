"""The labelled packages: fetched as pinned wheels, unpacked, never installed and never imported."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).parents[2]
DATA = ROOT / "fixtures" / "accuracy"
_TIME = 600


class FetchError(Exception):
    """A package, or what it depends on, cannot be had; the text says which and what the installer said."""


class Source(NamedTuple):
    """A release of a package, as the index has it."""

    requirement: str
    """`name==version`, by which the labels name it."""
    wheel: str
    """The file's name."""
    sha256: str

    @property
    def folder(self) -> str:
        """A directory name of its own."""
        return re.sub(r"[^A-Za-z0-9._-]", "_", self.requirement)


def read_sources(path: Path = DATA / "sources.txt") -> list[Source]:
    """Read the list, one source a line: requirement, wheel and digest."""
    return [Source(*line.split()) for line in path.read_text(encoding="utf-8").splitlines()]


def unpack(source: Source, store: Path) -> Path:
    """Fetch the wheel, compare its digest, and unpack it.

    Args:
        source: The release.
        store: Where wheels and trees are kept; a tree that is there already is used again.

    Returns:
        The directory with the package's files.

    Raises:
        FetchError: The index does not give this file.
    """
    tree = store / "trees" / source.folder
    done = store / "trees" / f"{source.folder}.unpacked"
    if not done.exists():
        _download(source, store / "wheels")
        with zipfile.ZipFile(store / "wheels" / source.wheel) as wheel:
            wheel.extractall(tree)
        done.touch()
    return tree


def _download(source: Source, wheels: Path) -> None:
    """The file itself, whatever machine it was built for: it will be read, not run."""
    wheels.mkdir(parents=True, exist_ok=True)
    wanted = wheels / f"{source.folder}.txt"
    wanted.write_text(f"{source.requirement} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    options = [
        "--ignore-requires-python",
        "--require-hashes",
        "--dest",
        str(wheels),
        *_platform(source.wheel),
    ]
    run = subprocess.run(
        [*command, *options, "--requirement", str(wanted)],
        capture_output=True,
        text=True,
        timeout=_TIME,
        check=False,
    )
    if run.returncode:
        raise FetchError(f"{source.requirement} cannot be fetched: {run.stderr.strip()}")


def _platform(wheel: str) -> list[str]:
    """The options by which pip takes a wheel that was built for one platform as if this machine were one."""
    _, _, _, tags = parse_wheel_filename(wheel)
    tag = min(tags, key=str)
    if tag.platform == "any":
        return []
    implementation, version = tag.interpreter[:2], tag.interpreter[2:]
    python = ["--implementation", implementation, "--python-version", f"{version[0]}.{version[1:]}"]
    return [*python, "--abi", tag.abi, "--platform", tag.platform]
