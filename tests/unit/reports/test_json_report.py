"""The JSON report, its schema, and how files are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.gate import Level, Threshold
from pytest_quality_gates.model.report import GateResult, Report
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.reports.json_report import JsonFormat, JsonReport, schema
from pytest_quality_gates.reports.write import write

FINDING = Finding(
    gate="timeouts",
    rule="no-timeout",
    path="src/größe.py",
    line=3,
    end_line=4,
    symbol="fetch",
    message='nothing bounds "it"',
    remedy="bound it",
    text="requests.get",
    fingerprint="abc",
)
REPORT = Report(
    version="1.2",
    verdict=Verdict.FAILED,
    profile="strict",
    complete=True,
    judged=("src",),
    gates=(
        GateResult(
            slug="tests",
            title="Tests",
            unit="lines",
            level=Level.REPORT,
            verdict=Verdict.NOT_EVALUATED,
            reason="partial run",
            measured=0,
            total=0,
            threshold=Threshold("at_least_percent", 7950),
        ),
        GateResult(
            slug="timeouts",
            title="Timeouts",
            unit="external calls",
            level=Level.ENFORCE,
            verdict=Verdict.FAILED,
            reason="1 more needed",
            measured=1,
            total=3,
            threshold=Threshold("at_least_percent", 10_000),
            findings=(FINDING, msgspec.structs.replace(FINDING, state="baseline")),
            notes=("note",),
        ),
    ),
)


def test_exactly_the_agreed_names() -> None:
    """Scripts read these names and values; none is missing, none is more."""
    finding = {
        "gate": "timeouts",
        "rule": "no-timeout",
        "path": "src/größe.py",
        "line": 3,
        "end_line": 4,
        "symbol": "fetch",
        "message": 'nothing bounds "it"',
        "remedy": "bound it",
        "confidence": "certain",
        "fingerprint": "abc",
        "state": "new",
    }
    written = json.loads(JsonFormat().render(REPORT))
    assert 64 == len(written.pop("seal"))
    assert {
        "schema_version": 1,
        "verdict": "failed",
        "reason": "",
        "profile": "strict",
        "since": "",
        "tables": [],
        "version": "1.2",
        "complete": True,
        "run": None,
        "tree": None,
        "gates": [
            {
                "slug": "tests",
                "level": "report",
                "verdict": "not_evaluated",
                "reason": "partial run",
                "measured": 0,
                "total": 0,
                "threshold": 79.5,
                "paths": "",
                "findings": 0,
            },
            {
                "slug": "timeouts",
                "level": "enforce",
                "verdict": "failed",
                "reason": "1 more needed",
                "measured": 1,
                "total": 3,
                "threshold": 100,
                "paths": "",
                "findings": 1,
            },
        ],
        "findings": [finding, finding | {"state": "baseline"}],
    } == written


def test_whole_percentages_are_integers() -> None:
    """A threshold of 100 % is written without a point, as the user wrote it."""
    assert '"threshold": 100,' in JsonFormat().render(REPORT)


def test_shipped_schema_is_in_step() -> None:
    """The schema in the package is the one of the report's types."""
    shipped = json.loads(schema())
    expected = {key: value for key, value in shipped.items() if key not in {"$schema", "title"}}
    made = json.loads(json.dumps(msgspec.json.schema(JsonReport)))  # a default of `()` is `[]` there
    assert _in_one_order(made) == _in_one_order(expected)


def _in_one_order(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """The schema with its alternatives sorted: in which order they stand differs between releases of msgspec."""
    if isinstance(schema, dict):
        found = {key: _in_one_order(value) for key, value in schema.items()}
        return found | {"anyOf": sorted(found["anyOf"], key=json.dumps)} if "anyOf" in found else found
    return [_in_one_order(item) for item in schema] if isinstance(schema, list) else schema


def test_reports_are_valid() -> None:
    """What is written satisfies the shipped schema; what is not a report does not."""
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    report = json.loads(JsonFormat().render(REPORT))
    assert [] == list(validator.iter_errors(report))
    assert [] != list(validator.iter_errors(report | {"verdict": "fine"}))


def test_written_whole_with_directories(tmp_path: Path) -> None:
    """The file replaces an older one, its directory is made, and nothing else is left there."""
    path = tmp_path / "out dir" / "ä.json"
    write(path, "old")
    write(path, "{ü}\n")
    assert "{ü}\n" == path.read_text(encoding="utf-8")
    assert ["ä.json"] == [each.name for each in path.parent.iterdir()]


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
def test_mode_and_link(tmp_path: Path) -> None:
    """The file is as readable as any new one, and a link to it stays a link."""
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    before = os.umask(0o022)
    try:
        write(tmp_path / "link.json", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "link.json").is_symlink()
    assert 0o644 == (tmp_path / "real.json").stat().st_mode & 0o777


@pytest.mark.skipif(os.name != "posix", reason="a device by that name")
def test_device_is_written_to() -> None:
    """What is no plain file is written to, not replaced."""
    write(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_cannot_be_written(tmp_path: Path) -> None:
    """A directory in the way, and a file where a directory must be, are told with their path."""
    with pytest.raises(StoreError, match="the report cannot be written"):
        write(tmp_path, "x")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"out\.json: the report cannot be written: "):
        write(tmp_path / "file" / "out.json", "x")


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """A text that cannot be encoded leaves the old file as it was and no other behind."""
    path = tmp_path / "a.json"
    write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    assert ["old"] == [each.read_text() for each in tmp_path.iterdir()]
