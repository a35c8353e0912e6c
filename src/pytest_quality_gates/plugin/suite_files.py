"""Which test files of the suite a run leaves out, by its arguments and options."""

from __future__ import annotations

import argparse
import fnmatch
import functools
import glob
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

import pytest


def is_explained(config: pytest.Config) -> bool:
    """Whether `addopts` of the project's configuration, and nothing else, leaves tests out: the suite is what is left."""
    usual = _narrowing(config.getini("addopts"))
    options = config.option
    if getattr(options, "lf", False) or getattr(options, "stepwise", False):
        return False
    asked = (options.keyword, options.markexpr, options.deselect or [])
    return asked == (usual.keyword, usual.markexpr, usual.deselect) and any(asked)


def unvisited(
    config: pytest.Config, test_files: Iterable[str], named: Sequence[str], visited: Collection[str]
) -> tuple[str, ...]:
    """Test files of the suite that the run does not reach, relative to the root and sorted.

    Args:
        config: pytest's.
        test_files: Test files of the project, relative to its root.
        named: What the whole suite is, relative to the root; empty for pytest's own `testpaths`.
        visited: Where tests were looked for; empty where that is not known.
    """
    if config.option.pyargs:
        return ()
    start, root = config.invocation_params.dir, config.rootpath
    configured = [(root / place).resolve() for place in named] or _test_paths(config)
    suite = _suite(config, [*map(root.joinpath, sorted(test_files)), *_files_in(configured)])
    if configured:
        suite = {path: place for path, place in suite.items() if _is_under(place, configured)}
    usual = _narrowing(config.getini("addopts"))
    reached = [_absolute(start, argument) for argument in config.args]
    ignored = [
        _absolute(start, str(path)) for path in config.option.ignore or () if str(path) not in usual.ignore
    ]
    left_out = {
        path for path, place in suite.items() if not _is_under(place, reached) or _is_under(place, ignored)
    }
    unseen = _unseen(root, suite, usual, visited) if visited else set()
    return tuple(sorted(_name(root, path) for path in left_out | unseen))


def _unseen(
    root: Path, suite: dict[Path, Path], usual: argparse.Namespace, visited: Collection[str]
) -> set[Path]:
    """Files that nobody looked into; not those that the project's `addopts` leave out every time: the suite is what is left."""
    places = [_absolute(root, place) for place in usual.ignore]
    patterns = [str(root / pattern) for pattern in usual.ignore_glob]
    looked_into = set(visited)
    return {
        path
        for path, place in suite.items()
        if _name(root, path) not in looked_into
        and not _is_under(place, places)
        and not any(fnmatch.fnmatch(str(path), pattern) for pattern in patterns)
    }


def _name(root: Path, path: Path) -> str:
    """As pytest names it: relative to the root, also where it is outside."""
    return Path(os.path.relpath(path, root)).as_posix()


def _narrowing(arguments: Sequence[str]) -> argparse.Namespace:
    """The options among `arguments` that leave tests out."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-k", dest="keyword", default="")
    parser.add_argument("-m", dest="markexpr", default="")
    for option in ("--deselect", "--ignore", "--ignore-glob"):
        parser.add_argument(option, action="append", default=[])
    return parser.parse_known_args(list(arguments))[0]


def _suite(config: pytest.Config, known: Iterable[Path]) -> dict[Path, Path]:
    """The test files among those known, by `python_files` and `norecursedirs`, each with the place where it really is."""
    patterns = config.getini("python_files")
    is_passed_over = _passed_over(config.rootpath, config.getini("norecursedirs"))
    return {
        path: path.resolve() for path in known if _matches(path, patterns) and not is_passed_over(path.parent)
    }


def _passed_over(root: Path, patterns: Sequence[str]) -> Callable[[Path], bool]:
    """Whether pytest does not go into a directory, for its own name or for that of one above it."""

    @functools.cache
    def is_passed_over(directory: Path) -> bool:
        if directory == root or not directory.is_relative_to(root):
            return False
        return _matches(directory, patterns) or is_passed_over(directory.parent)

    return is_passed_over


def _files_in(places: Iterable[Path]) -> list[Path]:
    """The Python files of the configured suite, wherever that is; what the walk of the project finds is among them."""
    return [path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]


def _matches(path: Path, patterns: Iterable[str]) -> bool:
    """As pytest matches: a pattern with a slash is one of the whole path."""
    return any(
        fnmatch.fnmatch(
            str(path) if "/" in pattern else path.name, f"*/{pattern}" if "/" in pattern else pattern
        )
        for pattern in patterns
    )


def _test_paths(config: pytest.Config) -> list[Path]:
    found = []
    for pattern in config.getini("testpaths"):
        found += glob.glob(pattern, root_dir=config.rootpath, recursive=True)  # noqa: PTH207 - absolute ones are allowed
    return [config.rootpath / place for place in found]


def _absolute(start: Path, argument: str) -> Path:
    return (start / argument.partition("::")[0]).resolve()


def _is_under(place: Path, others: Sequence[Path]) -> bool:
    return any(place.is_relative_to(other) for other in others)
