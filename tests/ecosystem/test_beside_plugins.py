"""The plugins that most suites use, beside us in real runs: each does its work, and the verdict and the figure are right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests import package_index
from tests.ecosystem.installation import InstallationError, UnreachableError, checked
from tests.ecosystem.projects import FIXTURES, ROOT

pytestmark = [pytest.mark.ecosystem, pytest.mark.timeout(300)]

SETTINGS = """[project]
name = "shop"
version = "1"

[tool.pytest.ini_options]
pythonpath = ["."]
"""
SHOP = '''"""A shop."""

import asyncio


def half(price: int) -> int:
    """Half of it."""
    if price < 0:
        return 0
    return price // 2


async def later(price: int) -> int:
    """Half of it, in a while."""
    await asyncio.sleep(0)
    return half(price)
'''
LINES = 8
"""Statements of the shop."""


class Outcome(NamedTuple):
    """What came of a run."""

    status: int
    output: str
    report: dict[str, Any]

    @property
    def verdict(self) -> str:
        """The last line."""
        return self.output.rstrip().rpartition("\n")[2]

    @property
    def figure(self) -> tuple[int, int]:
        """Covered lines, and all."""
        gate = next(gate for gate in self.report["gates"] if gate["slug"] == "tests")
        return gate["measured"], gate["total"]


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment with all the plugins and us."""
    place = tmp_path_factory.mktemp("environment")
    command = [sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, str(place)]
    interpreter = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    requirements = FIXTURES / "plugins" / "requirements.txt"
    into = ("--python", str(interpreter), "--no-deps")
    try:
        checked(subprocess.run(command, capture_output=True, text=True, timeout=100, check=False))
        checked(package_index.install(*into, "--requirement", str(requirements), timeout=200))
        checked(package_index.install(*into, "--editable", str(ROOT), timeout=100))
    except UnreachableError as error:
        pytest.skip(f"the package index cannot be reached: {error}")
    except InstallationError as error:
        pytest.fail(str(error))
    return str(interpreter)


@pytest.fixture
def run(tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest with the gates and one plugin on the shop and these tests."""
    for name in [name for name in os.environ if name.startswith(("COVERAGE_", "PYTEST_", "PYTHON"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(plugin: str, tests: str, *arguments: str, settings: str = "") -> Outcome:
        (tmp_path / "pyproject.toml").write_text(SETTINGS + settings)
        for name, text in {"shop.py": SHOP, "tests/test_shop.py": tests}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        plugins = ("-p", "pytest_quality_gates.plugin", "-p", plugin)
        gates = ("--quality-gates", "--quality-gates-report", "json:report.json")
        done = subprocess.run(
            [python, "-m", "pytest", *plugins, *gates, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "INTERNALERROR" not in done.stdout, done.stdout
        report = tmp_path / "report.json"
        return Outcome(
            done.returncode, done.stdout, json.loads(report.read_text()) if report.exists() else {}
        )

    return run


PLAIN = """import asyncio

import pytest

from shop import half, later


@pytest.mark.parametrize("price", range(6))
def test_half(price):
    assert half(price) == price // 2


def test_later():
    assert asyncio.run(later(4)) == 2
"""
ALL_BUT_ONE = (LINES - 1, LINES)


def test_pytest_cov(run: Run) -> None:
    """pytest-cov measures, its report is printed, and the figure is its own."""
    found = run("pytest_cov", PLAIN, "--cov=shop", "--cov-report=term")
    assert "quality gates: passed" == found.verdict
    assert "coverage by pytest-cov" in found.output
    assert "88%" in found.output
    assert ALL_BUT_ONE == found.figure


def test_pytest_randomly(run: Run) -> None:
    """Another order gives the same figure."""
    orders = set()
    for seed in (1, 2, 3):
        found = run("pytest_randomly", PLAIN, "-v", "-p", "no:cacheprovider", f"--randomly-seed={seed}")
        assert "quality gates: passed" == found.verdict
        assert ALL_BUT_ONE == found.figure
        orders.add(tuple(line for line in found.output.splitlines() if "::" in line and "PASSED" in line))
    assert len(orders) > 1


ASYNC = """import {module}
import pytest

from shop import later

{extra}

@pytest.mark.{mark}
async def test_later():
    assert await later(4) == 2


@pytest.mark.{mark}
async def test_none():
    assert await later(-4) == 0
"""


def test_pytest_asyncio(run: Run) -> None:
    """Coroutines are run and measured."""
    found = run("pytest_asyncio.plugin", ASYNC.format(module="asyncio", mark="asyncio", extra=""))
    assert "2 passed" in found.output
    assert "quality gates: passed" == found.verdict
    assert (LINES, LINES) == found.figure


def test_anyio(run: Run) -> None:
    """The same by anyio."""
    backend = "\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    found = run("anyio.pytest_plugin", ASYNC.format(module="anyio", mark="anyio", extra=backend))
    assert "2 passed" in found.output
    assert "quality gates: passed" == found.verdict
    assert (LINES, LINES) == found.figure


DJANGO = """import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.urls import path

from shop import half

urlpatterns = [path("half/", lambda request: HttpResponse(str(half(int(request.GET["price"])))))]


@pytest.mark.django_db
def test_database():
    Group.objects.create(name="a")
    assert Group.objects.count() == half(2)


def test_client(client):
    assert client.get("/half/?price=8").content == b"4"


def test_settings(settings):
    settings.DEBUG = True
    assert half(-1) == 0
"""


def test_pytest_django(run: Run, tmp_path: Path) -> None:
    """Views that the test client calls are measured, whatever pytest-django does to the database and the settings."""
    (tmp_path / "site_settings.py").write_text(
        "SECRET_KEY = 'x'\nALLOWED_HOSTS = ['*']\nROOT_URLCONF = 'test_shop'\n"
        "INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']\n"
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\n"
    )
    settings = '[tool.quality-gates]\nsource = ["shop.py"]\n[tool.quality-gates.tests]\nthreshold = 70\n'
    found = run("pytest_django.plugin", DJANGO, "--ds=site_settings", settings=settings)
    assert "3 passed" in found.output
    assert "quality gates: passed" == found.verdict, found.output
    assert (LINES - 2, LINES) == found.figure


HANGS = """import time

from shop import half


def test_half():
    assert half(4) == 2


def test_hangs():
    time.sleep(100)
"""


def test_pytest_timeout_by_signal(run: Run) -> None:
    """A test that takes too long failed; what ran is measured."""
    found = run("pytest_timeout", HANGS, "--timeout=1", "--timeout-method=signal")
    assert found.verdict.startswith("quality gates: failed (1 test failed"), found.output
    assert 1 == found.status
    assert LINES == found.figure[1]


def test_pytest_timeout_by_thread(run: Run) -> None:
    """Where pytest-timeout ends the process, there is no verdict and no report."""
    found = run("pytest_timeout", HANGS, "--timeout=1", "--timeout-method=thread")
    assert "quality gates: passed" not in found.output
    assert {} == found.report
    assert 0 != found.status


FLAKY = """from shop import half

tries = []


def test_flaky():
    tries.append(1)
    assert half(len(tries)) == 1


def test_negative():
    assert half(-1) == 0
"""


def test_pytest_rerunfailures(run: Run) -> None:
    """A test that passes when it is run again has passed; one that never does has failed, once."""
    found = run("pytest_rerunfailures", FLAKY, "--reruns=2")
    assert "1 rerun" in found.output
    assert "quality gates: failed (tests)" == found.verdict
    assert (LINES - 2, LINES) == found.figure
    never = run("pytest_rerunfailures", FLAKY.replace("== 1", "== 9"), "--reruns=2")
    assert never.verdict.startswith("quality gates: failed (1 test failed")


def test_pytest_sugar(run: Run) -> None:
    """Another reporter: our table and the verdict are printed below its summary."""
    found = run("pytest_sugar", PLAIN, "--force-sugar")
    assert "quality gates: passed" == found.verdict
    assert "type-errors" in found.output
    assert ALL_BUT_ONE == found.figure


HYPOTHESIS = """from hypothesis import given, strategies

from shop import half


@given(strategies.integers())
def test_half(price):
    assert half(price) in (0, price // 2)
"""


def test_hypothesis(run: Run) -> None:
    """Examples are found and measured, and none is too slow under measurement."""
    settings = "[tool.quality-gates.tests]\nthreshold = 70\n"
    found = run("_hypothesis_pytestplugin", HYPOTHESIS, "--hypothesis-seed=1", settings=settings)
    assert "1 passed" in found.output
    assert "quality gates: passed" == found.verdict
    assert (LINES - 2, LINES) == found.figure
