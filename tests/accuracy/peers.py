"""What linters with a rule for a missing timeout, or for a blocked event loop, find on the labelled modules."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.accuracy.environments import python_of
from tests.accuracy.rows import Label, Labels
from tests.accuracy.tally import FINDINGS, falls_short

REQUIREMENTS = (
    "ruff==0.17.5",
    "flake8==7.5.0",
    "flake8-async==26.8.1",
    "pylint==4.1.4",
    "bandit==1.9.4",
    "requests==2.34.2",  # pylint looks into the library that a call means
)
"""The linters, at the releases that the page's figures are of."""
CONTROL = """\
import time

import requests


def fetch(url):
    return requests.get(url)


async def wait():
    time.sleep(1)
"""
"""What every linter here has a rule against; one that finds nothing in it was started wrongly."""
_PLACE = re.compile(r"^(?P<path>[^:\n]+\.py):(?P<line>\d+):", re.MULTILINE)
_TIME = 1200


class Peer(NamedTuple):
    """A linter with the rules that ask one of our questions."""

    name: str
    finding: str
    """The finding, by its name in `FINDINGS`, that the rules are about."""
    command: tuple[str, ...]
    """The program and its options, by which it reports these rules alone; files follow."""


class PeerScore(NamedTuple):
    """What a linter finds of what is there."""

    peer: Peer
    right: int
    of: int
    others: int
    """How many places it reports that are no labelled finding of this kind."""


PEERS = (
    Peer(
        "ruff S113",
        "no-timeout",
        (
            "ruff",
            "check",
            "--isolated",
            "--preview",
            "--no-cache",
            "--output-format=concise",
            "--select=S113",
        ),
    ),
    Peer(
        "pylint W3101",
        "no-timeout",
        (
            "pylint",
            "--rcfile=",
            "--disable=all",
            "--enable=missing-timeout",
            "--score=n",
            "--msg-template={path}:{line}:{msg_id}",
        ),
    ),
    Peer(
        "bandit B113",
        "no-timeout",
        ("bandit", "--quiet", "--tests=B113", "--format=custom", "--msg-template={relpath}:{line}:{test_id}"),
    ),
    Peer(
        "ruff ASYNC210 to ASYNC251",
        "blocks-loop",
        (
            "ruff",
            "check",
            "--isolated",
            "--preview",
            "--no-cache",
            "--output-format=concise",
            "--select=ASYNC2",
        ),
    ),
    Peer(
        "flake8-async ASYNC2xx",
        "blocks-loop",
        ("flake8", "--isolated", "--select=ASYNC2"),
    ),
)


class PeerError(Exception):
    """A linter did not run as it should; the text says which and what it printed."""


def measure(peer: Peer, environment: Path, labels: Labels, trees: dict[str, tuple[Path, Path]]) -> PeerScore:
    """Run a linter on the labelled modules and compare.

    Args:
        peer: The linter and its rules.
        environment: Where the linters are installed.
        labels: What readers said.
        trees: By source, the unpacked package and the interpreter of the environment with its dependencies.

    Raises:
        PeerError: The linter does not find its own textbook case.
    """
    right = of = others = 0
    for source in labels.sources:
        tree, python = trees[source]
        modules = {path: rows for (owner, path), rows in labels.by_module.items() if owner == source}
        places = run(peer, environment, tree, python, list(modules))
        for path, rows in modules.items():
            wanted = list(_wanted(peer.finding, rows))
            lines = {line for reported, line in places if reported == path}
            right += sum(any(row.line <= line <= row.end_line for line in lines) for row in wanted)
            of += len(wanted)
            others += sum(not any(row.line <= line <= row.end_line for row in wanted) for line in lines)
    return PeerScore(peer, right, of, others)


def check_control(peer: Peer, environment: Path, folder: Path) -> None:
    """Let a linter find the textbook case of its rules.

    Raises:
        PeerError: It does not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "control.py").write_text(CONTROL, encoding="utf-8")
    if not run(peer, environment, folder, python_of(environment), ["control.py"]):
        raise PeerError(f"{peer.name} finds nothing in its textbook case, so it was started wrongly")


def _wanted(finding: str, rows: Iterable[Label]) -> Iterable[Label]:
    """The labels that are such a finding, and sure."""
    field, _ = FINDINGS[finding]
    for row in rows:
        judged = row.external or (row.kind == "sleep" and finding == "blocks-loop")
        if judged and falls_short(finding, row) and not {"external", field} & row.doubtful():
            yield row


def run(
    peer: Peer, environment: Path, tree: Path, python: Path, files: Sequence[str]
) -> set[tuple[str, int]]:
    """The places that a linter reports, as path and line.

    Raises:
        PeerError: It failed.
    """
    program, *options = peer.command
    packages = ":".join(map(str, python.parents[1].glob("lib/python*/site-packages")))
    process = subprocess.run(
        [python_of(environment).with_name(program), *options, *files],
        capture_output=True,
        text=True,
        timeout=_TIME,
        check=False,
        cwd=tree,
        env={"PATH": str(python_of(environment).parent), "PYTHONPATH": packages},
    )
    found = {
        (match["path"].removeprefix("./"), int(match["line"])) for match in _PLACE.finditer(process.stdout)
    }
    if process.returncode and not found:
        raise PeerError(f"{peer.name} failed on {tree.name}: {process.stdout}{process.stderr}")
    return found
