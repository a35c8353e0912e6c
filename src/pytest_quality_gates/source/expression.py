"""The few forms of an expression that say where a value comes from; all else is `Opaque`.

They are what is kept of a syntax tree: small, comparable, and written to the cache as JSON arrays.
"""

from __future__ import annotations

from msgspec import Struct


class Name(Struct, frozen=True, array_like=True, tag="n", gc=False):
    """A plain name."""

    id: str


class Attribute(Struct, frozen=True, array_like=True, tag="a"):
    """`value.attr`."""

    value: Expression
    attr: str


class Imported(Struct, frozen=True, array_like=True, tag="i", gc=False):
    """What an import statement binds: an absolute dotted name."""

    dotted: str


class CallOf(Struct, frozen=True, array_like=True, tag="c", gc=False):
    """The result of a call: its place in the module's list of calls."""

    index: int


class Constant(Struct, frozen=True, array_like=True, tag="k", gc=False):
    """A literal. `kind` is the type's name: `NoneType`, `bool`, `int`, `float`, `str`, `bytes`, `ellipsis`."""

    kind: str
    value: str | int | float | bool | None


class Item(Struct, frozen=True, array_like=True, tag="s"):
    """`value[index]`."""

    value: Expression
    index: Expression


class Choice(Struct, frozen=True, array_like=True, tag="o"):
    """One of several: `a or b`, `a if c else b`, `X | None` in an annotation."""

    options: tuple[Expression, ...]
    joined: bool = False
    """`a | b`: of two mappings it is both, and what the later one holds wins."""


class Display(Struct, frozen=True, array_like=True, tag="d"):
    """A tuple, list or set display, the result of a comprehension over one item, or what an item was put into."""

    kind: str
    items: tuple[Expression, ...]


class Mapping(Struct, frozen=True, array_like=True, tag="m"):
    """A dict display; a key that is no string literal is `None`, `**other` has the key `**`."""

    keys: tuple[str | None, ...]
    values: tuple[Expression, ...]
    kind: str = "dict"


class LambdaOf(Struct, frozen=True, array_like=True, tag="l", gc=False):
    """A lambda: its place in the module's list of scopes."""

    scope: int


class Starred(Struct, frozen=True, array_like=True, tag="*"):
    """`*value` among the arguments of a call or the items of a display."""

    value: Expression


class Opaque(Struct, frozen=True, array_like=True, tag="?", gc=False):
    """Anything that says nothing about where a value comes from (arithmetic, comparison, f-string)."""

    kind: str = ""


Expression = (
    Name
    | Attribute
    | Imported
    | CallOf
    | Constant
    | Item
    | Choice
    | Display
    | Mapping
    | LambdaOf
    | Starred
    | Opaque
)

FILLED = "filled"
"""The kind of a container of which only that is known which items are put into it: a list, or an object of any class."""
NONE = Constant("NoneType", None)
OPAQUE = Opaque()


def root_of(expression: Expression) -> str:
    """The name that a chain of attributes starts with: `a` of `a.b.c`; empty for anything else."""
    while isinstance(expression, Attribute):
        expression = expression.value
    return expression.id if isinstance(expression, Name) else ""


def dotted(expression: Expression) -> str:
    """`a.b.c` as it is written, `a.b().c` for what is called on the way; empty where there is no name at all."""
    parts: list[str] = []
    while isinstance(expression, Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if isinstance(expression, Name):
        parts.append(expression.id)
    elif isinstance(expression, Imported):
        parts.append(expression.dotted)
    elif parts:
        parts.append("()" if isinstance(expression, CallOf) else "…")
    return ".".join(reversed(parts))


def last_name(expression: Expression) -> str:
    """The name that a call is made by: `c` in `a.b.c`."""
    if isinstance(expression, Attribute):
        return expression.attr
    if isinstance(expression, Name):
        return expression.id
    return ""


def is_none(expression: Expression) -> bool:
    """Whether it is the literal `None`."""
    return isinstance(expression, Constant) and expression.kind == "NoneType"
