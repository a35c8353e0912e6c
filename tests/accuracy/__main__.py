"""`python -m tests.accuracy --store DIR [--write]`: measure how right the call-site facts are.

Fetches the labelled packages and what they depend on, runs `quality-gates facts` on each, with and without types, and
compares what it says with the labels in fixtures/accuracy. The packages are read; nothing of them is imported or run.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.accuracy.analysis import Analysed, AnalysisError, analyse
from tests.accuracy.environments import made, with_dependencies
from tests.accuracy.page import Measured, Row, inserted, render
from tests.accuracy.peers import PEERS, REQUIREMENTS, PeerError, PeerScore, check_control, measure
from tests.accuracy.rows import Labels, read_labels
from tests.accuracy.score import score
from tests.accuracy.sources import DATA, ROOT, FetchError, Source, read_sources, unpack

PAGE = ROOT / "docs" / "explanation" / "accuracy.md"
Trees = dict[str, tuple[Path, Path]]


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 unless something could not be had or run."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.accuracy", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--store", type=Path, required=True, help="where packages and environments are kept")
    parser.add_argument(
        "--write", action="store_true", help=f"write the tables into {PAGE.relative_to(ROOT)}"
    )
    options = parser.parse_args(arguments)
    try:
        measured, disagreements = _measure(options.store.resolve())
    except (FetchError, AnalysisError, PeerError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("\n".join([*disagreements, "", render(measured)]))
    if options.write:
        PAGE.write_text(inserted(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")
    return 0


def _measure(store: Path) -> tuple[Measured, list[str]]:
    labels = read_labels(DATA / "labels.jsonl")
    sources = read_sources()
    trees = {source.requirement: _fetched(source, store) for source in sources}
    typed, untyped = (
        {source.requirement: _analysed(source, store, trees, with_types=with_types) for source in sources}
        for with_types in (True, False)
    )
    with_types, without_types = (
        score(labels, {name: found.sites for name, found in analysed.items()})
        for analysed in (typed, untyped)
    )
    measured = Measured(
        with_types,
        without_types,
        [_row(source, labels, trees, typed, untyped) for source in sources],
        _peers(labels, store, trees),
        f"{_revision()} on CPython {platform.python_version()} and mypy {version('mypy')}",
    )
    lines = [f"with types     {line}" for line in with_types.disagreements]
    return measured, lines + [f"without types  {line}" for line in without_types.disagreements]


def _fetched(source: Source, store: Path) -> tuple[Path, Path]:
    _say(f"fetching {source.requirement}")
    tree = unpack(source, store)
    return tree, with_dependencies(tree, store / "environments" / source.folder)


def _analysed(source: Source, store: Path, trees: Trees, *, with_types: bool) -> Analysed:
    kind = "with-types" if with_types else "without-types"
    _say(f"analysing {source.requirement}, {kind.replace('-', ' ')}")
    tree, python = trees[source.requirement]
    return analyse(tree, python, store / kind / f"{source.folder}.jsonl", with_types=with_types)


def _peers(labels: Labels, store: Path, trees: Trees) -> list[PeerScore]:
    _say(f"running {', '.join(REQUIREMENTS)}")
    environment = store / "environments" / "peers"
    made(environment, *REQUIREMENTS)
    for peer in PEERS:
        check_control(peer, environment, store / "control")
    return [measure(peer, environment, labels, trees) for peer in PEERS]


def _row(
    source: Source, labels: Labels, trees: Trees, typed: dict[str, Analysed], untyped: dict[str, Analysed]
) -> Row:
    name = source.requirement
    tree, _ = trees[name]
    return Row(
        name,
        sum(path.read_bytes().count(b"\n") for path in tree.rglob("*.py")),
        sum(owner == name for owner, _ in labels.by_module),
        typed[name].seconds,
        untyped[name].seconds,
        typed[name].warning,
    )


def _revision() -> str:
    """The commit that is measured, marked where files differ from it."""
    command = ["git", "describe", "--always", "--dirty"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return (
        f"commit {run.stdout.strip()}"
        if run.returncode == 0
        else f"version {version('pytest-quality-gates')}"
    )


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
