"""Real modules with lines dropped, doubled and moved: never a crash, and always the same answer."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.read_source import catalogue, facts_below, facts_of, selection_of
from tests.source_expectations import ROOT

from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.source import index

PACKAGE = Path(__file__).parents[3] / "src" / "pytest_quality_gates"
SEEDS = sorted(
    path
    for path in (*ROOT.glob("*/*.py"), *PACKAGE.glob("source/*.py"), *PACKAGE.glob("plugin/*.py"))
    if len(path.read_bytes()) < 9_000
)
"""Short modules of all sorts: those that the index is tested with, and this project's own."""

_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("drop", "double", "move", "indent", "outdent", "cut")),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=8,
)


def changed(lines: list[str], changes: list[tuple[str, int, int]]) -> str:
    """The lines with each change made, one after the other."""
    found = list(lines)
    for how, at, to in changes:
        if not found:
            break
        place = at % len(found)
        if how in {"drop", "move"}:
            line = found.pop(place)
            if how == "move":
                found.insert(to % (len(found) + 1), line)
        elif how == "double":
            found.insert(to % len(found), found[place])
        elif how == "indent":
            found[place] = f"    {found[place]}"
        elif how == "outdent":
            found[place] = found[place].removeprefix("    ")
        else:
            found[place] = found[place][: to % (len(found[place]) + 1)]
    return "\n".join(found) + "\n"


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(st.sampled_from(SEEDS), _CHANGES)
def test_changed_lines(seed: Path, changes: list[tuple[str, int, int]]) -> None:
    """One changed module beside a whole one: facts or a reason, and twice the same."""
    text = changed(seed.read_text(encoding="utf-8").splitlines(), changes)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        first = facts_of(root, {"changed.py": text, "whole.py": seed.read_bytes()})
        assert first == facts_below(root, ["changed.py", "whole.py"])
    by_path = {fact.path: fact for fact in first.modules}
    assert "source" == by_path["whole.py"].role
    assert (by_path["changed.py"].role == "unparsed") == bool(by_path["changed.py"].error)
    assert_sound(first, {"changed.py": text, "whole.py": seed.read_text(encoding="utf-8")})


def assert_sound(facts: SourceFacts, texts: dict[str, str]) -> None:
    """Every fact points at lines that are there, in order, and at no place twice."""
    ends = {path: text.count("\n") + 1 for path, text in texts.items()}
    for fact in facts.call_sites + facts.handlers + facts.functions:
        assert 1 <= fact.line <= fact.end_line <= ends[fact.path]
    places = [
        (site.path, site.line, site.column, site.end_line, site.end_column) for site in facts.call_sites
    ]
    assert places == sorted(set(places))
    assert [(f.path, f.line) for f in facts.handlers] == sorted((f.path, f.line) for f in facts.handlers)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """All seeds as modules of one project."""
    root = tmp_path_factory.mktemp("many")
    for number, seed in enumerate(SEEDS):
        (root / f"m{number}.py").write_bytes(seed.read_bytes())
    return root, sorted(path.name for path in root.iterdir())


def in_order(root: Path, paths: list[str]) -> SourceFacts:
    """The facts with the files selected in that order."""
    return index.build(root, selection_of(paths), {}, catalogue(), {})


def test_the_order_of_the_files_says_nothing(many: tuple[Path, list[str]]) -> None:
    """Whatever order the walk gives, the facts are the same."""
    root, paths = many
    expected = in_order(root, paths)
    assert len(expected.call_sites) > 100
    for order in (paths[::-1], sorted(paths, key=lambda path: path[::-1])):
        found = in_order(root, order)
        assert (expected.modules, expected.call_sites) == (found.modules, found.call_sites)
        assert (expected.handlers, set(expected.functions)) == (found.handlers, set(found.functions))


def test_functions_are_sorted(many: tuple[Path, list[str]]) -> None:
    """By path and line, as everything else."""
    root, paths = many
    found = [(function.path, function.line) for function in in_order(root, paths[::-1]).functions]
    assert sorted(found) == found


@pytest.mark.parametrize("seed", SEEDS[::6], ids=lambda path: path.stem)
def test_only_the_text_counts(tmp_path: Path, seed: Path) -> None:
    """Comments and empty lines move facts and change nothing else."""
    text = seed.read_text(encoding="utf-8")
    before = facts_of(tmp_path / "a", {"m.py": text})
    after = facts_of(tmp_path / "b", {"m.py": "# a comment\n\n" + text})
    assert [site.line + 2 for site in before.call_sites] == [site.line for site in after.call_sites]
    assert [
        (site.callee, site.handled, site.timeout, site.breaker, site.retry, site.observed, site.blocks_loop)
        for site in before.call_sites
    ] == [
        (site.callee, site.handled, site.timeout, site.breaker, site.retry, site.observed, site.blocks_loop)
        for site in after.call_sites
    ]
    assert [handler.flaws for handler in before.handlers] == [handler.flaws for handler in after.handlers]
