"""Whole runs with a cache that is full, damaged, shared, or left by a run that was killed: each is right."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functional.conftest import Project

COMMAND = (
    *(sys.executable, "-m", "pytest", "-p", "pytest_quality_gates.plugin", "--quality-gates"),
    *("-p", "no:cacheprovider"),
)
REPORT = ("--quality-gates-report", "json:report.json")
WRONG = '''

def ask(url: str) -> int:
    """Ask, for ever."""
    import subprocess

    return subprocess.run(["curl", url])
'''
"""No timeout, no handler, and a wrong type."""
FOUND = {"error-handling": (0, 1), "timeouts": (0, 1), "type-errors": (1, 2), "types": (3, 3)}


@pytest.fixture
def wrong(shop: Project) -> Project:
    """A shop with known findings, one of them mypy's and some of the index."""
    prices = shop.root / "shop" / "prices.py"
    prices.write_text(prices.read_text() + WRONG)
    return shop


def found(project: Project, report: str = "report.json") -> dict[str, tuple[int, int]]:
    """What the gates measured."""
    gates = json.loads((project.root / report).read_text())["gates"]
    return {gate["slug"]: (gate["measured"], gate["total"]) for gate in gates if gate["slug"] in FOUND}


@pytest.mark.skipif(os.name != "posix", reason="processes are killed by signal")
def test_killed_runs_and_two_at_once(wrong: Project) -> None:
    """Killed runs leave nothing that misleads the next ones, even where two fill the same cache at a time."""
    seed = time.time_ns()
    chance = random.Random(seed)  # noqa: S311 - a moment, not a secret
    for _ in range(3):
        process = subprocess.Popen(
            COMMAND, cwd=wrong.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.2, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    two = [
        subprocess.Popen(
            [*COMMAND, "--quality-gates-report", f"json:{name}"],
            cwd=wrong.root,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one.json", "two.json")
    ]
    printed = [process.communicate(timeout=200)[0] for process in two]
    assert [FOUND, FOUND] == [found(wrong, name) for name in ("one.json", "two.json")], (seed, printed)


def _on_a_small_disk() -> tuple[str, ...]:
    """A command to run another one with 16 kilobytes for the cache."""
    mounted = 'mkdir -p .quality-gates && mount -t tmpfs -o size=16k none .quality-gates && exec "$@"'
    return ("unshare", *(() if os.geteuid() == 0 else ("-r",)), "-m", "sh", "-c", mounted, "sh")


def test_full_disk(wrong: Project) -> None:
    """Where the cache has no room, nothing is kept and nothing is wrong; a second run is as right."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare to mount a small disk with")
    small = _on_a_small_disk()
    if subprocess.run([*small, "true"], cwd=wrong.root, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    printed = wrong.run(*REPORT, through=small)
    assert FOUND == found(wrong), printed.stdout.str()


def test_damaged(wrong: Project) -> None:
    """A cache of which every file is cut off, as another version's may look to us, is not believed."""
    wrong.run(*REPORT)
    files = [path for path in (wrong.root / ".quality-gates").rglob("*") if path.is_file()]
    assert files
    for file in files:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    printed = wrong.run(*REPORT)
    assert FOUND == found(wrong), printed.stdout.str()
