"""Work without the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Millions of small values and no cycles worth finding: the collector would only slow the work down.

    It looks at all that is alive from time to time, also at what the tests have left. What was made meanwhile counts
    as old afterwards: it would be looked at first of all, and most of it stays.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # Else somebody keeps objects out of the collector's sight; CPython 3.12 itself does.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
