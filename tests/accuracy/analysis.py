"""Our own command, run on each labelled package."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.accuracy.rows import Site, read_sites

COMMAND = Path(sys.executable).with_name("quality-gates")
_TIME = 3600


class Analysed(NamedTuple):
    """What `quality-gates facts` gave for one package."""

    sites: list[Site]
    seconds: float
    """From start to end of the process, by the clock."""
    warning: str
    """What it said besides, as that the types could not be had."""


class AnalysisError(Exception):
    """The command failed; the text says on what and how."""


def analyse(tree: Path, python: Path, facts: Path, *, with_types: bool) -> Analysed:
    """Run the command on a package and keep what it prints.

    Args:
        tree: The unpacked package.
        python: The interpreter of the environment with its dependencies.
        facts: The file to keep the facts in.
        with_types: Whether the type checker is asked.

    Raises:
        AnalysisError: The command failed.
    """
    facts.parent.mkdir(parents=True, exist_ok=True)
    options = [] if with_types else ["--no-types"]
    start = time.perf_counter()
    with facts.open("wb") as file:
        run = subprocess.run(
            [COMMAND, "facts", tree, "--python", python, *options],
            stdout=file,
            stderr=subprocess.PIPE,
            timeout=_TIME,
            check=False,
        )
    seconds, said = time.perf_counter() - start, run.stderr.decode().strip()
    if run.returncode:
        raise AnalysisError(f"quality-gates facts {tree.name} ended with status {run.returncode}: {said}")
    return Analysed(read_sites(facts), seconds, said)
