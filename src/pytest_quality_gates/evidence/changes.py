"""What changed since a commit, as git has it: the work tree as it is now against the commit that both have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.git import Git
from pytest_quality_gates.facts.change import WHOLE_FILE, Change, ChangedFile

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_NEW_NAME = re.compile(r"^\+\+\+ (.*)$", re.MULTILINE)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPES = {
    b"a": b"\a",
    b"b": b"\b",
    b"t": b"\t",
    b"n": b"\n",
    b"v": b"\v",
    b"f": b"\f",
    b"r": b"\r",
    b'"': b'"',
    b"\\": b"\\",
}
# Whatever the user, the system or a .gitattributes says: every file as text, without helpers, one form of output.
_DIFF = (
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--text",
    "--ignore-cr-at-eol",
    "--find-renames",
    "--ignore-submodules=all",
    "--relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
_SUBMODULE = "160000"


def changes(root: Path, ref: str) -> Change:
    """Everything that changed since the commit that HEAD and `ref` have in common.

    Uncommitted changes count, and so do files that git does not track. A file in a submodule is compared with the
    commit of the submodule that the common commit names.

    Raises:
        EvidenceError: There is no repository, no such commit or no common one; the text says what to fetch.
    """
    try:
        repository = Git(root)
    except EvidenceError as error:
        raise EvidenceError(f"{root} lies in no git repository ({error})") from error
    base = repository.commit(ref)
    files, deleted = _compared(repository, base)
    for path in _submodules(repository):
        inner, gone = _in_submodule(root, repository, base, path)
        files += inner
        deleted += gone
    return Change(ref=ref, base=base, files=tuple(files), deleted=tuple(deleted))


def untracked(root: Path, paths: Iterable[str]) -> tuple[ChangedFile, ...]:
    """Those of `paths` that git does not watch, each as a new file: what git does not watch has no earlier state."""
    repository = Git(root)
    watched = set(_watched(repository))
    for place in _submodules(repository):
        if (root / place / ".git").exists():
            watched |= {f"{place}/{path}" for path in _watched(Git(root / place))}
    return tuple(ChangedFile(path=path, lines=WHOLE_FILE) for path in paths if path not in watched)


def _compared(repository: Git, base: str) -> tuple[list[ChangedFile], list[str]]:
    listed = list(_listed(repository.ask("diff", *_DIFF, "--name-status", "-z", base)))
    patch = repository.ask("diff", *_DIFF, "--unified=0", "--inter-hunk-context=0", "--patch", base)
    parts = _by_path(patch)
    files = [
        _changed(new, old, parts.get(new, "")) if old else ChangedFile(path=new, lines=WHOLE_FILE)
        for new, old in listed
        if new
    ]
    return files, [old for new, old in listed if not new]


def _by_path(patch: str) -> dict[str, str]:
    """The part of each file that has changed lines, by its new path."""
    parts = re.split(r"^diff --git .*\n", patch, flags=re.MULTILINE)[1:]
    return {_unquoted(name[1]): part for part in parts if (name := _NEW_NAME.search(part))}


def _unquoted(name: str) -> str:
    """A name as git writes it into a patch: in quotes with escapes where it has odd characters."""
    if not name.startswith('"'):
        return name.removesuffix("\t").removeprefix("b/")
    raw = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1]) or bytes([int(match[1], 8)]), name[1:-1].encode())
    return raw.decode("utf-8", "replace").removeprefix("b/")


def _listed(answer: str) -> Iterator[tuple[str, str]]:
    """The new and the old path of each file; the new one is empty for a deleted file, the old one for a new file."""
    fields = iter(answer.split("\0"))
    for status in fields:
        if not status:
            return
        path = next(fields)
        match status[0]:
            case "R" | "C":
                yield next(fields), path
            case "D":
                yield "", path
            case "A" | "U":  # of an unmerged file nobody knows what is whose
                yield path, ""
            case _:
                yield path, path


def _changed(path: str, old_path: str, part: str) -> ChangedFile:
    lines, gaps = [], []
    for hunk in _HUNK.finditer(part):
        start, count = int(hunk[1]), int(hunk[2] or 1)
        if count:
            lines.append((start, start + count - 1))
        else:
            gaps.append(start)
    return ChangedFile(path=path, old_path=old_path, lines=tuple(lines), gaps=tuple(gaps))


def _watched(repository: Git) -> Iterator[str]:
    """Tracked files whose changes git reports; a file may be marked so that it does not."""
    for line in repository.ask("ls-files", "-v", "-z").split("\0"):
        if line[:1] == "H":
            yield line[2:]


def _submodules(repository: Git) -> list[str]:
    listed = repository.ask("ls-files", "--stage", "-z").split("\0")
    return [line.partition("\t")[2] for line in listed if line.startswith(_SUBMODULE)]


def _in_submodule(root: Path, repository: Git, base: str, path: str) -> tuple[list[ChangedFile], list[str]]:
    if not (root / path / ".git").exists():
        return [], []
    inner = Git(root / path)
    before = repository.ask("ls-tree", "-z", base, "--", path).split("\0")[0]
    commit = before.split()[2] if before.startswith(_SUBMODULE) else ""
    if not commit or not inner.knows(f"{commit}^{{commit}}"):
        return [ChangedFile(path=f"{path}/{name}", lines=WHOLE_FILE) for name in _watched(inner)], []
    files, deleted = _compared(inner, commit)
    moved = [
        replace(file, path=f"{path}/{file.path}", old_path=file.old_path and f"{path}/{file.old_path}")
        for file in files
    ]
    return moved, [f"{path}/{name}" for name in deleted]
