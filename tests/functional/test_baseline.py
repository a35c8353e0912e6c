"""An old project adopts the gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.made_repository import Repository

if TYPE_CHECKING:
    from tests.functional.conftest import Project

UPDATE = "--quality-gates-update-baseline"
LOOSE = "def loose(x):\n    return x\n"
TESTS = "from shop.loose import loose\n\n\ndef test_loose():\n    assert loose(1) == 1\n"
COMMAND = "from pytest_quality_gates.cli import main; main()"
REPORT = ("--quality-gates-report", "json:report.json")


@pytest.fixture
def old(shop: Project) -> Project:
    """A project that falls short in a function and in coverage."""
    untested = "def untested() -> int:\n    a = 1\n    b = 2\n    c = 3\n    return a + b + c\n"
    shop.write({"shop/loose.py": LOOSE, "tests/test_loose.py": TESTS, "shop/untested.py": untested})
    return shop


def test_from_red_to_green_and_back(old: Project) -> None:
    """The baseline makes the run pass; a new flaw, and less coverage, fail it; a fixed entry must go."""
    assert 1 == old.run().ret
    written = old.run(UPDATE, *REPORT)
    assert (0, "quality gates: passed") == (written.ret, old.last_line(written))
    written.stdout.fnmatch_lines(["quality gates: the baseline * accepts 1 finding, 8 of 14 for tests"])
    assert ["baseline"] == [finding["state"] for finding in old.report()["findings"]]
    old.write({"shop/loose.py": LOOSE + "\n\ndef looser(y):\n    a = y\n    b = a\n    return b\n"})
    worse = old.run()
    assert "quality gates: failed (tests, types)" == old.last_line(worse)
    worse.stdout.fnmatch_lines(
        ["tests: 5* less than the 57.1 % of the baseline: 2 more needed", "*1 more needed"]
    )
    old.write({"shop/loose.py": LOOSE.replace("(x)", "(x: int) -> int")})
    assert 0 == old.run().ret
    stale = old.run("--quality-gates-complete")
    assert "quality gates: failed (integrity)" == old.last_line(stale)
    assert 0 == old.run("--quality-gates-complete", UPDATE).ret


def test_failing_tests_write_nothing(old: Project) -> None:
    """What a failing run covers is not what the suite covers: nothing is written, and that is said."""
    old.write({"tests/test_wrong.py": "def test_wrong():\n    assert 1 == 2\n"})
    result = old.run(UPDATE)
    result.stdout.fnmatch_lines(["quality gates: the baseline was not written: 1 test failed"])
    assert not (old.root / ".quality-gates-baseline").exists()


def test_partial_run_keeps_the_figure(old: Project) -> None:
    """A run of some tests writes what it could measure and leaves the rest of the baseline as it is."""
    old.run(UPDATE)
    path = old.root / ".quality-gates-baseline" / "entries"
    before = path.read_text()
    old.write({"shop/loose.py": LOOSE + "\n\ndef more(y):\n    return y\n"})
    old.run(UPDATE, "tests/test_prices.py")
    added = set(path.read_text().splitlines()) - set(before.splitlines())
    assert 1 == len(added)
    assert added.pop().endswith(" types missing-annotation shop/loose.py :: more")


def test_broken_baseline_accepts_nothing(old: Project) -> None:
    """A baseline that cannot be read fails the run, with its line."""
    old.run(UPDATE)
    path = old.root / ".quality-gates-baseline" / "entries"
    path.write_text(path.read_text().replace("01\n", "01\nnonsense\n"))
    result = old.run()
    assert 1 == result.ret
    result.stdout.fnmatch_lines(
        ["integrity: .quality-gates-baseline/entries:*: `nonsense` is no entry of a baseline*"]
    )


def test_init(old: Project) -> None:
    """One command: settings with comments, a run, a baseline; the next run passes, and a renamed file stays known."""
    repository = Repository(old.root)
    repository.write({".gitignore": "__pycache__/\n"})
    before = (old.root / "pyproject.toml").read_text()
    made = old.python("-c", COMMAND, "init", "--", "-p", "pytest_quality_gates.plugin", "-q", "tests")
    assert 0 == made.ret
    after = (old.root / "pyproject.toml").read_text()
    assert after.startswith(before)
    assert 'source = ["shop"]' in after
    assert 'suite = ["tests"]' in after
    repository.commit()
    repository.git("mv", "shop/loose.py", "shop/tight.py")
    old.write({"tests/test_loose.py": TESTS.replace("shop.loose", "shop.tight")})
    assert 0 == old.run("--quality-gates-complete").ret
    again = old.python("-c", COMMAND, "init", "--no-tests")
    assert 0 == again.ret
    again.stdout.fnmatch_lines(["pyproject.toml has a table * already: it was left as it is"])
    assert after == (old.root / "pyproject.toml").read_text()
