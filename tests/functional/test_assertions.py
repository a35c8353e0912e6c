"""Which tests check something, in real runs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functional.conftest import Project

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="sys.monitoring is there from Python 3.12 on"
)

TESTS = """\
import unittest
import warnings
from unittest.mock import Mock

import pytest
from helpers import checked, ignored


@pytest.fixture
def watched():
    yield 1
    assert ignored(1) == 1


def test_plain():
    assert ignored(1) == 1

def test_helper():
    checked(1)

def test_fixture(watched):
    pass

def test_raises():
    with pytest.raises(ValueError):
        int("x")

def test_warns():
    with pytest.warns(UserWarning):
        warnings.warn("x")

def test_mock():
    mock = Mock()
    mock(1)
    mock.assert_called_once_with(1)

class TestCase(unittest.TestCase):
    def test_unit(self):
        self.assertEqual(1, 1)

    def test_idle_unit(self):
        ignored(1)

def test_over_lines():
    assert (
        ignored(1)
        == 1
    )

@pytest.mark.parametrize("case", [1, 2])
def test_idle_case(case):
    if case == 1:
        assert case

def test_idle():
    ignored(1)

def test_idle_true():
    assert True

def test_idle_never_reached():
    for each in []:
        assert each

@pytest.mark.skip
def test_skipped():
    pass

@pytest.mark.xfail
def test_expected():
    ignored(0).nothing
"""
HELPERS = "def checked(x):\n    assert x\n\n\ndef ignored(x):\n    return x\n"
IDLE = [
    "TestCase.test_idle_unit",
    "test_idle",
    "test_idle_case[2]",
    "test_idle_never_reached",
    "test_idle_true",
]


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_checks(shop: Project, arguments: tuple[str, ...]) -> None:
    """Helpers, fixtures, raises, warns, mocks and unittest count; what is constant or never reached does not."""
    shop.write(
        {
            "tests/test_all.py": TESTS,
            "tests/helpers.py": HELPERS,
            "tests/conftest.py": "import sys\nsys.path.insert(0, 'tests')\n",
        }
    )
    plugins = ("xdist.plugin",) if arguments else ()
    result = shop.run("--quality-gates-report", "json:report.json", *arguments, plugins=plugins)
    assert "quality gates: failed (assertions)" == shop.last_line(result)
    assert IDLE == sorted(finding["symbol"] for finding in shop.report()["findings"])


def test_suppressed_with_a_reason(shop: Project) -> None:
    """A comment at the test accepts it."""
    text = "from shop.prices import half\n\n\ndef test_import():  # quality-gates: ignore[checks-nothing] {}\n    half(2.0)\n"
    shop.write({"tests/test_more.py": text.format("that it runs is the point")})
    assert 0 == shop.run().ret


BLIND = """import sys


def pytest_sessionstart(session):
    if hasattr(session.config, "workerinput"):
        for place in (3, 4):
            sys.monitoring.use_tool_id(place, "tracer")
"""


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_places_that_are_taken(shop: Project, arguments: tuple[str, ...]) -> None:
    """A process whose tests cannot be watched says so, a worker too; one that runs none has nothing to say."""
    shop.write({"conftest.py": BLIND if arguments else BLIND.replace("if hasattr", "if not hasattr")})
    plugins = ("xdist.plugin",) if arguments else ()
    result = shop.run("--quality-gates-report", "json:report.json", *arguments, plugins=plugins)
    assert "quality gates: not evaluated (assertions)" == shop.last_line(result)
    assert (
        "what a test checks cannot be seen: this interpreter's places for watching (sys.monitoring) are those of tracer"
        == shop.gate("assertions")["reason"]
    )


FORKS = """import os
import pickle

import pytest
from _pytest.runner import runtestprotocol


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    mine, childs = os.pipe()
    if not os.fork():
        reports = runtestprotocol(item, log=False)
        os.write(childs, pickle.dumps([report._to_json() for report in reports]))
        os._exit(0)
    os.wait()
    for values in pickle.loads(os.read(mine, 65536)):
        hook.pytest_runtest_logreport(report=pytest.TestReport._from_json(values))
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if item.name == "test_wrong" and report.when == "call":
        report.outcome = "passed"
    return report


def pytest_sessionfinish():
    import sys

    assert "pytest-quality-gates" not in map(sys.monitoring.get_tool, range(6))
"""
FORKED = """import pytest
from shop.prices import half


@pytest.fixture
def late():
    yield
    assert half(4.0) == 2.0

def test_late(late):
    pass

def test_idle():
    half(4.0)

def test_wrong():
    assert half(4.0) == 3.0
"""


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "lost"])
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_each_test_in_a_child(shop: Project, keeps: bool) -> None:
    """As pytest-forked runs them: what was seen in the child counts. The watch ends before anything is judged."""
    if keeps:
        with (shop.root / "pyproject.toml").open("a") as file:
            file.write('\n[tool.coverage.run]\npatch = ["_exit"]\n')
    shop.write({"conftest.py": FORKS, "tests/test_forked.py": FORKED})
    result = shop.run("--quality-gates-report", "json:report.json")
    more = "" if keeps else "; not evaluated: tests"
    assert f"quality gates: failed (assertions{more})" == shop.last_line(result)
    assert [("checks-nothing", "test_idle"), ("hidden-failure", "test_wrong")] == [
        (finding["rule"], finding["symbol"]) for finding in shop.report()["findings"]
    ]
    gate = shop.gate("tests")
    if keeps:
        assert (6, 7) == (gate["measured"], gate["total"])
    else:
        assert gate["reason"].startswith(
            "5 tests ran in forked children, and what that covered is lost; to keep it: patch"
        )


def test_pytest_forked(shop: Project) -> None:
    """The plugin itself, where it is installed and gets along with this pytest."""
    pytest.importorskip("pytest_forked")
    shop.write({"tests/test_forked.py": FORKED.replace("== 3.0", "== 2.0")})
    plugins = ("pytest_forked",)
    if shop.run("--forked", gated=False, plugins=plugins).ret:
        pytest.skip("this pytest-forked does not work with this pytest")
    result = shop.run("--forked", plugins=plugins)
    assert "quality gates: failed (assertions; not evaluated: tests)" == shop.last_line(result)
    result.stdout.fnmatch_lines(["*`test_idle` passed and checked nothing"])
    assert "1 found, ≤ 0 allowed" in result.stdout.str()
