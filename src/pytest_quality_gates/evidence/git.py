"""What git knows of the project: the one door to it, by the `git` program."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.process import run

log = logging.getLogger(__name__)

_TIMEOUT_S = 60.0
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",  # we only look: another git command may run at the same time
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit is what it was when it was made
    "LC_ALL": "C",
}
_SETTINGS = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "diff.renameLimit=10000")


class Git:
    """The repository around a project. Paths are relative to the project's root, with `/`."""

    def __init__(self, root: Path) -> None:
        """Look for it.

        Raises:
            EvidenceError: There is no git program, or `root` lies in no work tree.
        """
        self._root = root
        self._prefix = self.ask("rev-parse", "--show-prefix").strip()

    def ask(self, *arguments: str) -> str:
        """What git answers.

        Raises:
            EvidenceError: It refuses; the text is its own.
        """
        completed = run(["git", *_SETTINGS, *arguments], cwd=self._root, env=_ENVIRONMENT, timeout=_TIMEOUT_S)
        if completed.timed_out:
            raise EvidenceError(f"git {arguments[0]} gave no answer in {_TIMEOUT_S:.0f} s")
        if completed.returncode:
            said = completed.stderr.strip().splitlines()
            raise EvidenceError(f"git {arguments[0]}: {said[0] if said else 'failed'}")
        return completed.stdout

    def commit(self, ref: str) -> str:
        """The commit that HEAD has in common with `ref`.

        Raises:
            EvidenceError: There is none, or it is not in this clone; the text says what to fetch.
        """
        if not self.knows(f"{ref}^{{commit}}"):
            raise EvidenceError(f"git knows no commit `{ref}` here{self._advice(ref)}")
        if not self.knows("HEAD^{commit}"):
            raise EvidenceError("nothing is committed yet, so there is nothing to compare with")
        try:
            return self.ask("merge-base", ref, "HEAD").strip()
        except EvidenceError:
            raise EvidenceError(
                f"`{ref}` and HEAD have no commit in common here{self._advice(ref)}"
            ) from None

    def knows(self, name: str) -> bool:
        """Whether there is such an object."""
        try:
            self.ask("rev-parse", "--quiet", "--verify", "--end-of-options", name)
        except EvidenceError:
            log.debug("git knows no %s here", name, exc_info=True)
            return False
        return True

    def is_shallow(self) -> bool:
        """Whether the clone lacks a part of the history."""
        return self.ask("rev-parse", "--is-shallow-repository").strip() == "true"

    def _advice(self, ref: str) -> str:
        if self.is_shallow():
            return (
                "; this is a shallow clone: fetch the history with `git fetch --unshallow` "
                "(in CI ask for the whole history, as `fetch-depth: 0`)"
            )
        remote, slash, branch = ref.partition("/")
        return f"; fetch it with `git fetch {remote} {branch}`" if slash else ""

    def renamed(self, paths: Sequence[str]) -> dict[str, str]:
        """Where files that are gone are now: the new path and the old one. What git does not know is left out."""
        moved: dict[str, str] = {}
        uncommitted = {old: new for new, old in self._renames("diff", "HEAD").items()}
        for path in paths:
            now = self._followed(path, uncommitted)
            if now and (self._root / now).is_file():
                moved[now] = path
        return moved

    def _followed(self, path: str, uncommitted: dict[str, str]) -> str | None:
        seen = {path}
        now: str | None = path
        while now is not None and not (self._root / now).exists():
            now = uncommitted.get(now) or self._renamed_by_commit(now)
            if now in seen:
                return None
            seen.add(now or "")
        return now

    def _renamed_by_commit(self, path: str) -> str | None:
        """The new name that the commit gave to the file which took the old one away."""
        commit = self.ask(
            "log", "-1", "--format=%H", "--diff-filter=D", "--no-renames", "HEAD", "--", path
        ).strip()
        if not commit:
            return None
        renames = self._renames("show", "--format=", commit)
        return next((new for new, old in renames.items() if old == path), None)

    def _renames(self, *arguments: str) -> dict[str, str]:
        answer = self.ask(*arguments, "-M", "--diff-filter=R", "--name-status", "-z", "--relative")
        fields = [field for field in answer.split("\0") if field]
        return {fields[at + 2]: fields[at + 1] for at in range(0, len(fields) - 2, 3)}


def find(root: Path) -> Git | None:
    """The repository around a project; None where there is none, or no git program."""
    try:
        return Git(root)
    except EvidenceError:
        log.debug("no repository around %s", root, exc_info=True)
        return None
