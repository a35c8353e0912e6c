"""One build of mypy in this process, with the user's configuration. Runs in the child that runs mypy."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from mypy import build
from mypy.config_parser import parse_config_file
from mypy.errors import CompileError
from mypy.main import process_options
from mypy.modulefinder import BuildSource, matches_exclude
from mypy.options import Options

from pytest_quality_gates.evidence.mypy_plugin import CallNotes, absolute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mypy.fscache import FileSystemCache

    from pytest_quality_gates.evidence.mypy_trace import Trace

_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Warning|Failure)?(: .*)?$")
_MISNAMED = (
    "Duplicate module named",
    "Source file found twice under different module names",
    "shadows library module",
)
_STORAGE_ERRORS = (
    "OSError",
    "FileExistsError",
    "FileNotFoundError",
    "NotADirectoryError",
    "PermissionError",
    "OperationalError",
    "DatabaseError",
    "EOFError",
)
_BAD_CACHE = "you likely have a bad cache"
"""Words of mypy's, where its cache is of JSON files."""
_STORAGE = tuple(f"mypy crashed: {name}: " for name in _STORAGE_ERRORS)


class RefusedError(Exception):
    """mypy could not check; the text is what it said."""

    def __init__(self, text: str, messages: Sequence[Message] = ()) -> None:
        super().__init__(text)
        self.messages = tuple(messages)
        """What stopped it, where that is in files."""

    @property
    def is_about_module_names(self) -> bool:
        """Two files claim one module name, or one that is the standard library's, or one file has two."""
        return any(text in str(self) for text in _MISNAMED)

    @property
    def is_about_storage(self) -> bool:
        """Its cache could not be written, or holds what it cannot read."""
        return str(self).startswith(_STORAGE) or _BAD_CACHE in str(self)


class Message(NamedTuple):
    """One message of mypy."""

    path: str
    line: int
    column: int
    text: str
    code: str
    severity: str


class Built(NamedTuple):
    """A build that ran to its end."""

    result: build.BuildResult
    messages: list[Message]
    notes: CallNotes


class Task(NamedTuple):
    """What to build; paths are relative to the working directory."""

    files: Sequence[str]
    python: str
    cache: Path
    trace: Trace
    explicit_bases: bool = False
    adjust: Callable[[Options, Sequence[BuildSource]], None] | None = None
    """Alters the options before the build."""
    keeps_excluded: bool = False
    """Also build what the user's `exclude` leaves out."""
    unparsed: frozenset[str] = frozenset()
    """Files that cannot be parsed: neither built nor followed where others import them."""


def build_all(task: Task) -> list[Built]:
    """Build the files; where two files claim one module name, in as many builds as it takes.

    Raises:
        RefusedError: mypy will not check, or crashed.
    """
    sources, options = _prepare(task)
    groups = _without_doubles(sources)
    return [
        _build(group, options if number == 0 else _prepare(task, number)[1], task)
        for number, group in enumerate(groups)
    ]


def _prepare(task: Task, number: int = 0) -> tuple[list[BuildSource], Options]:
    cache = task.cache if number == 0 else task.cache / f"doubles-{number}"
    arguments = ["--cache-dir", str(cache), "--output=json", "--show-traceback"]
    if not _configures_interpreter():
        arguments += ["--python-executable", task.python]
    if task.explicit_bases:
        arguments += ["--namespace-packages", "--explicit-package-bases"]
    said = io.StringIO()
    fscache = task.trace.cache()
    try:
        sources, options = process_options(
            [*arguments, "--", *task.files], stdout=said, stderr=said, fscache=fscache
        )
    except SystemExit as error:
        raise RefusedError(_refusal(said.getvalue())) from error
    if not task.keeps_excluded:
        sources = [source for source in sources if not _is_excluded(source, options, fscache)]
    for source in sources:
        if source.path in task.unparsed:
            options.per_module_options.setdefault(source.module, {})["follow_imports"] = "skip"
    sources = [source for source in sources if source.path not in task.unparsed]
    _confine(options)
    if task.adjust is not None:
        task.adjust(options, sources)
    return sources, options


def _is_excluded(source: BuildSource, options: Options, fscache: FileSystemCache) -> bool:
    return matches_exclude(source.path or "", options.exclude, fscache, verbose=False)


def _configures_interpreter() -> bool:
    """Whether the user's configuration says whose packages mypy is to see."""
    configured, said = Options(), io.StringIO()
    parse_config_file(configured, lambda: None, None, said, said)
    return configured.python_executable != sys.executable


def _confine(options: Options) -> None:
    """Keep mypy in this process, and off the user's files."""
    options.export_types = True
    options.incremental = True
    options.report_dirs = {}
    options.install_types = False
    # One file, which says itself when its parts were written: the files of the other form are found stale when a CI
    # job gets them with new times.
    options.sqlite_cache = True
    options.pdb = False
    options.raise_exceptions = False
    if hasattr(options, "num_workers"):
        options.num_workers = 0
    if hasattr(options, "native_parser"):
        # Its columns are wrong to the right of a letter that is not ASCII; those of Python's parser are `ast`'s.
        options.native_parser = False


def _without_doubles(sources: Sequence[BuildSource]) -> list[list[BuildSource]]:
    """Groups in which each module name occurs once: one group in all but strange projects."""
    groups: list[dict[str, BuildSource]] = [{}]
    for source in sources:
        group = next((group for group in groups if source.module not in group), None)
        if group is None:
            group = {}
            groups.append(group)
        group[source.module] = source
    return [list(group.values()) for group in groups]


def _build(sources: list[BuildSource], options: Options, task: Task) -> Built:
    judged = {absolute(path): path for path in task.files}
    notes = CallNotes(options, judged)
    lines: list[str] = []

    def collect(*arguments: object) -> None:
        # Its parameters differ between versions; the messages are the only list.
        lines.extend(line for argument in arguments if isinstance(argument, list) for line in argument)

    said = io.StringIO()
    try:
        # Some of what mypy says on its way out goes past the streams that it is given.
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            result = build.build(
                sources,
                options,
                flush_errors=collect,
                fscache=task.trace.cache(),
                stdout=said,
                stderr=said,
                extra_plugins=[notes],
            )
    except CompileError as error:
        raise RefusedError(_blocking(lines) or str(error), _messages(lines)) from error
    except SystemExit as error:
        raise RefusedError(_crash(said.getvalue())) from error
    except Exception as error:
        raise RefusedError(f"mypy crashed: {type(error).__name__}: {error}") from error
    task.trace.built(result, options)
    # Older versions need no closing; newer ones keep a database open, which is copied later.
    getattr(result.manager.metastore, "close", _nothing)()
    return Built(result, _messages(lines), notes)


def _nothing() -> None:
    pass


def _messages(lines: Sequence[str]) -> list[Message]:
    return [message for line in lines if (message := _message(line)) is not None]


def _message(line: str) -> Message | None:
    """None for what is no JSON: warnings about the configuration."""
    try:
        fields: Mapping[str, object] = json.loads(line)
    except ValueError:
        return None
    return Message(
        path=str(fields.get("file") or ""),
        line=max(_integer(fields.get("line")), 1),
        column=max(_integer(fields.get("column")), 0),
        text=str(fields.get("message")),
        code=str(fields.get("code") or ""),
        severity=str(fields.get("severity")),
    )


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _blocking(lines: Sequence[str]) -> str:
    """The errors that stop mypy, the last ones it reports, as its own output has them."""
    errors = [
        _as_text(message) if (message := _message(line)) else line
        for line in lines
        if '"severity": "note"' not in line
    ]
    return "; ".join(errors[-3:])


def _as_text(message: Message) -> str:
    code = f" [{message.code}]" if message.code else ""
    return f"{message.path}:{message.line}: {message.text}{code}"


def _refusal(said: str) -> str:
    """The last line; the help on the command line before it is of no use to those who did not write one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("mypy: error: ") if lines else "it rejected its options without a word"


def _crash(said: str) -> str:
    """The gist of a traceback, or whatever else mypy said before it gave up."""
    lines = [line for line in said.splitlines() if line.strip()]
    where = next(
        (line.partition(": error: INTERNAL ERROR")[0] for line in lines if "INTERNAL ERROR" in line), None
    )
    if where is None:
        return "; ".join(lines[-3:]) or "mypy ended without a word"
    causes = (match for line in reversed(lines) if (match := _EXCEPTION.match(line)))
    cause = next(causes, None)
    return f"mypy crashed in {where}: {cause[0] if cause else lines[-1]}"
