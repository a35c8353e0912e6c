"""A walk over the directories below a root, each with what is needed to name and to judge its files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

NEVER_ENTERED = frozenset({"__pycache__", "node_modules", "site-packages"})
"""Directories (beside hidden ones) that hold nothing of the project's own."""
OUTPUT_DIRECTORIES = frozenset({"build", "dist", "env", "htmlcov", "venv", "virtualenv", "wheelhouse"})
"""Entered only where they are packages: what tools put there is not the project's own."""
CONTAINERS = frozenset({"src", "lib", "python", "source"})
"""Directories that hold packages and are no part of their names, unless they are packages themselves."""
MODULE_FILES = (".py", ".pyi", ".so", ".pyd", ".pyc", "py.typed")
"""What may lie in a namespace package; any other file shows that the directory is not one."""


class Directory(Struct, frozen=True, kw_only=True):
    """One directory with Python files (or one that cannot be read)."""

    root: str
    """The absolute path that `path` is relative to."""
    path: str
    """Relative, with `/`; empty for the root itself."""
    files: tuple[str, ...]
    """Names of the Python files in it that were asked for."""
    siblings: frozenset[str] = frozenset()
    """Names of all files in it."""
    package: tuple[str, ...] = ()
    """The dotted name of the package that it is, as parts; empty where it is none."""
    is_unreadable: bool = False


class _Listing(Struct, frozen=True):
    """What a directory holds."""

    files: tuple[str, ...]
    directories: tuple[str, ...]
    links: tuple[str, ...]
    """Symbolic links to directories."""

    @property
    def is_package(self) -> bool:
        return "__init__.py" in self.files

    @property
    def is_namespace(self) -> bool:
        return all(name.endswith(MODULE_FILES) for name in self.files)


def walk(root: Path, starts: Iterable[str]) -> Iterator[Directory]:
    """Walk the directories (and single files) that `starts` names, relative to `root`.

    Hidden directories, virtual environments, caches and build output are not entered. A directory that several
    links lead to, or that a link leads back to, is walked once.
    """
    seen: set[tuple[int, int]] = set()
    base = os.fspath(root)
    for start in starts:
        path = "" if start == "." else start.rstrip("/")
        if path.endswith(".py") and os.path.isfile(os.path.join(base, path)):  # noqa: PTH113, PTH118 - see _listing
            parent, _, name = path.rpartition("/")
            yield _directory(base, parent, _list(base, parent), _outer_package(base, parent), only=name)
        else:
            yield from _walk(base, path, seen)


def _walk(base: str, start: str, seen: set[tuple[int, int]]) -> Iterator[Directory]:
    pending = [
        (start, _outer_package(base, start.rpartition("/")[0]) if start else _outer_package(base, ""), True)
    ]
    links: list[tuple[str, tuple[str, ...], bool]] = []
    while pending or links:
        path, outer, is_start = pending.pop() if pending else links.pop()
        if not _is_new(os.path.join(base, path), seen):  # noqa: PTH118 - see _listing
            continue
        listing = _list(base, path)
        if listing is None:
            yield Directory(root=base, path=path or ".", files=(), is_unreadable=True)
            continue
        name = path.rpartition("/")[2]
        if not is_start and _is_foreign(name, listing):
            continue
        package = outer if not path else _package(outer, name, listing)
        yield _directory(base, path, listing, package)
        prefix = f"{path}/" if path else ""
        pending.extend((prefix + child, package, False) for child in reversed(listing.directories))
        links.extend((prefix + child, package, False) for child in reversed(listing.links))


def _is_new(path: str, seen: set[tuple[int, int]]) -> bool:
    """Whether the directory was not walked yet, by whatever name. One that is gone is left to its listing."""
    try:
        status = os.stat(path)  # noqa: PTH116 - see _listing
    except OSError:
        return True
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def _is_foreign(name: str, listing: _Listing) -> bool:
    """Whether the directory is not the project's own: a virtual environment, or what a build left."""
    return "pyvenv.cfg" in listing.files or (name in OUTPUT_DIRECTORIES and not listing.is_package)


def _directory(
    base: str, path: str, listing: _Listing | None, package: tuple[str, ...], only: str = ""
) -> Directory:
    names = listing.files if listing else (only,)
    python = (only,) if only else tuple(sorted(name for name in names if name.endswith(".py")))
    return Directory(root=base, path=path, files=python, siblings=frozenset(names), package=package)


def _package(outer: tuple[str, ...], name: str, listing: _Listing) -> tuple[str, ...]:
    """The package's name: that of the one around it and its own; empty where the directory is no package."""
    if not name.isidentifier():
        return ()
    if listing.is_package:
        return (*outer, name)
    return () if name in CONTAINERS or not listing.is_namespace else (*outer, name)


def _outer_package(base: str, path: str) -> tuple[str, ...]:
    """The package that the directory `path` (the root itself where empty) is, by the directories above it."""
    parts: tuple[str, ...] = ()
    above = Path(base)
    while (above / "__init__.py").is_file() and above.name.isidentifier():
        parts = (above.name, *parts)
        above = above.parent
    at = ""
    for name in path.split("/") if path else ():
        at = f"{at}/{name}" if at else name
        listing = _list(base, at)
        parts = _package(parts, name, listing) if listing else ()
    return parts


def _list(base: str, path: str) -> _Listing | None:
    """What the directory holds; None where it cannot be read.

    `os.scandir` answers what each entry is without asking the file system again, which `pathlib` does not.
    """
    files: list[str] = []
    directories: list[str] = []
    links: list[str] = []
    try:
        with os.scandir(os.path.join(base, path)) as entries:  # noqa: PTH118 - as the docstring says
            for entry in entries:
                if not _is_directory(entry):
                    if not entry.is_symlink() or os.path.isfile(entry.path):  # noqa: PTH113 - as above
                        files.append(entry.name)
                elif entry.name.startswith(".") or entry.name in NEVER_ENTERED or _is_metadata(entry.name):
                    continue
                else:
                    (links if entry.is_symlink() else directories).append(entry.name)
    except OSError:
        return None
    return _Listing(tuple(files), tuple(sorted(directories)), tuple(sorted(links)))


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _is_metadata(name: str) -> bool:
    return name.endswith((".dist-info", ".egg-info", ".data"))
