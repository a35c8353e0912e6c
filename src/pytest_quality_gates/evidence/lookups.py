"""What a program found when it looked at the file system, and whether it would find the same now.

A result may be used again where every file that its maker read has the content that it had, every place where the maker
found nothing is still empty, and every directory that it listed holds the same of what it was looking for. Paths are kept
relative to the project and to the interpreter, so that this also holds in another place. Times never count.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct


class Places(NamedTuple):
    """Directories that may be elsewhere in another run, by what stands for them; the innermost first."""

    directories: tuple[tuple[str, str], ...]

    def portable(self, path: str) -> str:
        """The path, absolute, with what stands for the directory in place of it."""
        for sign, directory in self.directories:
            if path == directory:
                return sign
            if path.startswith(directory + os.sep):
                return sign + path[len(directory) :]
        return path

    def here(self, path: str) -> str:
        """What `portable` was given, for these directories."""
        for sign, directory in self.directories:
            if path.startswith(sign):
                return directory + path[len(sign) :]
        return path


class Lookups(Struct, frozen=True, kw_only=True):
    """All that was looked at; paths as `Places.portable` gives them."""

    files: dict[str, bytes]
    """The digest of each file's content."""
    directories: tuple[str, ...]
    absent: tuple[str, ...]
    listings: dict[str, bytes]
    """Of each directory that was listed, the digest of the entries by whose names one of `modules` can be imported."""
    modules: tuple[str, ...]
    """Top-level modules that are imported anywhere, whether they exist or not."""


def recorded(
    seen: Mapping[str, os.stat_result | None], listed: Iterable[str], modules: Iterable[str], places: Places
) -> Lookups | None:
    """What was looked at, with what is there now; None where it is no longer what was seen.

    Args:
        seen: By absolute path, what the system said of it before it was read; None for what did not exist.
        listed: Directories whose entries were asked for.
        modules: Top-level modules that are imported anywhere.
        places: Where this run has its directories.
    """
    files: dict[str, bytes] = {}
    directories, absent = [], []
    for path, before in seen.items():
        now = _stat(path)
        if (before is None) != (now is None):
            return None
        if before is None or now is None:
            absent.append(places.portable(path))
        elif stat.S_ISDIR(now.st_mode):
            directories.append(places.portable(path))
        elif _state(before) != _state(now) or (digest := _content(path)) is None:
            return None
        else:
            files[places.portable(path)] = digest
    names = tuple(sorted(set(modules)))
    wanted = frozenset(names)
    return Lookups(
        files=files,
        directories=tuple(sorted(directories)),
        absent=tuple(sorted(absent)),
        listings={places.portable(path): _listing(path, wanted) for path in listed},
        modules=names,
    )


def holds(lookups: Lookups, places: Places) -> bool:
    """Whether all that was looked at is as it was."""
    wanted = frozenset(lookups.modules)
    return (
        all(_content(places.here(path)) == digest for path, digest in lookups.files.items())
        and all(os.path.isdir(places.here(path)) for path in lookups.directories)  # noqa: PTH112 - many, and text
        and all(_stat(places.here(path)) is None for path in lookups.absent)
        and all(_listing(places.here(path), wanted) == digest for path, digest in lookups.listings.items())
    )


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - many, and text
    except (OSError, ValueError):
        return None


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return (found.st_mode, found.st_size, found.st_mtime_ns)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - many, and text
            return hashlib.blake2b(file.read(), digest_size=16).digest()
    except (OSError, ValueError):
        return None


def _listing(path: str, modules: frozenset[str]) -> bytes:
    try:
        names = os.listdir(path)  # noqa: PTH208 - many, and text
    except OSError:
        names = []
    found = sorted(name for name in names if name.partition(".")[0].removesuffix("-stubs") in modules)
    return hashlib.blake2b("\0".join(found).encode("utf-8", "surrogateescape"), digest_size=16).digest()
