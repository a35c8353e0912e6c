"""Code of the project that the tests ran and no gate judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

_OF_TESTS = frozenset({"test", "tests", "testing"})


def unjudged(imported: Iterable[str], roles: Mapping[str, str], visited: Collection[str]) -> tuple[str, ...]:
    """The files that ran, but for judged ones and those of the tests.

    Args:
        imported: The project's files that ran, by path.
        roles: What each known file is taken for: `source` is judged.
        visited: Where pytest looked for tests.
    """
    return tuple(
        sorted(
            path
            for path in set(imported)
            if roles.get(path) not in {"source", "unparsed"} and not _is_of_tests(path, visited)
        )
    )


def _is_of_tests(path: str, visited: Collection[str]) -> bool:
    *directories, name = path.split("/")
    return path in visited or name == "conftest.py" or not _OF_TESTS.isdisjoint(directories)
