"""Files that cannot be parsed, and the build of mypy without them. Runs in the child that runs mypy.

mypy stops at the first syntax error and then knows nothing of any file. So such files are left out, with their error,
and the others are checked.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_quality_gates.evidence.mypy_build import RefusedError
from pytest_quality_gates.evidence.mypy_layout import build_with_roots
from pytest_quality_gates.facts.type_check import TypeProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_quality_gates.evidence.mypy_build import Built, Message, Task

SYNTAX = "syntax"
"""mypy's code of errors that stop it."""


def build_what_parses(task: Task, roots: Sequence[str]) -> tuple[Task, list[Built], list[TypeProblem]]:
    """Build with our import roots where needed, and without what cannot be parsed.

    Returns:
        What was built in the end, and the error of each file that was left out.

    Raises:
        RefusedError: mypy will not check, or crashed.
    """
    problems: dict[str, TypeProblem] = {}
    while True:
        try:
            built = build_with_roots(task._replace(unparsed=frozenset(problems)), roots)
        except RefusedError as error:
            found = _unparsed(error, task.files)
            if found.keys() <= problems.keys():
                raise
            problems |= found
        else:
            return (*built, list(problems.values()))


def _unparsed(error: RefusedError, files: Sequence[str]) -> dict[str, TypeProblem]:
    """What mypy names, and what Python itself cannot compile: mypy stops at the first."""
    found = {problem.path: problem for path in files if (problem := _compiled(path)) is not None}
    judged = frozenset(files)
    found |= {
        message.path: _problem(message) for message in _errors(error.messages) if message.path in judged
    }
    return found


def _errors(messages: Iterable[Message]) -> Iterable[Message]:
    return (message for message in messages if message.severity == "error" and message.code == SYNTAX)


def _problem(message: Message) -> TypeProblem:
    return TypeProblem(
        path=message.path, line=message.line, column=message.column, message=message.text, code=message.code
    )


def _compiled(path: str) -> TypeProblem | None:
    """Why a file cannot be compiled; None where it can."""
    line, column = 1, 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        said, line, column = error.msg, error.lineno or 1, max((error.offset or 1) - 1, 0)
    except OSError as error:
        said = error.strerror or str(error)
    except (ValueError, RecursionError, MemoryError) as error:
        said = str(error) or type(error).__name__
    else:
        return None
    return TypeProblem(path=path, line=line, column=column, message=said, code=SYNTAX)
