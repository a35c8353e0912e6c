"""Cheap ways to green. Each is a small real change and command; either the run does not pass, or `verify` refuses.

The tricks that a run cannot see by itself are those marked `VERIFY`; the documentation names them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.bypass.conftest import PRICES, SETTINGS, TESTS

if TYPE_CHECKING:
    from tests.bypass.conftest import Project

RUN, VERIFY = "the run", "verify"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "verify.md"

LOOSE = "def loose(x):\n    return x\n"
TESTED = "from shop.loose import loose\n\n\ndef test_loose():\n    assert loose(1) == 1\n"
UNTESTED = "def untested(a: int) -> int:\n" + "".join(f"    a += {n}\n" for n in range(20)) + "    return a\n"
CHECK = "    assert total([1, 2]) == 3\n"
FLAW = {"shop/loose.py": LOOSE, "tests/test_loose.py": TESTED}
GAP = {"shop/untested.py": UNTESTED}
WRONG = {"tests/test_prices.py": TESTS.replace("[1, 2]) == 3", "[1, 2]) == 4")}
HIDDEN = r"`test_total` failed \(AssertionError: assert 3 == 4\), and something made it pass"
FINGERPRINT = "0123456789abcdef01234567"
BASELINE = f"{FINGERPRINT} types missing-annotation shop/loose.py :: loose\n"


class Trick(NamedTuple):
    """One way."""

    files: dict[str, str]
    seen_by: str
    says: str
    """A pattern of what is said."""
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = {}


def settings(old: str, new: str) -> dict[str, str]:
    """The settings with something else in them."""
    assert old in SETTINGS
    return {"pyproject.toml": SETTINGS.replace(old, new)}


def suite(old: str, new: str) -> dict[str, str]:
    """The tests with something else in them."""
    assert old in TESTS
    return {"tests/test_prices.py": TESTS.replace(old, new)}


def hook(text: str) -> dict[str, str]:
    """A conftest file with a hook in it."""
    return {"conftest.py": f"import pytest\n\n\n{text}"}


def addopts(*words: str) -> dict[str, str]:
    """`addopts` with these words."""
    return settings("addopts = []", f"addopts = {list(words)}")


TRICKS = {
    "-p no: in addopts": Trick(
        FLAW | addopts("-p", "no:pytest_quality_gates.plugin"),
        RUN,
        "failed|unrecognized arguments|cannot be disabled",
    ),
    "--no-quality-gates in addopts": Trick(
        FLAW | addopts("--no-quality-gates"), RUN, "unrecognized arguments"
    ),
    "environment deselects": Trick(
        {}, RUN, "partial run: 1 test deselected", environment={"PYTEST_ADDOPTS": "-k total"}
    ),
    "environment takes a milder profile": Trick(
        {},
        VERIFY,
        "judged by the profile development",
        environment={"PYTEST_ADDOPTS": "--quality-gates-profile development"},
    ),
    "lowered threshold": Trick(
        GAP | settings("[tool.pytest", "[tool.quality-gates.tests]\nthreshold = 5\n\n[tool.pytest"),
        RUN,
        "the threshold of tests was ≥ 80 %, now ≥ 5 %",
    ),
    "gate off": Trick(
        FLAW | settings("[tool.pytest", "[tool.quality-gates.types]\nlevel = 'off'\n\n[tool.pytest"),
        RUN,
        "the level of types was enforce, now off",
    ),
    "milder profile": Trick(
        settings('source = ["shop"]', 'source = ["shop"]\nprofile = "development"'),
        RUN,
        "the threshold of tests was ≥ 80 %, now ≥ 70 %",
    ),
    "milder table for the file": Trick(
        FLAW
        | settings(
            "[tool.pytest",
            "[[tool.quality-gates.paths]]\npatterns = ['shop/loose.py']\ntypes = { threshold = 0 }\n\n[tool.pytest",
        ),
        RUN,
        r"the threshold of types \[shop/loose.py\] was ≥ 100 %, now ≥ 0 %",
    ),
    "widened omit": Trick(
        GAP | {"pyproject.toml": SETTINGS + "\n[tool.coverage.run]\nomit = ['shop/untested.py']\n"},
        RUN,
        "coverage omit leaves out `shop/untested.py`",
    ),
    "narrowed source": Trick(
        FLAW | settings('["shop"]', '["shop/prices.py"]'), RUN, "`source` does not name `shop` any more"
    ),
    "excluded file": Trick(
        FLAW | settings('source = ["shop"]', 'source = ["shop"]\nexclude = ["loose.py"]'),
        RUN,
        "`exclude` leaves out `loose.py`",
    ),
    "new pragma": Trick(
        {"shop/untested.py": UNTESTED.replace("int:\n", "int:  # pragma: no cover\n", 1)},
        RUN,
        "`pragma: no cover` is new",
    ),
    "new type: ignore": Trick(
        {"shop/wrong.py": "WRONG: int = 'text'  # type: ignore\n"}, RUN, "`type: ignore` is new"
    ),
    "new skip": Trick(suite("def test_total", "@pytest.mark.skip\ndef test_total"), RUN, "`skip` is new"),
    "xfail that need not fail": Trick(
        suite("def test_total", "@pytest.mark.xfail(strict=False)\ndef test_total"), RUN, "`xfail` is new"
    ),
    "deleted test": Trick(suite("def test_nothing", "def nothing"), RUN, "the test `test_nothing` is gone"),
    "emptied test": Trick(
        suite("assert total([1, 2]) == 3", "total([1, 2])"), RUN, "the test `test_total` lost its assertions"
    ),
    "assert True": Trick(
        {
            "tests/test_more.py": "from shop.prices import total\n\n\ndef test_more():\n    total([1])\n    assert True\n"
        },
        RUN,
        "`test_more` passed and checked nothing",
    ),
    "-k": Trick({}, RUN, "1 test deselected", ("-k", "total")),
    "one test": Trick(
        {}, RUN, "only tests/test_prices.py::test_total was asked for", ("tests/test_prices.py::test_total",)
    ),
    "one directory, as a shard": Trick(
        {"tests/other/test_x.py": "def test_x():\n    assert [] == list()\n"},
        RUN,
        "tests/test_prices.py left out",
        ("tests/other",),
    ),
    "deselect in addopts": Trick(
        addopts("--deselect", "tests/test_prices.py::test_nothing"),
        RUN,
        "`addopts` has `--deselect tests/test_prices.py::test_nothing`",
    ),
    "--lf": Trick(
        {".pytest_cache/v/cache/lastfailed": '{"tests/test_prices.py::test_total": true}'},
        RUN,
        "only what failed the last time was run",
        ("--lf",),
    ),
    "pytest.exit": Trick(
        {"tests/test_z.py": "import pytest\n\n\ndef test_z():\n    pytest.exit('done', returncode=0)\n"},
        VERIFY,
        "there is no such report",
    ),
    "os._exit at the end": Trick(
        {**FLAW, "tests/test_z.py": "import os\n\n\ndef test_z():\n    os._exit(0)\n"},
        VERIFY,
        "there is no such report",
    ),
    "sys.exit in conftest": Trick(
        {**FLAW, "conftest.py": "import sys\n\nsys.exit(0)\n"}, VERIFY, "there is no such report"
    ),
    "exit status reset": Trick(
        {
            **FLAW,
            "conftest.py": "import pytest\n\n\n@pytest.hookimpl(wrapper=True, tryfirst=True)\ndef pytest_sessionfinish(session):\n    yield\n    session.exitstatus = 0\n",
        },
        VERIFY,
        "its verdict is failed",
    ),
    "report rewritten": Trick(
        {
            **FLAW,
            "conftest.py": "import json, os, pathlib\n\n\ndef pytest_unconfigure():\n"
            "    path = pathlib.Path('report.json')\n    report = json.loads(path.read_text())\n"
            "    report['verdict'] = 'passed'\n    for gate in report['gates']:\n        gate['verdict'] = 'passed'\n"
            "    report['findings'] = []\n    path.write_text(json.dumps(report))\n    os._exit(0)\n",
        },
        VERIFY,
        "it was changed after it was written",
    ),
    "our modules patched": Trick(
        {
            **FLAW,
            "conftest.py": "from pytest_quality_gates.policy import verdict\n\nverdict.is_met = lambda *_: True\n",
        },
        VERIFY,
        "judged again, types is failed",
    ),
    "handmade baseline entry": Trick(
        {**FLAW, ".quality-gates-baseline/entries": BASELINE},
        RUN,
        "the baseline accepts `missing-annotation` in loose, which it did not",
    ),
    "baseline in the same change": Trick(FLAW, RUN, "which it did not", ("--quality-gates-update-baseline",)),
    "suppression without a reason": Trick(
        FLAW | {"shop/loose.py": LOOSE.replace(":\n", ":  # quality-gates: ignore[missing-annotation]\n", 1)},
        RUN,
        "it has no reason",
    ),
    "expired suppression": Trick(
        FLAW
        | {
            "shop/loose.py": LOOSE.replace(
                ":\n", ":  # quality-gates: ignore[missing-annotation] later (until 2020-01-31)\n", 1
            )
        },
        RUN,
        "ended on 2020-01-31",
    ),
    "no tests": Trick(
        suite(TESTS, "") | settings("addopts", 'python_files = ["none_*.py"]\naddopts'),
        RUN,
        "no test was collected",
    ),
    "collect_ignore": Trick(
        {
            **GAP,
            "tests/conftest.py": "collect_ignore = ['test_prices.py']\n",
            "tests/test_y.py": "def test_y():\n    assert [] == list()\n",
        },
        RUN,
        "tests/test_prices.py left out",
    ),
    "a hook takes tests away": Trick(
        {"conftest.py": "def pytest_collection_modifyitems(items):\n    del items[0]\n"},
        RUN,
        "1 test deselected",
    ),
    "empty coverage source": Trick(
        {"pyproject.toml": SETTINGS + "\n[tool.coverage.run]\nsource = ['nowhere']\n"},
        RUN,
        "no statement was measured|is limited to `nowhere`",
    ),
    "coverage file put there": Trick({**GAP, ".coverage": "SQLite format 3"}, RUN, "lines are untested"),
    "second configuration": Trick(
        {**GAP, ".coveragerc": "[run]\nomit = shop/untested.py\n"},
        RUN,
        "coverage omit leaves out `shop/untested.py`",
    ),
    "assert caught": Trick(
        suite(
            CHECK, "    try:\n        assert total([1, 2]) == 4\n    except AssertionError:\n        pass\n"
        ),
        RUN,
        "the test `test_total` lost its assertions",
    ),
    "assert suppressed": Trick(
        suite(
            CHECK,
            "    import contextlib\n\n    with contextlib.suppress(Exception):\n        assert total([1, 2]) == 4\n",
        ),
        RUN,
        "the test `test_total` lost its assertions",
    ),
    "assert or True": Trick(
        suite(CHECK, "    assert total([1, 2]) == 4 or True\n"),
        RUN,
        "the test `test_total` lost its assertions",
    ),
    "assert a tuple": Trick(
        suite(CHECK, "    assert (total([1, 2]) == 4, 'wrong')\n"),
        RUN,
        "the test `test_total` lost its assertions",
    ),
    "assert x == x": Trick(
        suite(CHECK, "    x = total([1, 2])\n    assert x == x\n"),
        RUN,
        "the test `test_total` lost its assertions",
    ),
    "if False: assert": Trick(
        suite(CHECK, "    if False:\n        assert total([1, 2]) == 4\n"),
        RUN,
        "`test_total` passed and checked nothing",
    ),
    "skip by another name": Trick(
        suite("import pytest\n", "import pytest\nfrom pytest import skip as done\n")
        | {
            "tests/test_more.py": "from pytest import skip as done\n\n\ndef test_more():\n    done('later')\n"
        },
        RUN,
        "`skip` is new",
    ),
    "raise SkipTest": Trick(
        suite(CHECK, "    import unittest\n\n    raise unittest.SkipTest('later')\n"),
        RUN,
        "`SkipTest` is new",
    ),
    "pytestmark": Trick(suite(TESTS, TESTS + "\n\npytestmark = pytest.mark.skip\n"), RUN, "`skip` is new"),
    "autouse fixture skips": Trick(
        {
            "tests/conftest.py": "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef quick(request):\n"
            "    if request.node.name == 'test_total':\n        pytest.skip('slow')\n"
        },
        RUN,
        "`skip` is new",
    ),
    "pragma without a colon": Trick(
        {"shop/untested.py": UNTESTED.replace("int:\n", "int:  # pragma no cover\n", 1)},
        RUN,
        "`pragma: no cover` is new",
    ),
    "error codes off for a file": Trick(
        {"shop/wrong.py": "# mypy: disable-error-code=assignment\nWRONG: int = 'text'\n"},
        RUN,
        "`type: ignore` is new",
    ),
    "pytest.toml takes over": Trick(
        {"pytest.toml": "[pytest]\npythonpath = ['.']\naddopts = ['-k', 'total']\n"},
        RUN,
        "`addopts` has `-k total`|no tests|partial run",
    ),
    "since HEAD in addopts": Trick(
        FLAW | addopts("--quality-gates-since=HEAD"), RUN, "`addopts` has `--quality-gates-since=HEAD`"
    ),
    "larger budget in the same change": Trick(
        {"shop/more.py": "import os  # noqa: F401\n"}
        | settings("[tool.pytest", "[tool.quality-gates.integrity]\nnoqa = 50\n\n[tool.pytest"),
        RUN,
        "integrity allows 50 of `noqa`, before 0",
    ),
    "a hook changes the outcome": Trick(
        WRONG
        | hook(
            "@pytest.hookimpl(wrapper=True, tryfirst=True)\ndef pytest_runtest_makereport():\n    report = yield\n"
            "    report.outcome = 'passed'\n    return report\n"
        ),
        RUN,
        HIDDEN,
    ),
    "a hook makes it skipped": Trick(
        WRONG
        | hook(
            "@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport():\n    report = yield\n"
            "    if report.failed:\n        report.outcome, report.longrepr = 'skipped', ('', 0, '')\n    return report\n"
        ),
        RUN,
        HIDDEN,
    ),
    "a hook catches the failure": Trick(
        WRONG
        | hook(
            "@pytest.hookimpl(wrapper=True, trylast=True)\ndef pytest_runtest_call():\n    try:\n        return (yield)\n"
            "    except AssertionError:\n        return None\n"
        ),
        RUN,
        HIDDEN,
    ),
    "a hook calls the test": Trick(
        WRONG
        | hook(
            "def pytest_pyfunc_call(pyfuncitem):\n    try:\n        pyfuncitem.obj()\n    except Exception:\n        pass\n    return True\n"
        ),
        RUN,
        HIDDEN,
    ),
    "a hook does not call the test": Trick(
        WRONG | hook("def pytest_pyfunc_call(pyfuncitem):\n    assert pyfuncitem\n    return True\n"),
        RUN,
        "`test_total` passed and checked nothing",
    ),
    "another function in its place": Trick(
        WRONG
        | hook(
            "def pytest_collection_modifyitems(items):\n    for item in items:\n        item.obj = tame(item.obj)\n\n\n"
            "def tame(test):\n    def run(**given):\n        try:\n            test(**given)\n        except AssertionError:\n            pass\n"
            "        assert test\n\n    return run\n"
        ),
        RUN,
        HIDDEN,
    ),
    "the places for watching are taken": Trick(
        hook(
            "import sys\n\nfor place in (3, 4):\n    sys.monitoring.use_tool_id(place, 'blind')\n    "
            "assert sys.monitoring.get_tool(place)\n"
        )
        | suite(CHECK, "    total([1, 2])\n"),
        RUN,
        "what a test checks cannot be seen: .* those of blind",
    ),
    "a helper that asserts nothing": Trick(
        {
            "tests/helpers.py": "def assert_total(prices, wanted):\n    return prices, wanted\n",
            "tests/conftest.py": "import sys\n\nsys.path.insert(0, 'tests')\n",
        }
        | suite(CHECK, "    from helpers import assert_total\n\n    assert_total(total([1, 2]), 4)\n"),
        RUN,
        "`test_total` passed and checked nothing",
    ),
    "said to be generated": Trick(
        {"shop/prices.py": "# Generated by hand, do not edit.\n" + PRICES},
        RUN,
        "`shop/prices.py` was judged, and `shop/prices.py` is not: it is taken for a generated file",
    ),
    "milder type checker": Trick(
        settings("[tool.pytest", "[tool.mypy]\nignore_errors = true\n\n[tool.pytest")
        | {
            "shop/wrong.py": "WRONG: int = 'text'\n",
            "tests/test_wrong.py": "from shop.wrong import WRONG\n\n\ndef test_wrong():\n    assert WRONG\n",
        },
        RUN,
        "mypy leaves out `ignore_errors`",
    ),
    "own catalogue": Trick(
        settings(
            "[tool.pytest",
            "[[tool.quality-gates.catalogue]]\nlibrary = { name = 'u', modules = ['urllib'] }\n"
            "function = [{ names = ['urllib.request.urlopen'], io = false }]\n\n[tool.pytest",
        ),
        RUN,
        "the catalogue says of `urllib.request.urlopen` that it does no I/O",
    ),
    "only what changed since HEAD": Trick(
        FLAW, VERIFY, "only what changed since HEAD was judged", ("--quality-gates-since", "HEAD")
    ),
}


def test_without_a_trick(project: Project) -> None:
    """The project passes and verifies."""
    assert 0 == project.run().status
    assert 0 == project.verify().status


@pytest.mark.parametrize("flaw", [FLAW, GAP], ids=["a flaw", "a gap"])
def test_flaws_are_seen(project: Project, flaw: dict[str, str]) -> None:
    """What the tricks below hide fails the run where nothing hides it."""
    project.repository.commit(flaw)
    assert 1 == project.run().status


SEEN_BY_WHAT_RAN = {
    name
    for name, trick in TRICKS.items()
    if trick.says == HIDDEN or "checked nothing" in trick.says or "what a test checks" in trick.says
}


@pytest.mark.parametrize("name", TRICKS)
def test_trick(project: Project, name: str) -> None:
    """The run does not pass, or `verify` refuses, and says why."""
    if name in SEEN_BY_WHAT_RAN and sys.version_info < (3, 12):
        pytest.skip("what a test executes is seen from Python 3.12 on")
    trick = TRICKS[name]
    project.repository.write(trick.files)
    project.repository.commit()
    run = project.run(*trick.arguments, **trick.environment)
    if trick.seen_by == RUN:
        assert 0 != run.status, run.text
        assert re.search(trick.says, run.text), run.text
        return
    assert 0 == run.status, run.text
    verified = project.verify()
    assert 1 == verified.status, verified.text
    assert re.search(trick.says, verified.text), verified.text


class TestShards:
    """A suite in parts, of which one never runs: the one in which a test would fail."""

    LEFT_OUT = {"tests/test_z.py": "def test_z():\n    assert [] == [1]\n"}

    @pytest.mark.parametrize(
        ("number", "says"),
        [("1/2", r"shard 2 of 2 is missing|missing"), ("1/1", "tests/test_z.py left out")],
        ids=["left out", "said to be all"],
    )
    def test_left_out(self, project: Project, number: str, says: str) -> None:
        """The merge does not pass, and what it leaves does not verify."""
        project.repository.commit(self.LEFT_OUT)
        assert 0 == project.shard(number, "tests/test_prices.py").status
        merged = project.merge()
        assert 0 != merged.status, merged.text
        assert re.search(says, merged.text), merged.text
        assert 1 == project.verify().status

    def test_all_there(self, project: Project) -> None:
        """With both parts, the merge of the suite as it was passes and verifies."""
        project.repository.commit({"tests/test_z.py": "def test_z():\n    assert [] == list()\n"})
        assert 0 == project.shard("1/2", "tests/test_prices.py").status
        assert 0 == project.shard("2/2", "tests/test_z.py").status
        merged = project.merge()
        assert 0 == merged.status, merged.text
        found = project.verify()
        assert 0 == found.status, found.text


class TestCodeThatIsNotJudged:
    """Code that says of itself that nobody need look at it."""

    def test_new_code(self, project: Project) -> None:
        """What the tests ran of it is listed by `verify`, whatever the verdict is."""
        places = {
            "shop/made.py": "# Generated by hand.\n" + LOOSE,
            "shop/_vendor/loose.py": LOOSE,
            "shop/test_loose.py": LOOSE,
            "beside.py": LOOSE,
        }
        names = ["shop.made", "shop._vendor.loose", "shop.test_loose", "beside"]
        test = "".join(f"from {name} import loose as loose_{at}\n" for at, name in enumerate(names))
        test += "\n\ndef test_loose():\n" + "".join(f"    assert loose_{at}(1) == 1\n" for at in range(4))
        project.repository.commit({**places, "shop/_vendor/__init__.py": "", "tests/test_all.py": test})
        assert 0 == project.run().status
        found = project.verify()
        assert 0 == found.status, found.text
        listed = (
            "beside.py, shop/_vendor/__init__.py, shop/_vendor/loose.py, shop/made.py, shop/test_loose.py"
        )
        assert f"run by the tests and not judged: {listed}" in found.text


class TestOldReports:
    """A report that was good once."""

    def test_of_another_commit(self, project: Project) -> None:
        """After a commit the report of the one before does not stand, though it says passed."""
        assert 0 == project.run().status
        project.repository.commit(FLAW)
        found = project.verify()
        assert 1 == found.status
        assert re.search(r"it is of commit \w{12}, this is \w{12}", found.text)
        assert "came since: shop/loose.py, tests/test_loose.py" in found.text

    def test_edited_by_hand(self, project: Project) -> None:
        """A failed report that was edited to say passed shows it."""
        project.repository.commit(FLAW)
        assert 1 == project.run().status
        path = project.root / "report.json"
        path.write_text(path.read_text(encoding="utf-8").replace('"failed"', '"passed"'), encoding="utf-8")
        found = project.verify()
        assert 1 == found.status
        assert "it was changed after it was written" in found.text


def test_the_page_names_what_only_verify_sees() -> None:
    """The documentation lists exactly the tricks that a run cannot see."""
    section = (
        PAGE.read_text(encoding="utf-8").partition("## What only `verify` sees")[2].partition("\n## ")[0]
    )
    listed = set(re.findall(r"^- (.+?): ", section, re.MULTILINE))
    assert {name for name, trick in TRICKS.items() if trick.seen_by == VERIFY} | {
        "a report of another commit",
        "a report edited by hand",
    } == listed


def test_there_are_many() -> None:
    """At least thirty."""
    assert len(TRICKS) + 2 >= 30
