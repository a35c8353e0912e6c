"""Static evidence in the background: the same as in the foreground, and nothing outlives the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.processes import descendants, ended, eventually, linux

from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.type_check import TypeFacts
from pytest_quality_gates.source.selection import discover
from pytest_quality_gates.static import messages, worker
from pytest_quality_gates.static.gather import gather
from pytest_quality_gates.static.messages import StaticEvidence, Task
from pytest_quality_gates.static.run import StaticRun

PARENT = """
import sys, time
from pathlib import Path
import msgspec
from pytest_quality_gates.static.messages import Task
from pytest_quality_gates.static.run import StaticRun

run = StaticRun(msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Task))
print(run.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for temporary files of this test alone."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def task(root: Path, *, checker: str = "mypy", keeps_cache: bool = True, text: str = "") -> Task:
    """What to find out of a small project."""
    (root / "shop").mkdir(parents=True, exist_ok=True)
    (root / "shop/__init__.py").write_text(text or "import subprocess\n\n\nx: int = ''\nsubprocess.run([])\n")
    return Task(
        root=str(root),
        selection=discover(root),
        catalogue=(),
        python=sys.executable,
        checker=checker,
        keeps_cache=keeps_cache,
    )


def without_times(evidence: StaticEvidence) -> StaticEvidence:
    """What can be compared: without seconds, and without the names that no gate reads."""
    types = evidence.types
    if isinstance(types, TypeFacts):
        types = msgspec.structs.replace(types, callees={})
    return StaticEvidence(
        source=evidence.source, types=types, judged=evidence.judged, left_out=evidence.left_out
    )


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[StaticRun]:
    """A run that has much to do."""
    text = "\n".join(f"def f{number}(x: int) -> int:\n    return x\n" for number in range(30_000))
    run = StaticRun(task(tmp_path / "busy", text=text))
    yield run
    run.kill()


def test_same_as_in_the_foreground(tmp_path: Path, temporary: Path) -> None:
    """The child gives what this process would have found; a warm run gives it again."""
    cold = StaticRun(task(tmp_path / "one")).join()
    assert without_times(gather(task(tmp_path / "two"))) == without_times(cold)
    assert isinstance(cold.source, SourceFacts)
    assert isinstance(cold.types, TypeFacts)
    assert 1 == len(cold.types.problems)
    assert cold.seconds.types > 0
    assert without_times(StaticRun(task(tmp_path / "one")).join()) == without_times(cold)
    assert [] == list(temporary.iterdir())


def test_same_value_every_time(tmp_path: Path) -> None:
    """The evidence is fetched once; killing a run that has ended changes nothing."""
    run = StaticRun(task(tmp_path, checker=""))
    found = run.join()
    run.kill()
    assert found is run.join()
    assert not run.is_running()


def test_says_what_it_does(tmp_path: Path) -> None:
    """Who waits is told what is being done."""
    words: list[str] = []
    StaticRun(task(tmp_path)).join(words.append)
    assert "waiting for mypy" in words


def test_tells_in_the_foreground(tmp_path: Path) -> None:
    """Each step is told once."""
    words: list[str] = []
    gather(task(tmp_path, keeps_cache=False), words.append)
    assert ["reading the source, 0 of 1 files", "waiting for mypy", "following the calls"] == words
    assert not (tmp_path / ".quality-gates").exists()


@linux
def test_killed(busy: StaticRun, temporary: Path) -> None:
    """A run that is given up leaves no process and no file behind, and says so."""
    assert busy.is_running()
    assert eventually(lambda: len(descendants(busy.pid)) == 2), "the child and its type checker"
    processes = descendants(busy.pid)
    busy.kill()
    assert ended(processes)
    found = busy.join()
    lost = Unavailable("could_not_run", "the process that reads the source was ended")
    assert (lost, lost) == (found.source, found.types)
    assert ("shop",) == found.judged
    assert [] == list(temporary.iterdir())


@linux
def test_child_that_dies(busy: StaticRun) -> None:
    """A child that is killed by somebody else could not run; its type checker goes with it."""
    assert eventually(lambda: len(descendants(busy.pid)) == 2)
    processes = descendants(busy.pid)
    os.kill(busy.pid, signal.SIGKILL)
    found = busy.join().source
    assert Unavailable("could_not_run", "the process that reads the source was killed by signal 9") == found
    assert ended(processes)


@linux
def test_parent_that_dies(tmp_path: Path) -> None:
    """Where even the process that started it is killed, neither child goes on."""
    text = "\n".join(f"def f{number}(x: int) -> int:\n    return x\n" for number in range(30_000))
    (tmp_path / "task").write_bytes(msgspec.msgpack.encode(task(tmp_path / "busy", text=text)))
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "task")], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert eventually(lambda: len(descendants(child)) == 2)
    processes = descendants(child)
    parent.kill()
    parent.communicate()
    assert ended(processes)


def test_task_that_cannot_be_sent(tmp_path: Path) -> None:
    """A file whose name is no text: this process looks at the source itself, in the end."""
    name = os.fsdecode(b"\xff.py")
    (tmp_path / "shop").mkdir()
    try:
        (tmp_path / "shop" / name).write_text("import subprocess\nsubprocess.run([])\n")
    except OSError:
        pytest.skip("no such name on this file system")
    found = StaticRun(task(tmp_path)).join()
    assert isinstance(found.source, SourceFacts)
    assert 2 == len(found.source.call_sites)
    assert isinstance(found.types, Unavailable)


def test_child_that_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started, the source is read here, and the types could not run."""
    asked = task(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    found = StaticRun(asked).join()
    assert isinstance(found.source, SourceFacts)
    assert isinstance(found.types, Unavailable)
    assert "cannot be started" in found.types.reason


def test_child_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that cannot even start its program could not run, with its last words."""
    asked = task(tmp_path, checker="")
    monkeypatch.setattr("pytest_quality_gates.static.run._WORKER", "pytest_quality_gates.no_such_module")
    found = StaticRun(asked).join().source
    assert isinstance(found, Unavailable)
    assert "ended with status 1 and no answer" in found.reason
    assert "no_such_module" in found.reason


def test_worker_here(tmp_path: Path) -> None:
    """What the child does, step by step, with evidence and without."""
    for asked in (task(tmp_path / "one", checker=""), task(tmp_path / "one", checker="nothing")):
        (tmp_path / messages.TASK).write_bytes(msgspec.msgpack.encode(asked))
        worker.serve(tmp_path)
        evidence = messages.decoded((tmp_path / messages.ANSWER).read_bytes(), asked)
        assert without_times(gather(asked)) == without_times(evidence)
        assert "following the calls" == (tmp_path / messages.PROGRESS).read_text()
