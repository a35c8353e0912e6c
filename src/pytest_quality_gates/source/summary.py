"""What is kept of one source file: enough to answer every question without its syntax tree.

A summary depends on the file's text alone, so it can be cached by content. Places inside it (`scope`, `region`, `call`,
`handler`) are positions in its own tuples; -1 is none.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pytest_quality_gates.facts.source import FunctionFact, HandlerFlaw
from pytest_quality_gates.source.expression import OPAQUE, Expression

ANY_ATTRIBUTE = "*"
"""Stands for the name of an attribute that is set by a name that is not written out: `setattr(self, name, value)`."""


class Binding(Struct, frozen=True, array_like=True):
    """One way a name gets a value.

    `how`: `=` the value itself; `with` what entering it gives; `for` an item of it; `annotation` an instance of it;
    a digit: that item of it (tuple unpacking); `except` an exception of that type.
    """

    how: str
    value: Expression
    scope: int = -1
    """Where the value is to be read: the method, for an attribute of `self`."""


SOMETHING = Binding("=", OPAQUE)
"""A value that cannot be read: kept once where it tells that an attribute is not only ever `None`."""


class Parameter(Struct, frozen=True, array_like=True):
    """One parameter of a function."""

    name: str
    annotation: Expression | None = None
    default: Expression | None = None
    kind: Literal["", "*", "**", "kw"] = ""


class Scope(Struct, frozen=True, kw_only=True):
    """A module, a function, a lambda or a class body."""

    name: str
    """Qualified name inside the module; `<module>` for the module itself."""
    kind: Literal["module", "function", "async", "lambda", "class"]
    line: int
    end_line: int
    parent: int
    class_: int = -1
    """The class it is a method of (or the class whose body it is), in `ModuleSummary.classes`."""
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[Expression, ...] = ()
    returns: tuple[Expression, ...] = ()
    return_annotation: Expression | None = None
    yields: tuple[tuple[int, Expression], ...] = ()
    """The region of each `yield`, and what it gives."""
    awaits: tuple[tuple[int, str], ...] = ()
    """The region of each `await name`, and that name."""
    ends: tuple[Expression, ...] = ()
    """The types of the failures that an `__exit__` ends for sure."""
    bindings: dict[str, tuple[Binding, ...]] = {}
    item_sets: tuple[tuple[str, str, Expression], ...] = ()
    """`name["key"] = value`; a key that is no literal is empty."""
    narrowed: dict[int, Expression] = {}
    """By the calls of methods of a name, the classes that an `isinstance(name, Class)` around them tells of."""


class ClassSummary(Struct, frozen=True, kw_only=True):
    """One class."""

    name: str
    scope: int
    """The scope of its body: class attributes and methods are bound there."""
    bases: tuple[Expression, ...]
    methods: dict[str, int]
    """Scope by name; the last definition of a name wins."""
    attributes: dict[str, tuple[Binding, ...]]
    """`self.x` and `cls.x` as assigned in its methods."""


class Region(Struct, frozen=True, array_like=True):
    """A stretch of code that protects, repeats or ends what is inside it; regions nest inside one scope."""

    parent: int
    kind: Literal["try", "handler", "with", "loop", "finally"]
    handlers: tuple[int, ...] = ()
    """`try`: its handlers, in order. `handler`: the one it is the body of."""
    contexts: tuple[Expression, ...] = ()
    """`with`: the context managers. `loop`: what is iterated."""
    ends_on_success: bool = False
    """`loop`: it is left (`return`, `break`) from where a `try` in it went well, or has a bounded number of rounds."""
    counts_tries: bool = False
    """`loop`: what it counts or asks speaks of attempts, and it is left early from an `if` or a `try` in it."""


class Branch(Struct, frozen=True, array_like=True):
    """The body of an `if`, an `elif`, an `else` or a `case`."""

    choice: int
    """The line of the `if` or `match`; of the branches of one choice, one runs."""
    line: int
    end_line: int
    leaves: bool
    """It ends in `return` or `raise`: what stands below it in the function does not follow."""


class Call(Struct, frozen=True, array_like=True):
    """One call expression."""

    scope: int
    region: int
    function: Expression
    arguments: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...]
    """`**value` has the name `**`."""
    line: int
    column: int
    end_line: int
    end_column: int
    use: Literal["", "await", "with", "async with", "for", "async for", "decorator"] = ""
    """What is done with the result at once."""
    function_end: int = 0
    """The line where the callee ends: the last line of a method chain that runs over lines."""


class Handler(Struct, frozen=True, kw_only=True):
    """One `except` clause."""

    scope: int
    region: int
    """The region it stands in (outside its own `try`)."""
    types: tuple[Expression, ...]
    """What it catches; empty for a bare `except:`."""
    is_bare: bool
    line: int
    end_line: int
    text: str
    reraises: bool
    """Every path ends in `raise` of what was caught."""
    may_reraise: bool
    translates: bool
    """Some path raises another exception."""
    leaves: bool
    """Some path ends without raising."""
    uses_name: bool
    """What was caught is read in the body (beyond a `raise`)."""
    flaws: tuple[HandlerFlaw, ...]
    """The flaws that can be seen from its text alone; whether it is silent is decided with names."""
    is_group: bool = False


class AttributeSet(Struct, frozen=True, array_like=True):
    """`target.attr = value` where the target is not `self`."""

    scope: int
    target: Expression
    attr: str
    value: Expression


class ModuleSummary(Struct, frozen=True, kw_only=True):
    """One source file."""

    lines: int
    is_package: bool
    scopes: tuple[Scope, ...]
    classes: tuple[ClassSummary, ...]
    calls: tuple[Call, ...]
    attribute_reads: tuple[Call, ...] = ()
    """Attributes that are read and not called, each once a region: a property runs as if it were called."""
    regions: tuple[Region, ...]
    handlers: tuple[Handler, ...]
    branches: tuple[Branch, ...] = ()
    functions: tuple[FunctionFact, ...]
    attribute_sets: tuple[AttributeSet, ...]
    star_imports: tuple[str, ...]
    exports: tuple[str, ...] = ()
