"""A run without a single test is no passed run, whatever the other gates say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
NO_TESTS = {"pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n", "shop/__init__.py": "A = 1\n"}


def test_no_test_collected(project: Project) -> None:
    """No test at all: pytest's own exit status stays, what is covered is not judged, and the rest is."""
    project.write(NO_TESTS)
    result = project.run(*REPORT)
    assert 5 == result.ret
    gate = project.gate("tests")
    assert ("not_evaluated", "no test was collected") == (gate["verdict"], gate["reason"])
    assert (0, 0) == (gate["measured"], gate["total"])
    assert "passed" == project.gate("types")["verdict"]
    assert "failed" == json.loads((project.root / "report.json").read_text())["verdict"]
    result.stdout.fnmatch_lines(["quality gates: failed (no test was collected; not evaluated: tests)"])


def test_every_test_left_out(shop: Project) -> None:
    """All tests deselected is told apart from none written, and passes no more."""
    result = shop.run("-k", "nothing_of_this_name", *REPORT)
    assert 5 == result.ret
    reason = "no test was selected, 2 were left out"
    assert ("not_evaluated", reason) == (shop.gate("tests")["verdict"], shop.gate("tests")["reason"])
    result.stdout.fnmatch_lines([f"quality gates: failed ({reason}; not evaluated: tests)"])
