"""A run of less than the suite says nothing about its coverage; one of the whole suite does, however it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
TEST = "def test_it():\n    assert abs(-1) == 1\n"
MORE_TESTS = """import pytest


@pytest.mark.slow
def test_slow():
    assert abs(-1) == 1


def test_quick():
    assert abs(-2) == 2
"""


def set_addopts(project: Project, options: str) -> None:
    """Let the project's own configuration ask for options every time."""
    pyproject = project.root / "pyproject.toml"
    text = pyproject.read_text().replace(
        "[tool.pytest.ini_options]\n", f"[tool.pytest.ini_options]\n{options}\n"
    )
    pyproject.write_text(text)


@pytest.fixture
def two_files(shop: Project) -> Project:
    """The shop with a second file of tests, one of them marked slow."""
    shop.write({"tests/sub/test_more.py": MORE_TESTS})
    set_addopts(shop, 'markers = ["slow: takes long"]')
    return shop


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("-k", "total"), "3 tests deselected"),
        (("-m", "not slow"), "1 test deselected"),
        (("--deselect", "tests/test_prices.py::test_half"), "1 test deselected"),
        (
            ("tests/test_prices.py::test_half",),
            "only tests/test_prices.py::test_half was asked for; tests/sub/test_more.py left out",
        ),
        (("tests/test_prices.py",), "tests/sub/test_more.py left out"),
        (("tests/sub",), "tests/test_prices.py left out"),
        (("--ignore", "tests/sub"), "tests/sub/test_more.py left out"),
        (("-n", "2", "-k", "total"), "3 tests deselected"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_partial(two_files: Project, arguments: tuple[str, ...], reason: str) -> None:
    """What was left out is named, the figure so far is shown, and the other gates are judged."""
    plugins = ("xdist.plugin",) if "-n" in arguments else ()
    result = two_files.run(*arguments, *REPORT, plugins=plugins)
    gate = two_files.gate("tests")
    assert ("not_evaluated", f"partial run: {reason}") == (gate["verdict"], gate["reason"])
    assert 7 == gate["total"]
    assert "passed" == two_files.gate("types")["verdict"]
    result.stdout.fnmatch_lines(["quality gates: not evaluated (tests)"])
    assert 0 == result.ret


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_stopped_early(two_files: Project, option: str) -> None:
    """A run that ended with its first failure did not run the rest."""
    two_files.write({"tests/test_0.py": "def test_wrong():\n    assert 1 == 2\n"})
    set_addopts(two_files, "testpaths = ['tests/test_0.py', 'tests/test_prices.py', 'tests/sub']")
    result = two_files.run(option, *REPORT)
    assert "partial run: stopped after 1 of 5 tests" == two_files.gate("tests")["reason"]
    result.stdout.fnmatch_lines(["quality gates: failed (1 test failed; not evaluated: tests)"])
    assert 1 == result.ret


def test_last_failed(two_files: Project) -> None:
    """`--lf` leaves out what passed the last time."""
    two_files.write({"tests/test_0.py": "import os\n\n\ndef test_x():\n    assert 'FIXED' in os.environ\n"})
    two_files.run()
    two_files.run("--lf", *REPORT)
    assert "partial run: only what failed the last time was run" == two_files.gate("tests")["reason"]


def test_collection_error(two_files: Project) -> None:
    """A file of tests that cannot be imported is missing from the suite."""
    two_files.write({"tests/test_0.py": "import nothing_of_this_name\n"})
    result = two_files.run(*REPORT)
    assert 2 == result.ret
    assert (
        "partial run: 1 error while tests were collected; stopped after 0 of 4 tests"
        == (two_files.gate("tests")["reason"])
    )
    result.stdout.fnmatch_lines(
        ["quality gates: failed (1 error while tests were collected; not evaluated: tests)"]
    )


def test_suite_in_a_place_of_its_own(two_files: Project) -> None:
    """The files of `testpaths` are known wherever they are, but for those that pytest passes over."""
    two_files.write({"spec/test_a.py": MORE_TESTS, "spec/test_b.py": TEST, "spec/skipped/test_c.py": TEST})
    set_addopts(two_files, "testpaths = ['spec']\nnorecursedirs = ['skipped']")
    two_files.run("spec/test_a.py", *REPORT)
    assert "partial run: spec/test_b.py left out" == two_files.gate("tests")["reason"]
    two_files.run("spec", *REPORT)
    assert two_files.gate("tests")["verdict"] in {"passed", "failed"}


def test_suite_at_the_top_level(shop: Project) -> None:
    """Test files that lie beside the package, not in a directory of theirs, are a part of the suite as well."""
    shop.write({"test_top.py": TEST})
    shop.run("tests", *REPORT)
    assert "partial run: test_top.py left out" == shop.gate("tests")["reason"]


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        ("addopts = '-m \"not slow\"'", ()),
        ("addopts = '--ignore=tests/sub'", ()),
        ("testpaths = ['tests']", ("tests",)),
        ("testpaths = ['tests']", (".",)),
        ("", ("tests",)),
        ("", ("tests/sub", "tests/test_prices.py")),
        ("", ("-x",)),
        ("", ("--ff",)),
    ],
    ids=str,
)
def test_whole_suite(two_files: Project, settings: str, arguments: tuple[str, ...]) -> None:
    """What the project's configuration always leaves out is no part of the suite; arguments may name all of it."""
    set_addopts(two_files, settings)
    result = two_files.run(*arguments, *REPORT)
    assert "passed" == two_files.gate("tests")["verdict"]
    assert 0 == result.ret


def test_stopped_early_with_workers(two_files: Project) -> None:
    """The stop of xdist after so many failures is no interruption by the user: the gates are judged."""
    two_files.write({"tests/test_0.py": "def test_wrong():\n    assert 1 == 2\n"})
    result = two_files.run("-n", "1", "-x", *REPORT, plugins=("xdist.plugin",))
    assert two_files.gate("tests")["reason"].startswith("partial run: stopped after ")
    result.stdout.fnmatch_lines(["quality gates: failed (1 test failed; not evaluated: tests)"])
