"""What git knows, asked of real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.made_repository import Repository

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence import git

TEXT = "".join(f"line {number}\n" for number in range(30))


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a repository, and without a git program, there is none."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git.find(tmp_path) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.find(tmp_path) is None


def test_refusal_is_told(tmp_path: Path) -> None:
    """What git refuses is an error in git's own words."""
    Repository(tmp_path)
    with pytest.raises(EvidenceError, match="git rev-parse: fatal: Needed a single revision"):
        git.Git(tmp_path).ask("rev-parse", "--verify", "nowhere^{commit}")


class TestRenamed:
    """Following files that are gone."""

    def test_committed_twice(self, tmp_path: Path) -> None:
        """A file that got a new name twice, with an edit between, is followed through both commits."""
        made = Repository(tmp_path)
        made.commit({"a.py": TEXT})
        made.git("mv", "a.py", "b.py")
        made.commit()
        made.commit({"b.py": TEXT + "more\n"})
        (tmp_path / "ü").mkdir()
        made.git("mv", "b.py", "ü/c d.py")
        made.commit()
        assert {"ü/c d.py": "a.py"} == git.Git(tmp_path).renamed(["a.py", "never.py"])

    def test_not_committed(self, tmp_path: Path) -> None:
        """A rename that is staged and not committed is known as well."""
        made = Repository(tmp_path)
        made.commit({"a.py": TEXT})
        made.git("mv", "a.py", "b.py")
        assert {"b.py": "a.py"} == git.Git(tmp_path).renamed(["a.py"])

    def test_deleted(self, tmp_path: Path) -> None:
        """A file that was deleted is nowhere, also where the new name is gone again, or another file came."""
        made = Repository(tmp_path)
        made.commit({"a.py": TEXT, "x.py": TEXT.replace("line", "row")})
        made.git("mv", "a.py", "b.py")
        made.commit()
        made.git("rm", "-q", "b.py", "x.py")
        made.commit({"other.py": "quite another text\n"})
        assert {} == git.Git(tmp_path).renamed(["a.py", "x.py"])

    def test_below_the_top(self, tmp_path: Path) -> None:
        """Paths are relative to the project, wherever in the repository it lies."""
        made = Repository(tmp_path)
        made.commit({"part/a.py": TEXT})
        made.git("mv", "part/a.py", "part/b.py")
        made.commit()
        assert {"b.py": "a.py"} == git.Git(tmp_path / "part").renamed(["a.py"])

    def test_on_a_merged_branch(self, tmp_path: Path) -> None:
        """A rename that came with a merge is found on its branch."""
        made = Repository(tmp_path)
        made.commit({"a.py": TEXT})
        made.git("checkout", "-q", "-b", "side")
        made.git("mv", "a.py", "b.py")
        made.commit()
        made.git("checkout", "-q", "main")
        made.commit({"c.py": "c\n"})
        made.git("merge", "-q", "--no-edit", "side")
        assert {"b.py": "a.py"} == git.Git(tmp_path).renamed(["a.py"])
