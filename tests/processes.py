"""Looking at processes from outside, in /proc."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")


def descendants(pid: int) -> set[int]:
    """The ids of all processes below one."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found = {pid} & set(parents)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def eventually(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Whether something comes true soon."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return bool(condition())


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    return not descendants(pid)


def ended(processes: set[int]) -> bool:
    """Whether all of them end soon."""
    return eventually(lambda: all(is_gone(pid) for pid in processes))
