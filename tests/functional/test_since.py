"""Only what changed is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.made_repository import Repository

if TYPE_CHECKING:
    from tests.functional.conftest import Project

SINCE = ("--quality-gates-since", "main", "--quality-gates-report", "json:report.json")
OLD = """\
def loose(x):
    return x


def untested(a: int) -> int:
    a += 1
    a += 2
    return a
"""


@pytest.fixture
def branch(shop: Project) -> Repository:
    """A project with old flaws, on a branch."""
    repository = Repository(shop.root)
    repository.commit({"shop/old.py": OLD, ".gitignore": "__pycache__/\n.quality-gates/\nreport.json\n"})
    repository.git("checkout", "-q", "-b", "work")
    return repository


def test_old_flaws_do_not_count(shop: Project, branch: Repository) -> None:
    """Old findings are outside, in a renamed file too; a new function with its test passes."""
    branch.git("mv", "shop/old.py", "shop/older.py")
    branch.commit({"shop/new.py": "def new() -> int:\n    return 1\n"})
    shop.write(
        {"tests/test_new.py": "from shop.new import new\n\n\ndef test_new():\n    assert new() == 1\n"}
    )
    result = shop.run(*SINCE)
    assert 0 == result.ret
    result.stdout.fnmatch_lines(
        ["*quality gates: strict, changes since main*", "tests * 2 of 2 *", "types * 1 of 1 *(1 outside*"]
    )
    report = shop.report()
    assert "main" == report["since"]
    assert [("shop/older.py", "outside")] == [(each["path"], each["state"]) for each in report["findings"]]


def test_one_untested_line_of_three(shop: Project, branch: Repository) -> None:
    """A small change has no blind spot: one untested line, not even committed, fails; so does a new parameter without a hint."""
    text = OLD.replace("loose(x):\n", "loose(x, y=0):\n    if y:\n        x = y\n")
    branch.write(
        {
            "shop/old.py": text,
            "tests/test_old.py": "from shop.old import loose\n\n\ndef test_old():\n    assert loose(1) == 1\n",
        }
    )
    result = shop.run(*SINCE)
    assert "quality gates: failed (tests, types)" == shop.last_line(result)
    result.stdout.fnmatch_lines(
        ["tests: 66.7 % of 3 lines,*", "  shop/old.py:3: 1 of 3 lines are untested: 3"]
    )


def test_changed_lines_of_some_files(shop: Project, branch: Repository) -> None:
    """In a whole run, `changed-lines` of a table holds for its files: one untested new line there fails."""
    settings = (shop.root / "pyproject.toml").read_text(encoding="utf-8") + (
        "\n[tool.quality-gates.tests]\nthreshold = 0\n\n[[tool.quality-gates.paths]]\n"
        'patterns = ["shop/prices.py"]\ntests = { threshold = 20, changed-lines = 100 }\n'
    )
    branch.git("checkout", "-q", "main")
    branch.commit({"pyproject.toml": settings})
    branch.git("checkout", "-q", "-B", "work")
    text = (shop.root / "shop/prices.py").read_text(encoding="utf-8")
    shop.write(
        {
            "shop/old.py": OLD + "\n\nNEW = 1\n",
            "shop/prices.py": text + "\n\ndef new() -> int:\n    return 1\n",
        }
    )
    shop.run("--quality-gates-report", "json:report.json")
    report = shop.report()
    verdicts = {gate["paths"]: gate["verdict"] for gate in report["gates"] if gate["slug"] == "tests"}
    assert {"": "passed", "shop/prices.py": "failed"} == verdicts
    found = [each for each in report["findings"] if each["gate"] == "tests"]
    assert [("untested-change", "shop/prices.py", 19)] == [
        (each["rule"], each["path"], each["line"]) for each in found
    ]


def test_nothing_changed(shop: Project, branch: Repository) -> None:
    """Where nothing changed there is nothing to judge."""
    branch.commit({"README.md": "words\n"})
    result = shop.run(*SINCE)
    assert "quality gates: passed" == shop.last_line(result)
    result.stdout.fnmatch_lines(["tests * nothing to judge *"])


def test_refused_before_the_tests(shop: Project, branch: Repository) -> None:
    """What git cannot compare is a usage error, before any test runs; so is a baseline of a change."""
    result = shop.run("--quality-gates-since", "origin/main")
    assert 4 == result.ret
    result.stderr.fnmatch_lines(
        ["*since origin/main: git knows no commit `origin/main` here; fetch it with*"]
    )
    both = shop.run(*SINCE, "--quality-gates-update-baseline")
    assert 4 == both.ret
    both.stderr.fnmatch_lines(["*a baseline is one of the whole project; leave one out*"])
    assert "" == branch.git("status", "--porcelain", "--untracked-files=no")
