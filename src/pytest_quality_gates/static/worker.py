"""The child that gathers static evidence beside the tests: reads the task, writes how far it is, then the answer."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import msgspec

from pytest_quality_gates.evidence.parent import end_with_parent
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.static.gather import gather
from pytest_quality_gates.static.messages import Answer, StaticEvidence, Task

TASK, PROGRESS, ANSWER = "task", "progress", "answer"
"""The files in the directory that the argument names."""


def main() -> None:
    """Serve the task, and end at once if whoever asked is gone."""
    end_with_parent()
    serve(Path(sys.argv[1]))
    sys.stdout.flush()
    # Freeing what the index holds takes long and serves nobody.
    os._exit(0)


def serve(directory: Path) -> None:
    """Do what the task in `directory` says."""
    task = msgspec.msgpack.decode((directory / TASK).read_bytes(), type=Task)
    progress = directory / PROGRESS

    def tell(words: str) -> None:
        with contextlib.suppress(OSError):
            progress.write_text(words, encoding="utf-8")

    (directory / ANSWER).write_bytes(encoded(gather(task, tell)))


def encoded(evidence: StaticEvidence) -> bytes:
    """The evidence, less what nobody there reads."""
    source, types = evidence.source, evidence.types
    return msgspec.msgpack.encode(
        Answer(
            source=None if isinstance(source, Unavailable) else source,
            no_source=source if isinstance(source, Unavailable) else None,
            types=None if isinstance(types, Unavailable) else msgspec.structs.replace(types, callees={}),
            no_types=types if isinstance(types, Unavailable) else None,
            seconds=evidence.seconds,
        )
    )


def decoded(answer: bytes, task: Task) -> StaticEvidence:
    """What `encoded` was given.

    Raises:
        msgspec.MsgspecError: It is no such answer.
    """
    sent = msgspec.msgpack.decode(answer, type=Answer)
    nothing = Unavailable("could_not_run", "there is no such part in the answer")
    return StaticEvidence(
        source=sent.source or sent.no_source or nothing,
        types=sent.types or sent.no_types or nothing,
        judged=task.selection.roots,
        left_out=task.selection.left_out(),
        seconds=sent.seconds,
    )


if __name__ == "__main__":
    main()
