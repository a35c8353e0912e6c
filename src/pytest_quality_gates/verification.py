"""Whether a report still says that this tree may be merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from pytest_quality_gates.config.settings import Settings
from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.gates.integrity import APPROVED
from pytest_quality_gates.gates.integrity import SLUG as INTEGRITY
from pytest_quality_gates.model.origin import Tree
from pytest_quality_gates.model.report import SCHEMA_VERSION, Report
from pytest_quality_gates.reports.json_report import JsonGate, JsonReport, converted, seal

_SHOWN = 5


class Present(Struct, frozen=True, kw_only=True):
    """How things are now."""

    version: str
    settings: Settings
    tree: Tree
    rejudged: Report
    """What the gates that need no test run say now."""


def read(path: Path) -> JsonReport:
    """Read a JSON report.

    Raises:
        StoreError: There is none, or it is something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=JsonReport)
    except FileNotFoundError:
        raise StoreError(
            f"{path}: there is no such report; a run that died leaves none. "
            "Write one: pytest --quality-gates --quality-gates-complete --quality-gates-report json:PATH"
        ) from None
    except OSError as error:
        raise StoreError(f"{path}: the report cannot be read: {error.strerror or error}") from error
    except msgspec.MsgspecError as error:
        raise StoreError(f"{path}: is no JSON report of this version of the gates: {error}") from error


def approvals(present: Present) -> tuple[str, ...]:
    """What is less strict than in the base, and approved: each with its reason, for whoever decides on the merge."""
    return tuple(
        note
        for gate in present.rejudged.gates
        for note in gate.notes
        if gate.slug == INTEGRITY and note.startswith(APPROVED)
    )


def unjudged(report: JsonReport) -> tuple[str, ...]:
    """What the tests ran and no gate judged, for whoever decides on the merge."""
    files = report.run.unjudged if report.run else ()
    return (f"run by the tests and not judged: {_listed(files)}",) if files else ()


def problems(report: JsonReport, present: Present) -> tuple[str, ...]:
    """Everything that keeps the report from standing for this tree; nothing where it does."""
    return (
        *_of_the_file(report, present),
        *_of_the_verdict(report),
        *_of_the_run(report),
        *_of_the_tree(report, present.tree),
        *_of_the_settings(report, present.settings),
        *_of_the_gates(report, converted(present.rejudged)),
    )


def _of_the_file(report: JsonReport, present: Present) -> Iterator[str]:
    if report.schema_version != SCHEMA_VERSION:
        yield f"it has schema version {report.schema_version}, not {SCHEMA_VERSION}"
    if report.seal != seal(report):
        yield "it was changed after it was written"
    if report.version != present.version:
        yield f"it was written by version {report.version} of the gates, this is {present.version}"


def _of_the_verdict(report: JsonReport) -> Iterator[str]:
    if report.verdict != "passed":
        yield f"its verdict is {report.verdict.replace('_', ' ')}{f' ({report.reason})' if report.reason else ''}"
    if not report.complete:
        yield "the run did not have to be complete: add --quality-gates-complete"
    if report.since:
        yield f"only what changed since {report.since} was judged, not the whole project"
    short = [gate for gate in report.gates if gate.level == "enforce" and gate.verdict != "passed"]
    if short and report.verdict == "passed":
        yield f"it says passed, but {_listed(gate.slug for gate in short)} did not"


def _of_the_run(report: JsonReport) -> Iterator[str]:
    run = report.run
    if run is None:
        yield "no test was run for it"
        return
    if not run.collected:
        yield "no test was collected"
    if run.ran < run.collected:
        yield f"only {run.ran} of {run.collected} collected tests ran"
    if run.deselected:
        yield f"{run.deselected} tests were deselected"
    if run.partial:
        yield f"it is of a {run.partial}"


def _of_the_tree(report: JsonReport, now: Tree) -> Iterator[str]:
    then = report.tree
    if then is None:
        yield "it does not say which files it is of"
        return
    if then.commit != now.commit:
        yield f"it is of commit {then.commit[:12] or 'none'}, this is {now.commit[:12] or 'none'}"
    for words, paths in (
        (
            "changed since",
            [path for path in now.files if now.files[path] != then.files.get(path, now.files[path])],
        ),
        ("came since", [path for path in now.files if path not in then.files]),
        ("gone since", [path for path in then.files if path not in now.files]),
    ):
        if paths:
            yield f"{words}: {_listed(paths)}"


def _of_the_settings(report: JsonReport, settings: Settings) -> Iterator[str]:
    if report.profile != settings.profile:
        yield f"it was judged by the profile {report.profile}, the project's is {settings.profile}"
    known = {(gate.slug, gate.paths) for gate in report.gates}
    missing = [row.slug for row in settings.gates if not any(slug == row.slug for slug, _ in known)]
    if missing:
        yield f"it has no row for {_listed(missing)}"


def _of_the_gates(report: JsonReport, now: JsonReport) -> Iterator[str]:
    """What the gates that need no test run say now must be what the report says of them."""
    rows = {(gate.slug, gate.paths): gate for gate in report.gates}
    differ = [gate for gate in now.gates if not _agree(rows.get((gate.slug, gate.paths)), gate)]
    if differ:
        yield f"judged again, {_listed(f'{gate.slug} is {_words(gate)}' for gate in differ)}"


def _agree(then: JsonGate | None, now: JsonGate) -> bool:
    if then is None or now.slug == INTEGRITY:  # it judges what the test run accepts as well
        return then is not None and now.verdict in {"passed", then.verdict}
    return (then.level, then.verdict, then.measured, then.total, then.threshold) == (
        now.level,
        now.verdict,
        now.measured,
        now.total,
        now.threshold,
    )


def _words(gate: JsonGate) -> str:
    return f"{gate.verdict.replace('_', ' ')} ({gate.measured} of {gate.total})"


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
