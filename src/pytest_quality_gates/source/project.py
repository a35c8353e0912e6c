"""The project as a whole: its modules, classes and functions, and what an imported name leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_quality_gates.source.expression import NONE
from pytest_quality_gates.source.trace import CONTENT, Trace
from pytest_quality_gates.source.values import Cls, Fn, Mod, Ref, Site, Value

if TYPE_CHECKING:
    from pytest_quality_gates.source.lexicon import Lexicon
    from pytest_quality_gates.source.summary import ClassSummary, ModuleSummary, Scope


class Function:
    """A function, a lambda or a module's top level: whatever calls stand in."""

    __slots__ = ("class_", "index", "module", "scope")

    def __init__(self, module: Module, index: int, scope: Scope) -> None:
        self.module = module
        self.index = index
        self.scope = scope
        self.class_: ProjectClass | None = None

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.scope.name.rpartition(".")[2]

    @property
    def is_async(self) -> bool:
        """Whether it is an `async def`."""
        return self.scope.kind == "async"

    @property
    def gives_back(self) -> bool:
        """Whether callers get a value: it returns one, or yields."""
        return bool(self.scope.yields) or any(value != NONE for value in self.scope.returns)

    @property
    def place(self) -> str:
        """For explanations: `package.module:12 Client.fetch`."""
        return f"{self.scope.name} ({self.module.path}:{self.scope.line})"

    def binds(self, name: str) -> bool:
        """Whether it has a parameter of that name, or binds it in its body."""
        if name in self.scope.bindings:
            return True
        for parameter in self.scope.parameters:  # noqa: SIM110 -- asked at each step outwards of every name
            if parameter.name == name:
                return True
        return False

    def parent(self) -> Function | None:
        """The function it is nested in; class bodies are passed over."""
        index = self.scope.parent
        while index >= 0 and self.module.functions[index].scope.kind == "class":
            index = self.module.functions[index].scope.parent
        return self.module.functions[index] if index >= 0 else None

    def method_owner(self) -> ProjectClass | None:
        """The class whose `self` it sees: its own, or that of the method it is nested in."""
        function: Function | None = self
        while function is not None:
            if function.class_ is not None:
                return function.class_
            function = function.parent()
        return None


class ProjectClass:
    """A class of the project. Its bases are found by the evaluator, since they are expressions."""

    __slots__ = ("_lineage", "_subclasses", "bases", "index", "library_bases", "module", "summary")

    def __init__(self, module: Module, index: int, summary: ClassSummary) -> None:
        self.module = module
        self.index = index
        self.summary = summary
        self.bases: tuple[ProjectClass, ...] = ()
        self.library_bases: tuple[str, ...] = ()
        self._subclasses: list[ProjectClass] = []
        self._lineage: tuple[ProjectClass, ...] = ()

    @property
    def name(self) -> str:
        """Qualified name inside its module."""
        return self.summary.name

    @property
    def subclasses(self) -> list[ProjectClass]:
        """The classes that inherit from it directly; not to be changed."""
        if self._subclasses:
            self.module.note()
        return self._subclasses

    @property
    def is_mixed(self) -> bool:
        """Whether it inherits from several classes."""
        return len(self.bases) + len(self.library_bases) > 1

    def join_bases(self) -> None:
        """Tell the bases of this class about it."""
        for base in self.bases:
            base._subclasses.append(self)  # noqa: SLF001 -- one of us

    def lineage(self) -> tuple[ProjectClass, ...]:
        """The class and its bases in the project, nearest first."""
        found = self._lineage or self._line_up()
        if len(found) > 1:
            self.module.note()
        return found

    def _line_up(self) -> tuple[ProjectClass, ...]:
        found: dict[ProjectClass, None] = {}
        todo = [self]
        while todo:
            item = todo.pop()
            if item not in found:  # a class that inherits from itself ends here
                found[item] = None
                todo.extend(reversed(item.bases))
        self._lineage = tuple(found)
        return self._lineage

    def forget_lineage(self) -> None:
        """The bases became known."""
        self._lineage = ()

    def all_library_bases(self) -> Iterator[str]:
        """The library classes it inherits from, nearest first."""
        for item in self.lineage():
            yield from item.library_bases

    def method(self, name: str) -> Function | None:
        """The method that a call of `name` on an instance runs."""
        for item in self.lineage():
            if name in item.summary.methods:
                return item.module.functions[item.summary.methods[name]]
        return None

    def overrides(self, name: str) -> Iterator[Function]:
        """The methods of subclasses that may run instead."""
        for item in self.descendants():
            if name in item.summary.methods:
                yield item.module.functions[item.summary.methods[name]]

    def descendants(self) -> Iterator[ProjectClass]:
        """All classes that inherit from it, directly or not."""
        seen = {id(self)}
        todo = list(self.subclasses)
        while todo:
            item = todo.pop()
            if id(item) not in seen:
                seen.add(id(item))
                yield item
                todo.extend(item.subclasses)


class Module:
    """A module of the project."""

    __slots__ = ("__dict__", "classes", "functions", "name", "path", "sites", "summary", "trace")

    def __init__(self, path: str, name: str, summary: ModuleSummary) -> None:
        self.path = path
        self.name = name
        self.summary = summary
        self.trace = Trace()
        self.functions = tuple(Function(self, index, scope) for index, scope in enumerate(summary.scopes))
        self.classes = tuple(ProjectClass(self, index, item) for index, item in enumerate(summary.classes))
        # A setter too, and the other definitions of one name: the class's own table has one of each name.
        for function in self.functions:
            if function.scope.class_ >= 0 and function.scope.kind != "class":
                function.class_ = self.classes[function.scope.class_]
        self.sites = tuple(Site(self, index, call) for index, call in enumerate(summary.calls))
        """Its calls, in their order."""

    def enter(self, trace: Trace) -> None:
        """It is part of a project, where what is read of it is noted."""
        self.trace = trace

    def note(self, kind: int = CONTENT) -> None:
        """Something about it was read."""
        self.trace.read |= kind

    @cached_property
    def members(self) -> dict[str, Value]:
        """Its functions and classes, by qualified name."""
        found: dict[str, Value] = {
            item.scope.name: Fn(item, None)
            for item in self.functions
            if item.scope.kind in {"function", "async"}
        }
        found.update({item.name: Cls(item) for item in self.classes})
        return found

    @cached_property
    def _by_scope(self) -> dict[int, list[Site]]:
        found: dict[int, list[Site]] = {}
        for site in self.sites:
            found.setdefault(site.call.scope, []).append(site)
        return found

    @cached_property
    def read_sites(self) -> tuple[Site, ...]:
        """Where attributes are read, in the order of `ModuleSummary.attribute_reads`."""
        return tuple(Site(self, ~number, read) for number, read in enumerate(self.summary.attribute_reads))

    def sites_in(self, scope: int) -> list[Site]:
        """The calls that stand in one scope, in their order; not to be changed."""
        return self._by_scope.get(scope, [])

    def absolute(self, dotted: str) -> str:
        """The absolute form of an imported name, `..x.y` included."""
        if not dotted.startswith("."):
            return dotted
        rest = dotted.lstrip(".")
        up = len(dotted) - len(rest)
        parts = self.name.split(".")
        if not self.summary.is_package:
            parts = parts[:-1]
        if up > 1:
            parts = parts[: -(up - 1)]
        return ".".join([*parts, rest]) if rest else ".".join(parts)


class Project:
    """All modules of the project, by dotted name."""

    def __init__(self, modules: Iterable[Module], lexicon: Lexicon) -> None:
        self.modules = tuple(modules)
        self.lexicon = lexicon
        self.trace = Trace()
        self.by_name: dict[str, Module] = {}
        self._packages: set[str] = set()
        for module in self.modules:
            module.enter(self.trace)
            self.by_name.setdefault(module.name, module)
            parts = module.name.split(".")
            self._packages.update(".".join(parts[:size]) for size in range(1, len(parts)))

    def has_package(self, dotted: str) -> bool:
        """Whether modules of the project lie below that name."""
        return dotted in self._packages

    def find(self, dotted: str) -> tuple[Module | None, list[str]]:
        """The longest module that `dotted` begins with, and what of it is left."""
        parts = dotted.split(".")
        for size in range(len(parts), 0, -1):
            module = self.by_name.get(".".join(parts[:size]))
            if module is not None:
                module.note()
                return module, parts[size:]
        return None, parts

    def functions_named(self, dotted: str) -> Value | None:
        """The function, class or module of a full dotted name as the type checker gives it; None for a library's."""
        module, rest = self.find(dotted)
        if module is None:
            return None
        if not rest:
            return Mod(module)
        found = self._member(module, rest)
        return found if found is not None else (Ref(dotted) if self.has_package(dotted) else None)

    @staticmethod
    def _member(module: Module, rest: list[str]) -> Value | None:
        found = module.members.get(".".join(rest))
        if found is not None or len(rest) == 1:
            return found
        owner = module.members.get(".".join(rest[:-1]))
        if isinstance(owner, Cls):
            method = owner.class_.method(rest[-1])
            return Fn(method, None) if method is not None else None
        return None
