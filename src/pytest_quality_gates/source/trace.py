"""What the answer that is being worked out was read from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:  # importing would go in a circle
    from pytest_quality_gates.source.project import Module

_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")

CONTENT = 1
"""What stands in modules."""
GRAPH = 2
"""Who calls functions, and what is done with what calls give."""


class Trace:
    """What of the project was looked at, as bits of a number.

    Whoever keeps an answer keeps with it what was read for it, and adds that again wherever the answer is used. The bits
    are of sorts, not of modules: with a bit for each module, every question pays for the size of the project.
    """

    __slots__ = ("read",)

    def __init__(self) -> None:
        self.read = 0

    def once(self, kept: dict[_Key, tuple[_Answer, int]], key: _Key, work: Callable[[], _Answer]) -> _Answer:
        """The answer kept for `key`, or the one that `work` gives, which is then kept; it may not ask for `key` itself."""
        known = kept.get(key)
        if known is None:
            before, self.read = self.read, 0
            known = kept[key] = work(), self.read
            self.read = before
        self.read |= known[1]
        return known[0]


class _InModule(Protocol):
    @property
    def module(self) -> Module: ...


_Place = TypeVar("_Place", bound=_InModule)
_Item = TypeVar("_Item")


class Noted(Generic[_Place, _Item]):
    """What the call graph says about functions or calls; asking is noted, also where there is nothing."""

    def __init__(self) -> None:
        self._items: dict[_Place, list[_Item]] = {}

    def about(self, place: _Place) -> list[_Item]:
        """What is known of `place`; not to be changed."""
        place.module.trace.read |= GRAPH
        return self._items.get(place, [])

    def add(self, place: _Place, item: _Item) -> None:
        """One more thing that is known of `place`."""
        self._items.setdefault(place, []).append(item)

    def items(self) -> Iterable[tuple[_Place, list[_Item]]]:
        """All that is known, of whatever place."""
        return self._items.items()
