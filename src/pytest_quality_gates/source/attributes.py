"""What attributes stand for: of modules, classes, objects of the project and objects of libraries."""

from __future__ import annotations

import builtins
from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import FILLED, Attribute, Name, is_none, last_name
from pytest_quality_gates.source.project import Function, Module, ProjectClass
from pytest_quality_gates.source.results import CONTAINER_ITEMS, CONTAINER_VIEWS
from pytest_quality_gates.source.summary import ANY_ATTRIBUTE, SOMETHING, AttributeSet, Binding, Call
from pytest_quality_gates.source.values import (
    Cls,
    Fn,
    Instance,
    Many,
    Method,
    Mod,
    Obj,
    Plain,
    Ref,
    Super,
    Value,
    Values,
    each_once,
    guessed,
    is_told,
    union,
)

if TYPE_CHECKING:
    from pytest_quality_gates.source.evaluate import Evaluator

_BUILTINS = frozenset(dir(builtins))
_DESCRIPTORS = frozenset({"property", "cached_property", "functools.cached_property", "abc.abstractproperty"})


_OF_CONTAINERS = CONTAINER_ITEMS | CONTAINER_VIEWS | {"items"}
"""The methods that give what is in a container, whatever that is."""


_ANYTHING = frozenset({"NoneType", "Any", "object"})
"""What has no attributes of its own: whatever is called there is of something that is not known."""


# A name that is set in more places than that from outside says little, and every class would be asked at each of them.
_MOST_PLACES = 40


# A base of more classes than that is more than a mixin of a few, and each of them would be asked.
_MOST_HEIRS = 4


class AttributeReader:
    """Follows attributes."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._set_outside: dict[str, list[tuple[Function, AttributeSet]]] = defaultdict(list)
        for module in evaluator.project.modules:
            for item in module.summary.attribute_sets:
                self._set_outside[item.attr].append((module.functions[item.scope], item))
        self._by_word: dict[str, list[ProjectClass]] = defaultdict(list)
        self._kept: set[str] = set()
        """The attributes that some class of the project sets on itself."""
        for class_ in (class_ for module in evaluator.project.modules for class_ in module.classes):
            self._by_word[class_.name.lower()].append(class_)
            self._kept.update(class_.summary.attributes)

    def attribute(self, owner: Value, attr: str) -> Values:  # noqa: PLR0911 -- one case a kind of value
        """What `owner.attr` stands for."""
        if type(owner) is Ref:
            return self._ref_attribute(f"{owner.name}.{attr}")
        if type(owner) is Mod:
            return self._module_attribute(owner.module, attr)
        if type(owner) is Obj:
            return (
                (Cls(owner.class_),)
                if attr == "__class__"
                else self._object_attribute(owner.class_, attr, owner)
            )
        if type(owner) is Cls:
            return self._class_attribute(owner.class_, attr)
        if type(owner) is Super:
            return self._super_attribute(owner, attr)
        if type(owner) is Instance:
            return self._instance_attribute(owner, attr)
        if type(owner) is Many and owner.kind == FILLED:
            return (Method("builtins.dict", attr, owner),) if attr in _OF_CONTAINERS else ()
        if type(owner) is Many or (type(owner) is Plain and owner.kind not in _ANYTHING):
            return (Method(f"builtins.{owner.kind}", attr, owner),)
        if type(owner) is Fn and attr in {"__wrapped__", "__func__", "__call__"}:
            return (owner,)
        return ()

    def read(self, expression: Attribute, at: Function) -> Values:
        """What `owner.attr`, read in `at`, stands for."""
        owners = self._evaluator.values(expression.value, at)
        attr = expression.attr
        found = (
            union((self.attribute(owners[0], attr),))
            if len(owners) == 1
            else union(self.attribute(owner, attr) for owner in owners)
        )
        if attr in self._set_outside and all(self._is_unknown(value) for value in found):
            found = self._evaluator.set_elsewhere((last_name(expression.value), attr)) or found
        if not owners and not found and attr in self._kept:
            return self._of_class_called(last_name(expression.value), attr)
        return found

    def _of_class_called(self, word: str, attr: str) -> Values:
        """The library's object that the one class of that name keeps: `feed_reader.session`, where `FeedReader` sets it.

        It is a guess: `request.session` of a view may be another than that of the project's `Request`.
        """
        classes = self._by_word.get(word.replace("_", "").lower(), ())
        if len(classes) != 1:
            return ()
        kept = self._evaluator.stored((classes[0], attr))
        return guessed(tuple(value for value in kept if type(value) is Instance))

    def _ref_attribute(self, dotted: str) -> Values:
        module = self._evaluator.project.by_name.get(dotted)
        if module is not None:
            module.note()
            return (Mod(module),)
        return (Ref(self._evaluator.lexicon.canonical(dotted)),)

    def _module_attribute(self, module: Module, attr: str) -> Values:
        found = self._evaluator.name(attr, module.functions[0])
        if attr in module.summary.scopes[0].bindings or (found and not is_builtin(found, attr)):
            return found
        return self._ref_attribute(f"{module.name}.{attr}")

    def _instance_attribute(self, owner: Instance, attr: str) -> Values:
        known = self._evaluator.lexicon.class_named(owner.class_name)
        if known is not None:
            class_name = known.attribute(attr)
            if class_name:
                return (
                    Instance(self._evaluator.lexicon.canonical(class_name), owner.origin, owner.is_guess),
                )
            anything = known.operation("__getattr__")
            if anything is not None and anything.returns and not known.knows(attr):
                made = self._evaluator.results.made(anything.returns, owner.origin)
                return guessed(made) if owner.is_guess else made
        return (Method(owner.class_name, attr, owner),)

    def _object_attribute(self, class_: ProjectClass, attr: str, owner: Obj) -> Values:
        method = class_.method(attr)
        if method is not None:
            if is_property(method):
                return self._property(class_, method) or self._evaluator.stored((class_, attr))
            return (Fn(method, owner),)
        found = self._evaluator.stored((class_, attr))
        if found:
            return found
        found = (
            self._inherited(class_, attr, owner)
            or self._of_heirs(class_, attr)
            or self._evaluator.passed_on((class_, attr))
        )
        if found:
            return found
        library = next(class_.all_library_bases(), "")
        return (Method(library, attr, owner),) if library and library not in _BUILTINS else ()

    def _property(self, class_: ProjectClass, method: Function) -> Values:
        """What a property gives; an abstract one, what those of the subclasses do."""
        found = self._evaluator.returned(method)
        if any(type(value) is not Plain for value in found):
            return found
        below = union(self._evaluator.returned(item) for item in class_.overrides(method.name))
        return tuple(value for value in below if type(value) is not Plain) or found

    def passed_on(self, place: tuple[ProjectClass, str]) -> Values:
        """The attribute of what an object stands before: `__getattr__` returns `getattr(self.client, name)`.

        Asked through `Evaluator.passed_on`: what it stands before may be such an object, too, even one of its own class.
        """
        class_, attr = place
        class_.module.note()
        method = class_.method("__getattr__")
        if method is None:
            return ()
        asked = (site.call for site in method.module.sites_in(method.index))
        return union(
            self.attribute(owner, attr)
            for call in asked
            if call.function == Name("getattr") and _asks_for_the_name(call, method)
            for owner in self._evaluator.values(call.arguments[0], method)
        )

    def _of_heirs(self, class_: ProjectClass, attr: str) -> Values:
        """What a mixin's attribute is in the classes that it is mixed into: their other bases have it."""
        return union(
            self._of_siblings(class_, heir, attr) for heir in class_.subclasses[:_MOST_HEIRS] if heir.is_mixed
        )

    def _of_siblings(self, mixin: ProjectClass, heir: ProjectClass, attr: str) -> Values:
        owner = Obj(heir, None)
        siblings = [base for base in heir.bases if mixin not in base.lineage()]
        for base in siblings:
            method = base.method(attr)
            if method is not None:
                return self._evaluator.returned(method) if is_property(method) else (Fn(method, owner),)
        found = union(self._evaluator.stored((base, attr)) for base in siblings)
        return found or self._inherited(heir, attr, owner)

    def _inherited(self, class_: ProjectClass, attr: str, owner: Obj) -> Values:
        """What is known of the attribute in the library classes that the class inherits from."""
        for base in class_.all_library_bases():
            known = self._evaluator.lexicon.class_named(base)
            if known is not None and (known.knows(attr) or known.attribute(attr)):
                class_name = known.attribute(attr)
                return (Instance(class_name, None),) if class_name else (Method(base, attr, owner),)
        return ()

    def stored(self, place: tuple[ProjectClass, str]) -> Values:
        """What is ever stored in an attribute, by class and name (asked through `Evaluator.stored`)."""
        class_, attr = place
        class_.module.note()
        inside = (
            self._stored_in(item, attr) for item in (*class_.lineage(), *class_.subclasses[:_MOST_HEIRS])
        )
        return union((*inside, self._stored_from_outside(class_, attr)))

    def _stored_in(self, class_: ProjectClass, attr: str) -> Values:
        functions = class_.module.functions
        bindings = class_.summary.attributes.get(attr, ())
        found = [self._evaluator.binding(binding, functions[binding.scope]) for binding in bindings]
        body = functions[class_.summary.scope]
        written = body.scope.bindings.get(attr, ())
        found.append(self._evaluator.bound(tuple(b for b in written if b.how != "def"), body))
        return _without_none(union(found))

    def _stored_from_outside(self, class_: ProjectClass, attr: str) -> Values:
        """`app.store = Redis()`, where `app` is an object of that class or the class itself."""
        found: list[Values] = []
        places = self._set_outside.get(attr, ())
        for at, item in places if len(places) <= _MOST_PLACES else ():
            at.module.note()
            for owner in self._evaluator.values(item.target, at):
                if isinstance(owner, Obj | Cls) and class_ in owner.class_.lineage():
                    found.append(self._evaluator.values(item.value, at))
                    break
        return _without_none(union(found))

    def is_only_none(self, class_: ProjectClass, attr: str) -> bool:
        """Whether an attribute is set to `None`, and nothing else is ever stored in it, as far as the project shows."""
        relatives = _relatives(class_)
        if class_.method(attr) is not None or not all(_is_plain_class(item) for item in relatives):
            return False
        found = [binding for item in relatives for binding in _written(item, attr)]
        return (
            any(binding.how == "=" for binding in found)
            and all(is_none(binding.value) for binding in found if binding.how != "annotation")
            and not self._may_be_set_outside(relatives, attr)
        )

    def _may_be_set_outside(self, classes: list[ProjectClass], attr: str) -> bool:
        places = [*self._set_outside.get(attr, ()), *self._set_outside.get(ANY_ATTRIBUTE, ())]
        if len(places) > _MOST_PLACES:
            return True
        for at, item in places:
            at.module.note()
            owners = () if is_none(item.value) else self._evaluator.values(item.target, at)
            if not is_told(owners) and not is_none(item.value):
                return True  # of whatever
            if any(isinstance(owner, Obj | Cls) and owner.class_ in classes for owner in owners):
                return True
        return False

    def _is_unknown(self, value: Value) -> bool:
        """Whether it is only a name: nothing tells what stands behind it."""
        if type(value) is Ref:
            return not self._evaluator.lexicon.callable_named(value.name)
        return type(value) is Method

    def set_elsewhere(self, place: tuple[str, str]) -> Values:
        """`request.app.state.store`, where `app.state.store = Redis()` stands elsewhere: `("state", "store")`.

        Asked through `Evaluator.set_elsewhere`.
        """
        owner, attr = place
        places = self._set_outside.get(attr, ())[:_MOST_PLACES]
        for at, _ in places:
            at.module.note()
        return union(
            self._evaluator.values(item.value, at) for at, item in places if last_name(item.target) == owner
        )

    def _class_attribute(self, class_: ProjectClass, attr: str) -> Values:
        method = class_.method(attr)
        if method is not None:
            return (Fn(method, Cls(class_)),)
        found = self._evaluator.stored((class_, attr))
        if found:
            return found
        for base in class_.all_library_bases():
            known = self._evaluator.lexicon.class_named(base)
            if known is not None and known.attribute(attr):
                return (Instance(known.attribute(attr), None),)
        return each_once(
            Ref(self._evaluator.lexicon.canonical(f"{base}.{attr}")) for base in class_.all_library_bases()
        )

    def _super_attribute(self, owner: Super, attr: str) -> Values:
        for item in owner.class_.lineage()[1:]:
            if attr in item.summary.methods:
                return (Fn(item.module.functions[item.summary.methods[attr]], owner),)
        return tuple(
            Method(base, attr, owner.receiver or Obj(owner.class_, None))
            for base in owner.class_.all_library_bases()
        )[:1]


def is_builtin(values: Values, name: str) -> bool:
    """Whether a name that a module does not bind stands for the builtin of that name there."""
    return name in _BUILTINS and type(values[0]) is Ref and values[0].name == name


def is_property(method: Function) -> bool:
    """Whether reading the attribute runs the method."""
    return any(last_name(decorator) in _DESCRIPTORS for decorator in method.scope.decorators)


def _asks_for_the_name(call: Call, method: Function) -> bool:
    """Whether a call in `__getattr__(self, name)` has that name as its second argument."""
    return len(call.arguments) > 1 and call.arguments[1] in {
        Name(p.name) for p in method.scope.parameters[1:]
    }


def _relatives(class_: ProjectClass) -> list[ProjectClass]:
    """The class, its bases in the project and all that inherit from it."""
    found = [*class_.lineage()]
    todo = [class_]
    for item in todo:
        new = [inherits for inherits in item.subclasses if inherits not in found]
        found += new
        todo += new
    return found


def _is_plain_class(class_: ProjectClass) -> bool:
    """Whether all that sets its attributes can be seen: no base is of a library, or not known."""
    return len(class_.summary.bases) == len(class_.bases) + len(class_.library_bases) and all(
        base in _BUILTINS or base == "abc.ABC" for base in class_.library_bases
    )


def _written(class_: ProjectClass, attr: str) -> list[Binding]:
    """What is bound to the attribute in the class's methods and in its body.

    An annotation in the body may be a field, which a constructor that nobody wrote sets.
    """
    attributes = class_.summary.attributes
    body = class_.module.functions[class_.summary.scope].scope.bindings.get(attr, ())
    field = [SOMETHING for binding in body if binding.how == "annotation"]
    return [*attributes.get(attr, ()), *attributes.get(ANY_ATTRIBUTE, ()), *body, *field]


def _without_none(values: Values) -> Values:
    return tuple(value for value in values if not (type(value) is Plain and value.kind == "NoneType"))
