"""Projects and tests that misbehave: the right verdict, no traceback of ours, nothing of the user's lost."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")


def assert_clean(result: pytest.RunResult) -> None:
    """No traceback that leads through this package was printed."""
    printed = result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in printed
    assert "pytest_quality_gates/" not in printed


def test_os_exit(shop: Project) -> None:
    """A test that ends the process leaves no report, and not that of an earlier run either."""
    shop.write({"tests/test_exit.py": "import os\n\n\ndef test_exit():\n    os._exit(0)\n"})
    shop.write({"report.json": '{"verdict": "passed"}'})
    result = shop.run(*REPORT)
    assert "quality gates: passed" not in result.stdout.str()
    assert not (shop.root / "report.json").exists()


def test_crashed_worker(shop: Project) -> None:
    """With a worker that died nobody knows what was covered, which is no pass."""
    shop.write({"tests/test_exit.py": "import os\n\n\ndef test_exit():\n    os._exit(0)\n"})
    result = shop.run("-n", "2", *REPORT, plugins=("xdist.plugin",))
    assert 1 == result.ret
    gate = shop.gate("tests")
    assert "could_not_run" == gate["verdict"]
    assert "ended without a word" in gate["reason"]
    assert_clean(result)


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        ("import sys\n    sys.exit(0)", "quality gates: failed (1 test failed)"),
        ("import os\n    os.chdir('/')", "quality gates: passed"),
        (
            "import os, tempfile\n    d = tempfile.mkdtemp()\n    os.chdir(d)\n    os.rmdir(d)",
            "quality gates: passed",
        ),
        pytest.param(
            "import sys\n    sys.settrace(None)",
            "quality gates: passed",
            marks=pytest.mark.skipif(
                sys.version_info < (3, 12),
                reason="there the test takes coverage.py's only way to measure away",
            ),
        ),
    ],
    ids=["sys.exit", "chdir", "directory gone", "settrace"],
)
def test_misbehaving_test(shop: Project, body: str, ending: str) -> None:
    """What a test does to its process does not reach the verdict."""
    shop.write({"tests/test_a.py": f"def test_a():\n    {body}\n    assert abs(-1) == 1\n"})
    result = shop.run(*REPORT)
    assert ending == shop.last_line(result)
    assert_clean(result)


def test_removed_source(shop: Project) -> None:
    """A source file that a test removes has no coverage that anybody knows."""
    shop.write({"tests/test_z.py": "import os\n\n\ndef test_z():\n    os.remove('shop/prices.py')\n"})
    result = shop.run(*REPORT)
    assert "could_not_run" == shop.gate("tests")["verdict"]
    assert "shop/prices.py" in shop.gate("tests")["reason"]
    assert 1 == result.ret
    assert_clean(result)


@pytest.mark.skipif(os.name != "posix", reason="the test sends itself a POSIX signal")
def test_interrupted(shop: Project) -> None:
    """Ctrl-C in the middle: pytest's own exit status, nothing judged, no report left."""
    shop.write(
        {
            # A background job of a shell starts with SIGINT ignored.
            "tests/test_a.py": "import os\nimport signal\n\n\ndef test_a():\n"
            "    signal.signal(signal.SIGINT, signal.default_int_handler)\n    os.kill(os.getpid(), signal.SIGINT)\n",
            "report.json": '{"verdict": "passed"}',
        }
    )
    result = shop.run(*REPORT)
    assert 2 == result.ret
    assert "quality gates: not evaluated (interrupted)" == shop.last_line(result)
    assert not (shop.root / "report.json").exists()
    assert_clean(result)


def test_internal_error(shop: Project) -> None:
    """A plugin that breaks pytest: nothing is judged."""
    shop.write({"conftest.py": "def pytest_collection_modifyitems():\n    raise RuntimeError('broken')\n"})
    result = shop.run(*REPORT)
    assert 3 == result.ret
    assert "quality gates: not evaluated (internal error)" == shop.last_line(result)


def test_strange_path(shop: Project) -> None:
    """Spaces and letters beyond ASCII in the project's path do no harm."""
    place = shop.root / "møre og råd"
    place.mkdir()
    for name in ("pyproject.toml", "shop", "tests"):
        (shop.root / name).rename(place / name)
    shop.root = place
    assert "quality gates: passed" == shop.last_line(shop.run(*REPORT))


@pytest.fixture
def as_anybody() -> tuple[str, ...]:
    """A command to run another one without root's right to read and write everything; empty where we have none."""
    if os.name != "posix":
        pytest.skip("needs POSIX permissions")
    if os.geteuid() != 0:
        return ()
    program = shutil.which("setpriv")
    if program is None:
        pytest.skip("root may write anywhere, and there is no setpriv to give that up")
    rights = "-dac_override,-dac_read_search"
    return (program, f"--bounding-set={rights}", f"--inh-caps={rights}")


def test_read_only_tree(shop: Project, as_anybody: tuple[str, ...]) -> None:
    """A project that cannot be written to is judged all the same; only a report into it cannot be written."""
    places = [shop.root, *shop.root.glob("*/")]
    for place in places:
        place.chmod(0o555)
    try:
        result = shop.run("-p", "no:cacheprovider", through=as_anybody)
        with_report = shop.run("-p", "no:cacheprovider", *REPORT, through=as_anybody)
    finally:
        for place in places:
            place.chmod(0o755)
    assert "quality gates: passed" == shop.last_line(result)
    assert "quality gates: failed (a report could not be written)" == shop.last_line(with_report)
    assert_clean(result)


def test_unreadable_source(shop: Project, as_anybody: tuple[str, ...]) -> None:
    """A source file that may not be read fails the gates that read source."""
    shop.write({"shop/secret.py": "A = 1\n"})
    (shop.root / "shop/secret.py").chmod(0)
    result = shop.run(*REPORT, through=as_anybody)
    assert "failed" == shop.gate("types")["verdict"]
    result.stdout.fnmatch_lines(["  shop/secret.py:1: *Permission denied*"])
    assert_clean(result)


def test_no_source(project: Project) -> None:
    """Tests of nothing: no gate claims to have judged anything."""
    project.write({"tests/test_a.py": "def test_a():\n    assert abs(-1) == 1\n"})
    result = project.run(*REPORT)
    assert "not_evaluated" == project.gate("tests")["verdict"]
    assert project.last_line(result).startswith("quality gates: not evaluated (tests")
    result.stdout.fnmatch_lines(["quality gates: * judged: nothing: no Python source was found *"])


@pytest.mark.parametrize(
    ("content", "is_wrong"),
    [
        (b"def broken(:\n", True),
        (b"a = 1\0\n", True),
        (b"a = '\xff'\n", True),
        (b"\xef\xbb\xbfA = 1\n", False),
        (b"# -*- coding: latin-1 -*-\nA = '\xe9'\n", False),
        (b"# -*- coding: no-such-thing -*-\nA = 1\n", True),
        (b"", False),
    ],
    ids=["syntax error", "null byte", "wrong encoding", "BOM", "coding cookie", "unknown cookie", "empty"],
)
def test_source_file(shop: Project, content: bytes, is_wrong: bool) -> None:
    """A file that cannot be parsed fails the gates that read source and names itself; the others are judged."""
    (shop.root / "shop/odd.py").write_bytes(content)
    if not is_wrong:
        shop.write({"tests/test_odd.py": "import shop.odd\n\n\ndef test_odd():\n    assert shop.odd\n"})
    result = shop.run(*REPORT)
    assert_clean(result)
    verdicts = {shop.gate(slug)["verdict"] for slug in ("types", "type-errors", "error-handling", "handlers")}
    assert {"failed" if is_wrong else "passed"} == verdicts
    assert is_wrong == any(finding["rule"] == "syntax-error" for finding in shop.report()["findings"])
    assert (1 if is_wrong else 0) == result.ret


@pytest.mark.skipif(os.name != "posix", reason="makes symbolic links")
def test_link_loop(shop: Project) -> None:
    """Links that lead in circles, or nowhere, end in bounded time."""
    (shop.root / "shop/again").symlink_to(shop.root / "shop", target_is_directory=True)
    (shop.root / "shop/loop.py").symlink_to(shop.root / "shop/loop.py")
    (shop.root / "shop/gone.py").symlink_to(shop.root / "nowhere.py")
    result = shop.run(*REPORT)
    assert_clean(result)
    assert "passed" == shop.gate("types")["verdict"]


def test_two_copies_and_namespace_packages(shop: Project) -> None:
    """Two files of one module name, in directories that are no packages, are both judged."""
    text = "def f(a: int) -> int:\n    return a\n"
    shop.write(dict.fromkeys(("one/util.py", "two/util.py", "space/inner/deep.py"), text))
    settings = shop.root / "pyproject.toml"
    settings.write_text(
        settings.read_text() + '[tool.quality-gates]\nsource = ["shop", "one", "two", "space"]\n'
    )
    result = shop.run(*REPORT)
    types = shop.gate("types")
    assert ("passed", 5, 5) == (types["verdict"], types["measured"], types["total"])
    assert "passed" == shop.gate("type-errors")["verdict"]
    assert_clean(result)


def test_broken_toml(shop: Project) -> None:
    """Broken TOML is a usage error, as pytest has it."""
    (shop.root / "pyproject.toml").write_text("[tool.pytest\n")
    result = shop.run()
    assert 4 == result.ret
    assert_clean(result)


@pytest.mark.parametrize(
    "stand_in", ["raise ImportError('no mypy')", "import os; os._exit(3)"], ids=["missing", "crashing"]
)
def test_type_checker_broken(shop: Project, stand_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a type checker that works its gate could not run, which is no pass; the others are judged."""
    shop.write({"broken/mypy/__init__.py": stand_in})
    monkeypatch.setenv("PYTHONPATH", str(shop.root / "broken"), prepend=os.pathsep)
    result = shop.run(*REPORT, "--ignore=broken")
    assert "could_not_run" == shop.gate("type-errors")["verdict"]
    assert "passed" == shop.gate("types")["verdict"]
    assert 1 == result.ret
    assert_clean(result)
