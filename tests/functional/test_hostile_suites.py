"""Suites that alter what everybody uses, and leave it so: the verdict and the figure are right all the same."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest
from tests.processes import ended, linux

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
PATCHES = {
    "subprocess": "import subprocess\n"
    "class Broken:\n    def __init__(self, *arguments, **options):\n        raise OSError('no processes here')\n"
    "subprocess.Popen = Broken\nsubprocess.run = None\n",
    "sleep and clock": "import time\n"
    "def broken(*arguments):\n    raise RuntimeError('time stands still')\n"
    "time.sleep = time.monotonic = time.perf_counter = broken\n",
    "clock that jumps": "import time\n"
    "real = time.time\ntime.time = lambda: real() - 10**9\ntime.monotonic = lambda: -5.0\n",
    "environment cleared": "import os\nos.environ.clear()\n",
    "environment replaced": "import os\nos.environ = {}\n",
    "temporary directory": "import tempfile\ntempfile.tempdir = '/nowhere/at/all'\n",
    "stdout": "import io, sys\nsys.stdout = io.StringIO()\nsys.stderr = None\n",
    "working directory": "import os\nos.chdir('/')\n",
    "recursion limit": "import sys\nsys.setrecursionlimit(150)\n",
    "umask": "import os\nos.umask(0o777)\n",
    "signals": "import signal\nfor number in (signal.SIGINT, signal.SIGTERM):\n"
    "    signal.signal(number, signal.SIG_IGN)\n",
    "garbage collector": "import gc\ngc.freeze()\ngc.disable()\n",
    "warnings": "import warnings\nwarnings.simplefilter('error')\n",
}


@pytest.mark.parametrize("patch", PATCHES)
def test_patched_for_good(shop: Project, patch: str) -> None:
    """What a test puts in the place of standard functions, and never takes back, does not reach us."""
    body = "".join(f"    {line}\n" for line in PATCHES[patch].splitlines())
    shop.write({"tests/test_zz.py": f"def test_patch():\n{body}    assert 1 + 1 == 2\n"})
    result = shop.run("-s", *REPORT)
    printed = result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in printed, printed
    assert ("passed", 6, 7) == (
        shop.report()["verdict"],
        shop.gate("tests")["measured"],
        shop.gate("tests")["total"],
    )
    assert 0 == result.ret


def test_nothing_can_be_opened(shop: Project) -> None:
    """Where a test leaves a broken `open`, coverage.py cannot read what it measured: that is no pass and no traceback."""
    body = "import builtins\n    builtins.open = None\n    assert 1 + 1 == 2\n"
    shop.write({"tests/test_zz.py": f"def test_patch():\n    {body}"})
    result = shop.run("-s")
    assert "quality gates: could not run (tests)" == shop.last_line(result)
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert 1 == result.ret


FORKS = """import os
import threading
import warnings

import pytest

from shop.prices import half


@pytest.fixture(autouse=True)
def strict():
    warnings.simplefilter("error")


def test_fork():
    assert 1 == threading.active_count(), threading.enumerate()
    child = os.fork()
    if child == 0:
        os._exit(int(half(14.0)))
    assert 7 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_no_strange_children():
    # A suite may wait for all of its children.
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert child == os.waitpid(child, 0)[0]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_fork(shop: Project) -> None:
    """No thread of ours makes forking dangerous, and a forked child takes nothing of ours down."""
    shop.write({"tests/test_fork.py": FORKS})
    result = shop.run(*REPORT)
    assert "quality gates: passed" == shop.last_line(result)


LOOPS = """import asyncio
import threading
import time

from shop.prices import half

LOOP = asyncio.new_event_loop()


def test_open_loop():
    asyncio.set_event_loop(LOOP)

    async def show():
        return half(4.0)

    assert LOOP.run_until_complete(show()) == 2.0


def test_thread_that_stays():
    thread = threading.Thread(target=time.sleep, args=(600,), daemon=True)
    thread.start()
    assert thread.is_alive()
"""


def test_open_loop_and_threads(shop: Project) -> None:
    """An event loop that nobody closes and a thread that goes on are the suite's own business."""
    shop.write({"tests/test_loop.py": LOOPS})
    assert "quality gates: passed" == shop.last_line(shop.run(*REPORT))


STAYS = """import pathlib
import subprocess
import sys


def test_leaves_a_process():
    child = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )
    pathlib.Path("pid").write_text(str(child.pid))
    assert child.poll() is None
"""


@linux
def test_process_that_stays(shop: Project) -> None:
    """A process that a test leaves behind is neither waited for nor ended."""
    shop.write({"tests/test_stays.py": STAYS})
    began = time.monotonic()
    result = shop.run(*REPORT)
    pid = int((shop.root / "pid").read_text())
    try:
        assert "quality gates: passed" == shop.last_line(result)
        assert time.monotonic() - began < 230
        os.kill(pid, 0)
    finally:
        os.kill(pid, 9)
    assert ended({pid})


def test_no_cache_directory(shop: Project) -> None:
    """Where a file has the name of the cache's directory, nothing is kept and nothing is wrong."""
    shutil.rmtree(shop.root / ".quality-gates")
    (shop.root / ".quality-gates").write_text("mine")
    assert "quality gates: passed" == shop.last_line(shop.run(*REPORT))
    assert "mine" == (shop.root / ".quality-gates").read_text()


def test_cache_removed_by_a_test(shop: Project) -> None:
    """A suite that cleans its directory while we work takes away no verdict."""
    shop.run()
    shop.write(
        {
            "tests/test_clean.py": "import shutil\n\n\ndef test_clean():\n"
            "    shutil.rmtree('.quality-gates', ignore_errors=True)\n    assert 1 + 1 == 2\n"
        }
    )
    assert "quality gates: passed" == shop.last_line(shop.run(*REPORT))
