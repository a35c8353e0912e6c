"""Source text -> `ModuleSummary`, in one pass over the syntax tree."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from typing import Any

import msgspec

from pytest_quality_gates.facts.source import FunctionFact
from pytest_quality_gates.source.expression import NONE, OPAQUE, Expression, Imported
from pytest_quality_gates.source.read_exits import ended_by
from pytest_quality_gates.source.read_expressions import Draft, ExpressionReader
from pytest_quality_gates.source.read_functions import Definition, function_fact, is_overload
from pytest_quality_gates.source.read_handlers import counts_tries, endings, ends_on_success, text_flaws
from pytest_quality_gates.source.read_narrowing import leaves
from pytest_quality_gates.source.summary import (
    SOMETHING,
    AttributeSet,
    Binding,
    Branch,
    ClassSummary,
    Handler,
    ModuleSummary,
    Region,
    Scope,
)


class UnreadableSourceError(Exception):
    """The text is no Python that this interpreter can parse."""

    def __init__(self, reason: str, line: int) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason)


def read_module(source: bytes, path: str) -> ModuleSummary:
    """Read one file.

    Args:
        source: The file's bytes; a coding cookie or a byte order mark is respected, as the interpreter does.
        path: Relative to the root; only for the facts that carry it.

    Raises:
        UnreadableSourceError: With the reason and the line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes and the like are the linter's business
            tree = ast.parse(source, filename=path)
        return ModuleReader(path).summary(tree, source.count(b"\n") + 1)
    except SyntaxError as error:
        raise UnreadableSourceError(error.msg or "invalid syntax", error.lineno or 1) from error
    except ValueError as error:  # null bytes, on some releases
        raise UnreadableSourceError(str(error), 1) from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableSourceError("nested too deeply to be read", 1) from error


_EXITS = frozenset({"__exit__", "__aexit__"})


class _ClassDraft:
    """A class while it is read."""

    def __init__(self, name: str, scope: Draft, bases: tuple[Expression, ...]) -> None:
        self.name = name
        self.scope = scope
        self.bases = bases
        self.methods: dict[str, int] = {}
        self.attributes: dict[str, list[Binding]] = {}


class ModuleReader(ExpressionReader):
    """Reads the statements of one module."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.classes: list[_ClassDraft] = []
        self.handlers: list[Handler] = []
        self.branches: list[Branch] = []
        self.functions: list[FunctionFact] = []
        self.attribute_sets: list[AttributeSet] = []
        self.star_imports: list[str] = []
        self._self: dict[str, int] = {}
        self._is_typing_only = False
        self._statements: dict[type[ast.stmt], Callable[[Any], None]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.Return: self._return,
            ast.Assert: self._assert,
            ast.If: self._if_statement,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.TryStar: self._try,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Match: self._match,
            ast.Global: self._global,
            ast.Nonlocal: self._nonlocal,
        }
        if hasattr(ast, "TypeAlias"):  # from Python 3.12 on
            self._statements[ast.TypeAlias] = self._type_alias

    def summary(self, tree: ast.Module, lines: int) -> ModuleSummary:
        """Read the whole tree."""
        self.scope = self.open_scope("<module>", "module", tree)
        self.scope.line, self.scope.end_line = 1, lines
        self.body(tree.body)
        return ModuleSummary(
            lines=lines,
            is_package=self.path.endswith("__init__.py"),
            scopes=tuple(_frozen(draft) for draft in self.drafts),
            classes=tuple(
                ClassSummary(
                    name=draft.name,
                    scope=draft.scope.index,
                    bases=draft.bases,
                    methods=draft.methods,
                    attributes={name: tuple(found) for name, found in draft.attributes.items()},
                )
                for draft in self.classes
            ),
            calls=tuple(self.calls),
            attribute_reads=tuple(self.attribute_reads.values()),
            regions=tuple(self.regions),
            handlers=tuple(self.handlers),
            branches=tuple(self.branches),
            functions=_with_overloads(self.functions),
            attribute_sets=tuple(self.attribute_sets),
            star_imports=tuple(self.star_imports),
        )

    def body(self, statements: list[ast.stmt]) -> None:
        """Read statements one after the other."""
        told = self.told
        for statement in statements:
            reader = self._statements.get(type(statement))
            if reader is not None:
                reader(statement)
            else:
                self._children(statement)
        self.told = told

    def _children(self, statement: ast.stmt) -> None:
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                self.read(child)

    def _in_region(self, region: Region, body: list[ast.stmt]) -> None:
        outer, self.region = self.region, len(self.regions)
        self.regions.append(region)
        self.body(body)
        self.region = outer

    # Plain statements

    def _expression(self, node: ast.Expr) -> None:
        if type(node.value) is not ast.Constant:
            self.read(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self.read(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self.bind(node.target, self.annotation(node.annotation), "annotation")
        if node.value is not None:
            self.bind(node.target, self.read(node.value))

    def _type_alias(self, node: ast.stmt) -> None:
        """`type Client = Session | None`."""
        self.bind(node.name, self.annotation(node.value))  # type: ignore[attr-defined]  # an ast.TypeAlias

    def _augmented(self, node: ast.AugAssign) -> None:
        self.read(node.value)
        self.bind(node.target, OPAQUE)

    def _return(self, node: ast.Return) -> None:
        self.scope.returns.append(self.read(node.value) if node.value is not None else NONE)

    def _global(self, node: ast.Global) -> None:
        self.scope.global_names.update(dict.fromkeys(node.names, self.drafts[0]))

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            home = self.scope.parent
            while home is not None and name not in home.bindings and home.kind != "module":
                home = home.parent
            if home is not None:
                self.scope.global_names[name] = home

    def bind_attribute(self, target: ast.Attribute, value: Expression, how: str) -> None:
        """Note `self.x = value` with the class, any other attribute with its target."""
        owner = self._self.get(target.value.id) if type(target.value) is ast.Name else None
        if owner is not None:
            known = self.classes[owner].attributes.setdefault(target.attr, [])
            if value is not OPAQUE:
                known.append(Binding(how, value, self.scope.index))
            elif how != "annotation" and SOMETHING not in known:
                known.append(SOMETHING)
            return
        read = self.read(target.value)
        if how != "annotation":
            self.attribute_sets.append(AttributeSet(self.scope.index, read, target.attr, value))

    # Control flow

    def _assert(self, node: ast.Assert) -> None:
        self._children(node)
        self.tell(node.test, holds=True)

    def _if_statement(self, node: ast.If) -> None:
        branch: ast.If | None = node
        told = self.told
        while branch is not None:  # an elif chain may be thousands long
            outer = self._is_typing_only
            self._is_typing_only = outer or _last_part(branch.test) == "TYPE_CHECKING"
            self.read(branch.test)
            otherwise = self.told
            self.tell(branch.test, holds=True)
            self._branch(node, branch.body)
            self._is_typing_only, self.told = outer, otherwise
            self.tell(branch.test, holds=False)
            rest = branch.orelse
            branch = rest[0] if len(rest) == 1 and isinstance(rest[0], ast.If) else None
            if branch is None:
                self._branch(node, rest)
        if node.orelse or not leaves(node.body):
            self.told = told

    def _branch(self, choice: ast.If | ast.Match, body: list[ast.stmt]) -> None:
        """Read one of the bodies of which one runs."""
        if body:
            last = body[-1]
            ends = isinstance(last, ast.Return | ast.Raise)
            self.branches.append(Branch(choice.lineno, body[0].lineno, last.end_lineno or last.lineno, ends))
        self.body(body)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        source = self.read_used(node.iter, "async for" if isinstance(node, ast.AsyncFor) else "for")
        self.bind(node.target, source, "for")
        bounded = ends_on_success(node.body) or _last_part(getattr(node.iter, "func", node.iter)) == "range"
        tries = counts_tries(node)
        self._in_region(Region(self.region, "loop", (), (source,), bounded, tries), node.body)
        self.body(node.orelse)

    def _while(self, node: ast.While) -> None:
        outer = self.region
        self.region = len(self.regions)
        self.regions.append(Region(outer, "loop", (), (), ends_on_success(node.body), counts_tries(node)))
        self.read(node.test)
        self.body(node.body)
        self.region = outer
        self.body(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        use = "async with" if isinstance(node, ast.AsyncWith) else "with"
        outer = self.region
        for item in node.items:
            context = self.read_used(item.context_expr, use)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, context, "with")
            self.regions.append(Region(self.region, "with", (), (context,)))
            self.region = len(self.regions) - 1
        self.body(node.body)
        self.region = outer

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        outer = self.region
        place = len(self.regions)
        self.regions.append(Region(outer, "try"))
        first = len(self.handlers)
        for handler in node.handlers:
            self._handler_head(handler, isinstance(node, ast.TryStar))
        numbers = tuple(range(first, first + len(node.handlers)))
        self.regions[place] = Region(outer, "try", numbers)
        self.region = place
        self.body(node.body)
        self.region = outer
        self.body(node.orelse)
        for number, handler in zip(numbers, node.handlers, strict=True):
            self._in_region(Region(outer, "handler", (number,)), handler.body)
        if node.finalbody:
            self._in_region(Region(outer, "finally"), node.finalbody)

    def _handler_head(self, node: ast.ExceptHandler, is_group: bool) -> None:
        types = tuple(self.read(t) for t in _caught_types(node))
        if node.name and node.type is not None:
            self.scope.bind(node.name, "except", types[0] if len(types) == 1 else OPAQUE)
        ends = endings(node.body, node.name)
        flaws, used = text_flaws(node, ends)
        self.handlers.append(
            Handler(
                scope=self.scope.index,
                region=self.region,
                types=types,
                is_bare=node.type is None,
                line=node.lineno,
                end_line=node.end_lineno or node.lineno,
                text=_handler_text(node),
                reraises=ends == {"reraise"},
                may_reraise="reraise" in ends,
                translates="raise" in ends,
                leaves=bool(ends & {"leave", "fall"}),
                uses_name=used,
                flaws=flaws,
                is_group=is_group,
            )
        )

    def _match(self, node: ast.Match) -> None:
        self.read(node.subject)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    self.scope.bind(name, "=", OPAQUE)
            if case.guard is not None:
                self.read(case.guard)
            self._branch(node, case.body)

    # Definitions

    def _function(self, node: Definition) -> None:
        outer = self.scope
        decorators = tuple([self.read_used(decorator, "decorator") for decorator in node.decorator_list])
        in_class = outer.kind == "class"
        name = node.name if outer.kind == "module" else f"{outer.name}.{node.name}"
        draft = self.open_scope(name, "async" if isinstance(node, ast.AsyncFunctionDef) else "function", node)
        draft.decorators = decorators
        draft.parameters = self.parameters(node.args)
        draft.return_annotation = self.annotation(node.returns) if node.returns is not None else None
        outer.bind(node.name, "def", Imported(f":{draft.index}"))
        if not self._is_typing_only:
            self.functions.append(_fact(node, self.path, name, in_class=in_class))
        if in_class:
            draft.class_ = outer.class_
            if not _is_setter(node):
                self.classes[outer.class_].methods[node.name] = draft.index
        self._function_body(node, draft, _first_parameter(node) if in_class else None)

    def _function_body(self, node: Definition, draft: Draft, own: str | None) -> None:
        saved = self.scope, self.region, self._self, self.told
        self.scope, self.region, self.told = draft, -1, {}
        parameters = {parameter.name for parameter in draft.parameters}
        self._self = {name: class_ for name, class_ in self._self.items() if name not in parameters}
        if own is not None:
            self._self = {own: draft.class_}
        self.body(node.body)
        if own is not None and node.name in _EXITS:
            draft.ends = tuple([self.read(item) for item in ended_by(node)])
        self.scope, self.region, self._self, self.told = saved

    def _class(self, node: ast.ClassDef) -> None:
        outer = self.scope
        for decorator in node.decorator_list:
            self.read_used(decorator, "decorator")
        bases = tuple([self.read(base) for base in node.bases])
        for keyword in node.keywords:
            self.read(keyword.value)
        name = node.name if outer.kind == "module" else f"{outer.name}.{node.name}"
        draft = self.open_scope(name, "class", node)
        draft.class_ = len(self.classes)
        self.classes.append(_ClassDraft(name, draft, bases))
        outer.bind(node.name, "class", Imported(f":{draft.class_}"))
        saved = self.region, self._self, self.told
        self.scope, self.region, self._self, self.told = draft, -1, {}, {}
        self.body(node.body)
        self.scope = outer
        self.region, self._self, self.told = saved

    # Imports

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self.scope.bind(alias.asname, "=", Imported(alias.name))
            else:
                root = alias.name.partition(".")[0]
                self.scope.bind(root, "=", Imported(root))

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self.star_imports.append(base)
                continue
            dotted_name = f"{base}{alias.name}" if base.endswith(".") else f"{base}.{alias.name}"
            self.scope.bind(alias.asname or alias.name, "=", Imported(dotted_name))


def _frozen(draft: Draft) -> Scope:
    return Scope(
        name=draft.name,
        kind=draft.kind,  # type: ignore[arg-type]  # one of the literals, by the readers
        line=draft.line,
        end_line=draft.end_line,
        parent=draft.parent.index if draft.parent is not None else -1,
        class_=draft.class_,
        parameters=draft.parameters,
        decorators=draft.decorators,
        returns=tuple(draft.returns),
        return_annotation=draft.return_annotation,
        yields=tuple(draft.yields),
        awaits=tuple(draft.awaits),
        ends=draft.ends,
        bindings={name: tuple(found) for name, found in draft.bindings.items()},
        item_sets=tuple(draft.item_sets),
        narrowed=draft.narrowed,
    )


def _fact(node: Definition, path: str, name: str, *, in_class: bool) -> FunctionFact:
    fact = function_fact(node, path, name, in_class=in_class)
    return msgspec.structs.replace(fact, overloaded=True) if is_overload(node) else fact


def _with_overloads(functions: list[FunctionFact]) -> tuple[FunctionFact, ...]:
    """Overloads are judged; the implementation behind them is not (`overloaded`)."""
    declared = {function.name for function in functions if function.overloaded}
    if not declared:
        return tuple(functions)
    return tuple(
        msgspec.structs.replace(function, overloaded=not function.overloaded)
        if function.name in declared
        else function
        for function in functions
    )


def _first_parameter(node: Definition) -> str | None:
    positional = [*node.args.posonlyargs, *node.args.args]
    if not positional or any(_last_part(decorator) == "staticmethod" for decorator in node.decorator_list):
        return None
    return positional[0].arg


def _caught_types(node: ast.ExceptHandler) -> list[ast.expr]:
    if node.type is None:
        return []
    return list(node.type.elts) if isinstance(node.type, ast.Tuple) else [node.type]


def _handler_text(node: ast.ExceptHandler) -> str:
    if node.type is None:
        return "except"
    caught = ast.unparse(node.type)
    return f"except {caught} as {node.name}" if node.name else f"except {caught}"


def _last_part(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_setter(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """`@name.setter` and `@name.deleter`: what is read stays the getter."""
    return any(isinstance(d, ast.Attribute) and d.attr in {"setter", "deleter"} for d in node.decorator_list)
