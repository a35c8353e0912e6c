"""Answers that are worked out once, though the questions lead back to themselves, each with what it was read from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from pytest_quality_gates.source.trace import Trace

_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")

_NEVER = 1 << 30
_ROUNDS = 6
"""How often questions that lead to one another are asked in turn, each time with the answers of the time before."""


class Depth:
    """How many questions are open, and how far back the answer being worked out reached."""

    __slots__ = ("hanging", "memories", "open", "reached", "steps", "trace")

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.open = 0
        self.reached = _NEVER
        self.steps = 0
        """How deep expressions are nested in one another, over all open questions."""
        self.hanging: list[tuple[Memory[Any, Any], Any]] = []
        """The questions whose answers hang on one that is still open, in the order of their answers."""
        self.memories: list[Memory[Any, Any]] = []
        """All that share it."""

    def cut(self) -> None:
        """The search was given up: what is being answered hangs on how it was come by."""
        self.reached = 0


class _Hanging(Generic[_Answer]):
    """An answer that hangs on an open question, with what was read for it and how far back that question is."""

    __slots__ = ("answer", "reached", "read")

    def __init__(self, answer: _Answer, read: int, reached: int) -> None:
        self.answer = answer
        self.read = read
        self.reached = reached


class Memory(Generic[_Key, _Answer]):
    """What was answered, by question.

    Questions that lead to one another are answered together: each starts with `nothing`, and all are asked again with
    the answers of the time before, until none changes. So an answer does not hang on which question came first.

    Args:
        work: Answers a question.
        depth: Shared by all memories whose questions lead to one another.
        nothing: The answer that says nothing.
        in_order: Takes out of an answer that leads back to itself what hangs on the way that was gone.
    """

    def __init__(
        self,
        work: Callable[[_Key], _Answer],
        depth: Depth,
        nothing: _Answer,
        in_order: Callable[[_Answer], _Answer] = lambda answer: answer,
    ) -> None:
        self._work = work
        self._depth = depth
        self._nothing = nothing
        self._in_order = in_order
        self._trace = depth.trace
        self._kept: dict[_Key, tuple[_Answer, int]] = {}
        """The answers that stay, with what was read for them."""
        self._hanging: dict[_Key, _Hanging[_Answer] | int] = {}
        """The questions that are open, by their place among those; and answers that hang on such a one."""
        self._before: dict[_Key, _Answer] = {}
        depth.memories.append(self)

    def forget(self, parts: int) -> None:
        """Forget the answers for which any of those parts of the project was read."""
        self._kept = {key: known for key, known in self._kept.items() if not known[1] & parts}

    def answer(self, key: _Key) -> _Answer:
        """The answer to the question `key`."""
        known = self._kept.get(key)
        if known is not None:
            self._trace.read |= known[1]
            return known[0]
        hanging = self._hanging.get(key)
        if hanging is not None:
            return self._unfinished(key, hanging)
        return self._ask(key)

    def _unfinished(self, key: _Key, hanging: _Hanging[_Answer] | int) -> _Answer:
        depth = self._depth
        if isinstance(hanging, int):
            depth.reached = min(depth.reached, hanging)
            return self._before.get(key, self._nothing)
        self._trace.read |= hanging.read
        depth.reached = min(depth.reached, hanging.reached)
        return hanging.answer

    def _ask(self, key: _Key) -> _Answer:
        depth, trace = self._depth, self._trace
        reached, read = depth.reached, trace.read
        depth.reached, trace.read = _NEVER, 0
        self._hanging[key] = mine = depth.open
        depth.open += 1
        start = len(depth.hanging)
        steps = depth.steps
        try:
            found = self._work(key)
            if depth.reached >= _NEVER:
                self._kept[key] = found, trace.read
                del self._hanging[key]
            else:
                found = self._rounds(key, found, mine, start)
        except RecursionError:
            if mine:
                trace.read |= read
                raise
            found = self._give_up(key, steps)
        depth.open -= 1
        if depth.reached >= mine or reached < depth.reached:
            depth.reached = reached
        trace.read |= read
        return found

    def _give_up(self, key: _Key, steps: int) -> _Answer:
        """The first question led too deep: nothing is known of it, and all that it led to is still to be asked."""
        depth = self._depth
        for memory in depth.memories:
            memory._hanging.clear()  # noqa: SLF001 -- one of us
            memory._before.clear()  # noqa: SLF001 -- one of us
        depth.hanging.clear()
        depth.open, depth.reached, depth.steps = 1, _NEVER, steps
        self._kept[key] = self._nothing, self._trace.read
        return self._nothing

    def _rounds(self, key: _Key, found: _Answer, mine: int, start: int) -> _Answer:
        """Ask again, until the answers of all questions that hang on this one settle."""
        depth = self._depth
        found = self._in_order(found)
        for _ in range(_ROUNDS):
            if depth.reached != mine or self._is_settled(key, found, start):
                break
            self._before[key] = found
            for memory, inner in depth.hanging[start:]:
                memory._again(inner)  # noqa: SLF001 -- one of us
            del depth.hanging[start:]
            depth.reached = _NEVER
            found = self._in_order(self._work(key))
        self._settle(key, found, mine, start)
        return found

    def _is_settled(self, key: _Key, found: _Answer, start: int) -> bool:
        """Whether no answer of this round differs from the one of the round before."""
        return (
            found == self._before.get(key, self._nothing)
            and all(
                memory._is_as_before(inner)  # noqa: SLF001 -- one of us
                for memory, inner in self._depth.hanging[start:]
            )
        )

    def _is_as_before(self, key: _Key) -> bool:
        hanging = self._hanging[key]
        return isinstance(hanging, _Hanging) and hanging.answer == self._before.get(key, self._nothing)

    def _again(self, key: _Key) -> None:
        hanging = self._hanging.pop(key)
        if isinstance(hanging, _Hanging):
            self._before[key] = hanging.answer

    def _settle(self, key: _Key, found: _Answer, mine: int, start: int) -> None:
        depth, read = self._depth, self._trace.read
        self._hanging[key] = _Hanging(found, read, depth.reached)
        depth.hanging.append((self, key))
        if depth.reached < mine:
            return
        for memory, inner in depth.hanging[start:]:
            memory._keep(inner, read)  # noqa: SLF001 -- one of us
        del depth.hanging[start:]

    def _keep(self, key: _Key, read: int) -> None:
        """The question that it hung on is answered, and hangs on no other."""
        hanging = self._hanging.pop(key)
        self._before.pop(key, None)
        if isinstance(hanging, _Hanging):
            self._kept[key] = hanging.answer, read
