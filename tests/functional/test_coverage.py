"""The coverage figure is the one that pytest-cov or coverage.py would give, to the line, whoever measures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import coverage
import pytest

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
PARALLEL_TESTS = "".join(
    f"def test_{name}():\n    from shop import prices\n    {body}\n\n\n"
    for name, body in {
        "under": "assert prices.total([1.0], 0.0) == 1.0",
        "over": "assert prices.total([1.0], 2.0) == 0.0",
        "half": "assert prices.half(4.0) == 2.0",
    }.items()
)
WORKER_SCRIPT = """
import subprocess
import sys


def test_in_a_child():
    code = "from shop import prices; prices.half(2.0)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd={root!r})
"""
POOL = """
import multiprocessing

from shop.prices import half


def test_in_a_pool():
    context = multiprocessing.get_context("fork")
    process = context.Process(target=half, args=(1.0,))
    process.start()
    process.join()
    assert process.exitcode == 0
"""
SUBPROCESS = '[tool.coverage.run]\nsource = ["shop"]\npatch = ["subprocess"]\nparallel = true\n'
PROJECTS = {
    "plain": (
        "",
        TESTS := "from shop.prices import half\n\n\ndef test_half():\n    assert half(4.0) == 2.0\n",
    ),
    "branch": ('[tool.coverage.run]\nsource = ["shop"]\nbranch = true\n', TESTS),
    "omit": ('[tool.coverage.run]\nsource = ["shop"]\nomit = ["*/other.py"]\n', TESTS),
    "report-omit": ('[tool.coverage.report]\nomit = ["*/other.py"]\nexclude_also = ["return 0.0"]\n', TESTS),
    "source-package": ('[tool.coverage.run]\nsource_pkgs = ["shop"]\n', TESTS),
    "relative": ('[tool.coverage.run]\nsource = ["shop"]\nrelative_files = true\n', TESTS),
    "context": ('[tool.coverage.run]\nsource = ["shop"]\ndynamic_context = "test_function"\n', TESTS),
    "subprocess": (SUBPROCESS, WORKER_SCRIPT),
    "multiprocessing": (
        '[tool.coverage.run]\nsource = ["shop"]\nconcurrency = ["multiprocessing"]\nparallel = true\n',
        POOL,
    ),
}


def figures(gate: dict[str, Any]) -> tuple[int, int]:
    """Covered and total, lines and branches."""
    return gate["measured"], gate["total"]


def by_coverage(project: Project) -> tuple[int, int]:
    """The same by coverage.py's own JSON report."""
    totals = json.loads((project.root / "cov.json").read_text())["totals"]
    covered = totals["covered_lines"] + totals.get("covered_branches", 0)
    return covered, totals["num_statements"] + totals.get("num_branches", 0)


def prepare(project: Project, name: str) -> None:
    """Give the shop the settings and tests of one of the projects above."""
    settings, tests = PROJECTS[name]
    pyproject = project.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + settings)
    project.write({"tests/test_prices.py": tests.replace("{root!r}", repr(str(project.root)))})
    project.write({"shop/other.py": "def never() -> int:\n    return 1\n"})


needs_patch = pytest.mark.skipif(
    not hasattr(coverage.Coverage(config_file=False).config, "patch"),
    reason="this coverage.py has no setting `patch` by which child processes measure themselves",
)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[needs_patch] if name == "subprocess" else []) for name in PROJECTS],
)
def test_same_figure_as_pytest_cov(shop: Project, name: str) -> None:
    """Ours alone, and pytest-cov alone, agree; and `.coverage` of the user's is left as it was."""
    prepare(shop, name)
    (shop.root / ".coverage").write_bytes(b"precious")
    result = shop.run(*REPORT)
    assert b"precious" == (shop.root / ".coverage").read_bytes()
    assert [] == list(shop.root.glob(".coverage.*"))
    assert "assed" in result.stdout.str()
    (shop.root / ".coverage").unlink()
    shop.run("--cov=shop", "--cov-report=json:cov.json", plugins=("pytest_cov",), gated=False)
    assert by_coverage(shop) == figures(shop.gate("tests"))


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_pytest_cov_measures(shop: Project, workers: tuple[str, ...]) -> None:
    """Where pytest-cov measures, its data are used and its own report is as it always was."""
    prepare(shop, "plain")
    plugins = ("pytest_cov", *(["xdist.plugin"] if workers else []))
    result = shop.run("--cov=shop", "--cov-report=json:cov.json", *REPORT, *workers, plugins=plugins)
    result.stdout.fnmatch_lines(["*coverage by pytest-cov*"])
    assert by_coverage(shop) == figures(shop.gate("tests"))
    assert (shop.root / ".coverage").exists()


def test_coverage_run_measures(shop: Project) -> None:
    """Under `coverage run` its data are used, and it writes its own file in the end."""
    prepare(shop, "branch")
    plugin = ("-p", "pytest_quality_gates.plugin")
    result = shop.python("-m", "coverage", "run", "-m", "pytest", *plugin, "--quality-gates", *REPORT)
    result.stdout.fnmatch_lines(["*coverage by coverage run*"])
    shop.python("-m", "coverage", "json", "-o", "cov.json")
    assert by_coverage(shop) == figures(shop.gate("tests"))


@needs_patch
def test_children_of_coverage_run(shop: Project) -> None:
    """Under `coverage run` what child processes measured counts, what an earlier run left behind does not."""
    prepare(shop, "subprocess")
    (shop.root / ".coverage.old").write_bytes(b"of an earlier run, and broken")
    plugin = ("-p", "pytest_quality_gates.plugin")
    shop.python("-m", "coverage", "run", "-m", "pytest", *plugin, "--quality-gates", *REPORT)
    assert b"of an earlier run, and broken" == (shop.root / ".coverage.old").read_bytes()
    (shop.root / ".coverage.old").unlink()
    shop.python("-m", "coverage", "combine")
    shop.python("-m", "coverage", "json", "-o", "cov.json")
    assert by_coverage(shop) == figures(shop.gate("tests"))
    assert figures(shop.gate("tests"))[0] > 0


def test_workers_measure(shop: Project) -> None:
    """With two workers the figure is that of one process, and it is judged once."""
    shop.write({"tests/test_prices.py": PARALLEL_TESTS})
    shop.run(*REPORT)
    alone = figures(shop.gate("tests"))
    result = shop.run("-n", "2", *REPORT, plugins=("xdist.plugin",))
    assert alone == figures(shop.gate("tests"))
    assert 1 == result.stdout.str().count("quality gates: passed")


def test_lines_of_imports_count(shop: Project) -> None:
    """A conftest file that imports the project does so after the measurement began."""
    shop.write({"conftest.py": "import shop.prices\n"})
    shop.run(*REPORT)
    assert (6, 7) == figures(shop.gate("tests"))


def test_installed_copy(shop: Project) -> None:
    """Tests that import an installed copy of the package cover the source that it was built from."""
    shop.write(
        {"site/shop/__init__.py": "", "site/shop/prices.py": (shop.root / "shop/prices.py").read_text()}
    )
    pyproject = shop.root / "pyproject.toml"
    pyproject.write_text(
        pyproject.read_text().replace('["."]', '["site"]') + '[tool.quality-gates]\nsource = ["shop"]\n'
    )
    shop.run(*REPORT)
    assert (6, 7) == figures(shop.gate("tests"))


def test_chosen_core(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A core that the user chose is the one that measures."""
    monkeypatch.setenv("COVERAGE_CORE", "ctrace")
    shop.run("-v").stdout.fnmatch_lines(
        ["*measured by pytest-quality-gates (ctrace: chosen by COVERAGE_CORE)"]
    )


def test_exact_comparison(shop: Project) -> None:
    """79.99 % misses 80 %, and is printed so that one sees it."""
    body = "\n".join(
        [
            "def covered() -> None:",
            *["    pass"] * 7998,
            "",
            "",
            "def missed() -> None:",
            *["    pass"] * 2001,
        ]
    )
    shop.write(
        {
            "shop/prices.py": body + "\n",
            "tests/test_prices.py": "from shop.prices import covered\n\n\ndef test_it():\n    covered()\n",
        }
    )
    result = shop.run(*REPORT)
    gate = shop.gate("tests")
    assert ("failed", 8000, 10001) == (gate["verdict"], gate["measured"], gate["total"])
    result.stdout.fnmatch_lines(["tests * 8000 of 10001 * 79.99 % * 80 % * failed"])
