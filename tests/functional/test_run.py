"""A gated run from end to end: what it prints last and how it ends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
FAILING_TEST = "def test_wrong():\n    assert 1 == 2\n"


def test_passing_project(shop: Project) -> None:
    """Every gate passes: exit status 0, a header, a row for each gate, the verdict last, and nothing left behind."""
    result = shop.run("--quality-gates-report", "json:report.json")
    assert 0 == result.ret
    assert "quality gates: passed" == shop.last_line(result)
    result.stdout.fnmatch_lines(
        ["quality gates: profile strict * judged: shop (2 files) * coverage by pytest-quality-gates"]
    )
    result.stdout.fnmatch_lines(["tests * 6 of 7 * passed", "types * 2 of 2 * 100 % * passed"])
    assert "passed" == shop.report()["verdict"]
    assert not (shop.root / ".coverage").exists()


def test_missed_gate_fails_session(shop: Project) -> None:
    """A function without hints: exit status 1, its place is clickable, and no test is counted as failed."""
    shop.write(
        {
            "shop/loose.py": "def loose(x):\n    return x\n",
            "tests/test_loose.py": "from shop.loose import loose\n\n\ndef test_loose():\n    assert loose(1) == 1\n",
        }
    )
    result = shop.run()
    assert 1 == result.ret
    assert "quality gates: failed (types)" == shop.last_line(result)
    result.stdout.fnmatch_lines(["*3 passed*", "  shop/loose.py:1: `loose` has no annotation*"])


@pytest.mark.parametrize(
    "arguments", [("-q",), ("-v",), ("-qq",), ("--no-summary",), ("-n", "2")], ids=" ".join
)
def test_verdict_is_the_last_line(shop: Project, arguments: tuple[str, ...]) -> None:
    """However much pytest prints, and on however many processes it runs, the verdict is last."""
    plugins = ("xdist.plugin",) if "-n" in arguments else ()
    result = shop.run(*arguments, plugins=plugins)
    assert "quality gates: passed" == shop.last_line(result)
    assert 0 == result.ret


def test_verbosity(shop: Project) -> None:
    """`-q` shows only what fell short, `--no-summary` only the verdict, the default five findings, `-v` all of them."""
    shop.write({"shop/loose.py": "".join(f"def f{n}(x):\n    return x\n\n\n" for n in range(7))})
    quiet, bare, normal, verbose = (
        shop.run(*arguments).stdout.str() for arguments in (["-q"], ["--no-summary"], [], ["-v"])
    )
    assert "timeouts" not in quiet
    assert "loose.py" not in bare
    assert "and 2 more" in normal
    assert "loose.py:25" in verbose


def test_cost_is_told(shop: Project) -> None:
    """`-v` says which core measured and why, and what the gates added in time; otherwise nobody has to read that."""
    verbose = shop.run("-v")
    verbose.stdout.fnmatch_lines(["*measured by pytest-quality-gates (*: *)"])
    number = r"\d+\.\d+ s"
    waited = f"added by the gates: {number} before the tests, {number} after them, and what measuring takes; "
    verbose.stdout.re_match_lines([f"{waited}beside the tests: types {number}, source {number}$"])
    assert "added by the gates" not in shop.run().stdout.str()


def test_not_asked_for(shop: Project) -> None:
    """Without the option the run is pytest's alone, and none of our modules but the plugin's is imported."""
    shop.write(
        {
            "tests/test_modules.py": "import sys\n\n\ndef test_modules():\n"
            "    ours = [name for name in sys.modules if name.startswith('pytest_quality_gates.')]\n"
            "    assert ours == ['pytest_quality_gates.plugin', 'pytest_quality_gates.hookspecs']\n"
            "    assert 'coverage' not in sys.modules or 'msgspec' not in sys.modules\n"
        }
    )
    result = shop.run(gated=False)
    assert 0 == result.ret
    assert "quality gates" not in result.stdout.str()


@pytest.mark.parametrize(
    "option",
    [
        "--collect-only",
        "--help",
        "--fixtures",
        "--fixtures-per-test",
        "--markers",
        "--setup-plan",
        "--version",
    ],
)
def test_not_a_run(shop: Project, option: str) -> None:
    """An option that runs no test runs no gate."""
    result = shop.run(option, "--quality-gates-report", "json:report.json")
    assert 0 == result.ret
    assert "quality gates: " not in result.stdout.str()
    assert not (shop.root / "report.json").exists()


def test_failed_test_is_never_passed(shop: Project) -> None:
    """A suite that fails is judged and shown, but neither its verdict nor its report says passed."""
    shop.write({"tests/test_wrong.py": FAILING_TEST})
    result = shop.run("--quality-gates-report", "json:report.json")
    assert 1 == result.ret
    assert "quality gates: failed (1 test failed)" == shop.last_line(result)
    assert ("failed", "1 test failed") == (shop.report()["verdict"], shop.report()["reason"])
    assert "passed" == shop.gate("types")["verdict"]


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (("--quality-gates-profile", "strickt"), "", '*there is no profile "strickt"*strict*'),
        (("--quality-gates-report", "jsn:out"), "", "*jsn*json*"),
        (("--quality-gates-report", "out.json"), "", "*--quality-gates-report*out.json*"),
        ((), "[tool.quality-gates]\nprofil = 'strict'\n", "*profil*"),
        ((), "[tool.quality-gates.tests]\nthreshold = 180\n", "*threshold*"),
        ((), "[tool.quality-gates]\nsource = ['nowhere']\n", "*nowhere*"),
        (("--rootdir", "tests", "tests"), "", "*rootdir *tests has no Python source to judge; the project*"),
    ],
    ids=["profile", "format", "no format", "key", "threshold", "source", "rootdir"],
)
def test_wrong_configuration(shop: Project, arguments: tuple[str, ...], settings: str, message: str) -> None:
    """What cannot be used is a usage error: exit status 4 and a message, no traceback, no test run."""
    pyproject = shop.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + settings)
    result = shop.run(*arguments)
    assert 4 == result.ret
    result.stderr.fnmatch_lines([message])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    assert "passed" not in result.stdout.str()


def test_refinement_alone(shop: Project) -> None:
    """An option of ours without `--quality-gates` would do nothing, so it is an error."""
    result = shop.run("--quality-gates-complete", gated=False)
    assert 4 == result.ret
    result.stderr.fnmatch_lines(["*--quality-gates-complete given without --quality-gates*"])


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("--quality-gate", "--quality-gates"),
        ("--quality-gates-profil=strict", "--quality-gates-profile"),
        ("--quality-gates-reports", "--quality-gates-report"),
    ],
)
def test_unknown_option(shop: Project, option: str, meant: str) -> None:
    """An option that there is not is a usage error that names the nearest one, with gates and without."""
    for gated in (True, False):
        result = shop.run(option, gated=gated)
        assert 4 == result.ret
        name = option.partition("=")[0]
        result.stderr.fnmatch_lines([f"ERROR: {name}: there is no such option; did you mean `{meant}`?"])


def test_option_of_a_conftest_file(shop: Project) -> None:
    """An option that another plugin adds is not refused, whatever its name begins with."""
    shop.write(
        {
            "conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--quality-gatekeeper', action='store_true')\n"
        }
    )
    assert 0 == shop.run("--quality-gatekeeper", gated=False).ret


def test_gate_of_a_conftest_file(shop: Project) -> None:
    """A gate that a conftest file adds is configured and judged like any other."""
    shop.write(
        {
            "conftest.py": "from pytest_quality_gates.model.gate import GateSpec, Threshold\n"
            "from pytest_quality_gates.model.outcome import Measured\n\n\n"
            "class Names:\n"
            "    spec = GateSpec(slug='names', title='Names', unit='names', summary='Names are good.', needs=(),\n"
            "                    rules=('bad-name',), threshold=Threshold('at_least_percent', 9000), rule_texts=())\n\n"
            "    def evaluate(self, facts, options):\n        return Measured(measured=8, total=10)\n\n\n"
            "def pytest_quality_gates_gates():\n    return [Names()]\n"
        }
    )
    pyproject = shop.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + "[tool.quality-gates.names]\nthreshold = 85\n")
    result = shop.run()
    assert "quality gates: failed (names)" == shop.last_line(result)
    result.stdout.fnmatch_lines(["names * 8 of 10 * 80 % * 85 % * failed"])


def python_blocks(page: str) -> list[str]:
    """The examples of a page of docs/."""
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_page_on_plugins(shop: Project) -> None:
    """A conftest file made of the examples of the page brings a gate, a format and a library."""
    library = "[library]\nname = 'parcels'\nmodules = ['parcels']\nkind = 'http'\n[[function]]\nnames = ['parcels.track']\n"
    long = "".join(f"    a{number} = {number}\n" for number in range(40))
    shop.write(
        {
            "conftest.py": "\n\n".join(python_blocks("reference/plugins.md")),
            "parcels.toml": library,
            "shop/far.py": f"import parcels\n\n\ndef far() -> None:\n    parcels.track()\n{long}",
        }
    )
    shop.run("--quality-gates-report", "line:out.txt", *REPORT)
    assert "failed\n" == (shop.root / "out.txt").read_text()
    assert [("far", 4)] == [
        (finding["symbol"], finding["line"])
        for finding in shop.report()["findings"]
        if finding["rule"] == "long-function"
    ]
    assert 1 == shop.gate("error-handling")["total"]


def test_unwritable_report(shop: Project) -> None:
    """A report that cannot be written fails the run and says why."""
    shop.write({"taken": "a file, not a directory"})
    result = shop.run("--quality-gates-report", "json:taken/report.json")
    assert 1 == result.ret
    assert "quality gates: failed (a report could not be written)" == shop.last_line(result)


def test_ascii_terminal(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal without our signs gets others, not escapes."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("PYTHONUTF8", "0")
    result = shop.run()
    result.stdout.fnmatch_lines(["types * >= 100 % * passed"])
    assert "\\u" not in result.stdout.str()


def test_complete_mode(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that could not be evaluated fails where `CI` is set or `--quality-gates-complete` is given."""
    normal, complete = shop.run("-k", "half"), shop.run("-k", "half", "--quality-gates-complete")
    monkeypatch.setenv("CI", "true")
    assert [0, 1, 1] == [normal.ret, complete.ret, shop.run("-k", "half").ret]
    assert "quality gates: not evaluated (tests)" == shop.last_line(normal)
    assert "quality gates: failed (not evaluated: tests)" == shop.last_line(complete)


def test_suppression(shop: Project) -> None:
    """A comment with its reason lets the run pass, and the table counts it; without the reason the run fails."""
    reason = "the caller gives anything"
    text = "def loose(x):  # quality-gates: ignore[missing-annotation] {}\n    return x\n"
    test = "from shop.loose import loose\n\n\ndef test_loose():\n    assert loose(1) == 1\n"
    shop.write({"shop/loose.py": text.format(reason), "tests/test_loose.py": test})
    accepted = shop.run()
    assert 0 == accepted.ret
    accepted.stdout.fnmatch_lines(["types * 2 of 3 *passed (1 suppressed)*"])
    shop.write({"shop/loose.py": text.format("")})
    refused = shop.run()
    assert "quality gates: failed (types, integrity)" == shop.last_line(refused)
    refused.stdout.fnmatch_lines(["  shop/loose.py:1: this suppression is not followed: it has no reason"])
