"""Files of the cache: whole or a miss, whatever happens to them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_quality_gates.store import sealed
from pytest_quality_gates.store.cache_directory import cache_directory, is_writable, versioned

WRITER = """
import sys
from pathlib import Path
from pytest_quality_gates.store import sealed

while True:
    for letter in (b"a", b"b"):
        sealed.write(Path(sys.argv[1]), letter * 300_000)
        print("written", flush=True)
"""
NO_ROOM = """
import resource, sys
from pathlib import Path
from pytest_quality_gates.store import sealed

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
print(sealed.write(Path(sys.argv[1]), b"x" * 5000))
"""


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Content comes back, also through a directory that was not there; nothing else is left."""
    path = tmp_path / "a" / "b"
    assert sealed.write(path, b"content")
    assert b"content" == sealed.read(path)
    assert [path] == list(path.parent.iterdir())


def test_missing(tmp_path: Path) -> None:
    """A missing file is a miss, a directory in its place as well."""
    assert sealed.read(tmp_path / "nothing") is None
    assert sealed.read(tmp_path) is None


@pytest.mark.parametrize("size", [0, 5, 16, 17, 100])
def test_cut_off(tmp_path: Path, size: int) -> None:
    """A file that was cut off, at whatever place, is a miss."""
    sealed.write(tmp_path / "file", b"x" * 200)
    content = (tmp_path / "file").read_bytes()
    (tmp_path / "file").write_bytes(content[:size])
    assert sealed.read(tmp_path / "file") is None


def test_one_bit(tmp_path: Path) -> None:
    """A file of which one bit has flipped, at whatever place, is a miss."""
    sealed.write(tmp_path / "file", b"x" * 50)
    content = (tmp_path / "file").read_bytes()
    for place in range(len(content)):
        altered = bytearray(content)
        altered[place] ^= 1
        (tmp_path / "file").write_bytes(altered)
        assert sealed.read(tmp_path / "file") is None


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Two writers that are killed leave a whole file; what else they leave goes in time."""
    path = tmp_path / "file"
    chance = random.Random(4)  # noqa: S311 - moments, no secret
    for _ in range(4):
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        time.sleep(chance.random() / 50)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
        assert sealed.read(path) in {b"a" * 300_000, b"b" * 300_000}
    sealed.remove_leavings(tmp_path, 60, time.time())
    left = len(list(tmp_path.iterdir()))
    sealed.remove_leavings(tmp_path, 60, time.time() + 100)
    assert [path] == list(tmp_path.iterdir())
    assert left >= 1


@pytest.mark.skipif(os.name != "posix", reason="limits on file sizes are POSIX")
def test_full_disk(tmp_path: Path) -> None:
    """Where there is no room the old content stays, and nothing half written does."""
    path = tmp_path / "file"
    sealed.write(path, b"old")
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, str(path)], capture_output=True, text=True, check=True
    )
    assert "False\n" == done.stdout
    assert b"old" == sealed.read(path)
    assert [path] == list(tmp_path.iterdir())


def test_no_directory_can_be_made(tmp_path: Path) -> None:
    """Where the directory cannot be made, nothing is written and nothing raised."""
    (tmp_path / "file").write_text("")
    assert not sealed.write(tmp_path / "file" / "below", b"x")


class TestCacheDirectory:
    """The project's directory for what may be lost."""

    def test_ignored_by_version_control(self, tmp_path: Path) -> None:
        """The cache keeps itself out of version control; where it cannot be, there is none."""
        directory = cache_directory(tmp_path)
        assert directory is not None
        assert is_writable(directory)
        assert "*\n" == (directory / ".gitignore").read_text()
        (tmp_path / "file").write_text("")
        assert cache_directory(tmp_path / "file") is None

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
    def test_read_only(self, tmp_path: Path) -> None:
        """One that cannot be written is still read from."""
        directory = cache_directory(tmp_path)
        assert directory is not None
        sealed.write(directory / "file", b"content")
        directory.chmod(0o500)
        try:
            assert directory == cache_directory(tmp_path)
            assert not is_writable(directory)
            assert not sealed.write(directory / "file", b"new")
            assert b"content" == sealed.read(versioned(directory, "file"))
        finally:
            directory.chmod(0o700)

    def test_old_versions_go(self, tmp_path: Path) -> None:
        """The places of the last four versions are kept, the longest unused goes first."""
        for number in range(6):
            place = versioned(tmp_path, f"v{number}")
            os.utime(place, (number, number))
        versioned(tmp_path, "v2")
        assert ["v2", "v3", "v4", "v5"] == sorted(path.name for path in tmp_path.iterdir())
