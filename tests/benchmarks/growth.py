"""How the source index and the whole run grow with a project, from 10,000 to 1,000,000 lines, as a table and a plot.

`make bench` runs it: `python -m tests.benchmarks.growth [--sizes 10000 100000 1000000] [--whole-run-up-to LINES] [--write]`.
Every figure is the least of several, by the clock, of a process of its own whose start is left out for the index and
counted for the whole run. `--write` puts the plot into docs/explanation/growth.svg.
"""

from __future__ import annotations

import argparse
import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.generated_tree import generate
from tests.benchmarks.index_speed import in_child

PLOT = Path(__file__).parents[2] / "docs" / "explanation" / "growth.svg"
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
CURVES = ("index, cold", "index, unchanged", "index, one file changed", "whole run, cold", "whole run, warm")
_COLOURS = ("#c0392b", "#27ae60", "#2980b9", "#8e44ad", "#d68910")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 420, 70, 190, 20, 50
_SECONDS = (0.01, 1000.0)
_RUNS = 2
Points = dict[str, list[tuple[int, float]]]


def measure(lines: int, *, whole_run: bool) -> Iterator[tuple[str, float]]:
    """Seconds of each curve for a made project of so many lines."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        generate(tree, lines)
        cache = tree / ".quality-gates"
        changed = max(tree.rglob("*.py"), key=lambda path: path.stat().st_size)
        yield "index, cold", _least(lambda: _index(tree), lambda: shutil.rmtree(cache, ignore_errors=True))
        yield "index, unchanged", _least(lambda: _index(tree), lambda: None)
        yield "index, one file changed", _least(lambda: _index(tree), lambda: _change(changed))
        if whole_run:
            (tree / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
            yield (
                "whole run, cold",
                _least(lambda: _pytest(tree), lambda: shutil.rmtree(cache, ignore_errors=True)),
            )
            yield "whole run, warm", _least(lambda: _pytest(tree), lambda: None)


def _least(work: Callable[[], float], before: Callable[[], None]) -> float:
    seconds = []
    for _ in range(_RUNS):
        before()
        seconds.append(work())
    return min(seconds)


def _index(tree: Path) -> float:
    return in_child("again", tree, cores=None).wall


def _change(file: Path) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"\nADDED_{time.time_ns()} = 1\n")


def _pytest(tree: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "--quality-gates", "test_nothing.py"]
    subprocess.run(command, cwd=tree, capture_output=True, check=False)
    return time.perf_counter() - began


def table(points: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """The figures, a line a size."""
    sizes = sorted({size for curve in points.values() for size, _ in curve})
    rows = ["| lines | " + " | ".join(points) + " |", "| --- " * (len(points) + 1) + "|"]
    for size in sizes:
        cells = [f"{dict(curve)[size]:.2f} s" if size in dict(curve) else "" for curve in points.values()]
        rows.append(f"| {size:,} | " + " | ".join(cells) + " |")
    return "\n".join([*rows, ""])


def plot(points: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """The curves as SVG, both axes logarithmic."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>'
    )
    drawn = [_curve(number, name, curve) for number, (name, curve) in enumerate(points.items()) if curve]
    return "\n".join([head, *_grid(), *drawn, "</svg>\n"])


def _x(lines: float) -> float:
    share = math.log10(lines / SIZES[0]) / math.log10(SIZES[-1] / SIZES[0])
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(seconds: float) -> float:
    low, high = _SECONDS
    share = math.log10(max(seconds, low) / low) / math.log10(high / low)
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _grid() -> Iterator[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for power in range(-2, 4):
        y = _y(10.0**power)
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>'
    for size in SIZES:
        x = _x(size)
        yield f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{size:,}</text>'
    yield f'<text x="{(_LEFT + right) / 2:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">lines of source</text>'


def _curve(number: int, name: str, curve: Sequence[tuple[int, float]]) -> str:
    colour = _COLOURS[number % len(_COLOURS)]
    path = " ".join(f"{_x(size):.1f},{_y(seconds):.1f}" for size, seconds in curve)
    y = _TOP + 16 + 20 * number
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<line x1="{_WIDTH - _RIGHT + 12}" y1="{y - 4}" x2="{_WIDTH - _RIGHT + 32}" y2="{y - 4}" stroke="{colour}" '
        f'stroke-width="2"/><text x="{_WIDTH - _RIGHT + 38}" y="{y}">{name}</text>'
    )


def main(arguments: Sequence[str]) -> int:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description="How the index and the whole run grow.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--whole-run-up-to", type=int, default=SIZES[-1], metavar="LINES")
    parser.add_argument("--write", action="store_true", help="docs/explanation/growth.svg")
    options = parser.parse_args(arguments)
    points: Points = {name: [] for name in CURVES}
    for size in options.sizes:
        for name, seconds in measure(size, whole_run=size <= options.whole_run_up_to):
            points[name].append((size, seconds))
            sys.stderr.write(f"{size:,} lines, {name}: {seconds:.2f} s\n")
    sys.stdout.write(table(points))
    if options.write:
        PLOT.write_text(plot(points), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
