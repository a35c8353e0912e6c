"""Static evidence in the making, in a process of its own beside the tests."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence import process
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.static.messages import (
    ANSWER,
    PROGRESS,
    TASK,
    StaticEvidence,
    Task,
    Tell,
    decoded,
)

log = logging.getLogger(__name__)

_WORKER = "pytest_quality_gates.static.worker"
_LOOKS_EVERY_S = 0.1
_TEMPORARY = ("TMPDIR", "TEMP", "TMP")
"""Where the child makes temporary files: in our directory, so that they go even where it is killed."""


class StaticRun:
    """The evidence that a child works out; where none could be started, this process does so in the end."""

    def __init__(self, task: Task) -> None:
        """Start at once."""
        self._task = task
        self._directory = tempfile.TemporaryDirectory(prefix="quality-gates-", ignore_cleanup_errors=True)
        self._evidence: StaticEvidence | None = None
        self._child: process.Child | None = None
        place = Path(self._directory.name)
        try:
            (place / TASK).write_bytes(msgspec.msgpack.encode(task))
            # -P: a module of the user's that is named like one of the standard library must not shadow it.
            command = [sys.executable, "-P", "-m", _WORKER, str(place)]
            self._child = process.start(command, cwd=place, env=dict.fromkeys(_TEMPORARY, str(place)))
        except (EvidenceError, UnicodeEncodeError, OSError):
            log.debug(
                "no process can be started beside the tests: what it would do is done after them",
                exc_info=True,
            )
            self._directory.cleanup()
            _gatherer()  # now: who knows what the tests leave of the means to import it

    @property
    def pid(self) -> int:
        """The child's process id; our own where there is none."""
        return self._child.pid if self._child is not None else os.getpid()

    def is_running(self) -> bool:
        """Whether `join` would wait."""
        return self._evidence is None and (self._child is None or self._child.is_running())

    def join(self, tell: Tell = lambda _: None) -> StaticEvidence:
        """Wait for the evidence; the same value every time.

        Args:
            tell: Is told again and again what is still being done.
        """
        if self._evidence is None:
            self._evidence = self._collect(tell)
        return self._evidence

    def kill(self) -> None:
        """End the child and its own children, and forget about them; `join` then says that it could not run."""
        if self._evidence is None:
            if self._child is not None:
                self._child.kill()
            self._evidence = self._lost("was ended")
        self._directory.cleanup()

    def _collect(self, tell: Tell) -> StaticEvidence:
        if self._child is None:
            return _gatherer()(self._task, tell)
        place = Path(self._directory.name)
        while not self._child.wait(_LOOKS_EVERY_S):
            tell(_words(place / PROGRESS))
        completed = self._child.join()
        try:
            return decoded((place / ANSWER).read_bytes(), self._task)
        except (OSError, msgspec.MsgspecError):
            return self._lost(process.last_words(completed))
        finally:
            self._directory.cleanup()

    def _lost(self, how: str) -> StaticEvidence:
        """Nothing came back: neither part could run."""
        lost = Unavailable("could_not_run", f"the process that reads the source {how}")
        return StaticEvidence(
            source=lost,
            types=lost,
            judged=self._task.selection.roots,
            left_out=self._task.selection.left_out(),
        )


def _gatherer() -> Callable[[Task, Tell], StaticEvidence]:
    from pytest_quality_gates.static.gather import gather  # noqa: PLC0415 - slow to import, and the child has it

    return gather


def _words(progress: Path) -> str:
    try:
        return progress.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
