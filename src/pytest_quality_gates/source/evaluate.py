"""What an expression stands for, found by following names, attributes, calls and annotations on demand.

Nothing is run and no order of execution is followed: a name stands for all that is ever bound to it. An answer of `()` is
"not known". Answers are kept, so each question is worked out once.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence

from pytest_quality_gates.source.annotations import AnnotationReader
from pytest_quality_gates.source.asked_for import AskedFor
from pytest_quality_gates.source.attributes import AttributeReader, is_builtin
from pytest_quality_gates.source.contents import ContentReader
from pytest_quality_gates.source.expression import (
    Attribute,
    CallOf,
    Choice,
    Constant,
    Display,
    Expression,
    Imported,
    Item,
    LambdaOf,
    Mapping,
    Name,
    Starred,
    last_name,
)
from pytest_quality_gates.source.file_role import GENERATED_MODULES
from pytest_quality_gates.source.lexicon import Operation
from pytest_quality_gates.source.memory import Depth, Memory
from pytest_quality_gates.source.parameters import ParameterReader
from pytest_quality_gates.source.project import Function, Module, Project, ProjectClass
from pytest_quality_gates.source.results import ResultReader
from pytest_quality_gates.source.summary import Binding
from pytest_quality_gates.source.trace import CONTENT, Noted
from pytest_quality_gates.source.values import (
    MOST_VALUES,
    Cls,
    Fn,
    Instance,
    Many,
    Method,
    Mod,
    Obj,
    Partial,
    Plain,
    Ref,
    Site,
    Value,
    Values,
    in_order,
    library_of,
    union,
)

_DEEPEST = 80
_MOST_ITEMS = 32
# Methods that say by their name alone whose they are, whatever is known of the receiver.
_TELLING = {
    "run_in_executor": "asyncio.events.AbstractEventLoop",
    "call_soon_threadsafe": "asyncio.events.AbstractEventLoop",
}
_BUILTINS = frozenset(dir(builtins))
_FALLS_THROUGH = frozenset({"module", "class"})
"""Scopes where a name that is not yet bound stands for that of the scope around: `Store = Store` in the body of a class."""


class Evaluator:
    """Answers what expressions stand for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.lexicon = project.lexicon
        self.annotations = AnnotationReader(self)
        self.callers: Noted[Function, tuple[Site, int]] = Noted()
        """Calls of each function, once the call graph knows them, with how many arguments stand before its own."""
        self.typed: dict[Site, tuple[str, ...]] = {}
        """What the type checker says each callee is: several names for a union, names of base classes last."""
        self.attributes = AttributeReader(self)
        self.parameters = ParameterReader(self)
        self.results = ResultReader(self)
        self.contents = ContentReader(self)
        self.asked_for = AskedFor(self)
        self._depth = Depth(project.trace)
        self._names: Memory[tuple[str, Function], Values] = Memory(self._lookup, self._depth, (), in_order)
        self._callees: Memory[Site, Values] = Memory(self._called, self._depth, (), in_order)
        self._results: Memory[Site, Values] = Memory(self._given, self._depth, (), in_order)
        self._stored: Memory[tuple[ProjectClass, str], Values] = Memory(
            self.attributes.stored, self._depth, (), in_order
        )
        self._elsewhere: Memory[tuple[str, str], Values] = Memory(
            self.attributes.set_elsewhere, self._depth, (), in_order
        )
        self._passed_on: Memory[tuple[ProjectClass, str], Values] = Memory(
            self.attributes.passed_on, self._depth, (), in_order
        )
        self._returned: Memory[Function, Values] = Memory(self.results.returned, self._depth, (), in_order)
        self.callee = self._callees.answer
        """What is called at a call, as the data flow says."""
        self.result = self._results.answer
        """What a call gives."""
        self.stored = self._stored.answer
        """What is ever stored in an attribute of a class of the project, or stands in its body by that name."""
        self.set_elsewhere = self._elsewhere.answer
        """What is stored in an attribute of something unknown, by the last name of that and the attribute's."""
        self.passed_on = self._passed_on.answer
        """What `__getattr__` of a class of the project gives for an attribute, by class and name."""
        self.returned = self._returned.answer
        """What a function of the project gives back: properties that lead to one another are asked for once each."""
        self._read: dict[type[Expression], Callable[..., Values]] = {
            Name: lambda expression, at: self.name(expression.id, at),
            Attribute: self.attributes.read,
            CallOf: lambda expression, at: self.result(at.module.sites[expression.index]),
            Choice: lambda expression, at: union(self.values(option, at) for option in expression.options),
            Item: self.contents.item,
            Display: self._display,
            Mapping: self._mapping,
            Imported: lambda expression, at: self._imported(expression.dotted, at.module),
            LambdaOf: lambda expression, at: (Fn(at.module.functions[expression.scope], None),),
            Starred: lambda expression, at: self.values(expression.value, at),
            Constant: lambda expression, _: (Plain(expression.kind),),
        }
        self._made: dict[tuple[str, Function], list[Site]] = {}
        self._decorating: dict[Function, tuple[list[tuple[Expression, Value]], int]] = {}
        self._link_classes()

    def remembering(self, work: Callable[[Site], bool], *, nothing: bool) -> Callable[[Site], bool]:
        """`work`, asked once each: questions about calls that lead to those of this evaluator, and to one another."""
        return Memory(work, self._depth, nothing).answer

    def forget(self, kind: int) -> None:
        """That part of every module became known: what was worked out without it is asked again."""
        for memory in (
            self._names,
            self._callees,
            self._results,
            self._stored,
            self._elsewhere,
            self._passed_on,
        ):
            memory.forget(kind)
        self._returned.forget(kind)
        self._decorating.clear()

    def _link_classes(self) -> None:
        for module in self.project.modules:
            for class_ in module.classes:
                home = module.functions[class_.summary.scope].parent() or module.functions[0]
                found = [
                    value
                    for base in class_.summary.bases
                    for part in _bases(base, module)
                    for value in self.values(part, home)
                ]
                class_.bases = tuple(
                    value.class_ for value in found if isinstance(value, Cls) and value.class_ is not class_
                )
                class_.library_bases = tuple(
                    self.lexicon.canonical(v.name) for v in found if isinstance(v, Ref)
                )
        for module in self.project.modules:
            for class_ in module.classes:
                class_.join_bases()
                class_.forget_lineage()
        self.asked_for.link()
        self.forget(CONTENT)

    def values(self, expression: Expression, at: Function) -> Values:
        """All that `expression`, read in `at`, can stand for."""
        if self._depth.steps > _DEEPEST:
            self._depth.cut()
            return ()
        read = self._read.get(type(expression))
        if read is None:
            return ()
        self._depth.steps += 1
        found = read(expression, at)
        self._depth.steps -= 1
        return found

    def _display(self, expression: Display, at: Function) -> Values:
        items = tuple(
            self.contents.iterated(item.value, at) if isinstance(item, Starred) else self.values(item, at)
            for item in expression.items[:MOST_VALUES]
        )
        return (Many(expression.kind, items),)

    def _mapping(self, expression: Mapping, at: Function) -> Values:
        items = tuple(self.values(value, at) for value in expression.values[:_MOST_ITEMS])
        return (Many(expression.kind, items, expression.keys[:_MOST_ITEMS]),)

    def name(self, name: str, at: Function) -> Values:
        """What a plain name stands for in `at`: what it stands for where it is bound."""
        home = at
        while not home.binds(name):
            parent = home.parent()
            if parent is None:
                break
            home = parent
        return self._names.answer((name, home))

    def _lookup(self, question: tuple[str, Function]) -> Values:
        name, at = question
        at.module.note()
        scope_ = at.scope
        for position, parameter in enumerate(scope_.parameters):
            if parameter.name == name:
                bound = self.bound(scope_.bindings.get(name, ()), at)
                return union((self.parameters.parameter(at, position, parameter), bound))
        if name in scope_.bindings:
            found = self.bound(scope_.bindings[name], at)
            if found or scope_.kind not in _FALLS_THROUGH:
                return found
        parent = at.parent()
        if parent is not None:
            return self.name(name, parent)
        return self._global(name, at.module)

    def _global(self, name: str, module: Module) -> Values:
        for base in module.summary.star_imports:
            found, rest = self.project.find(module.absolute(base))
            if found is not None and not rest and found is not module:
                values = self.name(name, found.functions[0])
                if values and not is_builtin(values, name):
                    return values
            elif found is None and self._is_known(f"{base}.{name}"):
                return (Ref(self.lexicon.canonical(f"{base}.{name}")),)
        return (Ref(name),) if name in _BUILTINS else ()

    def _is_known(self, dotted: str) -> bool:
        return self.lexicon.callable_named(dotted) is not None or self.lexicon.canonical(dotted) != dotted

    def bound(self, bindings: tuple[Binding, ...], at: Function) -> Values:
        """What a name or an attribute with these bindings stands for."""
        if len(bindings) == 1:
            return union((self.binding(bindings[0], at),))
        groups = [self.binding(binding, at) for binding in bindings]
        if all(len(group) <= 1 for group in groups):
            return union(groups)
        return union(self._told_apart(groups, bindings, at))

    def _told_apart(self, groups: list[Values], bindings: tuple[Binding, ...], at: Function) -> list[Values]:
        """The values that a name is bound to in several places, where a container mixes libraries and other places do not.

        `connection = known.get(path)` may be of any database that is kept there, `connection = sqlite3.connect(path)` in
        the next line says of which. What a function gives is of either library, whatever a branch puts in its place.
        """
        libraries = [{library_of(value) for value in group if type(value) is Instance} for group in groups]
        plain = {name for names in libraries if len(names) == 1 for name in names}
        return [
            tuple(v for v in group if type(v) is not Instance or library_of(v) in plain)
            if len(names) > 1 and names & plain and self._is_taken_out(binding, at)
            else group
            for group, names, binding in zip(groups, libraries, bindings, strict=True)
        ]

    def _is_taken_out(self, binding: Binding, at: Function) -> bool:
        """Whether a binding takes something out of a container: `known[path]`, `known.get(path)`."""
        at = at.module.functions[binding.scope] if binding.scope >= 0 else at
        value = binding.value
        if isinstance(value, Item):
            return any(type(owner) is Many for owner in self.values(value.value, at))
        callees = self.callee(at.module.sites[value.index]) if isinstance(value, CallOf) else ()
        return any(type(callee) is Method and type(callee.receiver) is Many for callee in callees)

    def binding(self, binding: Binding, at: Function) -> Values:  # noqa: PLR0911 -- one case a form
        """What one binding gives: `=`, `def`, `class`, `with`, `for`, `except`, an annotation, a place in a tuple."""
        how, value = binding.how, binding.value
        if binding.scope >= 0:  # bound from elsewhere: in a method, or in a function by `global`
            at = at.module.functions[binding.scope]
        if how == "=":
            return self.values(value, at)
        if how == "def" and isinstance(value, Imported):
            return self._definition(at.module.functions[int(value.dotted[1:])])
        if how == "class" and isinstance(value, Imported):
            return (Cls(at.module.classes[int(value.dotted[1:])]),)
        if how == "annotation":
            return self.annotations.instances(value, at)
        if how == "with":
            return self.contents.entered(value, at)
        if how == "for":
            return self.contents.iterated(value, at)
        if how == "except":
            return self.annotations.instances(value, at)
        return self.contents.unpacked(self.values(value, at), int(how))

    def _definition(self, function: Function) -> Values:
        """A `def`: itself, and what a library's decorator makes of it."""
        made: list[Value] = [Fn(function, None)]
        for _, value in self.decorating(function):
            known = self.lexicon.function_named(value.name) if isinstance(value, Ref) else None
            if known is None and isinstance(value, Method):
                known = self.method_operation(value)
            if known is not None and known.returns:
                made.append(Instance(known.returns, None))
        return tuple(made)

    def decorating(self, function: Function) -> Sequence[tuple[Expression, Value]]:
        """What decorates `function`, outermost first: each `@name` or `@name(...)` with what that stands for.

        Of a call it is what is called, and what it gives: `@retry(stop=3)`, and `@guard("name")` where the project's
        `guard` returns a library's breaker. `POLICY = retry(stop=3)` and `@POLICY` is the same as the first.
        """
        if not function.scope.decorators:
            return ()
        if self._depth.open:
            return self._decorated(function)  # what hangs on an open question may be another thing later
        return self.project.trace.once(self._decorating, function, lambda: self._decorated(function))

    def _decorated(self, function: Function) -> list[tuple[Expression, Value]]:
        home = function.parent() or function.module.functions[0]
        return [(item, value) for item in function.scope.decorators for value in self.meanings(item, home)]

    def meanings(self, decorator: Expression, at: Function) -> Values:
        """What stands in a decorator or a `with`: what it is, what it calls, what that gives, what made it."""
        if isinstance(decorator, CallOf):
            site = at.module.sites[decorator.index]
            return union(
                (self.callee(site), tuple(v for v in self.result(site) if isinstance(v, Instance | Obj)))
            )
        found = self.values(decorator, at)
        if isinstance(decorator, Name) and not any(isinstance(value, Fn | Cls) for value in found):
            return union((found, *(self.callee(site) for site in self.made_by(decorator.id, at))))
        return found

    def made_by(self, name: str, at: Function) -> list[Site]:
        """The calls whose results a name is bound to where it is defined; it may be bound in many hundred places."""
        home = _binding_home(name, at)
        if home is None:
            return []
        if (name, home) not in self._made:
            self._made[name, home] = [
                where.module.sites[binding.value.index]
                for binding, where in self.bindings(name, home)
                if binding.how == "=" and isinstance(binding.value, CallOf)
            ]
        return self._made[name, home]

    def bindings(self, name: str, at: Function) -> list[tuple[Binding, Function]]:
        """What a name is bound to where it is defined, in another module of the project if it is imported from there."""
        home = _binding_home(name, at)
        if home is None:
            return []
        found: list[tuple[Binding, Function]] = []
        for binding in home.scope.bindings[name]:
            if not isinstance(binding.value, Imported) or binding.how != "=":
                found.append((binding, home))
                continue
            module, rest = self.project.find(at.module.absolute(binding.value.dotted))
            if module is not None and len(rest) == 1 and module is not at.module:
                top = module.functions[0]
                found += [(item, top) for item in top.scope.bindings.get(rest[0], ())]
        return found

    def _imported(self, dotted: str, module: Module) -> Values:
        absolute = module.absolute(dotted)
        found, rest = self.project.find(absolute)
        if found is None:
            if self.project.has_package(absolute):
                return (Ref(absolute),)
            return (Ref(self.lexicon.canonical(absolute)),)
        values: Values = (Mod(found),)
        for part in rest:
            values = union(self.attributes.attribute(value, part) for value in values)
        return values or ((Ref(absolute),) if any(p.endswith(GENERATED_MODULES) for p in rest) else ())

    def _called(self, site: Site) -> Values:
        site.module.note()
        function = site.call.function
        if site.index in site.function.scope.narrowed:
            told = self._told(site)
            if told:
                return told
        found = self.values(function, site.function)
        if not found and isinstance(function, Attribute) and function.attr in _TELLING:
            return (Method(_TELLING[function.attr], function.attr, Plain("object")),)
        return found

    def _told(self, site: Site) -> Values:
        """What is called where `isinstance(name, Class)` holds, of a name that nothing else tells of."""
        at = site.function
        owner, words = site.call.function, []
        while isinstance(owner, Attribute):
            words.append(owner.attr)
            owner = owner.value
        if not words or self.values(owner, at):
            return ()
        groups: list[Values] = []
        for kind in _classes(at.scope.narrowed[site.index]):
            if _is_builtin_without(kind, words[-1]):
                continue
            values = self.annotations.instances(kind, at)
            for word in reversed(words):
                values = union(self.attributes.attribute(value, word) for value in values)
            groups.append(values)
        known = {any(self.operation(value) is not None for value in group) for group in groups}
        return union(groups) if len(known) == 1 else ()  # of `(dict, Client)`, `get` says nothing

    def operation(self, callee: Value) -> Operation | None:
        """What the catalogue knows of such a callee."""
        if type(callee) is Ref:
            return self.lexicon.callable_named(callee.name)
        if type(callee) is Method:
            return self.method_operation(callee)
        if type(callee) is Instance:
            known = self.lexicon.class_named(callee.class_name)
            return known.operation("__call__") if known is not None else None
        if type(callee) is Partial:
            return self.operation(callee.target)
        return None

    def method_operation(self, callee: Method) -> Operation | None:
        """What the catalogue knows of a method of a library's class."""
        known = self.lexicon.class_named(callee.class_name)
        return known.operation(callee.name) if known is not None else None

    def _given(self, site: Site) -> Values:
        site.module.note()
        found = union(self.results.result_of(callee, site) for callee in self.callee(site))
        found = found or self.results.typed_result(site)
        return union(self.contents.awaited(value) for value in found) if site.call.use == "await" else found


def _binding_home(name: str, at: Function) -> Function | None:
    """The scope, from `at` outwards, that binds a name other than as a parameter."""
    home: Function | None = at
    while home is not None and name not in home.scope.bindings:
        home = home.parent()
    return home


def _classes(kinds: Expression) -> tuple[Expression, ...]:
    """The second argument of `isinstance`, one by one: `(A, B)`, `A | B`."""
    if isinstance(kinds, Display):
        return kinds.items
    return kinds.options if isinstance(kinds, Choice) else (kinds,)


def _is_builtin_without(kind: Expression, attr: str) -> bool:
    """Whether it is a class of the language without that method: of `(str, Client)`, only a client is asked to `get`."""
    return isinstance(kind, Name) and kind.id in _BUILTINS and not hasattr(getattr(builtins, kind.id), attr)


def _bases(expression: Expression, module: Module) -> tuple[Expression, ...]:
    """`Base[T]` is a `Base`, and so is `with_metaclass(Meta, Base)`."""
    if isinstance(expression, CallOf):
        call = module.summary.calls[expression.index]
        return call.arguments[1:] if last_name(call.function) == "with_metaclass" else (expression,)
    return (expression.value,) if isinstance(expression, Item) else (expression,)
