"""The check before a merge, from end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.made_repository import Repository

if TYPE_CHECKING:
    from tests.functional.conftest import Project

RUN = ("--quality-gates-complete", "--quality-gates-report", "json:report.json")
COMMAND = "from pytest_quality_gates.cli import main; main()"


def verified(project: Project) -> tuple[int, list[str]]:
    """The exit status of `verify`, and what it says."""
    result = project.python("-c", COMMAND, "verify", "report.json")
    return int(result.ret), [line.partition(": ")[2] for line in result.outlines]


def test_of_this_tree(shop: Project) -> None:
    """A complete run verifies; after a change of a file, or on another commit, it does not."""
    repository = Repository(shop.root)
    repository.commit({".gitignore": "__pycache__/\n.quality-gates/\nreport.json\nstd*\n"})
    assert 0 == shop.run(*RUN).ret
    assert (0, ["passed, complete, and of this tree"]) == verified(shop)
    before = repository.git("rev-parse", "HEAD")
    nested = shop.root / "shop" / "setup.cfg"
    nested.write_text("[mypy]\n", encoding="utf-8")
    assert (1, ["came since: shop/setup.cfg"]) == verified(shop)
    nested.unlink()
    now = repository.commit({"tests/test_prices.py": "def test_nothing():\n    assert 1\n"})
    status, said = verified(shop)
    assert 1 == status
    assert [
        f"it is of commit {before[:12]}, this is {now[:12]}",
        "changed since: tests/test_prices.py",
        "judged again, integrity is failed (10 of 12)",  # two tests of the last verified report are gone
    ] == said


def test_partial_run(shop: Project) -> None:
    """Tests that a hook takes away silently, and files that a conftest keeps from collection, show."""
    shop.write(
        {
            "conftest.py": "collect_ignore = ['tests/test_more.py']\n\n\n"
            "def pytest_collection_modifyitems(items):\n    del items[0]\n",
            "tests/test_more.py": "def test_more():\n    assert 1 == 2\n",
        }
    )
    result = shop.run(*RUN)
    assert "quality gates: failed (not evaluated: tests)" == shop.last_line(result)
    result.stdout.fnmatch_lines(["tests: partial run: tests/test_more.py left out; 1 test deselected"])
    status, said = verified(shop)
    assert 1 == status
    assert "1 tests were deselected" in said
