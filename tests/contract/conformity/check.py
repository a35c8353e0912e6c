"""One catalogue file against the library it is about, installed for that alone."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from tests import package_index

from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.errors import CatalogueError

ROOT = Path(__file__).parents[3]
LIBRARIES = ROOT / "src/pytest_quality_gates/catalogue/libraries"
_PROBE = Path(__file__).with_name("probe.py")
_UNBUILDABLE = ("fatal error: ", "pkg-config", "cannot open shared object file", "Library not loaded")
"""What is said of a header or a C library that this machine lacks: by a compiler or a build, where a library has no wheel
for this Python, and by a loader."""
_UNREACHABLE = (
    "No module named uv",
    "error sending request",
    "Failed to fetch",
    "dns error",
    "Connection refused",
    "Could not connect",
    "onnection reset",
    "timed out",
    "HTTP status server error",
    "error decoding response body",
)
_TIME = 300
_SHOWN = 600


class Checked(NamedTuple):
    """What came of one file."""

    name: str
    names: int
    """How many names were looked up."""
    problems: tuple[str, ...]
    unreachable: str
    """Why the library could not be installed, where the installer is missing or the package index cannot be reached."""
    unbuildable: str
    """Why it could not be built here, where there is no wheel and this machine lacks what it is compiled with."""
    seconds: float


def check(path: Path, store: Path) -> Checked:
    """Install the library of a file and look every name up in it.

    Args:
        path: The catalogue file.
        store: Where libraries are installed, one directory each; what is there already is used again.

    Returns:
        What is wrong in the file.
    """
    start = time.perf_counter()
    text = path.read_text(encoding="utf-8")
    try:
        reader.parse(text, path.name)
    except CatalogueError as error:
        return Checked(path.stem, 0, tuple(error.problems), "", "", time.perf_counter() - start)
    table = tomllib.loads(text)
    target, failure = _installed(table["library"], store)
    if failure:
        unreachable = any(sign in failure for sign in _UNREACHABLE)
        seconds = time.perf_counter() - start
        if unreachable:
            return Checked(path.stem, 0, (), failure, "", seconds)
        if _lacks_something(failure):
            return Checked(path.stem, 0, (), "", failure, seconds)
        return Checked(path.stem, 0, (f"cannot be installed: {failure}",), "", "", seconds)
    names, problems = _probed(table, target)
    missing = next((said for said in problems if _lacks_something(said)), "")
    return Checked(path.stem, names, () if missing else problems, "", missing, time.perf_counter() - start)


def _lacks_something(said: str) -> bool:
    return any(sign in said for sign in _UNBUILDABLE)


def _installed(library: dict[str, Any], store: Path) -> tuple[Path | None, str]:
    """The directory that holds the library (None for the standard library), or why there is none."""
    if not library.get("distribution"):
        return None, ""
    wanted = [f"{library['distribution']}=={library['tested']}", *library.get("extras", [])]
    key = hashlib.sha256(json.dumps([wanted, sys.version]).encode()).hexdigest()[:12]
    target = store / f"{library['name']}-{key}"
    done = target / ".installed"
    if done.exists():
        return target, ""
    target.mkdir(parents=True, exist_ok=True)
    try:
        run = package_index.install(
            "--target", str(target), "--python", sys.executable, *wanted, timeout=_TIME
        )
    except subprocess.TimeoutExpired as error:
        return None, str(error)
    if run.returncode:
        return None, run.stderr.strip()[:_SHOWN]
    done.touch()
    return target, ""


def _probed(table: dict[str, Any], target: Path | None) -> tuple[int, tuple[str, ...]]:
    """Look the names up in a process of its own, which sees the library, its dependencies and nothing else."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", str(_PROBE), str(target or "")],
        input=json.dumps(table),
        capture_output=True,
        text=True,
        timeout=_TIME,
        check=False,
        cwd=target or LIBRARIES,
        env={"PATH": os.defpath, "HOME": str(target or LIBRARIES)},
    )
    answer = run.stdout.rpartition("\n@@")[2]
    if run.returncode or not answer:
        return 0, (f"the probe crashed: {run.stderr.strip()[-1500:]}",)
    result = json.loads(answer)
    return result["names"], tuple(result["problems"])
