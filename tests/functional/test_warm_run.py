"""A second run on an unchanged tree: no file is parsed and no type checker started, which each process says itself."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.mypy_trace import CAN_BE_TRACED

if TYPE_CHECKING:
    from tests.functional.conftest import Project

REPORT = ("--quality-gates-report", "json:report.json")
WATCH = """import json
import os
import sys


def watch(event, arguments):
    if event == "subprocess.Popen":
        said = ["start", [str(part) for part in arguments[1] or ()][-2:]]
    elif event == "compile" and isinstance(arguments[0], (str, bytes)):
        text = arguments[0].encode() if isinstance(arguments[0], str) else arguments[0]
        if b"Half of it" not in text:
            return
        said = ["parse", os.path.basename(str(sys.orig_argv[-1]))]
    else:
        return
    descriptor = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, (json.dumps(said) + "\\n").encode())
    os.close(descriptor)


sys.addaudithook(watch)
"""


class Watched:
    """Runs of a shop in which every Python process notes what it starts and parses."""

    def __init__(self, shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self._log = shop.root.parent / f"{shop.root.name}-watched"
        place = shop.root.parent / f"{shop.root.name}-site"
        place.mkdir()
        (place / "sitecustomize.py").write_text(WATCH)
        monkeypatch.setenv("PYTHONPATH", str(place), prepend=os.pathsep)
        monkeypatch.setenv("WATCHED", str(self._log))

    def run(self) -> Counter[str]:
        """How often the source was parsed by others than pytest itself, and mypy started."""
        self._log.unlink(missing_ok=True)
        printed = self.shop.run(*REPORT)
        assert "quality gates: passed" == self.shop.last_line(printed)
        said = [json.loads(line) for line in self._log.read_text().splitlines()]
        mypy = sum(kind == "start" and "mypy_worker" in " ".join(what) for kind, what in said)
        ours = sum(kind == "start" and "static.worker" in " ".join(what) for kind, what in said)
        parsed = sum(kind == "parse" and str(what).startswith("quality-gates-") for kind, what in said)
        return Counter(mypy=mypy, ours=ours, parsed=parsed)


@pytest.fixture
def watched(shop: Project, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A shop that is watched."""
    return Watched(shop, monkeypatch)


COLD = Counter(mypy=1, ours=1, parsed=1)
WARM = Counter(mypy=int(not CAN_BE_TRACED), ours=1, parsed=0)


def test_unchanged_tree(watched: Watched) -> None:
    """One process a tool in a cold run; in a warm one nothing is analysed, and the report is the same."""
    assert COLD == watched.run()
    cold = watched.shop.report()
    assert WARM == watched.run()
    assert cold == watched.shop.report()


def test_carried_between_jobs(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cache that comes with new times into a checkout at another place, with new times as well, still hits."""
    assert COLD == watched.run()
    watched.shop.root = shutil.copytree(
        watched.shop.root,
        tmp_path_factory.mktemp("job") / "checkout",
        copy_function=shutil.copyfile,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    assert WARM == watched.run()


def test_changed_file(watched: Watched) -> None:
    """A file that changed is read again, and mypy decides what else that alters."""
    watched.run()
    prices = watched.shop.root / "shop" / "prices.py"
    prices.write_text(prices.read_text() + "\n\nRATE = 1.0\n")
    assert COLD == watched.run()
    assert WARM == watched.run()
