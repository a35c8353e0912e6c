"""What works beside the tests ends with them, however they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.processes import descendants, ended, eventually, linux

if TYPE_CHECKING:
    from tests.functional.conftest import Project

MUCH = "".join(f"def f{number}(x: int) -> int:\n    return x\n\n\n" for number in range(30_000))
COMMAND = [
    *(sys.executable, "-m", "pytest", "-p", "pytest_quality_gates.plugin", "--quality-gates"),
    *("-p", "no:cacheprovider", "-o", "addopts="),
]


@pytest.fixture
def much(shop: Project) -> Project:
    """A shop whose source takes long, with one test that says when it runs and waits for a file."""
    shop.write(
        {
            "shop/much.py": MUCH,
            "tests/test_prices.py": "import pathlib\nimport time\n\n\ndef test_wait():\n"
            "    pathlib.Path('runs').touch()\n"
            "    while not pathlib.Path('go').exists():\n        time.sleep(0.05)\n",
        }
    )
    return shop


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C reaches what is started meanwhile, also where a shell started us in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def running(much: Project, ctrl_c: None) -> Iterator[subprocess.Popen[str]]:
    """A run of pytest on it, at the moment when the test runs and both processes work."""
    process = subprocess.Popen(COMMAND, cwd=much.root, stdout=subprocess.PIPE, text=True)
    try:
        assert eventually((much.root / "runs").exists)
        assert eventually(lambda: len(descendants(process.pid)) == 3), "pytest, the index and mypy"
        yield process
    finally:
        process.kill()
        process.communicate()


@linux
def test_lowered_priority(running: subprocess.Popen[str]) -> None:
    """The tests go first."""
    own = os.getpriority(os.PRIO_PROCESS, running.pid)
    others = descendants(running.pid) - {running.pid}
    assert {max(own, 10)} == {os.getpriority(os.PRIO_PROCESS, pid) for pid in others}


@linux
def test_interrupted_in_a_test(running: subprocess.Popen[str]) -> None:
    """Ctrl-C while a test runs ends everything at once."""
    processes = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert "quality gates: not evaluated (interrupted)" in said
    assert 2 == running.returncode
    assert ended(processes)


@linux
def test_interrupted_while_waiting(much: Project, running: subprocess.Popen[str]) -> None:
    """Ctrl-C after the last test, while the rest is waited for, ends everything and is no verdict."""
    processes = descendants(running.pid)
    (much.root / "go").touch()
    assert running.stdout is not None
    for line in running.stdout:
        if "1 passed in" in line:
            break
    time.sleep(0.3)  # pytest's own last hooks end
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert "quality gates: not evaluated (interrupted)" in said
    assert 2 == running.returncode
    assert ended(processes)


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
def test_killed(running: subprocess.Popen[str], number: signal.Signals) -> None:
    """Where pytest is killed and can do nothing more, the others end all the same."""
    processes = descendants(running.pid)
    running.send_signal(number)
    assert "quality gates: passed" not in running.communicate(timeout=30)[0]
    assert ended(processes)
