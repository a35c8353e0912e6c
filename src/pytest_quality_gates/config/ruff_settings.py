"""Settings of ruff that decide what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_quality_gates.config.tool_tables import below, lines, toml

FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")
"""In the order in which ruff looks for them."""
_BY_DEFAULT = ("E4", "E7", "E9", "F")
_GROUPS = {"PL": ("PLC", "PLE", "PLR", "PLW")}
"""Families whose parts have further letters."""


def selected(texts: Mapping[str, str]) -> frozenset[str]:
    """The rules, as they are selected: `ALL`, `S`, `E501`; none where ruff is not set up."""
    if not _is_set_up(texts):
        return frozenset()
    table = _table(texts)
    return frozenset([*(_values(table, "select") or _BY_DEFAULT), *_values(table, "extend-select")])


def ignored(texts: Mapping[str, str]) -> frozenset[str]:
    """The rules that are ignored; those of some files as `tests/*: S101`."""
    table = _table(texts)
    of_files = [
        f"{pattern}: {code}"
        for key in ("per-file-ignores", "extend-per-file-ignores")
        for source in (below(table, "lint"), table)
        for pattern, codes in below(source, key).items()
        for code in lines(codes)
    ]
    return frozenset([*_values(table, "ignore"), *_values(table, "extend-ignore"), *of_files])


def excluded(texts: Mapping[str, str]) -> frozenset[str]:
    """The files that are left out."""
    table = _table(texts)
    return frozenset([*_values(table, "exclude"), *_values(table, "extend-exclude")])


def covers(codes: Iterable[str], code: str) -> bool:
    """Whether some of `codes` stands for `code` as well, as `E` does for `E501`; `S` is another family than `SIM`."""
    return any(_holds(each, code) for each in codes)


def _holds(family: str, code: str) -> bool:
    if family == "ALL" or code.startswith(_GROUPS.get(family, ())):
        return True
    return code.startswith(family) and not code[len(family) :][:1].isalpha()


def _is_set_up(texts: Mapping[str, str]) -> bool:
    return any(name in texts for name in FILES[:-1]) or "ruff" in below(
        toml(texts.get("pyproject.toml", "")), "tool"
    )


def _table(texts: Mapping[str, str]) -> dict[str, Any]:
    for name in FILES[:-1]:
        if name in texts:
            return toml(texts[name])
    return below(toml(texts.get("pyproject.toml", "")), "tool", "ruff")


def _values(table: dict[str, Any], key: str) -> list[str]:
    """In `lint`, or at the top, where older releases have it."""
    return [*lines(below(table, "lint").get(key, [])), *lines(table.get(key, []))]
