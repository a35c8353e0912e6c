"""What the answer that is being worked out was read from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:  # importing would go in a circle
    from pytest_quality_gates.source.project import Module

_Key = TypeVar("_Key", bound=Hashable)
_Answer = TypeVar("_Answer")

CONTENT = 0
"""What stands in a module."""
SUBCLASSES = 1
"""Which classes inherit from those of a module."""
GRAPH = 2
"""Who calls the functions of a module, and what is done with what its calls give."""
REACH = 3
"""Which external calls the functions of a module lead to."""
KINDS = 4
"""Bits that a module has, from its number times that on."""


class Trace:
    """The parts of the project that were looked at, as bits of a number.

    Whoever keeps an answer keeps with it what was read for it, and adds that again wherever the answer is used: so the
    bits in the end say which modules a fact hangs on.
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

    def of(self, work: Callable[[], _Answer]) -> tuple[_Answer, int]:
        """What `work` gives, and what it read; nothing is added to what others read."""
        before, self.read = self.read, 0
        found = work(), self.read
        self.read = before
        return found


class _InModule(Protocol):
    @property
    def module(self) -> Module: ...


_Place = TypeVar("_Place", bound=_InModule)
_Item = TypeVar("_Item")


class Noted(Generic[_Place, _Item]):
    """What the call graph says about functions or calls; asking is noted, also where there is nothing."""

    def __init__(self) -> None:
        self._items: dict[_Place, list[_Item]] = {}
        self._from: dict[_Place, int] = {}

    def about(self, place: _Place) -> list[_Item]:
        """What is known of `place`; not to be changed."""
        module = place.module
        module.trace.read |= (module.bit << GRAPH) | self._from.get(place, 0)
        return self._items.get(place, [])

    def add(self, place: _Place, item: _Item, at: Module) -> None:
        """One more thing that is known of `place`, and where it was found."""
        self._items.setdefault(place, []).append(item)
        self._from[place] = self._from.get(place, 0) | at.bit

    def items(self) -> Iterable[tuple[_Place, list[_Item]]]:
        """All that is known, of whatever place."""
        return self._items.items()
