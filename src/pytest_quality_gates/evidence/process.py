"""Children of this process: the one door to `subprocess`."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import tempfile
import weakref

# By name: what is tested may have left something else in their place.
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING

from msgspec import Struct

from pytest_quality_gates.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

_NICENESS = 10
_GRACE_S = 5.0
_POLL_S = 0.02
_DIRECTORY = tempfile.gettempdir()
"""As it was before any test ran."""


class Completed(Struct, frozen=True, kw_only=True):
    """How a child ended and what it said."""

    returncode: int
    """As `subprocess` has it: negative for a signal."""
    stdout: str
    stderr: str
    timed_out: bool = False
    """It was killed because its time was over."""


class Child:
    """A running child in a process group of its own, below our priority, with its output kept in files.

    A terminal's Ctrl-C does not reach it; it ends with `kill`, when this object is forgotten, or when this interpreter
    exits. `stdin` stays open until then, so that a child that reads it learns of our death by its end.
    """

    def __init__(self, process: subprocess.Popen[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self._process = process
        self._outputs = (stdout, stderr)
        self._completed: Completed | None = None
        self._finalizer = weakref.finalize(self, _end, process, stdout, stderr)

    @property
    def pid(self) -> int:
        """The child's process id, which is its group's as well."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._completed is None and self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Wait for the end, so many seconds at most.

        Returns:
            Whether it has ended.
        """
        until = monotonic() + seconds
        while self.is_running():
            left = until - monotonic()
            if left <= 0:
                return False
            sleep(min(_POLL_S, left))
        return True

    def join(self, timeout: float | None = None) -> Completed:
        """Wait for the end.

        Args:
            timeout: Seconds to wait before the child and all its descendants are killed; None waits for ever.

        Returns:
            What it said; the same value every time.
        """
        if self._completed is None:
            self._completed = self._wait(timeout)
        return self._completed

    def kill(self) -> Completed:
        """End it and all its descendants now."""
        _kill_tree(self._process)
        return self.join()

    def _ends_within(self, timeout: float | None) -> bool:
        # `Popen.wait` sleeps by whatever the tests left in the place of `time.sleep`.
        end = None if timeout is None else monotonic() + timeout
        while self._process.poll() is None:
            if end is not None and monotonic() >= end:
                return False
            sleep(_POLL_S)
        return True

    def _wait(self, timeout: float | None) -> Completed:
        timed_out = False
        try:
            timed_out = not self._ends_within(timeout)
            if timed_out:
                log.warning("process %d is killed: it has not ended after %s s", self.pid, timeout)
        finally:
            # Also where Ctrl-C interrupts the wait: nothing of ours may go on. A leader that ended well may have left
            # children behind as well.
            _kill_tree(self._process)
        stdout, stderr = (_text(output) for output in self._outputs)
        completed = Completed(
            returncode=self._process.returncode, stdout=stdout, stderr=stderr, timed_out=timed_out
        )
        self._finalizer()
        return completed


def start(
    command: Sequence[str],
    *,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    lower_priority: bool = True,
) -> Child:
    """Start a child in the background.

    Args:
        command: The program and its arguments; no shell is involved.
        cwd: Where it runs.
        stdin: What it reads first; at most a few kilobytes, as nobody may be reading yet.
        env: Variables to set beside ours.
        lower_priority: Let everything else go first.

    Raises:
        EvidenceError: The program cannot be started.
    """
    try:
        stdout, stderr = (tempfile.TemporaryFile(dir=_DIRECTORY) for _ in range(2))  # noqa: SIM115 - the child's object closes them
    except OSError as error:
        raise EvidenceError(f"there is no temporary file for what {command[0]} prints: {error}") from error
    try:
        process = subprocess.Popen(  # noqa: S603 - a fixed list, never a shell
            list(command),
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            creationflags=_creation_flags(lower_priority),
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        stdout.close()
        stderr.close()
        raise EvidenceError(f"{command[0]} cannot be started: {error}") from error
    log.debug("process %d is started: %s", process.pid, command)
    child = Child(process, stdout, stderr)
    if lower_priority:
        _lower_priority(process)
    _feed(process, stdin)
    return child


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> Completed:
    """Run a child to its end at our own priority; the arguments are those of `start` and `Child.join`.

    Raises:
        EvidenceError: The program cannot be started.
    """
    child = start(command, cwd=cwd, stdin=stdin, env=env, lower_priority=False)
    _close_stdin(child._process)  # noqa: SLF001 - ours
    return child.join(timeout)


def last_words(completed: Completed) -> str:
    """How a child ended that gave no answer, with the last line that it said, to stand behind its name."""
    lines = [line for line in completed.stderr.splitlines() if line.strip()]
    said = f": {lines[-1].strip()}" if lines else ""
    if completed.returncode < 0:
        return f"was killed by signal {-completed.returncode}{said}"
    return f"ended with status {completed.returncode} and no answer{said}"


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    if process.stdin is not None and data:
        with contextlib.suppress(OSError):  # It ended without reading; its exit status tells.
            process.stdin.write(data)
            process.stdin.flush()


def _close_stdin(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _creation_flags(lower_priority: bool) -> int:
    if sys.platform == "win32":
        priority = subprocess.BELOW_NORMAL_PRIORITY_CLASS if lower_priority else 0
        return subprocess.CREATE_NEW_PROCESS_GROUP | priority
    return 0


def _lower_priority(process: subprocess.Popen[bytes]) -> None:
    if sys.platform != "win32":
        # From here and not in the child: code between fork and exec is unsafe beside threads.
        with contextlib.suppress(OSError):
            lowest = max(os.getpriority(os.PRIO_PROCESS, process.pid), _NICENESS)
            os.setpriority(os.PRIO_PROCESS, process.pid, lowest)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group, which may outlive its leader; harmless where it is gone."""
    if sys.platform == "win32":
        if process.poll() is None:
            _task_kill(process.pid)
    else:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        log.warning("process %d has not ended %s s after it was killed", process.pid, _GRACE_S)


def _task_kill(pid: int) -> None:
    """What Windows has for a process with its descendants."""
    command = ["taskkill", "/F", "/T", "/PID", str(pid)]
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=_GRACE_S)  # noqa: S603 - fixed
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("process %d cannot be killed: %s", pid, error)


def _text(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode("utf-8", "replace").replace("\r\n", "\n")


def _end(process: subprocess.Popen[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> None:
    if process.poll() is None:
        _kill_tree(process)
    _close_stdin(process)
    stdout.close()
    stderr.close()
