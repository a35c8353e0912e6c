"""Which files are judged, and in what role. Nothing is parsed here."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from pytest_quality_gates.errors import ConfigurationError
from pytest_quality_gates.facts.source import ModuleRole
from pytest_quality_gates.source.file_role import TEST_DIRECTORIES, is_test_name, role_of
from pytest_quality_gates.source.project_layout import judged_roots, resolve_source
from pytest_quality_gates.source.tree import Directory, walk


class SelectedFile(Struct, frozen=True):
    """One Python file."""

    path: str
    """Relative to the root, with `/`."""
    module: str
    """Dotted name as it is imported: `shop.orders`; a package's `__init__.py` has the package's name."""
    role: ModuleRole
    """`source` is judged; `test`, `generated` and `vendored` are counted only. Never `unparsed` here."""


class Selection(Struct, frozen=True):
    """What was found, sorted by path."""

    files: tuple[SelectedFile, ...]
    roots: tuple[str, ...]
    """The packages, modules and directories that are judged, relative to the root: `src/shop`."""
    excluded: int = 0
    """How many files the user's patterns leave out."""
    unreadable: tuple[str, ...] = ()
    """Directories that cannot be listed."""

    @property
    def judged(self) -> tuple[SelectedFile, ...]:
        """The files whose role is `source`."""
        return tuple(file for file in self.files if file.role == "source")

    def root_modules(self) -> dict[str, str]:
        """The name of the package or module that each root is; empty for a directory that is neither."""
        modules = {file.path: file.module for file in self.files}
        return {root: modules.get(root) or modules.get(f"{root}/__init__.py", "") for root in self.roots}

    def import_roots(self) -> tuple[str, ...]:
        """The directories that the imports of the judged files start from, relative to the root, `.` for itself."""
        return tuple(sorted({_import_root(file) for file in self.judged}))

    def left_out(self) -> tuple[str, ...]:
        """What is not judged, in words with counts: `12 test files`."""
        roles = Counter(file.role for file in self.files if file.role != "source")
        words = [_counted(count, f"{role} file") for role, count in sorted(roles.items())]
        if self.excluded:
            words.append(f"{_counted(self.excluded, 'file')} by `exclude`")
        if self.unreadable:
            words.append(_counted(len(self.unreadable), "unreadable director", "y", "ies"))
        return tuple(words)


def discover(root: Path, source: Sequence[str] = (), exclude: Sequence[str] = ()) -> Selection:
    """Find the project's own files.

    Args:
        root: The project's directory.
        source: What the user wants to have judged: directories, files or packages; empty to look at the project's
            coverage settings, its build backend's packages, `src/` and the top level, in this order.
        exclude: Patterns of files that are left out, as in a .gitignore.

    Raises:
        ConfigurationError: Something that the user named does not exist, or a pattern is wrong.
    """
    roots = _named_roots(root, source) if source else judged_roots(root)
    directories = walk(root, [*roots, *_tests_beside(root, roots)])
    return _selection(directories, roots, exclude)


def for_path(path: Path, exclude: Sequence[str] = ()) -> tuple[Path, Selection]:
    """Every Python file below a directory, whatever it is: a checkout, an unpacked wheel, one package; or one file.

    Returns:
        The root that the paths are relative to, and what was found.
    """
    if path.is_file():
        return path.parent, _selection(walk(path.parent, [path.name]), (path.name,), exclude)
    return path, _selection(walk(path, ["."]), (".",), exclude)


def _selection(directories: Iterable[Directory], roots: Sequence[str], exclude: Sequence[str]) -> Selection:
    is_excluded = _patterns(exclude)
    files: dict[str, SelectedFile] = {}
    excluded = 0
    unreadable: list[str] = []
    for directory in directories:
        if directory.is_unreadable:
            unreadable.append(directory.path)
        for name in directory.files:
            path = f"{directory.path}/{name}" if directory.path else name
            if is_excluded is not None and is_excluded(path):
                excluded += 1
            elif path not in files:
                files[path] = SelectedFile(path, _module(directory, name), role_of(directory, name))
    return Selection(tuple(files[path] for path in sorted(files)), tuple(roots), excluded, tuple(unreadable))


def _import_root(file: SelectedFile) -> str:
    parts = file.path.removesuffix(".py").removesuffix("/__init__").split("/")
    return "/".join(parts[: max(0, len(parts) - len(file.module.split(".")))]) or "."


def _module(directory: Directory, name: str) -> str:
    stem = name.removesuffix(".py")
    parts = directory.package if stem == "__init__" and directory.package else (*directory.package, stem)
    return ".".join(parts)


def _patterns(exclude: Sequence[str]) -> Callable[[str], bool] | None:
    if not exclude:
        return None
    import pathspec  # noqa: PLC0415 - slow to import, and few projects have patterns

    try:
        return pathspec.GitIgnoreSpec.from_lines(exclude).match_file
    except ValueError as error:
        raise ConfigurationError([f"[tool.quality-gates] exclude: {error}"]) from error


def _named_roots(root: Path, source: Sequence[str]) -> tuple[str, ...]:
    found = {name: resolve_source(root, name) for name in source}
    problems = [
        f"[tool.quality-gates] source: there is no directory, file or package `{name}` in {root}"
        for name, path in found.items()
        if path is None
    ]
    if problems:
        raise ConfigurationError(problems)
    return tuple(dict.fromkeys(path for path in found.values() if path is not None))


def _tests_beside(root: Path, roots: Sequence[str]) -> list[str]:
    """Directories and files of tests at the top level, and beside what is judged on the way down to it."""
    above = (Path(place).parents for place in roots)
    places = dict.fromkeys(["", *(parent.as_posix() for parents in above for parent in parents)])
    found = [path for place in places if place != "." for path in _tests_in(root, place)]
    return [path for path in found if not _covered(path, roots)]


def _tests_in(root: Path, place: str) -> list[str]:
    """What of the directory `place` is a directory of tests or a file of them, by its name."""
    prefix = f"{place}/" if place else ""
    try:
        with os.scandir(root / place) as entries:
            return sorted(prefix + entry.name for entry in entries if _holds_tests(entry))
    except OSError:
        return []


def _holds_tests(entry: os.DirEntry[str]) -> bool:
    if entry.name in TEST_DIRECTORIES:
        return entry.is_dir()
    return is_test_name(entry.name) and entry.is_file()


def _covered(name: str, roots: Iterable[str]) -> bool:
    """Whether the walk of what is judged gets there, or starts below it."""
    return any(
        root in {".", name} or root.startswith(f"{name}/") or name.startswith(f"{root}/") for root in roots
    )


def _counted(count: int, noun: str, one: str = "", many: str = "s") -> str:
    return f"{count} {noun}{one if count == 1 else many}"
