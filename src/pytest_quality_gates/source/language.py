"""What a few callables of the language give: `super()`, `cast`, `partial`, `closing` and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import Constant, Expression, Imported, Name, Starred, last_name
from pytest_quality_gates.source.parameters import argument, argument_for
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import (
    MOST_VALUES,
    Cls,
    Fn,
    Instance,
    Many,
    Method,
    Obj,
    Partial,
    Site,
    Super,
    Values,
    each_once,
    union,
)

if TYPE_CHECKING:
    from pytest_quality_gates.source.evaluate import Evaluator


def _super(_: Evaluator, site: Site) -> Values:
    function = site.function
    owner = function.method_owner()
    return (Super(owner, Obj(owner, None)),) if owner is not None else ()


def _cast(evaluator: Evaluator, site: Site) -> Values:
    call = site.call
    at = site.function
    if len(call.arguments) < 2:  # noqa: PLR2004 -- cast(type, value)
        return ()
    return evaluator.annotations.instances(call.arguments[0], at) or evaluator.values(call.arguments[1], at)


def _getattr(evaluator: Evaluator, site: Site) -> Values:
    call = site.call
    if len(call.arguments) < 2:  # noqa: PLR2004 -- object, name
        return ()
    at = site.function
    owners = evaluator.values(call.arguments[0], at)
    names = _texts(evaluator, call.arguments[1], at)
    if names:
        return union(evaluator.attributes.attribute(owner, name) for owner in owners for name in names)
    clients = (owner for owner in owners if isinstance(owner, Instance) and _is_all_io(evaluator, owner))
    return tuple(Method(client.class_name, "*", client) for client in clients)  # whichever method it is


def _texts(evaluator: Evaluator, value: Expression, at: Function) -> list[str]:
    """The names that an expression can be: a literal, or a parameter for which callers give one."""
    if isinstance(value, Constant):
        return [str(value.value)]
    if isinstance(value, Name):
        bound = at.scope.bindings.get(value.id, ())
        told = [str(b.value.value) for b in bound if isinstance(b.value, Constant) and b.value.kind == "str"]
        if told:
            return list(dict.fromkeys(told))[:MOST_VALUES]
    for position, parameter in enumerate(at.scope.parameters):
        if isinstance(value, Name) and parameter.name == value.id:
            callers = evaluator.callers.about(at)[:MOST_VALUES]
            given = (argument_for(site, at, position, parameter, before) for site, before in callers)
            return list(dict.fromkeys(str(one.value) for one in given if isinstance(one, Constant)))
    return []


def _is_all_io(evaluator: Evaluator, owner: Instance) -> bool:
    """Whether every method of it is an external call, by what the catalogue says."""
    known = evaluator.lexicon.class_named(owner.class_name)
    operation = known.operation("*") if known is not None else None
    return operation is not None and operation.is_io


def _partial(evaluator: Evaluator, site: Site) -> Values:
    call = site.call
    if not call.arguments:
        return ()
    return tuple(Partial(value, site) for value in evaluator.values(call.arguments[0], site.function))


def _next(evaluator: Evaluator, site: Site) -> Values:
    call = site.call
    return evaluator.contents.iterated(call.arguments[0], site.function) if call.arguments else ()


def _type(evaluator: Evaluator, site: Site) -> Values:
    call = site.call
    if len(call.arguments) != 1:
        return ()
    found = evaluator.values(call.arguments[0], site.function)
    return each_once(Cls(value.class_) for value in found if isinstance(value, Obj))


def _first(evaluator: Evaluator, site: Site) -> Values:
    call = site.call
    return evaluator.values(call.arguments[0], site.function) if call.arguments else ()


def _chained(evaluator: Evaluator, site: Site) -> Values:
    """`chain(a, b)`: the items of each."""
    at = site.function
    items = union(evaluator.contents.iterated(argument, at) for argument in site.call.arguments)
    return (Many("list", (items,)),) if items else ()


def _gathered(evaluator: Evaluator, site: Site) -> Values:
    """`first, second = await gather(a(), b())`: what each gives, in order; one list of what a starred argument holds."""
    at = site.function
    items = tuple(
        evaluator.contents.iterated(argument.value, at)
        if isinstance(argument, Starred)
        else evaluator.values(argument, at)
        for argument in site.call.arguments[:MOST_VALUES]
    )
    is_list = any(isinstance(argument, Starred) for argument in site.call.arguments)
    return (Many("list" if is_list else "tuple", items),)


def _default_dict(evaluator: Evaluator, site: Site) -> Values:
    """`defaultdict(Client)`: a dict of what its factory makes."""
    factories = _first(evaluator, site)
    return (Many("dict", (union(evaluator.results.result_of(factory, site) for factory in factories),)),)


def _field(evaluator: Evaluator, site: Site) -> Values:
    """`field(default_factory=Client)`: a default, or what a factory gives."""
    words, at = dict(site.call.keywords), site.function
    made = (words[word] for word in ("factory", "default_factory") if word in words)
    factories = union(evaluator.values(value, at) for value in made)
    given = evaluator.values(words["default"], at) if "default" in words else ()
    return union((given, *(evaluator.results.result_of(factory, site) for factory in factories)))


def _depends(evaluator: Evaluator, site: Site) -> Values:
    """What a framework injects: what the function that it is told of gives."""
    call = site.call
    if not call.arguments:
        return ()
    found = evaluator.values(call.arguments[0], site.function)
    return union(evaluator.results.result_of(value, site) for value in found if isinstance(value, Fn | Cls))


def _imported(evaluator: Evaluator, site: Site) -> Values:
    """The module that is imported by a text; of `__import__("a.b")` it is `a`, unless a list says what is wanted of `a.b`."""
    call = site.call
    given = argument(site, "0:name")
    if not isinstance(given, Constant) or not isinstance(given.value, str):
        return ()
    is_whole = last_name(call.function) == "import_module" or argument(site, "3:fromlist") is not None
    name = given.value if is_whole else given.value.partition(".")[0]
    if not name or name.startswith("."):
        return ()
    return evaluator.values(Imported(name), site.function)


def _entered_first(evaluator: Evaluator, site: Site) -> Values:
    call = site.call
    return evaluator.contents.entered(call.arguments[0], site.function) if call.arguments else ()


SPECIAL: dict[str, Callable[[Evaluator, Site], Values]] = {
    "super": _super,
    "typing.cast": _cast,
    "typing_extensions.cast": _cast,
    "getattr": _getattr,
    "__import__": _imported,
    "importlib.import_module": _imported,
    "importlib.__import__": _imported,
    "functools.partial": _partial,
    "functools.wraps": _first,
    "attr.ib": _field,
    "attr.field": _field,
    "attrs.field": _field,
    "dataclasses.field": _field,
    "pydantic.Field": _field,
    "fastapi.Depends": _depends,
    "fastapi.param_functions.Depends": _depends,
    "sorted": _first,
    "next": _next,
    "anext": _next,
    "type": _type,
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "weakref.proxy": _first,
    "itertools.chain": _chained,
    "collections.defaultdict": _default_dict,
    "contextlib.nullcontext": _first,
    "asyncio.gather": _gathered,
    "asyncio.tasks.gather": _gathered,
    "contextlib.closing": _first,
    "contextlib.aclosing": _first,
    "asyncio.shield": _first,
    "asyncio.create_task": _first,
    "asyncio.ensure_future": _first,
    "contextlib.ExitStack.enter_context": _entered_first,
    "contextlib.AsyncExitStack.enter_async_context": _entered_first,
}
"""By the callable's full name, what a call of it gives."""
