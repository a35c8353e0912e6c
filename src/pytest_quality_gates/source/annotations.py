"""What a value annotated so can be: `Redis | None` is a `Redis`, `list[Client]` a container of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import (
    CallOf,
    Choice,
    Constant,
    Display,
    Expression,
    Item,
    Name,
    last_name,
)
from pytest_quality_gates.source.values import (
    Cls,
    Instance,
    Many,
    Obj,
    Plain,
    Ref,
    Site,
    Value,
    Values,
    each_once,
)

if TYPE_CHECKING:
    from pytest_quality_gates.source.evaluate import Evaluator
    from pytest_quality_gates.source.project import Function

_ONE_OF = frozenset({"Union", "Optional"})
_INNER = frozenset(
    "Annotated ClassVar Final Required NotRequired Awaitable ContextManager AsyncContextManager "
    "AbstractContextManager AbstractAsyncContextManager ReadOnly Self".split()
)
_LAST = frozenset(
    {"Coroutine", "dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"}
)
_ITEMS = frozenset(
    "list List Sequence Iterable Iterator set Set frozenset FrozenSet deque Deque Collection "
    "AsyncIterator AsyncIterable Generator AsyncGenerator MutableSequence".split()
)
_PLAIN = frozenset("str int float bool bytes object None complex bytearray Any Path datetime".split())


_NO_TYPE = frozenset("Final ClassVar TypeVar".split())


class AnnotationReader:
    """Reads annotations with an evaluator's help."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._open: set[tuple[str, Function]] = set()
        """The names for types that are being read, with where they are defined."""

    def instances(self, annotation: Expression, at: Function) -> Values:
        """What a value with that annotation can be."""
        if type(annotation) is Choice:
            return _joined([self.instances(option, at) for option in annotation.options])
        if type(annotation) is Item:
            return self._generic(annotation, at)
        if type(annotation) is Display:
            return (Many("tuple", tuple(self.instances(item, at) for item in annotation.items)),)
        if type(annotation) is Constant:
            return (Plain("NoneType"),) if annotation.kind == "NoneType" else ()
        return self._named(annotation, at)

    def _named(self, annotation: Expression, at: Function) -> Values:
        word = last_name(annotation)
        if word == "Self":
            owner = at.method_owner()
            return (Obj(owner, None),) if owner is not None else ()
        known = self._aliased(annotation.id, at) if isinstance(annotation, Name) else ()
        if not known:
            found = [self._instance(value) for value in self._evaluator.values(annotation, at)]
            known = each_once(value for value in found if value is not None)
        if not known and word in _PLAIN | _ITEMS | _LAST:
            return (Plain(word),)
        return known

    def _aliased(self, name: str, at: Function) -> Values:
        """`ClientDep = Annotated[Client, Depends(make)]`, here or in another module of the project."""
        for binding, home in self._evaluator.bindings(name, at):
            if binding.how == "=" and isinstance(binding.value, CallOf | Item | Choice):
                if (name, home) in self._open:
                    return ()  # a type made of itself: `Tree = Leaf | list[Tree]`
                self._open.add((name, home))
                try:
                    if isinstance(binding.value, CallOf):
                        return self._bound(home.module.sites[binding.value.index])
                    return self.instances(binding.value, home)
                finally:
                    self._open.discard((name, home))
        return ()

    def _bound(self, site: Site) -> Values:
        """`T = TypeVar("T", bound=Client)`: what is known of whatever T is."""
        call = site.call
        if last_name(call.function) != "TypeVar":
            return ()
        kinds = [*call.arguments[1:], *(value for word, value in call.keywords if word == "bound")]
        return _joined([self.instances(kind, site.function) for kind in kinds])

    def _instance(self, value: Value) -> Value | None:  # noqa: PLR0911 -- one case a kind of value
        if isinstance(value, Cls):
            return Obj(value.class_, None)
        if isinstance(value, Instance | Many):
            return value  # an alias of a type: `Client = httpx.Client | Fake`
        if isinstance(value, Ref):
            known = self._evaluator.lexicon.class_named(value.name)
            if known is not None:
                return Instance(known.name, None)
            word = value.name.rpartition(".")[2]
            if word in _NO_TYPE:
                return None
            if "." not in value.name or word in _PLAIN:
                return Plain(word)
            return (
                Instance(value.name, None) if word[:1].isupper() and word not in {"Any", "TypeVar"} else None
            )
        return None

    def _generic(self, annotation: Item, at: Function) -> Values:  # noqa: PLR0911 -- one case a generic
        word = last_name(annotation.value)
        inner = annotation.index
        parts = inner.items if isinstance(inner, Display) else (inner,)
        if word in _ONE_OF:
            return _joined([self.instances(part, at) for part in parts])
        if word in {"tuple", "Tuple"}:
            return (Many("tuple", tuple(self.instances(part, at) for part in parts)),)
        if word in _INNER:
            return self.instances(parts[0], at)
        if word == "Coroutine":
            return self.instances(parts[-1], at)
        if word in _LAST:
            return (Many("dict", (self.instances(parts[-1], at),)),)
        if word in _ITEMS:
            return (Many("list", (self.instances(parts[0], at),)),)
        if word in {"Type", "type"}:
            return tuple(self._class_of(value) for value in self.instances(parts[0], at))
        if word in {"Callable", "Literal"}:
            return ()
        return self.instances(annotation.value, at)

    @staticmethod
    def _class_of(value: Value) -> Value:
        if isinstance(value, Obj):
            return Cls(value.class_)
        return Ref(value.class_name) if isinstance(value, Instance) else value


def _joined(groups: list[Values]) -> Values:
    return tuple(dict.fromkeys(value for group in groups for value in group))
