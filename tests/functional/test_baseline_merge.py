"""Two branches change code and baseline, and git merges them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.made_repository import Repository

from pytest_quality_gates import judgement, wiring
from pytest_quality_gates.config.settings import Overrides
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.store import baseline_file

NOTHING = Unavailable("not_evaluated", "not asked for")
FILES = 4
FUNCTIONS = 20
PAIRS = 10
EDITS = 4

Code = dict[str, list[str]]


class Merged(NamedTuple):
    """What became of the merges."""

    pairs: int
    new: int
    stale: int
    fixed: int


def text_of(code: Code) -> dict[str, str]:
    """The files; a function with a capital letter has all its annotations."""
    bodies = {
        True: "def {0}(x: int) -> int:\n    y = x\n    return y\n",
        False: "def {0}(x):\n    y = x\n    return y\n",
    }
    return {
        path: "\n\n".join(bodies[name[0].isupper()].format(name) for name in names)
        for path, names in code.items()
    }


def edited(code: Code, chance: random.Random, mark: str) -> Code:
    """The code after some functions were annotated and some flawed ones added, in random places."""
    after = {path: list(names) for path, names in code.items()}
    for number in range(EDITS):
        names = after[chance.choice(sorted(after))]
        flawed = [at for at, name in enumerate(names) if name.startswith("f")]
        at = chance.choice(flawed)
        names[at] = names[at].upper()
        names.insert(chance.randrange(len(names)), f"n{mark}{number}")
    return after


def judged(root: Path, *, writes: bool) -> tuple[int, int]:
    """How many findings are new and how many entries stale; the baseline is written before where asked."""
    known = wiring.extensions()
    settings = wiring.configure(root, Overrides(complete=True), known)
    source = wiring.gather_static(root, settings, with_types=False).source
    gates = [gate for gate in known.gates if gate.spec.slug in {"types", "integrity"}]
    facts = FactSet(source=source, coverage=NOTHING, types=NOTHING)
    if writes:
        judgement.write_baseline(root, settings, facts, gates)
    found = [finding for each in judgement.results(root, settings, facts, gates) for finding in each.findings]
    stale = sum(finding.rule == "stale-baseline" for finding in found)
    return sum(finding.state == "new" for finding in found) - stale, stale


def branch(made: Repository, name: str, base: Code, chance: random.Random) -> None:
    """Commit a branch with edits and the baseline that belongs to them."""
    made.git("checkout", "-q", "-B", name, "base")
    made.write(text_of(edited(base, chance, name)))
    assert (0, 0) == judged(made.root, writes=True)
    made.commit()


def merges(root: Path, seed: int) -> Merged:
    """Merge pairs of random branches until so many merged without a conflict in the code."""
    chance = random.Random(seed)  # noqa: S311 - a test repeats itself
    base = {f"shop/m{n}.py": [f"f{n}x{at}" for at in range(FUNCTIONS)] for n in range(FILES)}
    made = Repository(root)
    made.write(
        {"pyproject.toml": "", "shop/__init__.py": "", ".gitignore": ".quality-gates/\n", **text_of(base)}
    )
    judged(root, writes=True)
    made.commit()
    made.git("branch", "base")
    pairs = new = stale = 0
    while pairs < PAIRS:
        branch(made, "left", base, chance)
        branch(made, "right", base, chance)
        made.git("merge", "-q", "--no-edit", "left", fails=True)
        unmerged = made.git("diff", "--name-only", "--diff-filter=U").splitlines()
        assert not [path for path in unmerged if not path.endswith(".py")]
        if unmerged:
            made.git("merge", "--abort")
            continue
        found = judged(root, writes=False)
        pairs, new, stale = pairs + 1, new + found[0], stale + found[1]
    return Merged(pairs, new, stale, pairs * 2 * EDITS)


@pytest.mark.parametrize("seed", range(5))
def test_random_pairs(tmp_path: Path, seed: int) -> None:
    """Wherever git merges the code of two branches it merges their baselines, and nothing of the result is new.

    An entry that was fixed beside a neighbour's change may come back, as `merge=union` keeps both sides; so it is named
    as stale, and is rare.
    """
    merged = merges(tmp_path, seed)
    assert (PAIRS, 0) == (merged.pairs, merged.new)
    assert merged.stale <= merged.fixed // 10


def test_both_change_the_only_entry_of_a_header(tmp_path: Path) -> None:
    """Without luck: both branches write another figure for the same gate, and git still merges."""
    line = "00{0:022d} floor tests {0}/1000\n"
    made = Repository(tmp_path)
    attributes = {".quality-gates-baseline/.gitattributes": "entries merge=union\n"}
    made.commit({".quality-gates-baseline/entries": "00\n" + line.format(500), **attributes})
    for name, figure in (("left", 600), ("right", 700)):
        made.git("checkout", "-q", "-b", name, "main")
        made.commit({".quality-gates-baseline/entries": "00\n" + line.format(figure)})
    made.git("merge", "-q", "--no-edit", "left")
    found = baseline_file.read(tmp_path)
    assert found is not None
    assert [600, 700] == [floor.measured for floor in found.floors]
