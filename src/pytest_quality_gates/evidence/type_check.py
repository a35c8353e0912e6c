"""Type errors and the names of calls, from mypy in a child process."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence import mypy_answers, process
from pytest_quality_gates.evidence.mypy_messages import Answer, Refusal, Request
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.type_check import TypeFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_quality_gates.evidence.mypy_answers import Answers

_TIME_LIMIT_S = 3600.0
_WORKER = "pytest_quality_gates.evidence.mypy_worker"


class Running:
    """A type check that goes on in the background, or that has already been answered."""

    def __init__(
        self,
        child: process.Child | None = None,
        directory: tempfile.TemporaryDirectory[str] | None = None,
        facts: TypeFacts | Unavailable | None = None,
        keep: Callable[[Answer], None] = lambda _: None,
    ) -> None:
        self._keep = keep
        self._child = child
        self._directory = directory
        self._facts = facts

    def is_running(self) -> bool:
        """Whether `join` would wait."""
        return self._facts is None and self._child is not None and self._child.is_running()

    def join(self) -> TypeFacts | Unavailable:
        """Wait for the answer; the same value every time."""
        if self._facts is None:
            self._facts = self._collect()
        return self._facts

    def kill(self) -> None:
        """End it now; `join` then says that it could not run."""
        if self._child is not None:
            self._child.kill()
            self.join()

    def _collect(self) -> TypeFacts | Unavailable:
        if self._child is None or self._directory is None:
            return _could_not_run("the type check was never started")
        try:
            completed = self._child.join(_TIME_LIMIT_S)
            answered = _decoded(Path(self._directory.name) / "answer.json")
        finally:
            self._directory.cleanup()
        if answered is None:
            return _could_not_run(_last_words(completed))
        if isinstance(answered, Refusal):
            name = f"mypy {answered.version}: " if answered.version else ""
            return _could_not_run(f"{name}{answered.reason}")
        self._keep(answered)
        return _facts(answered)


def check(
    root: Path,
    files: Sequence[str],
    *,
    python: str,
    cache_dir: Path | None,
    checker: str = "mypy",
    roots: Sequence[str] = (),
    libraries: Sequence[str] = (),
) -> TypeFacts | Unavailable:
    """Check the files and wait; the arguments are those of `start`."""
    return start(
        root, files, python=python, cache_dir=cache_dir, checker=checker, roots=roots, libraries=libraries
    ).join()


def start(  # noqa: PLR0913 - what to check, and the three places where something is kept
    root: Path,
    files: Sequence[str],
    *,
    python: str,
    cache_dir: Path | None,
    checker: str = "mypy",
    roots: Sequence[str] = (),
    libraries: Sequence[str] = (),
    seed: Path | None = None,
    answers: Answers | None = None,
) -> Running:
    """Start checking the files in the background, with the user's own mypy configuration.

    Args:
        root: The project; mypy looks for its configuration here.
        files: What is judged, relative to the root, with `/`.
        python: The interpreter whose installed packages mypy sees, unless the configuration names one.
        cache_dir: Where mypy's cache and ours are kept between runs; None for a private directory that goes afterwards.
        checker: `mypy`.
        roots: Directories that imports start from, relative to the root; used where mypy's own guess gives two files
            one name.
        libraries: Top-level packages whose calls matter: they are followed for names even without type hints.
        seed: A cache that may be read only, to begin with a copy of it where `cache_dir` is None.
        answers: Where whole answers are kept: nothing is started where one is there that still holds.
    """
    if checker != "mypy":
        return Running(
            facts=_could_not_run(f"{checker} is not a type checker that is known here; known: mypy")
        )
    if not files:
        return Running(facts=Unavailable("not_evaluated", "there is no source file to check"))
    read = _without_stubbed(root, files)
    if not read:
        return Running(facts=Unavailable("not_evaluated", "beside every source file stands a stub"))
    asked = _request(root, read, tuple(roots), python, tuple(libraries))
    name = mypy_answers.key(asked) if answers is not None else ""
    if answers is None or not name:
        return _started(asked, cache_dir, seed)
    known = mypy_answers.known(answers, name, asked.root)
    if known is not None:
        return Running(facts=_facts(known))
    return _started(asked, cache_dir, seed, lambda answer: mypy_answers.keep(answers, name, answer))


def _without_stubbed(root: Path, files: Sequence[str]) -> list[str]:
    """The files but for those beside which a stub stands: mypy, given their directory, reads that in their place."""
    return [file for file in files if not (root / f"{file}i").is_file()]


def _request(
    root: Path, files: Sequence[str], roots: tuple[str, ...], python: str, libraries: tuple[str, ...]
) -> Request:
    """What to ask; where the answer and the cache are is not known yet."""
    return Request(
        root=str(root.resolve()),
        files=tuple(files),
        roots=roots or _import_roots(root),
        python=python,
        cache="",
        answer="",
        libraries=libraries,
    )


def _started(
    asked: Request,
    cache_dir: Path | None,
    seed: Path | None,
    keep: Callable[[Answer], None] = lambda _: None,
) -> Running:
    directory = tempfile.TemporaryDirectory(prefix="quality-gates-", ignore_cleanup_errors=True)
    private = Path(directory.name)
    if cache_dir is None and seed is not None:
        with contextlib.suppress(OSError, shutil.Error):
            shutil.copytree(seed, private, dirs_exist_ok=True)
    request = msgspec.structs.replace(
        asked,
        cache=str((cache_dir or private).resolve()),
        answer=str(private.resolve() / "answer.json"),
    )
    try:
        return Running(_launch(request, private), directory, keep=keep)
    except (EvidenceError, UnicodeEncodeError, OSError) as error:
        directory.cleanup()
        return Running(facts=_could_not_run(str(error)))


def _launch(request: Request, private: Path) -> process.Child:
    # The pipe that the child reads first may be shorter than the request, so that goes by file.
    cache = Path(request.cache)
    cache.mkdir(parents=True, exist_ok=True)
    (private / "request.json").write_bytes(msgspec.json.encode(request))
    # -P: a module of the user's that is named like one of the standard library must not shadow it.
    command = [sys.executable, "-P", "-m", _WORKER, str(private / "request.json")]
    return process.start(command, cwd=private, env={"MYPY_NUM_WORKERS": "0", "MYPY_CACHE_DIR": ""})


def _import_roots(root: Path) -> tuple[str, ...]:
    return ("src", ".") if (root / "src").is_dir() else (".",)


def _decoded(answer: Path) -> Answer | Refusal | None:
    try:
        return msgspec.json.decode(answer.read_bytes(), type=Answer | Refusal)
    except (OSError, msgspec.MsgspecError):
        return None


def _facts(answer: Answer) -> TypeFacts:
    return TypeFacts(
        checker="mypy",
        version=answer.version,
        problems=answer.problems,
        files=answer.files,
        problems_elsewhere=answer.problems_elsewhere,
        callees=answer.callees,
    )


def _last_words(completed: process.Completed) -> str:
    if completed.timed_out:
        return f"mypy was ended after {_TIME_LIMIT_S:.0f} s"
    return f"mypy {process.last_words(completed)}"


def _could_not_run(reason: str) -> Unavailable:
    return Unavailable("could_not_run", reason.replace(os.linesep, "\n"))
