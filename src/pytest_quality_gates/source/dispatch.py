"""Functions that a parser keeps for its subcommands: `set_defaults(func=run)` here, `args.func(args)` there."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.expression import Attribute, Expression, Name, last_name
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.values import Fn, Partial, Site, Values

_SETTER = "set_defaults"


class Dispatch:
    """Says which functions a call through a parsed argument can run."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._given: dict[str, list[tuple[Site, Expression]]] = defaultdict(list)
        called: set[str] = set()
        for module in evaluator.project.modules:
            for site in module.sites:
                call = site.call
                if not isinstance(call.function, Attribute):
                    continue
                called.add(call.function.attr)
                if call.function.attr == _SETTER:
                    for name, value in call.keywords:
                        self._given[name].append((site, value))
        self.names = frozenset(self._given.keys() & called)
        """The arguments that carry a function and are called somewhere."""

    def targets(self, name: str) -> Values:
        """What the argument `name` can be, over all parsers of the project; a program may have dozens of commands."""
        given = (self._values(site, value) for site, value in self._given.get(name, ()))
        return tuple(dict.fromkeys(chain.from_iterable(given)))

    def takes(self, site: Site, place: str) -> bool:
        """Whether the argument at `place` is kept to be called through a parsed argument: the call does not leak it."""
        return place in self.names and last_name(site.call.function) == _SETTER

    def _values(self, site: Site, value: Expression) -> Values:
        at = site.function
        found = self._evaluator.values(value, at)
        if isinstance(value, Name) and any(p.name == value.id for p in at.scope.parameters):
            found = (*found, *self._decorated_by(at))
        return tuple(item for item in found if isinstance(item, Fn | Partial))

    def _decorated_by(self, decorator: Function) -> Values:
        """What `decorator`, or the function that makes it, decorates."""
        makers: set[Function] = set()
        home: Function | None = decorator
        while home is not None and home.scope.kind != "module":
            makers.add(home)
            home = home.parent()
        return tuple(
            Fn(function, None)
            for module in self._evaluator.project.modules
            for function in module.functions
            for _, value in self._evaluator.decorating(function)
            if isinstance(value, Fn) and value.function in makers
        )
