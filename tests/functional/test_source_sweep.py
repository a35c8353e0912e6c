"""The standard library of the running interpreter, as source that nobody here has written."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from tests.read_source import facts_below

LIBRARY = Path(sysconfig.get_path("stdlib"))
SAMPLE = 150
RUN = "from pytest_quality_gates.cli import main; main()"


def library_files() -> list[str]:
    """The standard library's own files, its tests included, as far as they are installed."""
    return sorted(
        path.relative_to(LIBRARY).as_posix()
        for path in LIBRARY.rglob("*.py")
        if not {"site-packages", "dist-packages"} & set(path.relative_to(LIBRARY).parts)
        and path.stat().st_size < 100_000
    )


@pytest.fixture(scope="module")
def sample() -> list[str]:
    """The same files each time on one release."""
    return random.Random(3).sample(library_files(), SAMPLE)  # noqa: S311 -- a sample, no secret


def test_the_standard_library(sample: list[str]) -> None:
    """Every file is read or has a reason why not; every fact lies within its file."""
    facts = facts_below(LIBRARY, sample)
    assert sorted(sample) == [fact.path for fact in facts.modules]
    lines = {fact.path: fact.lines for fact in facts.modules}
    # Only files that are wrong on purpose (tests of the parser itself) cannot be read.
    assert len([fact for fact in facts.modules if fact.error]) < SAMPLE / 20
    assert len(facts.functions) > 500
    for fact in facts.call_sites + facts.handlers + facts.functions:
        assert 1 <= fact.line <= fact.end_line <= lines[fact.path]


def test_by_the_command(tmp_path: Path, sample: list[str]) -> None:
    """The same through the command: JSON on every line, nothing on the error stream but what could not be read."""
    small = sample[:20]
    for path in small:
        place = tmp_path / "src" / "library" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((LIBRARY / path).read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", RUN, "facts", str(tmp_path / "src"), "--no-types"],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert "Traceback" not in done.stderr
    assert 0 == done.returncode
    for line in done.stdout.splitlines():
        assert {"path", "line", "callee"} <= set(json.loads(line))
