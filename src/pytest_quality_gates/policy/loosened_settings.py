"""Two states of the settings, compared: what the later one asks less of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from pytest_quality_gates.config import ruff_settings
from pytest_quality_gates.config.settings import GateSettings, Settings
from pytest_quality_gates.config.tool_settings import ToolSettings
from pytest_quality_gates.facts.baseline import Baseline
from pytest_quality_gates.facts.loosening import Loosening
from pytest_quality_gates.model.gate import Level, Threshold
from pytest_quality_gates.policy.comparison import threshold_text
from pytest_quality_gates.policy.path_tables import assigned

LOWERED = "lowered-threshold"
LOWERED_LEVEL = "lowered-level"
JUDGED_LESS = "judged-less"
TESTED_LESS = "tested-less"
GROWN_BASELINE = "grown-baseline"

_ASKING = frozenset({"changed_lines"})
"""Options of gates that ask more the greater they are; any other number allows more."""
_LEVELS = (Level.OFF, Level.REPORT, Level.ENFORCE)
_FILE = "pyproject.toml"
_OF_PLACES = frozenset({"mypy", "ruff ignore"})
"""Lists whose entries may hold for some modules or files: `shop.*: ignore_errors`."""


def gate_loosenings(before: Settings, now: Settings, files: Iterable[str]) -> Iterator[Loosening]:
    """Thresholds, levels and options that ask less: in general, and of each file by the table that it is in."""
    files = list(files)
    old, new = assigned(files, before.paths), assigned(files, now.paths)
    pairs = {("", ""), *((old[path], new[path]) for path in files)}
    slugs = [row.slug for row in now.gates if any(row.slug == other.slug for other in before.gates)]
    for table_before, table_now in sorted(pairs):
        for slug in slugs:
            name = f"{slug} [{table_now}]" if table_now else slug
            yield from _row(name, before.gate(slug, table_before), now.gate(slug, table_now))


def _row(name: str, before: GateSettings, now: GateSettings) -> Iterator[Loosening]:
    if _LEVELS.index(now.level) < _LEVELS.index(before.level):
        yield _in_settings(
            LOWERED_LEVEL,
            f"{name}.level",
            f"the level of {name} was {before.level.value}, now {now.level.value}",
        )
    if _asks_less(before.threshold, now.threshold):
        words = f"{threshold_text(before.threshold)}, now {threshold_text(now.threshold)}"
        yield _in_settings(LOWERED, f"{name}.threshold", f"the threshold of {name} was {words}")
    for option in ("kinds", "confidence"):
        lost = (getattr(before.options, option) or frozenset()) - (
            getattr(now.options, option) or frozenset()
        )
        if lost:
            what = f"{name} does not judge {', '.join(sorted(lost))} any more"
            yield _in_settings(JUDGED_LESS, f"{name}.{option}", what)

    for option in before.options.__struct_fields__:
        yield from _option(name, option, getattr(before.options, option), getattr(now.options, option, None))


def _option(gate: str, name: str, before: object, now: object) -> Iterator[Loosening]:
    """A number that says how many are allowed, or how much is asked."""
    written = name.replace("_", "-")
    old, new = (value if isinstance(value, int) else None for value in (before, now))
    if name in _ASKING and old is not None and (new is None or new < old):
        asked = f"now {new}" if new is not None else "is not asked for any more"
        yield _in_settings(LOWERED, f"{gate}.{written}", f"`{written}` of {gate} was {old}, {asked}")
    elif name not in _ASKING and old is not None and new is not None and new > old:
        yield _in_settings(LOWERED, f"{gate}.{written}", f"{gate} allows {new} of `{written}`, before {old}")


def _asks_less(before: Threshold, now: Threshold) -> bool:
    if before.comparison == "at_most":
        return now.value > before.value
    return now.value < before.value


def scope_loosenings(before: Settings, now: Settings) -> Iterator[Loosening]:
    """What is judged less: patterns that leave more out, source that is not named any more."""
    for pattern in sorted(set(now.exclude) - set(before.exclude)):
        yield _in_settings(JUDGED_LESS, "exclude", f"`exclude` leaves out `{pattern}` as well")
    for name in ("source", "suite"):
        old, new = set(getattr(before, name)), set(getattr(now, name))
        lost = _beyond_places(old, new)
        if new and lost:
            yield _in_settings(JUDGED_LESS, name, f"`{name}` does not name {_listed(lost)} any more")
        elif new and not old:
            yield _in_settings(
                JUDGED_LESS, name, f"`{name}` is limited to {_listed(new)}; it was found before"
            )
    if before.complete and not now.complete:
        yield _in_settings(JUDGED_LESS, "complete", "`complete` was true")
    old_checker, new_checker = str(before.type_checker), str(now.type_checker)
    if old_checker != new_checker:
        what = f"`type-checker` was {old_checker}, now {new_checker}: its errors are others"
        yield _in_settings(JUDGED_LESS, "type-checker", what)


def tool_loosenings(before: ToolSettings, now: ToolSettings) -> Iterator[Loosening]:
    """What pytest runs less, what coverage.py measures less, and what mypy and ruff report less."""
    for name, entry in _beyond(now.widening, before.widening):
        if not _was_asked(name, entry, before):
            continue
        yield _in_settings(_rule(name), name, f"{name} leaves out `{entry}` as well")
    for name, entry in _beyond(before.asking, now.asking):
        yield _in_settings(_rule(name), name, f"{name} does not ask for `{entry}` any more")
    for name, entries in now.narrowing.items():
        lost = _beyond_places(before.narrowing.get(name, frozenset()), entries)
        if entries and lost:
            yield _in_settings(_rule(name), name, f"{name} does not name {_listed(lost)} any more")
        elif entries and not before.narrowing.get(name):
            yield _in_settings(_rule(name), name, f"{name} is limited to {_listed(entries)}")
    for option in now.deselecting:
        if option not in before.deselecting:
            yield _in_settings(TESTED_LESS, "addopts", f"`addopts` has `{option}`")
    if before.asks_for_gates and not now.asks_for_gates:
        yield _in_settings(TESTED_LESS, "addopts", "`addopts` does not ask for --quality-gates any more")


def _beyond_places(old: Collection[str], new: Collection[str]) -> set[str]:
    """What no place of the new ones holds: a directory holds what is below it, a package its modules."""
    places = [place.rstrip("/") for place in new]
    return {
        each
        for each in old
        if each not in new
        and not any(place == "." or each.startswith((f"{place}/", f"{place}.")) for place in places)
    }


def _beyond(
    some: Mapping[str, frozenset[str]], others: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str]]:
    """The entries of the first that the others do not have, each with the name of its list."""
    for name, entries in some.items():
        known = others.get(name, frozenset())
        yield from ((name, entry) for entry in sorted(entries) if not _stands(entry, known, name))


def _was_asked(name: str, entry: str, before: ToolSettings) -> bool:
    """Whether what is left out was asked for at all: ruff reports what is selected, and warnings fail where all do."""
    if name == "filterwarnings":
        return bool(before.asking[name]) or any("error" in option for option in before.asking["addopts"])
    selected = before.asking["ruff select"]
    if name == "ruff ignore":
        code = entry.rpartition(": ")[2]
        return ruff_settings.covers(selected, code) or any(
            ruff_settings.covers([code], each) for each in selected
        )
    return name != "ruff exclude" or bool(selected)


def _stands(entry: str, among: Collection[str], name: str) -> bool:
    """Whether an entry is said there, or is a part of what is: what holds for all holds for some modules or files."""
    if entry in among:
        return True
    if name not in _OF_PLACES:
        return name == "ruff select" and ruff_settings.covers(among, entry)
    place, _, what = entry.rpartition(": ")
    said = [each.rpartition(": ") for each in among]
    known = {each for where, _, each in said if not where or _is_within(place, where)}
    return what in known or (name == "ruff ignore" and ruff_settings.covers(known, what))


def _is_within(place: str, other: str) -> bool:
    """Whether all modules or files of one pattern are some of the other; said only where stars are all that is in it."""
    if place == other:
        return True
    if not place or place.startswith("!") or other.startswith("!") or set("?[{") & set(place + other):
        return False
    return fnmatchcase(place, other) or other == f"{place}.*"  # mypy takes the package itself as well


def baseline_loosenings(before: Baseline, now: Baseline, path: str) -> Iterator[Loosening]:
    """Findings that the baseline accepts and did not, and figures that were higher."""
    known = {entry.fingerprint for entry in before.entries}
    for entry in now.entries:
        if entry.fingerprint not in known:
            subject = f"{entry.rule} {entry.path}"
            message = f"the baseline accepts `{entry.rule}` in {entry.symbol or entry.path}, which it did not"
            yield Loosening(rule=GROWN_BASELINE, subject=subject, path=path, message=message)
    for gate in sorted({floor.gate for floor in now.floors}):
        old, new = before.floor(gate), now.floor(gate)
        if new is not None and (old is None or new.measured * old.total < old.measured * new.total):
            asked = f"{old.measured} of {old.total}" if old else "its threshold"
            message = f"the baseline asks {new.measured} of {new.total} of {gate}, before {asked}"
            yield Loosening(rule=GROWN_BASELINE, subject=gate, path=path, message=message)


def _rule(name: str) -> str:
    return JUDGED_LESS if name.startswith(("coverage", "mypy", "ruff")) else TESTED_LESS


def _in_settings(rule: str, subject: str, message: str) -> Loosening:
    return Loosening(rule=rule, subject=subject, path=_FILE, message=message)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
