"""A real project takes the gates up in one command, and is held to them from then on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ecosystem.projects import PROJECTS, Project
from tests.ecosystem.runs import Runs
from tests.made_repository import Repository

GITLAB = next(project for project in PROJECTS if project.name == "python-gitlab")
BASELINE = ".quality-gates-baseline/entries"
REPORT = "gates.json"
FILE = "gitlab/utils.py"
BAD = "def reach(url: str) -> Any: return requests.get(url)\n"

pytestmark = [
    pytest.mark.ecosystem,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group(GITLAB.name),
]


def _reformat(tree: Path) -> None:
    """Another layout, by ruff: longer lines, and no respect for the commas that keep things apart."""
    layout = ("--isolated", "--line-length=110", "--config=format.skip-magic-trailing-comma=true")
    command = [sys.executable, "-m", "ruff", "format", "--quiet", *layout, "gitlab", "tests"]
    subprocess.run(command, cwd=tree, check=True)


def _judged(runs: Runs, tree: Path, *arguments: str) -> tuple[int, list[tuple[str, str, str]], str]:
    """A gated run: its exit status, the findings that count, and what it printed."""
    asked = ("--quality-gates", f"--quality-gates-report=json:{REPORT}", "--quiet")
    run = runs.python("-m", "pytest", *asked, *arguments)
    found = json.loads((tree / REPORT).read_text(encoding="utf-8"))["findings"]
    new = [(each["rule"], each["path"], each["symbol"]) for each in found if each["state"] == "new"]
    return run.returncode, new, run.stdout[-3000:] + run.stderr[-1000:]


def test_from_init_to_the_first_bad_line(installed: Callable[[Project], Runs | str]) -> None:
    """`init` ends green; so does a complete run of the reformatted tree; one bad line more does not."""
    runs = installed(GITLAB)
    if isinstance(runs, str):
        pytest.skip(f"the package index cannot be reached: {runs}")
    with runs.fresh_tree() as tree:
        repository = Repository(tree)
        repository.write({".gitignore": f"__pycache__/\n.quality-gates/\n.pytest_cache/\n{REPORT}\n"})
        repository.commit()
        command = "from pytest_quality_gates.cli import main; main()"
        made = runs.python("-c", command, "init", "--", GITLAB.folder)
        assert 0 == made.returncode, made.stdout[-3000:] + made.stderr
        assert "quality gates: passed" in made.stdout
        assert f"?? {BASELINE.partition('/')[0]}/" in repository.git("status", "--porcelain")
        repository.commit()

        repository.git("checkout", "-q", "-b", "work")
        _reformat(tree)
        assert len(repository.git("diff", "--name-only").splitlines()) > 50
        repository.commit()
        status, new, said = _judged(runs, tree, "--quality-gates-complete", GITLAB.folder)
        assert (0, []) == (status, new), said

        with (tree / FILE).open("a", encoding="utf-8") as file:
            file.write(BAD)
        status, new, said = _judged(runs, tree, f"{GITLAB.folder}/test_utils.py")
        assert 1 == status, said
        assert {"no-timeout", "unguarded"} <= {rule for rule, _, _ in new}, said
        assert {(FILE, "reach")} == {(path, symbol) for _, path, symbol in new}, said
