"""Values by name and content, and the last few results."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_quality_gates.store import sealed
from pytest_quality_gates.store.packs import Packs, _number
from pytest_quality_gates.store.results import Results

NAMES = [f"shop/module_{number}.py" for number in range(300)]


def filled(directory: Path) -> None:
    """Keep a value for each name."""
    packs = Packs(directory)
    for name in NAMES:
        assert packs.get(name, b"1") is None
        packs.put(name, b"1", name.encode())
    packs.save()


class TestPacks:
    """Many small values in a few files."""

    def test_come_back(self, tmp_path: Path) -> None:
        """Each value is found by its name and digest, and not by another digest."""
        filled(tmp_path)
        packs = Packs(tmp_path)
        assert [name.encode() for name in NAMES] == [packs.get(name, b"1") for name in NAMES]
        assert {None} == {packs.get(name, b"2") for name in NAMES}
        assert len(list(tmp_path.iterdir())) <= 64

    def test_one_change_writes_one_file(self, tmp_path: Path) -> None:
        """What has not changed is not written again."""
        filled(tmp_path)
        before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        packs = Packs(tmp_path)
        for name in NAMES:
            packs.get(name, b"1")
        packs.save()
        assert before == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        packs.put(NAMES[7], b"2", b"new")
        packs.save()
        changed = [path for path in tmp_path.iterdir() if before.get(path) != path.stat().st_mtime_ns]
        assert 1 == len(changed)
        again = Packs(tmp_path)
        assert (b"new", NAMES[8].encode()) == (again.get(NAMES[7], b"2"), again.get(NAMES[8], b"1"))

    def test_removed_files_go(self, tmp_path: Path) -> None:
        """A name that nobody asks for any more is dropped with the next change of its file."""
        filled(tmp_path)
        kept, *beside = [name for name in NAMES if _number(os.fsencode(name)) == 1]
        packs = Packs(tmp_path)
        packs.put(kept, b"2", b"new")
        packs.save()
        again = Packs(tmp_path)
        assert beside
        assert {None} == {again.get(name, b"1") for name in beside}
        assert b"new" == again.get(kept, b"2")

    def test_strange_content_is_a_miss(self, tmp_path: Path) -> None:
        """A file that is sealed and holds something else, as an other version may have it, is a miss."""
        filled(tmp_path)
        for path in tmp_path.iterdir():
            sealed.write(path, b"\xc1 no such thing")
        assert {None} == {Packs(tmp_path).get(name, b"1") for name in NAMES}

    def test_name_that_is_no_text(self, tmp_path: Path) -> None:
        """The name of a file may be any bytes."""
        name = os.fsdecode(b"shop/\xff.py")
        packs = Packs(tmp_path)
        packs.put(name, b"1", b"value")
        packs.save()
        assert b"value" == Packs(tmp_path).get(name, b"1")

    def test_nowhere_to_keep_anything(self) -> None:
        """Without a directory values live as long as the run."""
        packs = Packs(None)
        packs.put("a", b"1", b"value")
        packs.save()
        assert b"value" == packs.get("a", b"1")


class TestResults:
    """Results of a whole pass."""

    def test_last_four_are_kept(self, tmp_path: Path) -> None:
        """A fifth drops the one that was not used for longest."""
        results = Results(tmp_path)
        for number in range(4):
            results.put(f"key-{number}", b"%d" % number)
            os.utime(tmp_path / f"key-{number}", (number, number))
        assert b"0" == results.get("key-0")
        results.put("key-4", b"4")
        assert [b"0", None, b"2", b"3", b"4"] == [results.get(f"key-{number}") for number in range(5)]

    def test_by_beginning(self, tmp_path: Path) -> None:
        """One can ask whether there is any result for some of the inputs."""
        results = Results(tmp_path)
        results.put("abc-1", b"")
        assert (True, False) == (results.has("abc-"), results.has("abd-"))

    def test_nowhere_to_keep_anything(self) -> None:
        """Without a directory nothing is known."""
        results = Results(None)
        results.put("a", b"1")
        assert (None, False) == (results.get("a"), results.has("a"))
