"""The child that gathers static evidence beside the tests: reads the task, writes how far it is, then the answer."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import msgspec

from pytest_quality_gates.evidence.parent import end_with_parent
from pytest_quality_gates.static.gather import gather
from pytest_quality_gates.static.messages import ANSWER, PROGRESS, TASK, Task, encoded


def main() -> None:
    """Serve the task in the directory that the argument names, and end at once if whoever asked is gone."""
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


if __name__ == "__main__":
    main()
