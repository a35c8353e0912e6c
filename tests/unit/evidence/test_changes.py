"""What changed, asked of real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.made_repository import Repository

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.changes import changes, untracked
from pytest_quality_gates.facts.change import WHOLE_FILE, Change

TEXT = "".join(f"line {number}\n" for number in range(1, 31))


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    """A repository with one commit on main, on a branch."""
    repository = Repository(tmp_path / "project")
    repository.commit({"a.py": TEXT})
    repository.git("checkout", "-q", "-b", "work")
    return repository


def lines(change: Change) -> dict[str, tuple[tuple[int, int], ...]]:
    """The changed lines by path."""
    return {file.path: file.lines for file in change.files}


class TestLines:
    """Which lines are new."""

    def test_every_stage(self, made: Repository) -> None:
        """Committed, staged and unstaged changes count together."""
        made.commit({"a.py": TEXT.replace("line 3\n", "row 3\n")})
        made.write({"a.py": TEXT.replace("line 3\n", "row 3\n").replace("line 9\n", "row 9\nrow 9b\n")})
        made.git("add", "-A")
        made.write({"a.py": (made.root / "a.py").read_text().replace("line 20\n", "row 20\n")})
        assert {"a.py": ((3, 3), (9, 10), (21, 21))} == lines(changes(made.root, "main"))

    def test_since_the_common_commit(self, made: Repository) -> None:
        """What came to the other branch meanwhile is no change of ours."""
        made.commit({"b.py": "b\n"})
        made.git("checkout", "-q", "main")
        made.commit({"a.py": TEXT + "theirs\n"})
        made.git("checkout", "-q", "work")
        assert ["b.py"] == list(lines(changes(made.root, "main")))

    def test_deletions(self, made: Repository) -> None:
        """Lines taken away leave a gap, and a file that is gone is named as such."""
        made.commit({"x.py": "x\n"})
        made.git("branch", "-f", "main")
        made.write({"a.py": TEXT.replace("line 5\nline 6\n", "")})
        made.git("rm", "-q", "x.py")
        change = changes(made.root, "main")
        assert ((), (4,), ("x.py",)) == (change.files[0].lines, change.files[0].gaps, change.deleted)

    def test_renamed_and_edited(self, made: Repository) -> None:
        """A renamed file has only its edits as changes."""
        made.git("mv", "a.py", "b.py")
        made.commit({"b.py": TEXT.replace("line 3\n", "row 3\n")})
        (file,) = changes(made.root, "main").files
        assert ("b.py", "a.py", ((3, 3),)) == (file.path, file.old_path, file.lines)

    def test_new_files(self, made: Repository) -> None:
        """A new file has changed as a whole, also one that git does not track, or hides from us."""
        made.commit({"b.py": TEXT})
        made.write({"c.py": TEXT, "ignored.py": TEXT, ".gitignore": "ignored.py\n"})
        made.git("update-index", "--assume-unchanged", "a.py")
        assert {"b.py": WHOLE_FILE} == lines(changes(made.root, "main"))
        found = untracked(made.root, ["a.py", "b.py", "c.py", "ignored.py"])
        assert ["a.py", "c.py", "ignored.py"] == [file.path for file in found]

    @pytest.mark.parametrize("name", ["ä ö.py", 'a"b.py', "tab\there.py", "日本.py"])
    def test_names(self, made: Repository, name: str) -> None:
        """Names with any characters come as they are."""
        made.commit({name: TEXT})
        made.git("branch", "-f", "main")
        made.commit({name: TEXT.replace("line 3\n", "row 3\n")})
        assert {name: ((3, 3),)} == lines(changes(made.root, "main"))

    def test_line_ends(self, made: Repository) -> None:
        """Other line ends are no change; a change in a file with them has its line."""
        crlf = TEXT.replace("\n", "\r\n")
        made.commit({"a.py": crlf})
        assert {"a.py": ()} == lines(changes(made.root, "main"))
        made.commit({"a.py": crlf.replace("line 7", "row 7")})
        assert {"a.py": ((7, 7),)} == lines(changes(made.root, "main"))

    def test_settings_of_the_user(self, made: Repository) -> None:
        """Neither git's settings nor attributes that call a file binary hide a change."""
        made.write({".gitattributes": "*.py binary diff=odd\n"})
        for key, value in {
            "diff.interHunkContext": "9",
            "diff.noprefix": "true",
            "color.diff": "always",
            "diff.external": "false",
            "diff.renames": "false",
            "diff.odd.textconv": "false",
            "core.quotePath": "true",
        }.items():
            made.git("config", key, value)
        made.write({"a.py": TEXT.replace("line 3\n", "row 3\n").replace("line 9\n", "row 9\n")})
        assert ((3, 3), (9, 9)) == lines(changes(made.root, "main"))["a.py"]

    def test_below_the_top(self, made: Repository) -> None:
        """Of a project below the top, its own files count, by their paths in it."""
        made.commit({"part/b.py": "b\n", "other.py": "o\n"})
        assert {"b.py": WHOLE_FILE} == lines(changes(made.root / "part", "main"))


class TestPlaces:
    """Where the work tree is."""

    def test_detached_head(self, made: Repository) -> None:
        """Without a branch HEAD is what it is."""
        made.commit({"b.py": "b\n"})
        made.git("checkout", "-q", "--detach")
        assert {"b.py": WHOLE_FILE} == lines(changes(made.root, "main"))

    def test_worktree(self, made: Repository) -> None:
        """A linked work tree has its own HEAD."""
        other = made.root.parent / "other tree"
        made.git("worktree", "add", "-q", "-b", "side", str(other), "main")
        (other / "a.py").write_text(TEXT + "more\n")
        assert {"a.py": ((31, 31),)} == lines(changes(other, "main"))
        assert {} == lines(changes(made.root, "main"))

    def test_submodule(self, made: Repository) -> None:
        """Files of a submodule are compared with the commit that the common commit names."""
        library = Repository(made.root.parent / "library")
        library.commit({"lib.py": TEXT})
        made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.root), "lib")
        made.commit()
        assert {"lib/lib.py": WHOLE_FILE} == {
            path: at for path, at in lines(changes(made.root, "main")).items() if path.startswith("lib/")
        }
        made.git("branch", "-f", "main")
        (made.root / "lib" / "lib.py").write_text(TEXT.replace("line 3\n", "row 3\n"))
        assert {"lib/lib.py": ((3, 3),)} == lines(changes(made.root, "main"))
        assert () == untracked(made.root, ["a.py", "lib/lib.py"])


class TestRefusals:
    """What cannot be compared is said, with what to do."""

    def test_unknown(self, made: Repository) -> None:
        """A reference that is not there names the command that fetches it."""
        with pytest.raises(
            EvidenceError, match="knows no commit `origin/main` here; fetch it with `git fetch origin main`"
        ):
            changes(made.root, "origin/main")

    def test_no_option(self, made: Repository) -> None:
        """A reference that looks like an option is none."""
        with pytest.raises(EvidenceError, match="knows no commit `--all`"):
            changes(made.root, "--all")

    def test_shallow(self, made: Repository) -> None:
        """In a shallow clone without the common commit it is said how to get the history."""
        made.commit({"b.py": "b\n"})
        made.git("checkout", "-q", "main")
        made.commit({"c.py": "c\n"})
        clone = Repository(made.root.parent / "clone")
        clone.git("remote", "add", "origin", made.root.as_uri())
        clone.git("fetch", "-q", "--depth=1", "origin", "work", "main:refs/remotes/origin/main")
        clone.git("checkout", "-q", "FETCH_HEAD")
        with pytest.raises(
            EvidenceError, match="no commit in common here; this is a shallow clone: fetch the history"
        ):
            changes(clone.root, "origin/main")
        clone.git("fetch", "-q", "--unshallow", "origin")
        assert {"b.py": WHOLE_FILE} == lines(changes(clone.root, "origin/main"))

    def test_nothing_committed(self, tmp_path: Path) -> None:
        """An empty repository has nothing to compare with, and a directory outside of any has no repository."""
        with pytest.raises(EvidenceError, match="knows no commit `main`"):
            changes(Repository(tmp_path / "empty").root, "main")
        (tmp_path / "plain").mkdir()
        with pytest.raises(EvidenceError, match="lies in no git repository"):
            changes(tmp_path / "plain", "main")
