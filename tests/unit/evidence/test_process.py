"""Children: output, time limits, whole trees killed, nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence import process

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")


def python(code: str, *arguments: str) -> list[str]:
    """A command that runs a piece of Python without site packages."""
    return [sys.executable, "-S", "-c", code, *arguments]


def is_alive(pid: int) -> bool:
    """Whether a process of that id runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - not a file of ours
            return ") Z " not in stat.read()
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    """Whether it ends within a few seconds."""
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def wait_for(path: Path) -> int:
    """The process id that a child writes into a file."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text(encoding="utf-8")).endswith("\n"):
            return int(text)
        time.sleep(0.01)
    raise AssertionError(f"{path} was never written")


def test_run_captures_everything(tmp_path: Path) -> None:
    """The exit status and both streams come back, undecodable bytes included."""
    code = (
        "import os, sys; os.write(1, b'out \\xff'); os.write(2, sys.stdin.buffer.read()); "
        "sys.exit(os.environ['STATUS'] == 'seven' and 7)"
    )
    completed = process.run(python(code), cwd=tmp_path, stdin="één".encode(), env={"STATUS": "seven"})
    assert process.Completed(returncode=7, stdout="out \ufffd", stderr="één") == completed


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    """A program that is not there gives an error of ours that names it."""
    with pytest.raises(EvidenceError, match="no-such-program cannot be started"):
        process.run(["no-such-program"], cwd=tmp_path)


def test_more_output_than_a_pipe_holds(tmp_path: Path) -> None:
    """A child nobody reads from yet does not block on its output."""
    child = process.start(python("print('x' * 1_000_000)"), cwd=tmp_path)
    assert 1_000_001 == len(child.join(timeout=30).stdout)


def test_the_time_limit_kills(tmp_path: Path) -> None:
    """A child over its time is killed; what it said so far is kept."""
    code = "import time; print('begun', flush=True); time.sleep(60)"
    child = process.start(python(code), cwd=tmp_path)
    while not os.fstat(child._outputs[0].fileno()).st_size:
        time.sleep(0.01)
    completed = child.join(timeout=0.01)
    assert (True, "begun\n") == (completed.timed_out, completed.stdout)


@posix
def test_kill_reaches_grandchildren(tmp_path: Path) -> None:
    """Killing a child ends what it started; joining again gives the same answer."""
    code = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(f'{p.pid}\\n')\n"
        "time.sleep(60)"
    )
    child = process.start(python(code, str(tmp_path / "pid")), cwd=tmp_path)
    grandchild = wait_for(tmp_path / "pid")
    completed = child.kill()
    assert -signal.SIGKILL == completed.returncode
    assert gone(grandchild)
    assert not child.is_running()
    assert completed is child.join()


@posix
def test_what_a_child_leaves_behind_is_ended(tmp_path: Path) -> None:
    """A descendant that outlives its parent ends when the parent is joined."""
    code = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "print(p.pid)"
    )
    completed = process.run(python(code), cwd=tmp_path)
    assert gone(int(completed.stdout))


@posix
def test_own_group_and_lower_priority(tmp_path: Path) -> None:
    """A background child has a process group of its own and yields to the tests."""
    code = "import os; print(os.getpgrp() == os.getpid(), os.getpriority(os.PRIO_PROCESS, 0))"
    # The priority is lowered from outside, so the child waits for a word before it looks.
    child = process.start(python(f"import sys; sys.stdin.readline(); {code}"), cwd=tmp_path)
    process._feed(child._process, b"go\n")
    expected = max(os.getpriority(os.PRIO_PROCESS, 0), process._NICENESS)
    assert f"True {expected}\n" == child.join(timeout=30).stdout


@posix
@pytest.mark.parametrize(
    "ending", ["del child", "sys.exit(3)", "raise SystemExit", "os.kill(os.getpid(), 2)"]
)
def test_no_orphan(tmp_path: Path, ending: str) -> None:
    """A child ends with the interpreter that started it, however that ends, and when its object is forgotten."""
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from pytest_quality_gates.evidence import process\n"
        f"child = process.start([sys.executable, '-S', '-c', 'import time; time.sleep(60)'], cwd=Path({str(tmp_path)!r}))\n"
        "print(child.pid, flush=True)\n"
        f"{ending}\n"
    )
    completed = process.run([sys.executable, "-c", code], cwd=tmp_path)
    assert gone(int(completed.stdout))


def test_interrupting_a_join_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while we wait ends the child and goes on to the caller."""
    child = process.start(python("import time; time.sleep(60)"), cwd=tmp_path)

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "sleep", interrupted)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        child.join()
    assert time.monotonic() - began < 30
    assert not child.is_running()
