"""What parameters take: what their annotations say, their defaults, and what the callers hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import Expression, Starred, last_name
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.summary import Parameter
from pytest_quality_gates.source.values import (
    MOST_VALUES,
    Cls,
    Instance,
    Many,
    Obj,
    Plain,
    Site,
    Values,
    kind_of,
    union,
)

if TYPE_CHECKING:
    from pytest_quality_gates.source.evaluate import Evaluator


# What runs a function on each item of what it is handed beside it: `pool.map(fetch, clients)`.
_MAPS = frozenset({"map", "imap", "imap_unordered", "map_async", "filter"})


class ParameterReader:
    """Says what parameters take."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def parameter(self, at: Function, position: int, parameter: Parameter) -> Values:
        """What the parameter at `position` of `at` can be."""
        owner = at.class_
        if position == 0 and owner is not None and at.scope.kind in {"function", "async"}:
            kinds = {last_name(decorator) for decorator in at.scope.decorators}
            if "classmethod" in kinds or at.name in {"__new__", "__init_subclass__", "__class_getitem__"}:
                return (Cls(owner),)
            if "staticmethod" not in kinds:
                return (Obj(owner, None),)
        if parameter.kind in {"*", "**"}:
            return self._collected(at, parameter)
        if parameter.annotation is not None:
            said = self._evaluator.annotations.instances(parameter.annotation, at)
            if any(not isinstance(value, Plain) for value in said):
                return self._with_origins(said, self._from_callers(at, position, parameter))
        default = self._evaluator.values(parameter.default, at) if parameter.default is not None else ()
        default = tuple(value for value in default if not isinstance(value, Plain))
        return union((default, self._from_callers(at, position, parameter)))

    def _collected(self, at: Function, parameter: Parameter) -> Values:
        """`*items: T` is a tuple of them, `**items: T` a dict."""
        if parameter.annotation is None:
            return (Many("dict", ((),)),) if parameter.kind == "**" else ()
        said = self._evaluator.annotations.instances(parameter.annotation, at)
        return (Many("list" if parameter.kind == "*" else "dict", (said,)),)

    @staticmethod
    def _with_origins(said: Values, handed: Values) -> Values:
        """What an annotation says, with the objects that callers hand over: those know how they were made."""
        kinds = {kind_of(value) for value in said}
        known = tuple(
            v
            for v in handed
            if isinstance(v, Instance | Obj) and v.origin is not None and kind_of(v) in kinds
        )
        covered = {kind_of(value) for value in known}
        return (*known, *(value for value in said if kind_of(value) not in covered))

    def _from_callers(self, at: Function, position: int, parameter: Parameter) -> Values:
        """What the project's own calls hand over for that parameter."""
        found: list[Values] = []
        for site, before in self._evaluator.callers.about(at)[:MOST_VALUES]:
            expression = argument_for(site, at, position, parameter, before)
            if expression is not None:
                is_each = before > 0 and last_name(site.call.function) in _MAPS
                read = self._evaluator.contents.iterated if is_each else self._evaluator.values
                found.append(read(expression, site.function))
        return union(found)


def argument(site: Site, place: str) -> Expression | None:
    """The argument at a position (`"0"`) or keyword of a call; both where `0:func` names both."""
    call = site.call
    for part in place.split(":"):
        if part.isdigit():
            plain = [item for item in call.arguments if not isinstance(item, Starred)]
            if int(part) < len(plain):
                return plain[int(part)]
        else:
            found = next((value for name, value in call.keywords if name == part), None)
            if found is not None:
                return found
    return None


def argument_for(
    site: Site, function: Function, position: int, parameter: Parameter, before: int = 0
) -> Expression | None:
    """The argument that a call gives to a parameter of `function`, as far as it can be seen.

    Args:
        site: The call.
        function: Whose parameter it is.
        position: The place of the parameter, `self` counted.
        parameter: The parameter.
        before: How many arguments stand before those of the function, where the call hands it on to be run.
    """
    call = site.call
    for name, value in call.keywords:
        if name == parameter.name:
            return value
    if parameter.kind in {"kw", "**"}:
        return None
    if function.class_ is not None and "staticmethod" not in {
        last_name(d) for d in function.scope.decorators
    }:
        position -= 1
    position += before
    if before <= position < len(call.arguments) and not any(
        isinstance(a, Starred) for a in call.arguments[: position + 1]
    ):
        return call.arguments[position]
    return None
