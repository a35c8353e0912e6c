"""What an expression can stand for: a library's object, one of the project's own, or something plain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:  # these structs are never encoded, and importing would go in a circle
    from pytest_quality_gates.source.project import Function, Module, ProjectClass  # noqa: TC004


class Site(NamedTuple):
    """One call of the project: its module and its place in the module's list of calls."""

    module: Module
    index: int  # type: ignore[assignment]  # a tuple's method of that name is of no use here


class Ref(Struct, frozen=True, gc=False):
    """A module, function, class or anything else of a library, by its dotted name."""

    name: str


class Instance(Struct, frozen=True, gc=False):
    """An object of a library's class; `origin` is the call that made it."""

    class_name: str
    origin: Site | None


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
    """A container of such values."""

    kind: str
    items: tuple[tuple[Value, ...], ...]


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

MOST_VALUES = 8
_ENOUGH = 32
"""A name that can stand for more than that many things is followed no further: the rest adds time and little else."""


def union(groups: Iterable[Values]) -> Values:
    """All values of the groups, each once, in order; of too many those that tell most."""
    found: dict[Value, None] = {}
    alone: Values = ()
    for group in groups:
        if not group:
            continue
        if not found:
            if not alone and len(group) == 1:
                alone = group  # most names stand for one thing: nothing to compare, so nothing to hash
                continue
            found = dict.fromkeys(alone)
        for value in group:
            found[value] = None
        if len(found) >= _ENOUGH:
            break
    if not found:
        return alone
    if len(found) <= MOST_VALUES:
        return tuple(found)
    return tuple(sorted(found, key=_tells_little)[:MOST_VALUES])


def _tells_little(value: Value) -> int:
    if type(value) is Instance or type(value) is Obj:
        return 0 if value.origin is not None else 1
    if type(value) is Many:
        return 2
    if type(value) is Plain:
        return 3
    return 0


def flat(values: Values) -> Values:
    """The values, with the items of containers in place of the containers."""
    return union(union(value.items) if isinstance(value, Many) else (value,) for value in values)


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
