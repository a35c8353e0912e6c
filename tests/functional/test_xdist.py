"""One verdict with workers, on the controller, equal to the one without to the line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
XDIST = ("xdist.plugin",)
PRICES = '''"""Prices."""


def total(prices: list[float], rate: float) -> float:
    """Sum with tax."""
    if rate > 1:
        return 0.0
    if rate < 0:
        return -1.0
    return sum(prices) * (1 + rate)


def half(price: float) -> float:
    """Half of it."""
    if price < 0:
        return 0.0
    return price / 2
'''
TESTS = "".join(
    f"import pytest\n\nfrom shop import prices\n\n\n@pytest.mark.xdist_group('{name}')\n"
    f"def test_{name}():\n    {body}\n\n\n"
    for name, body in {
        "plain": "assert prices.total([1.0], 0.0) == 1.0",
        "over": "assert prices.total([1.0], 2.0) == 0.0",
        "half": "assert prices.half(4.0) == 2.0",
    }.items()
)
CRASH = """import os
import pathlib


def test_crash():
    os._exit(3)


def test_after():
    assert 1 + 1 == 2
"""


@pytest.fixture
def parallel(shop: Project) -> Project:
    """A shop of which the tests cover different lines, in two files."""
    shop.write({"shop/prices.py": PRICES, "tests/test_prices.py": TESTS, "tests/test_more.py": TESTS})
    return shop


def result(project: Project, *arguments: str) -> dict[str, Any]:
    """The whole report of a run, less what says who measured."""
    plugins = XDIST if arguments else ()
    printed = project.run(*REPORT, *arguments, plugins=plugins).stdout.str()
    assert 1 == printed.count("quality gates: passed") + printed.count("quality gates: failed"), printed
    return project.report()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-n", "2", "--dist", "load"),
        ("-n", "2", "--dist", "loadscope"),
        ("-n", "2", "--dist", "loadfile"),
        ("-n", "2", "--dist", "loadgroup"),
        ("-n", "2", "--dist", "worksteal"),
        ("-n", "4", "--maxprocesses", "2"),
        ("-n", "0"),
        ("--dist", "load", "--tx", "2*popen"),
        ("--dist", "each", "--tx", "2*popen"),
    ],
    ids=" ".join,
)
def test_same_result(parallel: Project, arguments: tuple[str, ...]) -> None:
    """However the tests are spread, every gate and every finding is as without workers."""
    alone = result(parallel)
    assert alone == result(parallel, *arguments)


def test_workers_elsewhere(parallel: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Workers that got a copy of the project, as those on other machines do, cover the lines of the original."""
    place = tmp_path_factory.mktemp("elsewhere")
    _with_copies(parallel)
    alone = result(parallel)
    there = ("--tx", f"popen//chdir={place}")
    assert alone == result(parallel, "--dist", "load", *there, *there, str(parallel.root / "tests"))
    assert (place / parallel.root.name / "shop").is_dir()


@pytest.mark.parametrize("restarts", [(), ("--max-worker-restart", "0")], ids=["replaced", "not replaced"])
def test_worker_that_crashed(parallel: Project, restarts: tuple[str, ...]) -> None:
    """What a crashed worker covered is lost, whether another one took its place or not: that is no figure."""
    parallel.write({"tests/test_crash.py": CRASH})
    printed = parallel.run("-n", "2", *REPORT, *restarts, plugins=XDIST)
    gate = parallel.gate("tests")
    assert "could_not_run" == gate["verdict"]
    assert "ended without a word: what it covered is unknown" in gate["reason"]
    assert "passed" == parallel.gate("types")["verdict"]
    assert 1 == printed.ret
    assert parallel.last_line(printed).startswith("quality gates: could not run (")


def test_stopped_by_a_failure(parallel: Project) -> None:
    """With `-x` the workers are stopped; what they covered so far is a partial figure, and nobody waits for ever."""
    parallel.write({"tests/test_0.py": "def test_wrong():\n    assert 1 == 2\n"})
    parallel.run("-n", "2", "-x", *REPORT, plugins=XDIST)
    assert parallel.gate("tests")["reason"].startswith("partial run: ")


SSH = """#!/bin/sh
# Runs the command as a server would, in another directory and with an environment of its own.
for command; do :; done
cd / && exec env -i PATH="$PATH" PYTHONPATH="$PYTHONPATH" PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 sh -c "$command"
"""


@pytest.mark.skipif(os.name != "posix", reason="the program in the place of ssh is a shell script")
def test_workers_behind_ssh(
    parallel: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ssh gateways of execnet, with a local shell in the place of the server: the result is the one without workers."""
    place = tmp_path_factory.mktemp("server")
    (place / "ssh").write_text(SSH)
    (place / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(place), prepend=os.pathsep)
    _with_copies(parallel)
    alone = result(parallel)
    there = ("--tx", f"ssh=server//python={sys.executable}//chdir={place}")
    assert alone == result(parallel, "--dist", "load", *there, *there, str(parallel.root / "tests"))
    assert (place / parallel.root.name / "shop").is_dir()


def _with_copies(parallel: Project) -> None:
    """Let xdist copy the project to where its workers are."""
    pyproject = parallel.root / "pyproject.toml"
    options = 'pythonpath = ["."]\nrsyncdirs = ["."]\nfilterwarnings = ["ignore::DeprecationWarning"]\n'
    pyproject.write_text(pyproject.read_text().replace('pythonpath = ["."]\n', options))
