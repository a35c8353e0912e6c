"""Two states of the code, compared: tests that went or check less, and comments that tell tools to look away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from pytest_quality_gates.facts.loosening import Loosening
from pytest_quality_gates.facts.test_outline import TestOutline, TestText

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


class _Added(NamedTuple):
    """A test that its file did not have."""

    path: str
    name: str
    test: TestText


def test_loosenings(
    before: Mapping[str, TestOutline], now: Mapping[str, TestOutline], moved: Mapping[str, str]
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
    added = [
        _Added(path, name, test)
        for path, each in sorted(now.items())
        for name, test in each.tests.items()
        if not _had(before, moved.get(path), name)
    ]
    fresh = [each for each in added if names_now[each.name] > names_before[each.name]]
    for path, old in sorted(before.items()):
        new = current.get(path)
        place = next((each for each, was in moved.items() if was == path), path)
        for name, test in old.tests.items():
            if new is None or name not in new.tests:
                if names_now[name] >= names_before[name]:
                    yield from _moved_and_emptied(name, test, added)
                elif not _take_renamed(name, test, fresh):
                    yield _test(DELETED_TEST, place, name, 1, "is gone")
            elif test.checks and not new.tests[name].checks:
                yield _test(EMPTIED_TEST, place, name, new.tests[name].line, "lost its assertions")
    yield from _new_skips(before, now, moved)


def _new_skips(
    before: Mapping[str, TestOutline], now: Mapping[str, TestOutline], moved: Mapping[str, str]
) -> Iterator[Loosening]:
    """What skips in each file beyond what its past had, and beyond what came with tests of another file."""
    left = {path: Counter(name for _, name in each.skips) for path, each in before.items()}
    more = [
        (path, line, name)
        for path, new in sorted(now.items())
        for line, name in new.skips
        if not _take(left.get(moved.get(path, ""), Counter()), name)
    ]
    kept = {old: set(now[path].tests) for path, old in moved.items() if path in now}
    gone = {path: set(each.tests) - kept.get(path, set()) for path, each in sorted(before.items())}
    for path, line, name in more:
        come = {test for test in now[path].tests if not _had(before, moved.get(path), test)}
        if any(_take(left[old], name) for old, tests in gone.items() if tests & come):
            continue
        message = f"`{name}` is new: what it skips or expects to fail is not tested"
        yield Loosening(rule=NEW_SKIP, subject=f"{path} {name}", path=path, line=line, message=message)


def _take(left: Counter[str], name: str) -> bool:
    """Whether there is one more of that name; it is not there after that."""
    if left[name] <= 0:
        return False
    left[name] -= 1
    return True


def _had(before: Mapping[str, TestOutline], path: str | None, name: str) -> bool:
    return path is not None and path in before and name in before[path].tests


def _moved_and_emptied(name: str, old: TestText, added: Iterable[_Added]) -> Iterator[Loosening]:
    """The test in another file, where it checks nothing any more."""
    places = [each for each in added if each.name == name]
    if old.checks and places and not any(each.test.checks for each in places):
        yield _test(EMPTIED_TEST, places[0].path, name, places[0].test.line, "lost its assertions")


def _take_renamed(name: str, gone: TestText, fresh: list[_Added]) -> bool:
    """Whether a new test is the one that is gone; it is not there for another one after that."""
    found = next((each for each in fresh if _is_renamed(name, gone, each.name, each.test)), None)
    if found is not None:
        fresh.remove(found)
    return found is not None


def _is_renamed(old_name: str, old: TestText, name: str, new: TestText) -> bool:
    """Whether it still checks all that it did, by more than half of the statements, where tests are collected from."""
    home, new_home = old_name.rpartition(".")[0], name.rpartition(".")[0]
    if new_home not in {"", home} and not _is_collected(new_home, new):
        return False
    kept = Counter(old.statements) & Counter(new.statements)
    return Counter(old.checks) <= Counter(new.checks) and 2 * kept.total() > len(old.statements)


def _is_collected(home: str, test: TestText) -> bool:
    """Whether pytest looks into its class: by the name of it, or as a test case of unittest's."""
    return all(part.startswith("Test") for part in home.split(".")) or any(
        base.endswith("TestCase") for base in test.bases
    )


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
