"""Which table of the configuration each file belongs to: exactly one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_quality_gates.config.settings import PathSettings

_WILD = frozenset("*?[")


def assigned(paths: Iterable[str], tables: Sequence[PathSettings]) -> dict[str, str]:
    """The name of the table of each file; empty for the general one.

    Of several tables that match, the one whose pattern names the deepest directory holds; of equals, the later one.
    """
    import pathspec  # noqa: PLC0415 - slow to import, and few projects have patterns

    rules = [
        (_depth(pattern), index, table.name, pathspec.GitIgnoreSpec.from_lines([pattern]))
        for index, table in enumerate(tables)
        for pattern in table.patterns
    ]
    rules.sort(key=lambda rule: rule[:2], reverse=True)
    return {path: next((name for _, _, name, spec in rules if spec.match_file(path)), "") for path in paths}


def _depth(pattern: str) -> int:
    """How many directories (or files) a pattern names before its first wild card."""
    depth = 0
    for part in pattern.strip("/").split("/"):
        if _WILD & set(part):
            break
        depth += 1
    return depth
