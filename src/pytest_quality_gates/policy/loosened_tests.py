"""Two states of the code, compared: tests that went or check less, and comments that tell tools to look away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from pytest_quality_gates.facts.loosening import Loosening

DELETED_TEST = "deleted-test"
EMPTIED_TEST = "emptied-test"
NEW_SKIP = "new-skip"
NEW_IGNORE = "new-ignore"

IGNORES = {
    "no-cover": "`pragma: no cover`",
    "noqa": "`noqa`",
    "type-ignore": "`type: ignore`",
    "suppressions": "`quality-gates: ignore`",
}


class Outline(Protocol):
    """What is known of a test file."""

    @property
    def tests(self) -> dict[str, int]:
        """Assertions by test."""

    @property
    def lines(self) -> dict[str, int]:
        """First line by test."""

    @property
    def skips(self) -> tuple[tuple[int, str], ...]:
        """Line and name of what skips."""


def test_loosenings(
    before: Mapping[str, Outline], now: Mapping[str, Outline], moved: Mapping[str, str]
) -> Iterator[Loosening]:
    """Tests that are gone, that lost all assertions, and files that skip more.

    Args:
        before: The changed test files as they were, by their paths then.
        now: As they are, by their paths now.
        moved: The old path by the new one.
    """
    current = {old: now[new] for new, old in moved.items() if new in now}
    names_now = Counter(name for each in now.values() for name in each.tests)
    names_before = Counter(name for each in before.values() for name in each.tests)
    for path, old in sorted(before.items()):
        new = current.get(path)
        place = next((each for each, was in moved.items() if was == path), path)
        for name, asserted in old.tests.items():
            if new is None or name not in new.tests:
                if names_now[name] < names_before[name]:  # else it moved to another file
                    yield _test(DELETED_TEST, place, name, 1, "is gone")
            elif asserted and not new.tests[name]:
                yield _test(EMPTIED_TEST, place, name, new.lines[name], "lost its assertions")
    for path, new in sorted(now.items()):
        known = (
            Counter(name for _, name in before[moved[path]].skips) if moved.get(path) in before else Counter()
        )
        for line, name in new.skips:
            if known[name] > 0:
                known[name] -= 1
                continue
            message = f"`{name}` is new: what it skips or expects to fail is not tested"
            yield Loosening(rule=NEW_SKIP, subject=f"{path} {name}", path=path, line=line, message=message)


def ignore_loosenings(
    before: Iterable[str],
    now: Collection[tuple[str, int, str]],
    changed: Mapping[str, Iterable[tuple[int, int]]],
    budgets: Mapping[str, int],
) -> Iterator[Loosening]:
    """Comments that tell tools to look away, over their budget.

    Args:
        before: The kind of each in the changed files as they were.
        now: Path, line and kind of each in the changed files as they are.
        changed: The changed lines of each file.
        budgets: How many more of a kind are allowed.
    """
    had, has = Counter(before), Counter(kind for _, _, kind in now)
    for kind, words in IGNORES.items():
        more = has[kind] - had[kind] - budgets.get(kind, 0)
        if more <= 0:
            continue
        new = [
            (path, line)
            for path, line, each in now
            if each == kind and any(first <= line <= last for first, last in changed.get(path, ()))
        ]
        for path, line in new[-more:]:
            message = f"{words} is new; {budgets.get(kind, 0)} new ones are allowed"
            yield Loosening(rule=NEW_IGNORE, subject=f"{path} {kind}", path=path, line=line, message=message)


def _test(rule: str, path: str, name: str, line: int, what: str) -> Loosening:
    test = f"{path}::{name.replace('.', '::')}"
    return Loosening(rule=rule, subject=test, path=path, line=line, message=f"the test `{name}` {what}")
