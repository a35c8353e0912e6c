"""The user's own catalogue, compared: what it says that takes calls out of the count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pytest_quality_gates.facts.loosening import Loosening
from pytest_quality_gates.policy.loosened_settings import JUDGED_LESS

_SILENCING_ROLES = frozenset(
    {"breaker", "retry", "timeout-scope", "log", "metric", "span", "thread", "suppress", "exception-handler"}
)
_INSIDE = frozenset({"file", "input", "sleep"})
"""Kinds that no gate on external calls judges."""
_Table = Mapping[str, Any]


def catalogue_loosenings(
    before: Iterable[_Table], now: Iterable[_Table], shipped: Collection[str]
) -> Iterator[Loosening]:
    """Names that are said to do no I/O, to fail never, to be bounded or to guard others, and were not; and I/O that is not told any more.

    Args:
        before: `[[tool.quality-gates.catalogue]]` as it was.
        now: As it is.
        shipped: The modules that the package's own catalogue knows. What is told of any other for the first time takes
            nothing out of the count.
    """
    before, now = list(before), list(now)
    known = {*shipped, *(module for table in before for module in _modules(table))}
    new = {*_claims(now, known, shipped)} - {*_claims(before, known, shipped)}
    for claim in sorted(new):
        yield _finding(f"the catalogue says of {claim}, which it did not")
    for call in sorted(_calls(before) - _calls(now)):
        if _is_in(call.strip("`"), shipped):  # what comes with the package holds again
            continue
        yield _finding(f"the catalogue does not say any more that {call} does I/O")


def _finding(message: str) -> Loosening:
    return Loosening(rule=JUDGED_LESS, subject="catalogue", path="pyproject.toml", message=message)


def _claims(tables: Iterable[_Table], known: Collection[str], shipped: Collection[str]) -> Iterator[str]:
    for table in tables:
        yield from _of_markers(table)
        for name, claims in (*_of_functions(table), *_of_classes(table)):
            if _is_in(name, shipped):
                yield f"`{name}` something in place of what comes with the package"
            if _is_in(name, known):
                yield from claims


def _is_in(name: str, modules: Collection[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in modules for length in range(1, len(parts) + 1))


def _of_markers(table: _Table) -> Iterator[str]:
    for marker in _listed(table, "marker"):
        role = "guard" if marker.get("guards") else marker.get("role")
        if role in _SILENCING_ROLES or role == "guard":
            yield from (f"`{name}` that it is a {role}" for name in _texts(marker, "names"))


def _of_functions(table: _Table) -> Iterator[tuple[str, list[str]]]:
    for function in _listed(table, "function"):
        said = ["does no I/O"] if function.get("io") is False else []
        said += _ends(function)
        said += [f"is bounded by {each}" for each in _bounds(function.get("timeouts"))]
        yield from (
            (name, [f"`{name}` that it {what}" for what in said]) for name in _texts(function, "names")
        )


def _of_classes(table: _Table) -> Iterator[tuple[str, list[str]]]:
    for each in _listed(table, "class"):
        name = str(each.get("name"))
        said = [f"`{name}.{method}` that it does no I/O" for method in _texts(each, "pure")]
        said += [f"`{name}.{method}` that it ends every failure" for method in _texts(each, "contains")]
        said += [f"`{name}` that it {what}" for what in _ends(each)]
        said += [f"`{name}` that it is bounded by {bound}" for bound in _bounds(each.get("timeouts"))]
        methods = each.get("method_timeouts")
        for method, timeouts in methods.items() if isinstance(methods, dict) else ():
            said += [f"`{name}.{method}` that it is bounded by {bound}" for bound in _bounds(timeouts)]
        yield name, said


def _ends(entry: _Table) -> list[str]:
    return ["never fails"] if entry.get("raises") == [] else []


def _bounds(timeouts: object) -> Iterator[str]:
    if not isinstance(timeouts, dict):
        return
    if timeouts.get("default"):
        yield "its library's default"
    for key in ("argument", "client", "setter"):
        yield from (f"the {key} `{name}`" for name in _texts(timeouts, key))


def _calls(tables: Iterable[_Table]) -> set[str]:
    """What is said to do I/O that leaves the process."""
    found: set[str] = set()
    for table in tables:
        library = table.get("library")
        general = library.get("kind") if isinstance(library, dict) else None
        for function in _listed(table, "function"):
            if function.get("io") is not False and function.get("kind", general) not in _INSIDE:
                found.update(f"`{name}`" for name in _texts(function, "names"))
        for each in _listed(table, "class"):
            if each.get("kind", general) not in _INSIDE:
                methods = [name for key in ("io", "io_async", "io_sync") for name in _texts(each, key)]
                found.update(f"`{each.get('name')}.{method}`" for method in methods)
    return found


def _modules(table: _Table) -> list[str]:
    library = table.get("library")
    return _texts(library, "modules") if isinstance(library, dict) else []


def _listed(table: _Table, key: str) -> list[_Table]:
    found = table.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _texts(table: _Table, key: str) -> list[str]:
    found = table.get(key)
    return [str(each) for each in found] if isinstance(found, list) else []
