"""What a change is compared with: the commit that it has in common with its target, or the last verified report."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.changes import changes, untracked
from pytest_quality_gates.evidence.git import Git, find
from pytest_quality_gates.facts.change import WHOLE_FILE, Change, ChangedFile
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.store import verified_file
from pytest_quality_gates.store.verified_file import VerifiedState

log = logging.getLogger(__name__)

CI_TARGETS = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "CHANGE_TARGET",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
)
"""Where GitHub, GitLab, Bitbucket, Jenkins and Azure say which branch a change is for."""
USUAL_BASES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
VERIFIED = "the last verified report"


class Base(Protocol):
    """The project in an earlier state."""

    @property
    def change(self) -> Change:
        """What is other now."""

    def text(self, path: str) -> str | None:
        """A file as it was; None where it was not."""


class CommittedBase(Struct, frozen=True):
    """A commit."""

    git: Git
    change: Change

    def text(self, path: str) -> str | None:
        """A file as it was; None where it was not."""
        try:
            return self.git.ask("show", f"{self.change.base}:./{path}")
        except EvidenceError:
            log.debug("%s was not there in %s", path, self.change.base, exc_info=True)
            return None


class VerifiedBase(Struct, frozen=True):
    """What `verify` let pass."""

    texts: dict[str, bytes]
    change: Change

    def text(self, path: str) -> str | None:
        """A file as it was; None where it was not."""
        text = self.texts.get(path)
        return None if text is None else text.decode("utf-8", "replace")


def bases(root: Path, files: Iterable[str]) -> tuple[Base, ...] | Unavailable:
    """What to compare with; nothing where the project has no past that is known here.

    It is the branch that the CI names as the target of the change, or else the first of `USUAL_BASES` that there is. It
    is no setting: a change could set it to itself. Where that branch is where we are, or there is none, it is the state
    that was verified last as well.

    Args:
        root: The project's directory.
        files: Judged files and test files.
    """
    try:
        return _bases(root, list(files))
    except EvidenceError as error:
        return Unavailable("not_evaluated", f"what was loosened cannot be known: {error}")


def _bases(root: Path, files: list[str]) -> tuple[Base, ...] | Unavailable:
    repository = find(root)
    if repository is None:
        return tuple(_verified(root, None, files))
    ref = _base_ref(repository)
    if not ref:
        missing = _missing(repository)
        return Unavailable("not_evaluated", missing) if missing else tuple(_verified(root, repository, files))
    change = changes(root, ref)
    committed = CommittedBase(repository, _with_untracked(root, change, files))
    if change.base != repository.ask("rev-parse", "HEAD").strip():
        return (committed,)
    return (committed, *_verified(root, repository, files))


def _verified(root: Path, repository: Git | None, files: list[str]) -> Iterator[VerifiedBase]:
    """The last verified state, where it is one of the past of this tree."""
    state = verified_file.read(root)
    if state is None or (repository is not None and not _is_past(repository, state.commit)):
        return
    yield VerifiedBase(state.texts, _changed_since(root, state, files))


def _is_past(repository: Git, commit: str) -> bool:
    try:
        repository.ask("merge-base", "--is-ancestor", commit, "HEAD")
    except EvidenceError:
        log.debug("%s is of another branch, or not in this clone", commit, exc_info=True)
        return False
    return True


def _changed_since(root: Path, state: VerifiedState, files: list[str]) -> Change:
    now = {path: content for path in {*files, *state.texts} if (content := _content(root / path)) is not None}
    gone = sorted(path for path in state.texts if path not in now)
    moved = _moved({path: state.texts[path] for path in gone}, now, state.texts)
    changed = [
        ChangedFile(path=path, old_path=moved.get(path, path), lines=_lines(before, content))
        if (before := state.texts.get(moved.get(path, path))) is not None
        else ChangedFile(path=path, lines=WHOLE_FILE)
        for path, content in sorted(now.items())
        if state.texts.get(path) != content
    ]
    return Change(
        ref=VERIFIED,
        base=state.commit or VERIFIED,
        files=tuple(changed),
        deleted=tuple(path for path in gone if path not in moved.values()),
    )


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _moved(
    gone: Mapping[str, bytes], now: Mapping[str, bytes], before: Mapping[str, bytes]
) -> dict[str, str]:
    """The old path of each file that has only another name."""
    by_content = {content: path for path, content in gone.items() if content}
    return {
        path: by_content.pop(content)
        for path, content in sorted(now.items())
        if path not in before and content in by_content
    }


def _lines(before: bytes, now: bytes) -> tuple[tuple[int, int], ...]:
    matcher = difflib.SequenceMatcher(a=before.splitlines(), b=now.splitlines(), autojunk=False)
    return tuple(
        (start + 1, end) for tag, _, _, start, end in matcher.get_opcodes() if tag in {"replace", "insert"}
    )


def _base_ref(repository: Git) -> str:
    named = [os.environ.get(name, "").removeprefix("refs/heads/") for name in CI_TARGETS]
    targets = [ref for name in named if name for ref in (f"origin/{name}", name)]
    return next((ref for ref in (*targets, *USUAL_BASES) if repository.knows(f"{ref}^{{commit}}")), "")


def _missing(repository: Git) -> str:
    """Why a base that there must be cannot be found here; empty where the project may have none."""
    named = next((os.environ[name] for name in CI_TARGETS if os.environ.get(name)), "")
    if not named and not repository.is_shallow():
        return ""
    target = named.removeprefix("refs/heads/") or "main"
    return (
        f"what was loosened cannot be known: this clone has no branch to compare with; fetch it with "
        f"`git fetch --unshallow origin +{target}:refs/remotes/origin/{target}` "
        "(in CI ask for the whole history, as `fetch-depth: 0`)"
        if repository.is_shallow()
        else f"what was loosened cannot be known: the target `{target}` is not in this clone; fetch it with "
        f"`git fetch origin +{target}:refs/remotes/origin/{target}`"
    )


def _with_untracked(root: Path, change: Change, files: Iterable[str]) -> Change:
    known = {file.path for file in change.files}
    new = [file for file in untracked(root, files) if file.path not in known]
    return Change(ref=change.ref, base=change.base, files=(*change.files, *new), deleted=change.deleted)
