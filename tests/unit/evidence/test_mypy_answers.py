"""Answers of mypy that are kept: the same without mypy where nothing has changed, and asked anew where anything has."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.mypy_trace import CAN_BE_TRACED

from pytest_quality_gates.evidence import lookups, process, type_check
from pytest_quality_gates.evidence.lookups import Places, holds, recorded
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.type_check import TypeFacts
from pytest_quality_gates.store.results import Results

APP = "import helper\nimport gone  # type: ignore[import-not-found]\n\n\nx: int = helper.half(2)\n"
HELPER = "def half(price: int) -> int:\n    return price // 2\n"

traced = pytest.mark.skipif(not CAN_BE_TRACED, reason="answers of this release of mypy are not kept")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of mypy itself, so that the standard library's stubs are read once."""
    return tmp_path_factory.mktemp("mypy-cache")


class Project:
    """A project whose `app.py` is judged, with a count of the children that were started."""

    def __init__(self, root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.cache = root, cache
        self.started = 0
        self.answers = Results(root.parent / "answers")
        start = process.start

        def counted(*arguments: object, **options: object) -> process.Child:
            self.started += 1
            return start(*arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(process, "start", counted)

    def check(self) -> TypeFacts | Unavailable:
        """What is said of it."""
        return type_check.start(
            self.root, ["app.py"], python=sys.executable, cache_dir=self.cache, answers=self.answers
        ).join()


@pytest.fixture
def project(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """It was checked once."""
    root = tmp_path / "project"
    (root / "folder").mkdir(parents=True)
    (root / "folder/__init__.py").touch()
    (root / "app.py").write_text(APP)
    (root / "helper.py").write_text(HELPER)
    (root / "mypy.ini").write_text("[mypy]\nmypy_path = $EXTRA\n")
    monkeypatch.setenv("EXTRA", str(root / "folder"))
    found = Project(root, cache, monkeypatch)
    assert isinstance(found.check(), TypeFacts)
    assert 1 == found.started
    return found


@traced
def test_unchanged(project: Project) -> None:
    """Nothing is started, whatever times the files have; what mypy does not look for does not count."""
    first = project.check()
    assert isinstance(first, TypeFacts)
    assert {"app.py"} == set(first.callees)
    for path in project.root.rglob("*"):
        os.utime(path, (1, 1))
    (project.root / "report.json").write_text("{}")
    (project.root / "unrelated.py").write_text("")
    assert first == project.check()
    assert 1 == project.started


CHANGES: dict[str, Callable[[Path], object]] = {
    "judged file": lambda root: (root / "app.py").write_text(APP + "y: int = ''\n"),
    "imported file": lambda root: (root / "helper.py").write_text(HELPER.replace("-> int", "-> str")),
    "imported file removed": lambda root: (root / "helper.py").unlink(),
    "stub beside it": lambda root: (root / "helper.pyi").write_text("def half(price: int) -> str: ...\n"),
    "missing module comes": lambda root: (root / "gone.py").write_text(""),
    "missing module comes elsewhere": lambda root: (root / "folder" / "gone.py").write_text(""),
    "package in its place": lambda root: shutil.copytree(root / "folder", root / "helper"),
    "settings": lambda root: (root / "mypy.ini").write_text("[mypy]\nstrict = True\n"),
    "settings that go": lambda root: (root / "mypy.ini").unlink(),
    "settings of more weight": lambda root: (root / "pyproject.toml").write_text("[tool.mypy]\n"),
    "variable in the settings": lambda root: os.environ.update(EXTRA=str(root / "other")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed(project: Project, change: str) -> None:
    """Whatever mypy would see is seen, and what it says then is what it says without anything kept."""
    CHANGES[change](project.root)
    found = project.check()
    assert 2 == project.started
    project.answers = Results(None)
    assert found == project.check()


@traced
def test_carried_elsewhere(project: Project, tmp_path: Path) -> None:
    """In a checkout at another place the answer holds as well."""
    first = project.check()
    os.environ["EXTRA"] = str(tmp_path / "moved" / "folder")
    project.root = shutil.copytree(project.root, tmp_path / "moved")
    assert first == project.check()
    assert 1 == project.started


def test_plugins_of_the_users(project: Project) -> None:
    """A plugin of mypy's may look at anything: mypy decides each time."""
    (project.root / "plug.py").write_text(
        "from mypy.plugin import Plugin\n\n\ndef plugin(version: str) -> type[Plugin]:\n    return Plugin\n"
    )
    (project.root / "mypy.ini").write_text("[mypy]\nplugins = ./plug.py\n")
    for _ in range(2):
        assert isinstance(project.check(), TypeFacts)
    assert 3 == project.started


@traced
def test_damaged(project: Project) -> None:
    """What cannot be read, or is another version's, is a miss."""
    first = project.check()
    for number, damage in enumerate((b"", b"damaged" * 50, b"\x93\x01\x02\x03")):
        for path in (project.root.parent / "answers").iterdir():
            project.answers.put(path.name, damage)
        assert first == project.check()
        assert number + 2 == project.started


def test_changed_while_it_was_read(tmp_path: Path) -> None:
    """A file that is no longer what was seen is not taken down."""
    file = tmp_path / "a.py"
    file.write_text("a = 1\n")
    here = Places((("<root>", str(tmp_path)),))
    before = {str(file): file.stat(), str(tmp_path / "b.py"): None}
    found = recorded(before, [str(tmp_path)], ["a"], here)
    assert found is not None
    assert ("<root>/a.py".replace("/", os.sep),) == tuple(found.files)
    assert holds(found, here)
    file.write_text("a = 1234\n")
    assert recorded(before, [str(tmp_path)], ["a"], here) is None
    file.unlink()
    assert recorded(before, [str(tmp_path)], ["a"], here) is None
    assert not holds(found, here)


def test_names_in_a_directory(tmp_path: Path) -> None:
    """Only entries that can be imported under one of the names count, with those of stubs."""
    here = Places((("<root>", str(tmp_path)),))
    found = recorded({}, [str(tmp_path)], ["a"], here)
    assert isinstance(found, lookups.Lookups)
    (tmp_path / "b.py").touch()
    assert holds(found, here)
    (tmp_path / "a-stubs").mkdir()
    assert not holds(found, here)
