"""What counts as a check while a test runs. The callbacks are called by hand: what monitoring calls is not itself measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import pytest

from pytest_quality_gates.evidence.assertions import Watch
from pytest_quality_gates.facts.test_run import FIRST_PYTHON
from pytest_quality_gates.source.assert_lines import assert_lines, failing_functions

pytestmark = pytest.mark.skipif(sys.version_info < FIRST_PYTHON, reason="needs sys.monitoring")

LIBRARY = """class RequestsMock:
    def add(self, url):
        assert url

    def stop(self):
        if not self.asserts:
            return
        if self.missing:
            raise AssertionError(self.missing)
"""


def _codes(path: Path, text: str) -> dict[str, CodeType]:
    """The functions of a module that is written to `path`, by qualified name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    todo, found = [compile(text, str(path), "exec")], {}
    for code in todo:
        inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        todo += inner
        found.update({each.co_qualname: each for each in inner})
    return found


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """One for a project in `tmp_path / "project"`; nothing is monitored."""
    return Watch(tmp_path / "project", assert_lines, failing_functions)


@pytest.fixture
def checked(watch: Watch) -> Callable[[CodeType, int], bool]:
    """Whether something is checked when a function starts and comes to one of its lines."""

    def checked(code: CodeType, line: int) -> bool:
        watch.begin()
        watch._started(code, 0)
        watch._reached(code, line)
        return watch.has_checked()

    return checked


def test_own_file(tmp_path: Path, checked: Callable[[CodeType, int], bool]) -> None:
    """An assertion counts when its line is reached."""
    codes = _codes(tmp_path / "project/tests/helpers.py", "def ok(x):\n    y = x\n    assert y\n")
    assert not checked(codes["ok"], 2)
    assert checked(codes["ok"], 3)


def test_library(tmp_path: Path, checked: Callable[[CodeType, int], bool]) -> None:
    """A library's own assertions do not count, but for the end of a mock that asserts what was sent."""
    codes = _codes(tmp_path / "environment/site-packages/responses/__init__.py", LIBRARY)
    assert not checked(codes["RequestsMock.add"], 3)
    assert not checked(codes["RequestsMock.stop"], 6)
    assert checked(codes["RequestsMock.stop"], 8)


def test_matcher_of_requests(tmp_path: Path, checked: Callable[[CodeType, int], bool]) -> None:
    """What compares a request with what is expected checks, where it ran; making it does not."""
    text = "def json_params_matcher(wanted):\n    def match(request):\n        return request.body == wanted, ''\n    return match\n"
    codes = _codes(tmp_path / "site-packages/responses/matchers.py", text)
    assert not checked(codes["json_params_matcher"], 4)
    assert checked(codes["json_params_matcher.<locals>.match"], 3)


def test_function_that_says_so(tmp_path: Path, checked: Callable[[CodeType, int], bool]) -> None:
    """A function whose name says that it checks does, wherever it is; the machinery of tests does not."""
    text = "def assert_equal(x):\n    return x\n"
    assert checked(_codes(tmp_path / "site-packages/numpy/testing.py", text)["assert_equal"], 2)
    assert not checked(_codes(tmp_path / "site-packages/_pytest/rewrite.py", text)["assert_equal"], 2)


HELPERS = """def assert_nothing(x):
    return x


def assert_never(x):
    if False:
        assert x
    if 0:
        raise ValueError


@decorated
def assert_raises(x):
    if x:
        raise ValueError


def verify_by_fail(x):
    if x:
        pytest.fail("no")


def expect_caught(x):
    try:
        assert x
    except AssertionError:
        pass
"""


def test_own_function_that_says_so(tmp_path: Path, checked: Callable[[CodeType, int], bool]) -> None:
    """A helper of the project counts by its name only if it can fail."""
    codes = _codes(tmp_path / "project/tests/helpers.py", HELPERS)
    assert {
        "assert_nothing": False,
        "assert_never": False,
        "assert_raises": True,
        "verify_by_fail": True,
        "expect_caught": False,
    } == {name: checked(code, 0) for name, code in codes.items()}


def test_how_a_test_ended(tmp_path: Path, watch: Watch) -> None:
    """The last end of a followed function is known, until the next test begins."""
    codes = _codes(
        tmp_path / "project/tests/test_a.py", "def test_a():\n    assert 0\n\n\ndef test_b(): ...\n"
    )
    test, other = codes["test_a"], codes["test_b"]
    watch._followed[id(test)] = test
    error = AssertionError("no")
    watch._unwound(other, 0, error)
    assert not watch.has_ended(other)
    watch._unwound(test, 0, error)
    assert (True, error) == (watch.has_ended(test), watch.failure(test))
    watch._returned(test, 0, None)
    assert (True, None) == (watch.has_ended(test), watch.failure(test))
    watch.begin()
    assert not watch.has_ended(test)


def test_file_that_is_gone(tmp_path: Path, checked: Callable[[CodeType, int], bool]) -> None:
    """Code whose file cannot be read has no assertions."""
    codes = _codes(tmp_path / "project/gone.py", "def ok(x):\n    assert x\n")
    (tmp_path / "project/gone.py").unlink()
    assert not checked(codes["ok"], 2)


def test_from_start_to_stop(tmp_path: Path, watch: Watch) -> None:
    """It sees what runs until it is stopped; then its place is free, and nothing calls it any more."""
    space: dict[str, Callable[[int], None]] = {}
    (tmp_path / "project").mkdir()
    file = tmp_path / "project" / "test_a.py"
    file.write_text("def test_a(x):\n    assert x\n")
    exec(compile(file.read_text(), str(file), "exec"), space)  # noqa: S102 - a function of the file
    test = space["test_a"]
    watch.start()
    place = watch._tool
    assert place is not None
    watch.follow(test.__code__)
    watch.follow(test.__code__)
    test(1)
    assert (True, True, "") == (watch.has_checked(), watch.has_ended(test.__code__), watch.problem())
    watch.stop()
    watch.stop()
    watch.begin()
    test(1)
    assert (False, False) == (watch.has_checked(), watch.has_ended(test.__code__))
    assert sys.monitoring.get_tool(place) is None


def test_assertions_in_a_loop(tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first check of a test nobody is called for the others; the next test is seen again."""
    space: dict[str, Callable[[], None]] = {}
    (tmp_path / "project").mkdir()
    file = tmp_path / "project" / "test_a.py"
    file.write_text("def test_a():\n    for x in range(1, 100):\n        assert x\n")
    exec(compile(file.read_text(), str(file), "exec"), space)  # noqa: S102 - a function of the file
    calls: list[int] = []
    reached = watch._reached

    def counted(code: CodeType, line: int) -> object:
        calls.append(line)
        return reached(code, line)

    monkeypatch.setattr(watch, "_reached", counted)
    watch.start()
    try:
        for number in (1, 2, 3):
            watch.begin()
            assert not watch.has_checked()
            space["test_a"]()
            assert (True, number) == (watch.has_checked(), calls.count(3))
    finally:
        watch.stop()


def test_place_that_is_lost(tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another tool has both places, or takes ours away, that is said, and it is left alone."""
    taken = {3: "tracer", 4: "profiler"}
    monkeypatch.setattr(sys.monitoring, "get_tool", taken.get)
    watch.start()
    said = "what a test checks cannot be seen: this interpreter's places for watching (sys.monitoring) are those of profiler and tracer"
    assert said == watch.problem()
    watch._tool = 3
    assert said == watch.problem()
    codes = _codes(tmp_path / "project/tests/test_a.py", "def test_a():\n    assert 0\n")
    watch.follow(codes["test_a"])
    assert watch._started(codes["test_a"], 0) is None
    watch._unwound(codes["test_a"], 0, AssertionError())
    assert not watch.has_ended(codes["test_a"])
    watch.stop()
