"""Whether a report stands."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from pytest_quality_gates.config.settings import GateSettings, Settings
from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.model.gate import GateOptions, Level, Threshold
from pytest_quality_gates.model.origin import Run, Tree
from pytest_quality_gates.model.report import GateResult, Report
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.reports.json_report import JsonFormat, converted
from pytest_quality_gates.verification import Present, approvals, problems, read, unjudged

ROW = GateResult(
    slug="types",
    title="",
    unit="",
    level=Level.ENFORCE,
    verdict=Verdict.PASSED,
    reason="",
    measured=9,
    total=9,
    threshold=Threshold("at_least_percent", 10_000),
)
TREE = Tree(commit="c" * 40, files={"a.py": "1", "b.py": "2"})
RUN = Run(collected=5, ran=5, deselected=0, partial="")
REPORT = Report(
    verdict=Verdict.PASSED,
    profile="strict",
    complete=True,
    version="1.0",
    run=RUN,
    tree=TREE,
    gates=(replace(ROW, slug="tests"), ROW),
)
SETTINGS = Settings(
    profile="strict",
    complete=True,
    gates=tuple(
        GateSettings(slug=slug, level=Level.ENFORCE, threshold=ROW.threshold, options=GateOptions())
        for slug in ("tests", "types")
    ),
)
PRESENT = Present(version="1.0", settings=SETTINGS, tree=TREE, rejudged=replace(REPORT, gates=(ROW,)))


def test_approvals() -> None:
    """What is approved is told, whether the report stands or not."""
    integrity = replace(ROW, slug="integrity", notes=("approved: lower: since", "nothing else"))
    now = replace(PRESENT, rejudged=replace(REPORT, gates=(ROW, integrity)))
    assert ("approved: lower: since",) == approvals(now)
    assert () == approvals(PRESENT)


def test_what_nobody_judged() -> None:
    """Files that ran and are not judged are told."""
    run = replace(RUN, unjudged=("a_pb2.py", "b.py"))
    assert ("run by the tests and not judged: a_pb2.py, b.py",) == unjudged(
        converted(replace(REPORT, run=run))
    )
    assert () == unjudged(converted(REPORT)) == unjudged(converted(replace(REPORT, run=None)))


def test_stands() -> None:
    """A complete, passed report of these files has no problem."""
    assert () == problems(converted(REPORT), PRESENT)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"verdict": Verdict.FAILED, "reason": "3 tests failed"}, "its verdict is failed (3 tests failed)"),
        ({"verdict": Verdict.NOT_EVALUATED}, "its verdict is not evaluated"),
        ({"complete": False}, "the run did not have to be complete: add --quality-gates-complete"),
        ({"since": "main"}, "only what changed since main was judged, not the whole project"),
        ({"version": "0.9"}, "it was written by version 0.9 of the gates, this is 1.0"),
        ({"profile": "development"}, "it was judged by the profile development, the project's is strict"),
        ({"gates": (ROW,)}, "it has no row for tests"),
        (
            {"gates": (replace(ROW, slug="tests", verdict=Verdict.FAILED), ROW)},
            "it says passed, but tests did not",
        ),
        ({"gates": (REPORT.gates[0], replace(ROW, measured=8))}, "judged again, types is passed (9 of 9)"),
        ({"run": None}, "no test was run for it"),
        ({"run": replace(RUN, collected=0, ran=0)}, "no test was collected"),
        ({"run": replace(RUN, ran=4)}, "only 4 of 5 collected tests ran"),
        ({"run": replace(RUN, deselected=2)}, "2 tests were deselected"),
        ({"run": replace(RUN, partial="partial run: x left out")}, "it is of a partial run: x left out"),
        ({"tree": None}, "it does not say which files it is of"),
        ({"tree": replace(TREE, commit="d" * 40)}, "it is of commit dddddddddddd, this is cccccccccccc"),
        ({"tree": replace(TREE, files={"a.py": "0", "b.py": "2"})}, "changed since: a.py"),
        ({"tree": replace(TREE, files={"a.py": "1"})}, "came since: b.py"),
        ({"tree": replace(TREE, files={**TREE.files, "c.py": "3"})}, "gone since: c.py"),
        ({"schema_version": 0}, "it has schema version 0, not 1"),
    ],
)
def test_each_thing_that_does_not_hold(change: dict[str, object], problem: str) -> None:
    """Each has its own sentence, and nothing else is said."""
    assert (problem,) == problems(converted(replace(REPORT, **change)), PRESENT)


def test_failing_now() -> None:
    """A gate that fails when it is judged again is named, whatever the report says of it."""
    worse = replace(ROW, verdict=Verdict.FAILED, measured=3)
    now = replace(PRESENT, rejudged=replace(REPORT, gates=(worse,)))
    assert ("judged again, types is failed (3 of 9)",) == problems(converted(REPORT), now)


class TestReading:
    """From the file."""

    def test_edited(self, tmp_path: Path) -> None:
        """A report that was edited shows it."""
        path = tmp_path / "gates.json"
        path.write_text(JsonFormat().render(replace(REPORT, complete=False)))
        assert "it was changed after it was written" not in problems(read(path), PRESENT)
        path.write_text(path.read_text().replace('"complete": false', '"complete": true'))
        assert ("it was changed after it was written",) == problems(read(path), PRESENT)

    def test_unusable(self, tmp_path: Path) -> None:
        """No file, another file, and a directory are told plainly."""
        with pytest.raises(StoreError, match="there is no such report; a run that died leaves none"):
            read(tmp_path / "none.json")
        (tmp_path / "other.json").write_bytes(msgspec.json.encode({"verdict": "passed"}))
        with pytest.raises(StoreError, match="is no JSON report of this version of the gates"):
            read(tmp_path / "other.json")
        with pytest.raises(StoreError, match="cannot be read"):
            read(tmp_path)
