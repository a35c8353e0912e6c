"""What a child of ours does to end with the process that started it, however that ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading

_SET_PARENT_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of Linux."""


def end_with_parent() -> None:
    """End this process as soon as its parent is gone, even where that was killed.

    The parent keeps our standard input open for as long as it lives. Linux is asked as well: compiled code may keep our
    other threads from running for long.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    # Not through sys.stdin, whose lock the end of the interpreter would wait for.
    while os.read(0, 4096):
        pass
    os._exit(1)
