"""What a forked child tells its parent."""

from __future__ import annotations

import os

import pytest

from pytest_quality_gates.plugin.fork_note import ForkNote, Seen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_from_a_child() -> None:
    """The parent reads what its child wrote, until it is cleared."""
    note = ForkNote()
    child = os.fork()
    if not child:
        note.write(Seen(checked=True, hidden="KeyError: 'x'"))
        os._exit(0)
    assert (child, 0) == os.waitpid(child, 0)
    assert Seen(checked=True, hidden="KeyError: 'x'") == note.read()
    note.clear()
    assert note.read() is None


@pytest.mark.parametrize("character", ["x", "\0", "\udcff", "\U0001f600"])
def test_long_texts(character: str) -> None:
    """Whatever a failure says fits, cut, and can be written."""
    note = ForkNote()
    note.write(Seen(checked=False, hidden=character * 10_000))
    found = note.read()
    assert found is not None
    assert found.hidden in {character * 500, "?" * 500}
