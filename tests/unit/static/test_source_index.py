"""The source facts through the cache: always those of a fresh run, and with as little work as the change asks for."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.facts.type_check import CalleeName
from pytest_quality_gates.source.index import analyse, build
from pytest_quality_gates.source.read_module import read_module
from pytest_quality_gates.source.selection import discover
from pytest_quality_gates.static import source_index, summaries
from pytest_quality_gates.static.source_index import SourceIndex

CATALOGUE = tuple(reader.load(()))
CLIENT = """import requests

LIMIT = 123456789012345678901234567890


def fetch(url):
    try:
        return requests.get(url)
    except Exception:
        pass
"""
CALLER = """from shop.client import fetch


async def show(url):
    return fetch(url)
"""


class Work:
    """Counts what was really done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        self.analysed = 0

        def counted_read(source: bytes, path: str) -> object:
            self.read.append(path)
            return read_module(source, path)

        def counted_analyse(*arguments: object) -> object:
            self.analysed += 1
            return analyse(*arguments)  # type: ignore[arg-type] # whatever it is given

        monkeypatch.setattr(summaries, "read_module", counted_read)
        monkeypatch.setattr(source_index, "analyse", counted_analyse)

    def take(self) -> tuple[list[str], int]:
        """What was done since the last time: files that were parsed, analyses."""
        done = (sorted(self.read), self.analysed)
        self.read, self.analysed = [], 0
        return done


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """The count."""
    return Work(monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with an external call."""
    write(tmp_path / "one", {"shop/__init__.py": "", "shop/client.py": CLIENT, "shop/api.py": CALLER})
    return tmp_path / "one"


def write(root: Path, files: dict[str, str]) -> None:
    """Write files, by path relative to the root."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def facts(
    root: Path,
    *,
    callees: dict[str, tuple[CalleeName, ...]] | None = None,
    versions: dict[str, str] | None = None,
    cache: Path | None = None,
) -> SourceFacts:
    """The facts through the cache, which must be those without."""
    selection = discover(root)
    index = SourceIndex(root, selection, CATALOGUE, versions or {}, cache or root / "cache")
    found = index.facts(callees or {})
    assert build(root, selection, callees or {}, CATALOGUE, versions or {}) == found
    return found


ALL = ["shop/__init__.py", "shop/api.py", "shop/client.py"]


def test_unchanged(shop: Path, work: Work) -> None:
    """A second run on an unchanged tree parses nothing and analyses nothing."""
    first = facts(shop)
    assert (ALL, 1) == work.take()
    assert ["requests.get"] == [site.callee for site in first.call_sites]
    assert first == facts(shop)
    assert ([], 0) == work.take()


def test_one_file_changed(shop: Path, work: Work) -> None:
    """Only the changed file is parsed; what follows from it elsewhere is worked out anew."""
    assert [True] == [site.blocks_loop for site in facts(shop).call_sites]
    work.take()
    write(shop, {"shop/api.py": CALLER.replace("async ", "")})
    assert [False] == [site.blocks_loop for site in facts(shop).call_sites]
    assert (["shop/api.py"], 1) == work.take()


def test_what_no_cache_can_hold(shop: Path, work: Work) -> None:
    """Half of a surrogate pair cannot be written: that file is parsed each time that something changes."""
    write(shop, {"shop/half.py": 'HALF = "\\ud800"\n'})
    facts(shop)
    write(shop, {"shop/api.py": ""})
    work.take()
    facts(shop)
    assert (["shop/api.py", "shop/half.py"], 1) == work.take()


def test_back_again(shop: Path, work: Work) -> None:
    """Going back to what was there before, as between branches, finds the old result."""
    facts(shop)
    write(shop, {"shop/api.py": ""})
    facts(shop)
    work.take()
    write(shop, {"shop/api.py": CALLER})
    facts(shop)
    assert ([], 0) == work.take()


def test_carried_elsewhere(shop: Path, work: Work) -> None:
    """Restored at another place with other times, as between jobs of a CI, it still hits."""
    facts(shop)
    work.take()
    other = shop.parent / "elsewhere" / "two"
    shutil.copytree(shop, other, copy_function=shutil.copyfile)
    later = time.time() + 5000
    for path in other.rglob("*"):
        os.utime(path, (later, later))
    shutil.rmtree(shop)
    facts(other)
    assert ([], 0) == work.take()


def test_every_input_counts(shop: Path, work: Work) -> None:
    """What the type checker says and which releases are in use alter the result: neither is taken from another's."""
    facts(shop)
    name = CalleeName(8, 15, 8, 32, "httpx.get")
    assert ["httpx.get"] == [
        site.callee for site in facts(shop, callees={"shop/client.py": (name,)}).call_sites
    ]
    facts(shop, versions={"requests": "2.0"})
    assert 3 == work.take()[1]


def test_new_and_removed_files(shop: Path, work: Work) -> None:
    """A file more or less is another input, also one that is not judged."""
    facts(shop)
    write(shop, {"shop/more.py": "import time\ntime.sleep(1)\n"})
    assert 2 == len(facts(shop).call_sites)
    (shop / "shop/client.py").unlink()
    assert 1 == len(facts(shop).call_sites)
    write(shop, {"tests/test_more.py": ""})
    assert "test" in {module.role for module in facts(shop).modules}


def test_another_version_of_ours(shop: Path, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other code of ours or another Python made is never believed."""
    facts(shop)
    work.take()
    monkeypatch.setattr(source_index, "maker", lambda: "another")
    facts(shop)
    assert (ALL, 1) == work.take()


def test_maker_is_named_by_our_code() -> None:
    """The name changes with the interpreter and with every file that makes facts."""
    assert source_index.maker() == source_index.maker()
    assert source_index.maker().startswith("cpython-")


def test_damaged(shop: Path, work: Work) -> None:
    """Files that were cut off or hold nonsense are misses."""
    facts(shop)
    work.take()
    for path in (shop / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-3])
    facts(shop)
    assert (ALL, 1) == work.take()


def test_unreadable_files(shop: Path, work: Work) -> None:
    """A file that no longer parses, or cannot be read at all, is told each time and hides no other."""
    facts(shop)
    write(shop, {"shop/api.py": "def broken(:\n"})
    (shop / "shop/gone.py").symlink_to(shop / "nowhere.py")
    (shop / "shop/folder.py").mkdir()
    for _ in range(2):
        found = facts(shop)
        assert ["unparsed"] == [module.role for module in found.modules if module.path == "shop/api.py"]
        assert 1 == len(found.call_sites)


def test_nothing_is_kept(shop: Path, work: Work) -> None:
    """Without a directory all is worked out each time."""
    selection = discover(shop)
    for _ in range(2):
        SourceIndex(shop, selection, CATALOGUE, {}, None).facts({})
    assert 2 == work.take()[1]
    assert not (shop / "cache").exists()
