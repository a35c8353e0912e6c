"""Answers that are worked out once, though the questions lead back to themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from pytest_quality_gates.source.values import Values

_Key = TypeVar("_Key", bound=Hashable)

_NEVER = 1 << 30
_TRIES = 3
"""How often an empty answer that hung on an unfinished one is asked for again, before it is kept all the same."""


class Depth:
    """How many questions are open, and how far back the answer being worked out reached."""

    def __init__(self) -> None:
        self.open = 0
        self.reached = _NEVER

    def cut(self) -> None:
        """The search was given up: no open question may keep an empty answer because of it."""
        self.reached = 0


class Memory(Generic[_Key]):
    """What was answered, by question.

    A question that is asked again while it is being answered gives `()`: a name that is defined by itself says nothing. An
    answer that came out empty because of such a cut is not kept, since the same question, asked from elsewhere, may have one.

    Args:
        work: Answers a question.
        depth: Shared by all memories whose questions lead to one another.
    """

    def __init__(self, work: Callable[[_Key], Values], depth: Depth) -> None:
        self._work = work
        self._depth = depth
        self._answers: dict[_Key, Values | int] = {}
        self._tries: Counter[_Key] = Counter()

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()
        self._tries.clear()

    def __call__(self, key: _Key) -> Values:
        """The answer to the question `key`."""
        known = self._answers.get(key)
        if type(known) is tuple:
            return known
        if known is None:
            return self._answer(key)
        if isinstance(known, int):
            self._depth.reached = min(self._depth.reached, known)
        return ()

    def _answer(self, key: _Key) -> Values:
        depth = self._depth
        before, depth.reached = depth.reached, _NEVER
        self._answers[key] = mine = depth.open
        depth.open += 1
        found = self._work(key)
        depth.open -= 1
        if found or depth.reached >= mine or self._tries[key] >= _TRIES:
            self._answers[key] = found
        else:
            self._tries[key] += 1
            del self._answers[key]
        depth.reached = min(before, depth.reached) if depth.reached < mine else before
        return found
