"""The file with the baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.facts.baseline import Baseline, Entry, Floor
from pytest_quality_gates.store import baseline_file

ENTRIES = (
    Entry("0" * 24, "types", "missing-annotation", "shop/a file é.py", "Client.fetch"),
    Entry("f" * 24, "handlers", "bare", "shop/b.py"),
)
BASELINE = Baseline(ENTRIES, (Floor("tests", 700, 1000),))


def test_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """What is written is read again, and the file's text does not depend on the order."""
    baseline_file.write(tmp_path, BASELINE)
    assert BASELINE == baseline_file.read(tmp_path)
    assert baseline_file.text_of(BASELINE) == baseline_file.text_of(Baseline(ENTRIES[::-1], BASELINE.floors))
    assert "entries merge=union" in (tmp_path / baseline_file.DIRECTORY / ".gitattributes").read_text()


def test_one_line_an_entry_below_its_header(tmp_path: Path) -> None:
    """Entries stand below the header of their first digits; all headers are there."""
    baseline_file.write(tmp_path, BASELINE)
    lines = (tmp_path / baseline_file.FILE).read_text(encoding="utf-8").splitlines()
    assert 256 + 2 + 1 + 3 == len(lines)
    assert (
        "00"
        == lines[lines.index(f"{'0' * 24} types missing-annotation shop/a file é.py :: Client.fetch") - 1]
    )


def test_none(tmp_path: Path) -> None:
    """No file is no baseline; an empty baseline takes the files away, and nothing of anybody else's."""
    assert baseline_file.read(tmp_path) is None
    baseline_file.write(tmp_path, BASELINE)
    baseline_file.write(tmp_path, Baseline())
    assert [] == list(tmp_path.iterdir())
    baseline_file.write(tmp_path, BASELINE)
    (tmp_path / baseline_file.DIRECTORY / "README").write_text("ours")
    baseline_file.write(tmp_path, Baseline())
    assert ["README"] == [path.name for path in (tmp_path / baseline_file.DIRECTORY).iterdir()]


def test_lowest_figure_holds() -> None:
    """Where a merge kept the figures of both branches, the lower one holds, as neither branch alone reached more."""
    both = Baseline((), (Floor("tests", 700, 1000), Floor("tests", 69, 100)))
    assert Floor("tests", 69, 100) == both.floor("tests")
    assert both.floor("types") is None


class TestTrouble:
    """Files that cannot be used."""

    def broken(self, root: Path, line: str) -> Path:
        """A baseline with a line of something else."""
        baseline_file.write(root, BASELINE)
        path = root / baseline_file.FILE
        path.write_text(path.read_text(encoding="utf-8").replace("01\n", f"01\n{line}\n"), encoding="utf-8")
        return root

    @pytest.mark.parametrize("line", ["<<<<<<< HEAD", "=======", ">>>>>>> other"])
    def test_conflict(self, tmp_path: Path, line: str) -> None:
        """Marks of a conflict are an error with the line, and are passed over where the file is written anew."""
        root = self.broken(tmp_path, line)
        with pytest.raises(StoreError, match=r"entries:7: an unresolved conflict of a merge; write"):
            baseline_file.read(root)
        assert BASELINE == baseline_file.read(root, resolves=True)

    def test_nonsense(self, tmp_path: Path) -> None:
        """A line that is no entry is an error with the line."""
        with pytest.raises(StoreError, match=r"entries:7: `nonsense` is no entry of a baseline"):
            baseline_file.read(self.broken(tmp_path, "nonsense"))

    def test_unreadable(self, tmp_path: Path) -> None:
        """A file that is no text, or a directory in its place, is an error that names it."""
        (tmp_path / baseline_file.DIRECTORY).mkdir()
        (tmp_path / baseline_file.FILE).write_bytes(b"\xff\xfe")
        with pytest.raises(StoreError, match="the baseline cannot be read"):
            baseline_file.read(tmp_path)
        (tmp_path / baseline_file.FILE).unlink()
        (tmp_path / baseline_file.FILE).mkdir()
        with pytest.raises(StoreError, match="the baseline cannot be written"):
            baseline_file.write(tmp_path, BASELINE)
