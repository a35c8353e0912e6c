"""What the benchmarks make of their figures; the figures themselves are no test's business."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.benchmarks import growth, ratios, suites
from tests.benchmarks.kept_runs import Cost, KeptRuns, state_of
from tests.benchmarks.ratios import table, target_rows, way_rows
from tests.benchmarks.suites import BEGIN, END, Way, write
from tests.ecosystem.installation import Installation

NAMES = ("plain", "--cov", "pipeline", "ours cold", "ours warm")
SECONDS = dict(zip(NAMES, (10.0, 20.0, 40.0, 12.0, 11.0), strict=True))


def round_of(factor: float) -> dict[str, Cost]:
    """The costs of one round on a machine so many times slower."""
    found = {name: Cost(seconds * factor, seconds, 100.0) for name, seconds in SECONDS.items()}
    return {
        **found,
        **{f"{name}, -n 2": cost for name, cost in found.items()},
        "mypy cold": Cost(8.0 * factor, 8.0, 300.0),
    }


def test_ratios_are_of_one_round() -> None:
    """A machine that is slow for a whole round alters no ratio; the target says whether it is met."""
    rounds = [round_of(2.0), round_of(6.0), round_of(4.0)]
    rows = list(target_rows("shop", rounds))
    assert "| shop | ours warm / plain | ≤ 1.10 | 1.10 (1.10 to 1.10) | 3 | met |" in rows
    assert (
        "| shop | ours cold / the longer of plain and mypy cold | ≤ 1.25 | 1.20 (1.20 to 1.20) | 3 | met |"
        in rows
    )
    assert "| shop | ours warm, -n 2 / plain, -n 2 | ≤ 1.15 | 1.10 (1.10 to 1.10) | 3 | met |" in rows
    assert "| shop | peak memory: ours warm / --cov | ≤ 1.25 | 1.00 (1.00 to 1.00) | 3 | met |" in rows
    assert "| shop | plain | 40.0 s (20.0 to 60.0) | 10.0 s (10.0 to 10.0) | 100 MiB |" in list(
        way_rows("shop", rounds)
    )
    slow = {**round_of(2.0), "ours warm": Cost(30.0, 30.0, 130.0)}
    rows = list(target_rows("shop", [slow]))
    assert "| shop | ours warm / plain | ≤ 1.10 | 1.50 (1.50 to 1.50) | 1 | missed |" in rows
    assert "| shop | peak memory: ours warm / --cov | ≤ 1.25 | 1.30 (1.30 to 1.30) | 1 | missed |" in rows


def test_short_suites_are_held_against_seconds() -> None:
    """A second more is much of a short suite and nobody's trouble."""
    short = {"plain": Cost(4.0, 4.0, 60.0), "ours warm": Cost(4.9, 5.0, 70.0)}
    assert ["| shop | ours warm / plain | ≤ 1.00 s more | 0.90 s more (0.90 to 0.90) | 1 | met |"] == list(
        target_rows("shop", [short])
    )


def test_ways_that_were_left_out() -> None:
    """A part of the ways gives the ratios of that part, and a round that lacks one side gives none."""
    part = {name: cost for name, cost in round_of(2.0).items() if name in {"plain", "ours warm"}}
    rounds = [part, {"plain": part["plain"]}]
    assert ["| shop | ours warm / plain | ≤ 1.10 | 1.10 (1.10 to 1.10) | 1 | met |"] == list(
        target_rows("shop", rounds)
    )
    assert "| ours warm |" in table({"shop": rounds})


def test_runs_are_kept_at_once(tmp_path: Path) -> None:
    """Another process goes on where this one was stopped; half a line and another state of the code count for nothing."""
    file = tmp_path / "store" / "runs.jsonl"
    cost = Cost(1.5, 1.0, 70.0)
    KeptRuns(file, "now").add("shop", 0, "plain", cost)
    KeptRuns(file, "before").add("shop", 0, "--cov", cost)
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"state": "now", "su')
    KeptRuns(file, "now").add("shop", 1, "plain", cost)
    kept = KeptRuns(file, "now")
    assert kept.has("shop", 0, "plain")
    assert not kept.has("shop", 0, "--cov")
    assert [{"plain": cost}, {"plain": cost}] == kept.rounds("shop")
    assert [] == kept.rounds("other")


def test_another_state_of_the_code(tmp_path: Path) -> None:
    """What was measured of other code is not mixed with what is measured now."""
    (tmp_path / "a.py").write_text("1")
    before = state_of(tmp_path)
    assert before == state_of(tmp_path)
    (tmp_path / "a.py").write_text("2")
    assert before != state_of(tmp_path)


def _way(code: str) -> Way:
    return Way("made", ((sys.executable, "-c", code),), (".cache",))


def test_a_way_is_taken(tmp_path: Path) -> None:
    """What is cold finds no cache; seconds and peak are those of the process."""
    (tmp_path / ".cache").mkdir()
    cost = suites.run(_way("import os, time; time.sleep(0.2); os._exit(os.path.exists('.cache'))"), tmp_path)
    assert cost.seconds >= 0.2
    assert 0 < cost.cpu_s
    assert not (tmp_path / ".cache").exists()


def test_a_broken_run_is_not_measured(tmp_path: Path) -> None:
    """A wrong option would make the fastest run of all."""
    with pytest.raises(suites.BrokenRunError, match=r"(?s)status 4.*no such option"):
        suites.run(_way("print('no such option'); raise SystemExit(4)"), tmp_path)


def test_what_is_missing_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that was stopped goes on with what it lacks; once the time is over, no run is started."""
    taken: list[str] = []

    def run(way: Way, tree: Path) -> Cost:
        taken.append(way.name)
        return Cost(1.0, 1.0, 1.0)

    monkeypatch.setattr(suites, "run", run)
    monkeypatch.setattr(Installation, "unpack", lambda self: None)
    installation = Installation(tmp_path, tmp_path, Path(sys.executable))
    kept = KeptRuns(tmp_path / "runs.jsonl", "now")
    project, only = suites.LONG, ["plain", "--cov", "ours warm"]
    kept.add(suites.title(project), 1, "--cov", Cost(1.0, 1.0, 1.0))
    assert suites.Measurement(kept, math.inf).round(project, installation, 1, only)
    assert ["ours warm", "ours warm", "plain"] == taken  # the first fills the caches
    assert not suites.Measurement(kept, 0.0).round(project, installation, 0, only)
    assert 3 == len(taken)


def test_every_way_is_run() -> None:
    """The ratios ask for no way that is not taken."""
    for project in suites.SUITES:
        names = {way.name for way in suites.ways(project, "python")}
        assert {name for target in ratios.TARGETS for name in (target.way, *target.over)} <= names


def test_table_in_the_page(tmp_path: Path) -> None:
    """Only what is between the marks is replaced; the page has the marks."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write("new\n", page)
    assert f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n" == page.read_text(encoding="utf-8")
    kept = suites.PAGE.read_text(encoding="utf-8")
    assert 0 < kept.index(BEGIN) < kept.index(END)


def test_plot_is_drawn() -> None:
    """The plot is well-formed, with a curve for each that was measured, and rises with the time."""
    points = {"index, cold": [(10_000, 0.5), (1_000_000, 50.0)], "whole run, cold": []}
    root = ET.fromstring(growth.plot(points))  # noqa: S314 - our own text
    (curve,) = root.iter("{http://www.w3.org/2000/svg}polyline")
    first, last = (tuple(map(float, point.split(","))) for point in curve.attrib["points"].split())
    assert first[0] < last[0]
    assert first[1] > last[1]
    assert "| 10,000 | 0.50 s |  |" in growth.table(points)
