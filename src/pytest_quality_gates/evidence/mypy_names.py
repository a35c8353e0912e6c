"""What the callee of a call is, from the types that mypy inferred. Runs in the child that runs mypy.

A method is named by the class of its receiver, `httpx._client.AsyncClient.get`, and then by each base class up to the
one that defines it. A class that is called is named by itself and then by the bases that share its
`__init__`. A function that came by another name (`fetch = requests.get`, an attribute, a `partial`) is named by its
definition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from mypy.nodes import (
    CallExpr,
    Decorator,
    Expression,
    FuncDef,
    IndexExpr,
    MemberExpr,
    OverloadedFuncDef,
    RefExpr,
    SuperExpr,
    SymbolNode,
    TypeAlias,
    TypeApplication,
    TypeInfo,
    Var,
)
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    Overloaded,
    TupleType,
    Type,
    TypedDictType,
    TypeType,
    TypeVarLikeType,
    UnionType,
    get_proper_type,
)

from pytest_quality_gates.facts.type_check import CalleeName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PARTIAL = "__mypy_partial"
_UNKNOWN_POSITION = -1

Names = tuple[str, ...]


def callees(calls: Iterable[CallExpr], types: Mapping[Expression, Type]) -> tuple[CalleeName, ...]:
    """The names of the callees that are known, in the order of the source; a union of receivers gives one each."""
    found = {name for call in calls for name in _of_call(call, types)}
    return tuple(
        sorted(found, key=lambda name: (name.line, name.column, -name.end_line, -name.end_column, name.name))
    )


def _of_call(call: CallExpr, types: Mapping[Expression, Type]) -> Iterator[CalleeName]:
    for name, *also in _of_callee(call.callee, types):
        # What has no dot is a local name of a function, which says nothing to others.
        if "." in name and call.line != _UNKNOWN_POSITION:
            yield CalleeName(
                line=call.line,
                column=call.column,
                end_line=call.end_line or call.line,
                end_column=call.end_column or call.column,
                name=name,
                also=tuple(also),
            )


def _of_callee(callee: Expression, types: Mapping[Expression, Type]) -> Iterator[Names]:
    if isinstance(callee, IndexExpr) and isinstance(callee.analyzed, TypeApplication):
        callee = callee.analyzed.expr
    if isinstance(callee, SuperExpr):
        yield from _of_super(callee)
    elif isinstance(callee, RefExpr) and (names := _of_symbol(callee)):
        yield names
    elif isinstance(callee, RefExpr) and _is_global(callee.node):
        yield from _of_global(callee.node, types.get(callee))
    elif isinstance(callee, MemberExpr) and callee.expr in types:
        value = types.get(callee)
        for receiver in _classes(types[callee.expr]):
            if receiver.fullname == "types.ModuleType" and callee.name not in receiver.names:
                continue  # A module's attribute that mypy does not know.
            yield from _of_attribute(receiver, callee.name, value)
    elif callee in types:
        yield from _of_value(types[callee])


def _of_symbol(callee: RefExpr) -> Names:
    """What semantic analysis bound the name to: a function, a class, a class's method."""
    node = callee.node
    if isinstance(node, TypeInfo):
        return _constructor(node)
    if isinstance(node, TypeAlias):
        target = get_proper_type(node.target)
        return _constructor(target.type) if isinstance(target, Instance) else (node.fullname,)
    function = node.func if isinstance(node, Decorator) else node
    if isinstance(function, FuncDef | OverloadedFuncDef):
        return _method_on_class(callee, function.info) if function.info else (function.fullname,)
    return ()


def _is_global(node: SymbolNode | None) -> TypeGuard[Var]:
    return isinstance(node, Var) and not node.info and "." in node.fullname and not node.is_suppressed_import


def _of_global(variable: Var, value: Type | None) -> Iterator[Names]:
    """A module's variable that holds a function, `from_env = DockerClient.from_env`."""
    held = tuple(_of_value(value)) if value is not None else ()
    for names in held or ((),):
        yield (*names, variable.fullname)


def _method_on_class(callee: RefExpr, definer: TypeInfo) -> Names:
    """`Client.create()` where a base class defines `create`."""
    receiver = callee.expr if isinstance(callee, MemberExpr) else None
    owner = receiver.node if isinstance(receiver, RefExpr) else None
    return _member(owner if isinstance(owner, TypeInfo) else definer, callee.fullname.rpartition(".")[2])


def _of_super(callee: SuperExpr) -> Iterator[Names]:
    if callee.info:
        for base in callee.info.mro[1:]:
            if callee.name in base.names:
                yield (f"{base.fullname}.{callee.name}",)
                return


def _of_attribute(receiver: TypeInfo, name: str, value: Type | None) -> Iterator[Names]:
    """A method of the receiver, or something callable that one of its attributes holds."""
    symbol = receiver.get(name)
    names = _member(receiver, name)
    if symbol is not None and isinstance(symbol.node, Var) and value is not None:
        held = tuple(_of_value(value))
        yield from ((first, *rest, *names) for first, *rest in held)
        if held:
            return
    yield names


def _of_value(value: Type) -> Iterator[Names]:
    """A callee that is known by its type alone: a function in a variable, an object with `__call__`, a union."""
    proper = get_proper_type(value)
    if isinstance(proper, UnionType):
        for item in proper.items:
            yield from _of_value(item)
    elif isinstance(proper, FunctionLike):
        if proper.is_type_obj():
            yield _constructor(proper.type_object())
        elif definition := _definition(proper):
            yield (definition,)
    elif isinstance(proper, Instance) and (function := _partial_of(proper)) is not None:
        yield from _of_value(function)
    else:
        classes = _classes(proper)
        if isinstance(proper, TypeType):
            yield from map(_constructor, classes)
        else:
            yield from (_member(info, "__call__") for info in classes if info.get("__call__"))


def _definition(function: FunctionLike) -> str:
    node = function.items[0].definition
    if isinstance(node, Decorator):
        node = node.func
    return node.fullname if node is not None else ""


def _partial_of(instance: Instance) -> Type | None:
    extra = instance.extra_attrs
    return extra.attrs.get(_PARTIAL) if extra is not None else None


def _classes(value: Type) -> Iterator[TypeInfo]:
    """The classes whose attributes a value has; a class object's are those of the class."""
    proper = get_proper_type(value)
    if isinstance(proper, UnionType):
        for item in proper.items:
            yield from _classes(item)
    elif isinstance(proper, TypeVarLikeType):
        yield from _classes(proper.upper_bound)
    elif isinstance(proper, TypeType):
        yield from _classes(proper.item)
    elif isinstance(proper, TupleType):
        yield proper.partial_fallback.type
    elif isinstance(proper, CallableType | Overloaded):
        yield proper.type_object() if proper.is_type_obj() else proper.fallback.type
    elif isinstance(proper, LiteralType | TypedDictType):
        yield proper.fallback.type
    elif isinstance(proper, Instance):
        yield proper.type


def _constructor(info: TypeInfo) -> Names:
    return tuple(_until_definition(info, "__init__"))


def _member(info: TypeInfo, name: str) -> Names:
    return tuple(f"{owner}.{name}" for owner in _until_definition(info, name))


def _until_definition(info: TypeInfo, name: str) -> Iterator[str]:
    """The class, then those of its bases that have the name from the same definition, nearest first."""
    definer = next((base for base in info.mro if name in base.names), info)
    yield info.fullname
    if definer.fullname != "builtins.object":
        yield from (base.fullname for base in info.mro[1:] if definer in base.mro)
