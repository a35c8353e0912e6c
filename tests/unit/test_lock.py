"""One process at a time."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.ecosystem.projects import ROOT

HOLDER = """
import sys
from pathlib import Path
from tests.lock import alone

with alone(Path(sys.argv[1])):
    Path(sys.argv[2]).touch()
    sys.stdin.read()
"""


def _hold(directory: Path, entered: Path) -> subprocess.Popen[bytes]:
    """A process that goes into the directory, says so with a file, and stays until its input ends."""
    command = [sys.executable, "-c", HOLDER, str(directory), str(entered)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT)


def _await(path: Path, seconds: float) -> bool:
    """Whether the file is there before so many seconds are over."""
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return path.exists()


def test_the_second_waits_and_a_killed_holder_lets_go(tmp_path: Path) -> None:
    """While one is in, another is not; where the first is killed, the second goes in."""
    directory, one, two = tmp_path / "tree", tmp_path / "one", tmp_path / "two"
    with _hold(directory, one) as first:
        assert _await(one, 60)
        with _hold(directory, two) as second:
            assert not _await(two, 1)
            first.kill()
            assert _await(two, 60)
            assert second.stdin
            second.stdin.close()
            assert 0 == second.wait(60)
