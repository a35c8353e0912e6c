"""Coverage: which core, whose data, and what is read from them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.coverage import Collector
from pytest_quality_gates.evidence.coverage_core import choose_core, close, option
from pytest_quality_gates.evidence.coverage_data import file_coverage, settled
from pytest_quality_gates.facts.coverage import CoverageFacts, FileCoverage
from pytest_quality_gates.facts.fact_set import Unavailable

SOURCE = "def covered():\n    return 1\n\n\ndef missed():\n    return 2\n"
KNOWS_BRANCHES = sys.version_info >= (3, 14)
KNOWS_CORES = hasattr(coverage.Coverage(config_file=False).config, "core")
HAS_MONITORING = sys.version_info >= (3, 12)


def measurement(directory: Path, settings: str) -> coverage.Coverage:
    """coverage.py with these settings."""
    file = directory / "coverage.toml"
    file.write_text(f"[tool.coverage.run]\n{settings}\n")
    return coverage.Coverage(config_file=str(file), data_file=None)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one module."""
    monkeypatch.delenv("COVERAGE_CORE", raising=False)
    (tmp_path / "one.py").write_text(SOURCE)
    return tmp_path


FASTEST = "the fastest that is right here" if HAS_MONITORING else "sysmon needs CPython 3.12"
BRANCHES = FASTEST if KNOWS_BRANCHES else "sysmon measures branches from CPython 3.14 on"


@pytest.mark.parametrize(
    ("settings", "expected", "reason"),
    [
        ("", HAS_MONITORING, FASTEST),
        ("branch = true", KNOWS_BRANCHES, BRANCHES if HAS_MONITORING else FASTEST),
        ("dynamic_context = 'test_function'", False, "sysmon knows no `dynamic_context`"),
        ("plugins = ['some_tracer']", False, "sysmon knows no coverage plugins"),
        ("concurrency = ['gevent']", False, "sysmon does not see gevent"),
        ("concurrency = ['thread']", HAS_MONITORING, FASTEST),
        ("timid = true", False, "chosen by `timid` in the coverage settings"),
        pytest.param(
            "core = 'ctrace'",
            False,
            "chosen by `core` in the coverage settings",
            marks=pytest.mark.skipif(not KNOWS_CORES, reason="this coverage.py has no setting `core`"),
        ),
    ],
)
def test_choice_of_core(root: Path, settings: str, expected: bool, reason: str) -> None:
    """`sys.monitoring` measures wherever it is right and nobody chose otherwise; the reason is told."""
    choice = choose_core(measurement(root, settings))
    assert expected == choice.is_sysmon
    if HAS_MONITORING or choice.reason.startswith("chosen"):
        assert reason == choice.reason


def test_environment_chooses_core(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`COVERAGE_CORE` is the user's choice."""
    monkeypatch.setenv("COVERAGE_CORE", "ctrace")
    assert (False, "chosen by COVERAGE_CORE") == choose_core(measurement(root, ""))


def test_unknown_option(root: Path) -> None:
    """A setting that this coverage.py does not know is None, not an error."""
    assert option(measurement(root, ""), "run:from_the_future") is None


@pytest.mark.parametrize(
    ("settings", "plugin", "kept"),
    [("", "", False), ("", "pytest_cov.embed", True), ('patch = ["_exit"]', "", True)],
)
def test_forked_children(
    root: Path, monkeypatch: pytest.MonkeyPatch, settings: str, plugin: str, *, kept: bool
) -> None:
    """What they cover is kept by coverage.py's patch, and by pytest-cov where it still has the means."""
    if settings and coverage.version_info < (7, 10):
        pytest.skip("this coverage.py knows no patches")
    monkeypatch.setattr(
        "pytest_quality_gates.evidence.coverage.find_spec", lambda name: name == plugin or None
    )
    collector = Collector(root, {})
    assert not collector.keeps_exits
    collector.adopt(measurement(root, settings))
    assert kept == collector.keeps_exits


def write_data(root: Path, beginning: Path, lines: dict[str, list[int]]) -> None:
    """A data file as a measurement leaves it."""
    data = coverage.CoverageData(basename=str(beginning), suffix="some")
    data.add_lines({str(root / path): numbers for path, numbers in lines.items()})
    data.write()
    close(data)


def test_file_coverage(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Statements and missing lines come from the data and the source, by path relative to the root."""
    beginning = tmp_path_factory.mktemp("data") / "coverage"
    write_data(root, beginning, {"one.py": [1, 2, 5]})
    has_branches, files = file_coverage(root, beginning, settings_file=False, moved={})
    assert not has_branches
    assert (
        FileCoverage(path="one.py", statements=4, missing_lines=(6,), excluded=0, executed_lines=(1, 2, 5)),
    ) == files
    assert 3 == files[0].covered


def test_moved_files(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Data of a copy elsewhere count for the file in the project."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    beginning = tmp_path_factory.mktemp("data") / "coverage"
    write_data(elsewhere, beginning, {"one.py": [1, 2, 5, 6]})
    _, files = file_coverage(root, beginning, settings_file=False, moved={str(root): [str(elsewhere)]})
    assert ["one.py"] == [file.path for file in files]
    assert () == files[0].missing_lines


@pytest.mark.parametrize("branches", [False, True])
def test_both_ways_to_ask_agree(root: Path, monkeypatch: pytest.MonkeyPatch, *, branches: bool) -> None:
    """A release of coverage.py whose reporters work in another way is asked by its JSON report: the same is found."""
    (root / "two.py").write_text(
        "def f(x):\n    if x:\n        return (\n            x)\n    if x is None:  # pragma: no cover\n        x = 1\n"
        "    for each in ():\n        print(each)\n    return 2\n\n\nf(1)\n"
    )
    (root / "broken.py").write_text("def f(:\n")
    answers = []
    for gone in (False, True):
        beginning = root / f"data-{gone}" / "coverage"
        beginning.parent.mkdir()
        data = coverage.CoverageData(basename=str(beginning), suffix="some")
        if branches:
            arcs = [(-1, 1), (1, 12), (12, -1), (-1, 2), (2, 3), (3, -1)]
            data.add_arcs({str(root / "two.py"): arcs, str(root / "broken.py"): [(-1, 1)]})
        else:
            data.add_lines({str(root / "two.py"): [1, 2, 4, 12], str(root / "broken.py"): [1]})
        data.write()
        close(data)
        if gone:
            monkeypatch.delattr("coverage.report_core.get_analysis_to_report")
        answers.append(file_coverage(root, beginning, settings_file=False, moved={}))
    assert answers[0] == answers[1]
    (_, (file,)) = answers[0]
    assert ("two.py", branches, 2) == (file.path, bool(file.missing_branches), file.excluded)


def test_no_data(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing measured is no file, not an error."""
    beginning = tmp_path_factory.mktemp("data") / "coverage"
    assert (False, ()) == file_coverage(root, beginning, settings_file=False, moved={})


def test_unreadable_settings(root: Path) -> None:
    """Settings that coverage.py refuses are named."""
    with pytest.raises(EvidenceError, match="cannot be read"):
        file_coverage(root, root / "coverage", settings_file=str(root / "gone.toml"), moved={})


def test_settled_in_a_directory_that_goes(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the process came from may be gone when it wants to go back."""
    before = Path.cwd()
    place = tmp_path_factory.mktemp("gone")
    os.chdir(place)
    try:
        with settled(root):
            place.rmdir()
            assert root == Path.cwd()
    finally:
        os.chdir(before)


@pytest.fixture
def collector(root: Path) -> Iterator[Collector]:
    """A collector of the one module, not started."""
    collector = Collector(root, {"one.py": "one"}, ["one.py"])
    yield collector
    collector.close()


def sent(root: Path, lines: list[int], place: Path) -> bytes:
    """What a worker sends that ran these lines."""
    measured = coverage.Coverage(config_file=False, data_file=str(place / "own"))
    measured.get_data().add_lines({str(root / "one.py"): lines})
    worker = Collector(root, {"one.py": "one"})
    worker.adopt(measured)
    try:
        return worker.hand_over()
    finally:
        close(measured.get_data())
        worker.close()


def test_workers_are_added_up(
    root: Path, collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What two workers ran counts once, together."""
    for lines in ([1, 2, 5], [1, 5, 6]):
        collector.receive(sent(root, lines, tmp_path_factory.mktemp("worker")))
    facts = collector.facts()
    assert isinstance(facts, CoverageFacts)
    assert [()] == [file.missing_lines for file in facts.files]


def test_lost_data(collector: Collector) -> None:
    """Data that will never come make the figure unknown, for the first reason given."""
    collector.lose("worker gw0 crashed")
    collector.lose("and another")
    assert Unavailable("could_not_run", "worker gw0 crashed") == collector.facts()
    with pytest.raises(EvidenceError, match="gw0"):
        collector.hand_over()


def test_nothing_measured(collector: Collector) -> None:
    """Without a measurement there is nothing to hand over."""
    with pytest.raises(EvidenceError, match="nothing was measured"):
        collector.hand_over()


def test_pytest_cov_without_data(collector: Collector) -> None:
    """pytest-cov may have no measurement to give."""
    collector.adopt(None)
    assert Unavailable("could_not_run", "pytest-cov measured nothing") == collector.facts()


def test_removed_file(root: Path, collector: Collector) -> None:
    """A judged file that is gone in the end has an unknown coverage."""
    (root / "one.py").unlink()
    facts = collector.facts()
    assert isinstance(facts, Unavailable)
    assert "one.py" in facts.reason


def test_broken_plugin(root: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A coverage plugin that cannot be loaded does not stop the run either, whatever it raises."""
    monkeypatch.setattr(coverage.Coverage, "current", lambda: None)
    (root / ".coveragerc").write_text("[run]\nplugins = no_such_plugin\n")
    collector.start()
    problem = "coverage cannot be measured: ModuleNotFoundError: No module named 'no_such_plugin'"
    assert Unavailable("could_not_run", problem) == collector.facts()


def test_refused_settings(root: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that coverage.py refuses do not stop the run; the gate says why it could not run."""
    monkeypatch.setattr(coverage.Coverage, "current", lambda: None)
    (root / ".coveragerc").write_text("[run]\nno_such_setting = 1\n[nonsense\n")
    collector.start()
    facts = collector.facts()
    assert isinstance(facts, Unavailable)
    assert "coverage cannot be measured" in facts.reason
