"""What the benchmarks make of their figures; the figures themselves are no test's business."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from tests.benchmarks import growth, suites
from tests.benchmarks.suites import BEGIN, END, Cost, lines, write

NAMES = ("plain", "--cov", "pipeline", "ours cold", "ours warm")
SECONDS = dict(zip(NAMES, (10.0, 20.0, 40.0, 12.0, 11.0), strict=True))


def round_of(factor: float) -> dict[str, Cost]:
    """The costs of one round on a machine so many times slower."""
    found = {name: Cost(seconds * factor, 100.0) for name, seconds in SECONDS.items()}
    return {
        **found,
        **{f"{name}, -n 2": cost for name, cost in found.items()},
        "mypy cold": Cost(8.0 * factor, 300.0),
    }


def test_ratios_are_of_one_round() -> None:
    """A machine that is slow for a whole round alters no ratio; the target says whether it is met."""
    rows = list(lines("shop", [round_of(1.0), round_of(3.0), round_of(2.0)]))
    assert "| shop | plain | 20.0 s (10.0 to 30.0) | |" in rows
    assert "| shop | ours, warm / plain pytest | 1.10 (1.10 to 1.10) | ≤ 1.10: met |" in rows
    assert (
        "| shop | ours, cold / the longer of plain and cold mypy | 1.20 (1.20 to 1.20) | ≤ 1.25: met |"
        in rows
    )
    assert "| shop | -n 2: ours, warm / plain | 1.10 (1.10 to 1.10) | ≤ 1.15: met |" in rows
    slow = {**round_of(1.0), "ours warm": Cost(15.0, 130.0)}
    assert "| shop | ours, warm / plain pytest | 1.50 (1.50 to 1.50) | ≤ 1.10: missed |" in list(
        lines("shop", [slow])
    )


def test_ways_that_were_left_out() -> None:
    """A part of the ways gives the ratios of that part."""
    part = {name: cost for name, cost in round_of(1.0).items() if name in {"plain", "ours warm"}}
    rows = [row for row in lines("shop", [part]) if "≤" in row]
    assert ["| shop | ours, warm / plain pytest | 1.10 (1.10 to 1.10) | ≤ 1.10: met |"] == rows


def test_every_way_is_run() -> None:
    """The ratios ask for no way that is not taken."""
    for project in suites.SUITES:
        names = {way.name for way in suites.ways(project, "python")}
        assert {name for target in suites.TARGETS for name in (target.way, *target.over)} <= names


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
