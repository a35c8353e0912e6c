"""What an expression can stand for: a library's object, one of the project's own, or something plain."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from pytest_quality_gates.source.expression import FILLED

if TYPE_CHECKING:  # these structs are never encoded, and importing would go in a circle
    from pytest_quality_gates.source.project import Function, Module, ProjectClass  # noqa: TC004
    from pytest_quality_gates.source.summary import Call


class Site:
    """One call of the project, or one read of an attribute; each is there once, in its module's `sites`."""

    __slots__ = ("call", "function", "index", "module")

    def __init__(self, module: Module, index: int, call: Call) -> None:
        self.module = module
        self.index = index
        """Its place in the module's list of calls; negative for the read of an attribute."""
        self.call = call
        self.function: Function = module.functions[call.scope]
        """The function that it stands in."""


class Ref(Struct, frozen=True, gc=False):
    """A module, function, class or anything else of a library, by its dotted name."""

    name: str


class Instance(Struct, frozen=True, gc=False):
    """An object of a library's class; `origin` is the call that made it."""

    class_name: str
    origin: Site | None
    is_guess: bool = False
    """Whether nothing but a word tells of it: what it is, is possible, no more."""


class Method(Struct, frozen=True, gc=False):
    """A method of a library's class, bound to `receiver`."""

    class_name: str
    name: str
    receiver: Value


class Fn(Struct, frozen=True, gc=False):
    """A function of the project, bound to `receiver` where it is a method of one."""

    function: Function
    receiver: Value | None


class Cls(Struct, frozen=True, gc=False):
    """A class of the project."""

    class_: ProjectClass


class Obj(Struct, frozen=True, gc=False):
    """An object of a class of the project."""

    class_: ProjectClass
    origin: Site | None


class Super(Struct, frozen=True, gc=False):
    """`super()` in a method of `class_`."""

    class_: ProjectClass
    receiver: Value | None


class Mod(Struct, frozen=True, gc=False):
    """A module of the project."""

    module: Module


class Many(Struct, frozen=True, gc=False):
    """A container of such values; a dict of which they are known has keys, one to each group of items."""

    kind: str
    items: tuple[tuple[Value, ...], ...]
    keys: tuple[str | None, ...] = ()

    def under(self, key: object) -> Values | None:
        """What is kept under that key; None where no such key is seen."""
        if key is None or key not in self.keys:
            return None
        return union(group for own, group in zip(self.keys, self.items, strict=True) if own == key)

    def anywhere(self) -> Values:
        """What is kept under keys that are not known."""
        if not self.keys:
            return union(self.items)
        return union(
            group for own, group in zip(self.keys, self.items, strict=True) if own is None or own == "**"
        )


class Partial(Struct, frozen=True, gc=False):
    """`functools.partial(target, ...)`."""

    target: Value
    site: Site


class Plain(Struct, frozen=True, gc=False):
    """Something that cannot reach outside: a number, a text, a dict."""

    kind: str


Value = Ref | Instance | Method | Fn | Cls | Obj | Super | Mod | Many | Partial | Plain
"""Where many values are told apart, `type(value) is Ref` does it: a struct's metaclass makes each `isinstance` a slow call."""
Values = tuple[Value, ...]
"""What something can stand for, each value once."""

_NESTED = 2
"""How many containers deep the values of a question that leads back to itself are told apart."""
MOST_VALUES = 8
_ENOUGH = 32
"""A name that can stand for more than that many things is followed no further: the rest adds time and little else."""


def union(groups: Iterable[Values]) -> Values:
    """All values of the groups, each once, in order; of too many those that tell most."""
    alone: Values = ()
    others = iter(groups)
    for group in others:
        if group and group is not alone:
            if alone:
                return _told_apart(alone, group, others)
            alone = group  # most names have one origin: nothing to compare, so nothing to hash
    return alone if len(alone) <= MOST_VALUES else _best(alone)


def each_once(values: Iterable[Value]) -> Values:
    """The values, of equal ones the first."""
    return tuple(dict.fromkeys(values))


def _told_apart(first: Values, second: Values, others: Iterable[Values]) -> Values:
    found = dict.fromkeys(first)
    for group in chain((second,), others):
        for value in group:
            found[value] = None
        if len(found) >= _ENOUGH:
            break
    if len(found) <= MOST_VALUES:
        return tuple(found)
    return _best(found)


def _best(values: Iterable[Value]) -> Values:
    """Of too many values those that tell most, in an order of their own; of each kind one before the second of any."""
    ordered = sorted(values, key=_telling)
    first: dict[object, Value] = {}
    others = [value for value in ordered if first.setdefault(_sort(value), value) is not value]
    return (*first.values(), *others)[:MOST_VALUES]


def _telling(value: Value) -> tuple[Any, ...]:
    return (_tells_little(value), *_rank(value))


def _sort(value: Value) -> object:
    """Values of one sort differ only in where they come from."""
    if type(value) is Method:
        return (value.class_name, value.name)
    return type(value) if type(value) is Many else kind_of(value)


def _tells_little(value: Value) -> int:
    if type(value) is Instance or type(value) is Obj:
        return 0 if value.origin is not None else 1
    if type(value) is Many:
        return 2
    if type(value) is Plain:
        return 3
    return 0


def in_order(values: Values) -> Values:
    """The values in an order of their own, containers in containers cut short.

    What questions that lead back to themselves gather then depends on neither the way round nor how often it is gone.
    """
    if not values:
        return values
    if any(type(value) is Many and _is_deeper(value, _NESTED) for value in values):
        values = each_once(_shallow(value, _NESTED) for value in values)
    return values if len(values) <= 1 else tuple(sorted(values, key=_rank))


def _is_deeper(container: Many, depth: int) -> bool:
    """Whether containers stand in containers more than `depth` times."""
    if not depth:
        return bool(container.items)
    for group in container.items:
        for item in group:
            if type(item) is Many and _is_deeper(item, depth - 1):
                return True
    return False


def _shallow(value: Value, depth: int) -> Value:
    if type(value) is not Many:
        return value
    if not depth:
        return Many(value.kind, ())
    if not _is_deeper(value, depth):
        return value
    items = (tuple(dict.fromkeys(_shallow(item, depth - 1) for item in group)) for group in value.items)
    return Many(value.kind, tuple(items), value.keys)


def _rank(value: Value | None) -> tuple[Any, ...]:
    """Where a value stands in an order that the code alone gives."""
    kind = type(value)
    if kind is Instance:
        return (1, value.class_name, value.is_guess, *_place(value.origin))  # type: ignore[union-attr]  # as `kind` says
    if kind is Obj:
        class_: ProjectClass = value.class_  # type: ignore[union-attr]  # as above
        return (2, class_.module.path, class_.index, *_place(value.origin))  # type: ignore[union-attr]  # as above
    ranked = _RANKS.get(kind)
    return ranked(value) if ranked is not None else ()


def _place(site: Site | None) -> tuple[str, int]:
    return (site.module.path, site.index) if site is not None else ("~", 0)


@functools.lru_cache(maxsize=2**14)
def _rank_of_container(value: Many) -> tuple[Any, ...]:
    """Kept: containers in containers stand in many others, and to hash them all costs a hundredth of ranking them."""
    items = [[_rank(item) for item in group] for group in value.items]
    return (9, value.kind, items, [key or "" for key in value.keys])


def forget_ranks() -> None:
    """What was kept to put values in order holds on to the whole project."""
    _rank_of_container.cache_clear()


_RANKS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    Ref: lambda value: (0, value.name),
    Cls: lambda value: (3, value.class_.module.path, value.class_.index),
    Fn: lambda value: (4, value.function.module.path, value.function.index, *_rank(value.receiver)),
    Method: lambda value: (5, value.class_name, value.name, *_rank(value.receiver)),
    Super: lambda value: (6, value.class_.module.path, value.class_.index, *_rank(value.receiver)),
    Mod: lambda value: (7, value.module.path),
    Partial: lambda value: (8, *_place(value.site), *_rank(value.target)),
    Many: _rank_of_container,
    Plain: lambda value: (10, value.kind),
}


def flat(values: Values) -> Values:
    """The values, with the items of containers in place of the containers."""
    return union(union(value.items) if isinstance(value, Many) else (value,) for value in values)


def is_guess(value: Value) -> bool:
    """Whether only a word tells of an object, or of that which a method is called on."""
    owner = value.receiver if type(value) is Method else value
    return type(owner) is Instance and owner.is_guess


def guessed(values: Values) -> Values:
    """The values, where what they come from is a guess."""
    return tuple(
        Instance(value.class_name, value.origin, is_guess=True) if type(value) is Instance else value
        for value in values
    )


def is_told(values: Values) -> bool:
    """Whether it is known what something is, and not only what is put into it."""
    return any(type(value) is not Many or value.kind != FILLED for value in values)


def library_of(value: Value) -> str:
    """The top-level module of a library's function, class, object or method; empty for anything else."""
    name = (
        value.name
        if type(value) is Ref
        else value.class_name
        if type(value) is Instance or type(value) is Method
        else ""
    )
    return name.partition(".")[0]


def kind_of(value: Value) -> object:
    """The class of an object, whoever made it."""
    if type(value) is Instance:
        return value.class_name
    if type(value) is Obj:
        return value.class_
    return value
