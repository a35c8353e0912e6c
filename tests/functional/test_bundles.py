"""A suite in parts, judged once: the result is that of one run, and what makes no whole is refused."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.test_xdist import PRICES

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
FIRST = """from shop import prices


def test_plain():
    assert prices.total([1.0], 0.0) == 1.0


def test_over():
    assert prices.total([1.0], 2.0) == 0.0
"""
SECOND = """from shop import prices


def test_half():
    assert prices.half(4.0) == 2.0
"""
ONE, TWO = "tests/test_first.py", "tests/test_second.py"


@pytest.fixture
def suite(shop: Project) -> Project:
    """A shop with two files of tests."""
    (shop.root / "tests/test_prices.py").unlink()
    shop.write({"shop/prices.py": PRICES, ONE: FIRST, TWO: SECOND})
    return shop


def shard(project: Project, number: str, *arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
    """Run one part; its bundle is in bundles/NUMBER."""
    index = number.partition("/")[0]
    options = ("--quality-gates-bundle", f"bundles/{index}", "--quality-gates-shard", number)
    return project.run(*options, *arguments, plugins=plugins)


def merge(project: Project, *arguments: str) -> pytest.RunResult:
    """Judge the parts."""
    return project.python("-c", "from pytest_quality_gates.cli import main; main()", "merge", *arguments)


def both(project: Project, first: tuple[str, ...], second: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Run two parts."""
    for number, arguments in (("1/2", first), ("2/2", second)):
        result = shard(project, number, *arguments, **options)
        assert 0 == result.ret
        assert "quality gates: not judged, shard" in project.last_line(result)
        assert "passed" not in project.last_line(result)


@pytest.mark.parametrize(
    ("first", "second", "plugins"),
    [
        ((ONE,), (TWO,), ()),
        (("-k", "half"), ("-k", "not half"), ()),
        (("-n", "2", "-k", "half"), ("-n", "2", "-k", "not half"), ("xdist.plugin",)),
        (("--cov=shop", "--cov-report=", ONE), ("--cov=shop", "--cov-report=", TWO), ("pytest_cov",)),
        ((ONE,), (TWO, "-k", "half"), ()),
    ],
    ids=["by file", "by deselection", "workers", "pytest-cov", "both"],
)
def test_as_one_run(
    suite: Project, first: tuple[str, ...], second: tuple[str, ...], plugins: tuple[str, ...]
) -> None:
    """However the suite is parted, the merged report is that of one run."""
    suite.run(*REPORT)
    alone = suite.report()
    (suite.root / "report.json").unlink()
    both(suite, first, second, plugins=plugins)
    result = merge(suite, "bundles", "--report", "json:report.json")
    assert 0 == result.ret, result.stderr.str()
    assert "quality gates: passed" == suite.last_line(result)
    assert alone == suite.report()


def test_from_other_machines(suite: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Bundles that were made in checkouts at other places cover the lines of the one where they are merged."""
    here = suite.root
    bundles = tmp_path_factory.mktemp("artifacts")
    for number, tests in (("1/2", ONE), ("2/2", TWO)):
        suite.root = tmp_path_factory.mktemp("machine") / "checkout"
        shutil.copytree(here, suite.root)
        shard(suite, number, tests)
        shutil.copytree(suite.root / "bundles" / number[0], bundles / number[0])
        shutil.rmtree(suite.root)
    suite.root = here
    result = merge(suite, str(bundles / "1"), str(bundles / "2"))
    assert "quality gates: passed" == suite.last_line(result)
    result.stdout.fnmatch_lines(["tests * 8 of 10 *"])


def test_partial_suite(suite: Project) -> None:
    """What no part ran is missing from the whole as well."""
    both(suite, (ONE,), (TWO, "-k", "nothing or half", "--deselect", f"{ONE}::test_plain"))
    assert 0 == merge(suite, "bundles").ret
    both(suite, (ONE, "-k", "plain"), (TWO,))
    result = merge(suite, "bundles", "--report", "json:report.json")
    assert ("not_evaluated", "partial run: 1 test deselected") == (
        suite.gate("tests")["verdict"],
        suite.gate("tests")["reason"],
    )
    assert "quality gates: not evaluated (tests)" == suite.last_line(result)


def test_failed_test(suite: Project) -> None:
    """A test that failed in a part fails the whole; the part keeps pytest's own status."""
    suite.write({TWO: SECOND.replace("== 2.0", "== 3.0")})
    assert (0, 1) == (shard(suite, "1/2", ONE).ret, shard(suite, "2/2", TWO).ret)
    result = merge(suite, "bundles")
    assert "quality gates: failed (1 test failed)" == suite.last_line(result)
    assert 1 == result.ret


def test_lost_coverage(suite: Project) -> None:
    """A part whose coverage is unknown: that of the whole is, too."""
    suite.write({"tests/test_exit.py": "import os\n\n\ndef test_exit():\n    os._exit(3)\n"})
    shard(suite, "1/2", ONE, TWO)
    shard(suite, "2/2", "tests/test_exit.py", "-n", "1", plugins=("xdist.plugin",))
    merge(suite, "bundles", "--report", "json:report.json")
    gate = suite.gate("tests")
    assert "could_not_run" == gate["verdict"]
    assert gate["reason"].startswith("shard 2 of 2: worker gw0 ended without a word")


class TestRefused:
    """What makes no whole is not judged, and the reason names the bundle."""

    def refusal(self, suite: Project, *arguments: str) -> str:
        """What a merge says that must be refused."""
        result = merge(suite, *(arguments or ("bundles",)))
        assert 1 == result.ret
        assert "" == result.stdout.str()
        said: str = result.stderr.str()
        assert "Traceback" not in said
        return said

    def test_missing(self, suite: Project) -> None:
        """A part that never came, or died before its end."""
        shard(suite, "1/2", ONE)
        suite.write({TWO: "import os\n\n\ndef test_exit():\n    os._exit(0)\n"})
        shard(suite, "1/2", ONE)
        shard(suite, "2/2", TWO)
        assert "shard 2 of 2 missing" in self.refusal(suite)

    def test_interrupted(self, suite: Project) -> None:
        """A part that was interrupted leaves no bundle, and takes away the one that was there."""
        shard(suite, "1/1")
        suite.write({TWO: "def test_stop():\n    raise KeyboardInterrupt\n"})
        result = shard(suite, "1/1")
        assert "quality gates: not evaluated (interrupted)" == suite.last_line(result)
        assert "bundles: there is no bundle" in self.refusal(suite)

    def test_doubled(self, suite: Project) -> None:
        """The same part twice."""
        both(suite, (ONE,), (TWO,))
        shutil.copytree(suite.root / "bundles/1", suite.root / "bundles/again")
        assert "shard 1 of 2 is there 2 times: bundles/1, bundles/again" in self.refusal(suite)

    def test_foreign(self, suite: Project) -> None:
        """A part of another commit."""
        shard(suite, "1/2", ONE)
        suite.write({"shop/prices.py": PRICES + "\n"})
        shard(suite, "2/2", TWO)
        assert "bundles/1: shard 1 of 2 ran other source or tests than those here" in self.refusal(suite)

    def test_differently_configured(self, suite: Project) -> None:
        """A part that was judged by another table."""
        shard(suite, "1/2", ONE)
        shard(suite, "2/2", TWO, "--quality-gates-profile", "development")
        said = self.refusal(suite)
        assert "bundles/2: shard 2 of 2 ran with other settings (profile development)" in said
        assert "bundles/1" not in said

    def test_damaged(self, suite: Project) -> None:
        """A bundle that was cut off on its way."""
        shard(suite, "1/1")
        coverage = suite.root / "bundles/1/coverage.bin"
        coverage.write_bytes(coverage.read_bytes()[:-1])
        assert "coverage.bin: " in self.refusal(suite)

    def test_nothing(self, suite: Project) -> None:
        """A directory without a bundle."""
        assert "tests: there is no bundle: name what `pytest --quality-gates-bundle DIR` wrote" in (
            self.refusal(suite, "tests")
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--quality-gates-shard", "2/4"), "add --quality-gates-bundle DIR"),
        (("--quality-gates-bundle", "b", "--quality-gates-shard", "5/4"), '"5/4" is not I/N'),
        (("--quality-gates-bundle", "b", "--quality-gates-shard", "two"), '"two" is not I/N'),
        (("--quality-gates-bundle", "pyproject.toml"), "a bundle needs a directory, and this is a file"),
    ],
)
def test_wrong_options(suite: Project, arguments: tuple[str, ...], message: str) -> None:
    """A mistake in the options is a usage error."""
    result = suite.run(*arguments)
    assert 4 == result.ret
    assert message in result.stderr.str()


def test_number_from_the_environment(suite: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitLab says which of its parallel jobs this is."""
    monkeypatch.setenv("CI_NODE_INDEX", "2")
    monkeypatch.setenv("CI_NODE_TOTAL", "3")
    result = suite.run("--quality-gates-bundle", "here")
    assert "quality gates: not judged, shard 2 of 3 is in " in suite.last_line(result)
