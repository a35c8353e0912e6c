"""Where the object came from on which a method is called, and with what it was configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.expression import (
    Attribute,
    CallOf,
    Choice,
    Constant,
    Display,
    Expression,
    Imported,
    Item,
    Mapping,
    Name,
    is_none,
    last_name,
)
from pytest_quality_gates.source.parameters import argument_for
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.summary import Call
from pytest_quality_gates.source.values import (
    Cls,
    Fn,
    Instance,
    Many,
    Method,
    Obj,
    Plain,
    Site,
    Value,
    Values,
)

_BOUND = frozenset({"bind", "engine"})
"""Keywords by which an object is told what it works on: `sessionmaker(bind=engine)`."""
Given = bool | None
"""Whether an argument is given: True with a value, False as `None`, None not at all."""


def origins(value: Value) -> Iterator[Site]:
    """The calls that made `value`, and those that made what it was made from, nearest first."""
    seen: set[Site] = set()
    current: Value | None = value
    while current is not None:
        if isinstance(current, Method):
            current = current.receiver
            continue
        origin = current.origin if isinstance(current, Instance | Obj) else None
        if origin is None or origin in seen:
            return
        seen.add(origin)
        yield origin
        current = None


class Arguments:
    """Reads the arguments of calls, `**mappings` and forwarded parameters included.

    Args:
        evaluator: Follows names.
        by_any_caller: Whether a forwarded `**kwargs` holds what any caller passes, not only what all of them do. A client
            is made in few places and configured far away; a finding needs that nobody configures it.
    """

    def __init__(self, evaluator: Evaluator, *, by_any_caller: bool = False) -> None:
        self.evaluator = evaluator
        self._enough = any if by_any_caller else all
        self._asked: set[tuple[Function, str, str]] = set()

    def chain(self, value: Value) -> Iterator[Site]:
        """The calls behind `value`: the one that made it, the one that made that one's receiver, and so on."""
        seen: set[Site] = set()
        todo = list(origins(value))
        while todo:
            site = todo.pop(0)
            if site in seen or len(seen) > 8:  # noqa: PLR2004 -- engine, pool, connection, cursor and their like
                continue
            seen.add(site)
            yield site
            for callee in self.evaluator.callee(site):
                if isinstance(callee, Method):
                    todo += origins(callee.receiver)
                elif isinstance(callee, Instance):  # a maker that is called: `Session = sessionmaker(engine)`
                    todo += origins(callee)
            todo += self.handed_over(site)

    def handed_over(self, site: Site) -> list[Site]:
        """What made the first argument, or what is bound: `context.wrap_socket(sock)` is still that socket."""
        found: list[Site] = []
        bound = [value for word, value in site.call.keywords if word in _BOUND]
        for wrapped in [*site.call.arguments[:1], *bound]:
            if isinstance(wrapped, Name | Attribute | CallOf):
                for item in self.evaluator.values(wrapped, site.function):
                    found += origins(item)
        return found

    def given(self, site: Site, name: str, position: int | None = None) -> Given:
        """Whether the call at `site` has the argument `name` (dotted: inside a mapping or an object)."""
        call = site.call
        head, _, rest = name.partition(".")
        at = site.function
        if head.isdigit():
            plain = call.arguments[int(head)] if int(head) < len(call.arguments) else None
            return self._inside(plain, rest, at) if plain is not None and rest else None
        for word, value in call.keywords:
            if word == head:
                return self._inside(value, rest, at) if rest else self.is_value(value, at)
        if position is not None and position < len(call.arguments):
            return self.is_value(call.arguments[position], at)
        for word, value in call.keywords:
            if word == "**" and not rest:
                found = self._in_mapping(value, head, at)
                if found is not None:
                    return found
        return None

    def forwards(self, site: Site) -> bool:
        """Whether the call passes on a `**mapping` whose content cannot be seen."""
        at = site.function
        return any(
            word == "**" and not self._is_own_keywords(value, at) and not self._is_known(value, at)
            for word, value in site.call.keywords
        )

    @staticmethod
    def _is_own_keywords(value: Expression, at: Function) -> bool:
        return isinstance(value, Name) and any(
            p.kind == "**" and p.name == value.id for p in at.scope.parameters
        )

    def _is_known(self, value: Expression, at: Function) -> bool:
        """Whether all that the mapping holds can be seen: a display, or a name for one that nothing else is bound to."""
        if isinstance(value, Mapping):
            return "**" not in value.keys
        if isinstance(value, Choice):
            return all(self._is_known(option, at) for option in value.options)
        if not isinstance(value, Name):
            return False
        home: Function | None = at
        while home is not None and value.id not in home.scope.bindings:
            home = home.parent()
        bound = home.scope.bindings[value.id] if home is not None else ()
        return bool(bound) and all(
            b.how == "=" and isinstance(b.value, Mapping) and "**" not in b.value.keys for b in bound
        )

    def is_value(self, value: Expression, at: Function) -> bool:
        """Whether `value` is something other than `None` (or a pair with a `None` in it)."""
        if is_none(value):
            return False
        if isinstance(value, Display):
            return all(not is_none(item) for item in value.items)
        if isinstance(value, CallOf):
            return self._bounds(at.module.sites[value.index])
        found = self.evaluator.values(value, at) if isinstance(value, Name | Attribute) else ()
        if found and all(isinstance(item, Plain) and item.kind == "NoneType" for item in found):
            return not self._only_none(value, at)
        if self._is_unset(value, found, at) or any(
            isinstance(item, Many) and item.kind == "tuple" and _has_none(item) for item in found
        ):
            return False
        made = [item.origin for item in found if isinstance(item, Instance) and item.origin is not None]
        return all(self._bounds(site) for site in made) if made else True

    @staticmethod
    def _only_none(value: Expression, at: Function) -> bool:
        """A parameter whose default is None is given by somebody; a name that is only ever None is not."""
        return not (isinstance(value, Name) and any(p.name == value.id for p in at.scope.parameters))

    def _is_unset(self, value: Expression, found: Values, at: Function) -> bool:
        """`self.timeout`, where that is `None` in all of the project (and perhaps annotated as a number)."""
        if not isinstance(value, Attribute) or not all(isinstance(item, Plain) for item in found):
            return False
        owners = self.evaluator.values(value.value, at)
        return bool(owners) and all(
            isinstance(owner, Obj | Cls) and self.evaluator.attributes.is_only_none(owner.class_, value.attr)
            for owner in owners
        )

    @staticmethod
    def _bounds(site: Site) -> bool:
        """Whether a timeout object bounds anything: `Timeout(None)` does not."""
        call = site.call
        if "timeout" not in last_name(call.function).lower():
            return True
        if call.arguments and is_none(call.arguments[0]):
            return any(not is_none(value) for name, value in call.keywords if name in {"read", "total"})
        return not any(
            is_none(value) for name, value in call.keywords if name in {"total", "timeout", "read"}
        )

    def _inside(self, value: Expression, rest: str, at: Function) -> Given:
        head, _, more = rest.partition(".")
        if isinstance(value, CallOf):
            site = at.module.sites[value.index]
            found = self.given(site, rest)
            return found if found is not None else self._inside_values(value, rest, at, site)
        found = self._in_mapping(value, head, at)
        if found is not None or more:
            return found
        return self._inside_values(value, rest, at, None)

    def _inside_values(self, value: Expression, rest: str, at: Function, own: Site | None) -> Given:
        for item in self.evaluator.values(value, at):
            if isinstance(item, Instance) and item.origin is not None and item.origin != own:
                found = self.given(item.origin, rest)
                if found is not None:
                    return found
        return None

    def _in_mapping(self, value: Expression, key: str, at: Function) -> Given:
        """Whether a mapping holds `key`: as displayed, as filled later, or as callers pass it."""
        if isinstance(value, Mapping):
            return self._displayed(value, key, at)
        if isinstance(value, CallOf):
            return self.given(at.module.sites[value.index], key) or self._returned(value, key, at)
        if isinstance(value, Choice):
            return self._chosen(value, key, at)
        if not isinstance(value, Name):
            elsewhere = self._in_other_module if isinstance(value, Imported) else self._stored
            return elsewhere(value, key, at)
        asked = (at, value.id, key)
        if asked in self._asked:
            return None  # a mapping that is made of itself
        self._asked.add(asked)
        try:
            return self._named(value, key, at)
        finally:
            self._asked.discard(asked)

    def _in_other_module(self, value: Expression, key: str, at: Function) -> Given:
        if not isinstance(value, Imported):
            return None
        module, rest = self.evaluator.project.find(at.module.absolute(value.dotted))
        if module is None or len(rest) != 1:
            return None
        return self._in_mapping(Name(rest[0]), key, module.functions[0])

    def _named(self, value: Name, key: str, at: Function) -> Given:
        filled = self._filled(value.id, key, at)
        if filled is not None:
            return filled
        for binding in at.scope.bindings.get(value.id, ()):
            if binding.how == "=" and binding.value != value:
                found = self._in_mapping(binding.value, key, at)
                if found is not None:
                    return found
        if value.id not in at.scope.bindings and all(p.name != value.id for p in at.scope.parameters):
            home = at.parent()
            return self._named(value, key, home) if home is not None else None
        return self._from_callers(value.id, key, at)

    def _chosen(self, value: Choice, key: str, at: Function) -> Given:
        if value.joined:
            return self._displayed(Mapping(("**",) * len(value.options), value.options), key, at)
        return _first(self._in_mapping(option, key, at) for option in value.options)

    def _displayed(self, value: Mapping, key: str, at: Function) -> Given:
        """The last item with the key wins; a mapping behind a `None` that cannot be seen may hold something else."""
        is_seen = True
        for name, item in reversed([*zip(value.keys, value.values, strict=True)]):
            if name == key:
                return self.is_value(item, at) or (False if is_seen else None)
            if name == "**":
                found = self._in_mapping(item, key, at)
                if found is not None:
                    return found or (False if is_seen else None)
                is_seen = is_seen and self._is_known(item, at)
        return None

    def _filled(self, name: str, key: str, at: Function) -> Given:
        """Whether `name[key] = value`, `name.setdefault(key, value)` or `name.update(...)` gives it."""
        for target, item, value in at.scope.item_sets:
            if target != name:
                continue
            if item == key:
                return self.is_value(value, at)
            if not item and isinstance(value, Item):  # copied, item by item, from another mapping
                found = self._in_mapping(value.value, key, at)
                if found is not None:
                    return found
        return _first(self._filled_by(site.call, name, key, at) for site in at.module.sites_in(at.index))

    def _filled_by(self, call: Call, name: str, key: str, at: Function) -> Given:
        if not isinstance(call.function, Attribute) or call.function.value != Name(name):
            return None
        if call.function.attr == "setdefault" and call.arguments[:1] == (Constant("str", key),):
            return self.is_value(call.arguments[1], at) if len(call.arguments) > 1 else False
        if call.function.attr != "update":
            return None
        if any(word == key for word, _ in call.keywords):
            return True
        return _first(self._in_mapping(other, key, at) for other in call.arguments)

    def _returned(self, value: CallOf, key: str, at: Function) -> Given:
        for callee in self.evaluator.callee(at.module.sites[value.index]):
            if isinstance(callee, Fn):
                for given in callee.function.scope.returns:
                    found = self._in_mapping(given, key, callee.function) if given != value else None
                    if found is not None:
                        return found
        return None

    def _stored(self, value: Expression, key: str, at: Function) -> Given:
        if not isinstance(value, Attribute):
            return None
        for owner in self.evaluator.values(value.value, at):
            if isinstance(owner, Obj | Cls):
                for class_ in owner.class_.lineage():
                    for binding in class_.summary.attributes.get(value.attr, ()):
                        found = self._in_mapping(binding.value, key, class_.module.functions[binding.scope])
                        if found is not None:
                            return found
        return None

    def _from_callers(self, name: str, key: str, at: Function) -> Given:
        """What callers put into a parameter of the function: into its `**kwargs`, or into a mapping they hand over."""
        for position, parameter in enumerate(at.scope.parameters):
            if parameter.name == name and parameter.kind != "*":
                callers = [item for item in self.evaluator.callers.about(at) if item[0].function is not at]
                found = [self._passed(site, key, at, position, before) for site, before in callers]
                return True if found and self._enough(item is True for item in found) else None
        return None

    def _passed(self, site: Site, key: str, at: Function, position: int, before: int) -> Given:
        parameter = at.scope.parameters[position]
        if parameter.kind == "**":
            return self.given(site, key)
        handed = argument_for(site, at, position, parameter, before)
        return self._in_mapping(handed, key, site.function) if handed is not None else None


def _first(answers: Iterable[Given]) -> Given:
    """The first that says yes or no."""
    return next((answer for answer in answers if answer is not None), None)


def _has_none(pair: Many) -> bool:
    """`(3, None)`: one of the two is unbounded."""
    return any(items and all(v == Plain("NoneType") for v in items) for items in pair.items)
