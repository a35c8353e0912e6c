"""The child that runs mypy: reads a request, builds, writes the answer."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import msgspec

from pytest_quality_gates.evidence.mypy_messages import Answer, Refusal, Request
from pytest_quality_gates.evidence.parent import end_with_parent
from pytest_quality_gates.facts.type_check import TypeProblem


def main() -> None:
    """Serve the request in the file that the argument names, and end at once if whoever asked is gone."""
    request = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Request)
    end_with_parent()
    os.chdir(request.root)
    Path(request.answer).write_bytes(msgspec.json.encode(answer(request)))
    sys.stdout.flush()
    # Freeing what mypy holds takes long and serves nobody.
    os._exit(0)


def answer(request: Request) -> Answer | Refusal:
    """Run mypy in the working directory."""
    try:
        from mypy.version import __version__ as version  # noqa: PLC0415 - its absence is an answer
    except ImportError as error:
        return Refusal(reason=f"mypy cannot be imported in {sys.executable}: {error}")
    from pytest_quality_gates.evidence import mypy_build  # noqa: PLC0415 - needs mypy

    sys.setrecursionlimit(2**14)
    try:
        return _check(request, version)
    except mypy_build.RefusedError as error:
        if not error.is_about_storage:
            return Refusal(reason=str(error), version=version)
    # The disk is full or the cache is damaged: begin anew, and keep nothing.
    for part in ("errors", "names"):
        shutil.rmtree(Path(request.cache) / part, ignore_errors=True)
    private = str(Path(request.answer).with_name("cache"))
    try:
        return _check(msgspec.structs.replace(request, cache=private), version)
    except mypy_build.RefusedError as error:
        return Refusal(reason=str(error), version=version)


def _check(request: Request, version: str) -> Answer:
    from pytest_quality_gates.evidence import mypy_answers, mypy_callees, mypy_unparsed  # noqa: PLC0415 - needs mypy
    from pytest_quality_gates.evidence.mypy_build import Task  # noqa: PLC0415 - as above
    from pytest_quality_gates.evidence.mypy_trace import Trace  # noqa: PLC0415 - as above

    trace = Trace()
    task = Task(request.files, request.python, Path(request.cache) / "errors", trace)
    task, builds, unparsed = mypy_unparsed.build_what_parses(task, request.roots)
    store = mypy_callees.store_of(task.cache)
    noted = mypy_callees.note(builds, store, version, request.files)
    judged = frozenset(request.files)
    errors = {
        (_relative(message.path), message.line, message.column, message.text, message.code)
        for built in builds
        for message in built.messages
        if message.severity == "error"
    }
    problems = unparsed + [
        TypeProblem(path=path, line=line, column=column, message=text, code=code)
        for path, line, column, text, code in sorted(errors)
        if path in judged
    ]
    names = dict(mypy_callees.complete(task, noted, frozenset(request.libraries), version))
    return Answer(
        version=version,
        problems=tuple(problems),
        problems_elsewhere=sum(path not in judged for path, *_ in errors),
        files=len(unparsed) + sum(len(built.result.manager.source_set.source_paths) for built in builds),
        callees=names,
        lookups=trace.lookups(mypy_answers.places(request.root)),
    )


def _relative(path: str) -> str:
    return os.path.relpath(path).replace(os.sep, "/")


if __name__ == "__main__":
    main()
