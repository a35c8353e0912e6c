"""Syntax tree of an expression -> `Expression`, noting every call on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from pytest_quality_gates.source.expression import (
    FILLED,
    NONE,
    OPAQUE,
    Attribute,
    CallOf,
    Choice,
    Constant,
    Display,
    Expression,
    Item,
    LambdaOf,
    Mapping,
    Name,
    Starred,
    last_name,
    root_of,
)
from pytest_quality_gates.source.read_narrowing import told_by
from pytest_quality_gates.source.summary import (
    ANY_ATTRIBUTE,
    SOMETHING,
    Binding,
    Call,
    Parameter,
    Region,
)

# Builtins whose calls neither leave the process nor carry a callee onwards: most calls of most programs.
_PLAIN = frozenset(
    "abs all any ascii bin bool bytearray bytes callable chr classmethod complex delattr dir divmod "
    "float format frozenset globals hasattr hash hex id int isinstance issubclass len locals memoryview "
    "object oct ord pow print range repr round setattr slice str sum vars property "
    "breakpoint ValueError TypeError KeyError RuntimeError NotImplementedError AttributeError Exception "
    "IndexError".split()
)
# Builtins that give their first argument, or items of it.
_TRANSPARENT = frozenset("iter list tuple set sorted reversed staticmethod".split())
# Methods that put their argument into a container, and what may be an object of interest there.
_FILLS = frozenset({"append", "appendleft", "add"})
_OBJECTS = frozenset({Name, Attribute, CallOf, Display})
_LONG_TEXT = 80
# Conditions that may ask `isinstance`; most compare or name something.
_TELLING = frozenset({ast.Call, ast.BoolOp, ast.UnaryOp})


class Draft:
    """A scope while it is read."""

    __slots__ = (
        "awaits",
        "bindings",
        "class_",
        "decorators",
        "end_line",
        "ends",
        "global_names",
        "index",
        "item_sets",
        "kind",
        "line",
        "name",
        "narrowed",
        "parameters",
        "parent",
        "return_annotation",
        "returns",
        "yields",
    )

    def __init__(self, index: int, name: str, kind: str, span: tuple[int, int], parent: Draft | None) -> None:
        self.index = index
        self.name = name
        self.kind = kind
        self.line, self.end_line = span
        self.parent = parent
        self.class_ = -1
        self.parameters: tuple[Parameter, ...] = ()
        self.decorators: tuple[Expression, ...] = ()
        self.returns: list[Expression] = []
        self.return_annotation: Expression | None = None
        self.awaits: list[tuple[int, str]] = []
        self.ends: tuple[Expression, ...] = ()
        self.yields: list[tuple[int, Expression]] = []
        self.bindings: dict[str, list[Binding]] = {}
        self.item_sets: list[tuple[str, str, Expression]] = []
        self.global_names: dict[str, Draft] = {}
        self.narrowed: dict[int, Expression] = {}

    def bind(self, name: str, how: str, value: Expression) -> None:
        """Note one way `name` gets a value; a value that says nothing still makes the name local."""
        home = self.global_names.get(name, self) if self.global_names else self
        known = home.bindings.setdefault(name, [])
        if value is not OPAQUE:
            known.append(Binding(how, value) if home is self else Binding(how, value, self.index))
        elif home.kind == "class" and how != "annotation" and SOMETHING not in known:
            known.append(SOMETHING)


class ExpressionReader:
    """Reads expressions in the current scope and region."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.calls: list[Call] = []
        self.attribute_reads: dict[tuple[int, int, str, str], Call] = {}
        self.regions: list[Region] = []
        self.scope = Draft(-1, "", "module", (0, 0), None)
        self.region = -1
        self.told: dict[str, Expression] = {}
        """What conditions say where the reader is of the classes of names; it is replaced, never changed."""
        self._names: dict[str, Name] = {}
        self._readers: dict[type[ast.AST], Callable[[Any], Expression]] = {
            ast.Name: self._name,
            ast.Constant: self._constant,
            ast.Attribute: self._attribute,
            ast.Call: self.call,
            ast.Await: self._await,
            ast.Subscript: self._subscript,
            ast.IfExp: self._if,
            ast.BoolOp: self._either,
            ast.Tuple: self._display,
            ast.List: self._display,
            ast.Set: self._display,
            ast.Dict: self._dict,
            ast.Lambda: self._lambda,
            ast.NamedExpr: self._walrus,
            ast.Starred: self._starred,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.BinOp: self._binary,
        }

    def read(self, node: ast.expr) -> Expression:
        """What `node` says about where its value comes from."""
        reader = self._readers.get(type(node))
        return reader(node) if reader is not None else self._other(node)

    def read_used(self, node: ast.expr, use: str) -> Expression:
        """Read `node`, whose result is entered, awaited or iterated at once."""
        if type(node) is ast.Call:
            return self.call(node, use)
        if type(node) is ast.Await and type(node.value) is ast.Call:
            return self.call(node.value, "await")
        return self.read(node)

    def call(self, node: ast.Call, use: str = "") -> Expression:
        """Note one call."""
        func = node.func
        plain = type(func) is ast.Name and func.id in _PLAIN
        if plain:
            function: Expression = OPAQUE
        elif type(func) is ast.Attribute:
            function = Attribute(self.read(func.value), func.attr)
        else:
            function = self.read(func)
        read = self.read
        arguments = tuple([read(argument) for argument in node.args])
        if arguments and type(arguments[0]) is Constant and last_name(function) == "cast":
            arguments = (self.annotation(node.args[0]), *arguments[1:])
        keywords = tuple([(word.arg or "**", read(word.value)) for word in node.keywords])
        if plain:
            if func.id == "setattr":  # type: ignore[attr-defined]  # it is an ast.Name
                self._set_by_name(node)
            return OPAQUE
        if (
            type(func) is ast.Name
            and func.id in _TRANSPARENT
            and len(arguments) == 1
            and not keywords
            and func.id not in self.scope.bindings
        ):
            return arguments[0]
        if (
            type(func) is ast.Attribute
            and func.attr in _FILLS
            and len(arguments) == 1
            and type(arguments[0]) in _OBJECTS
        ):
            self._fill(func.value, Display(FILLED, (arguments[0],)))
        index = len(self.calls)
        if self.told and (root := root_of(function)) in self.told:
            self.scope.narrowed[index] = self.told[root]
        self.calls.append(
            Call(
                self.scope.index,
                self.region,
                function,
                arguments,
                keywords,
                node.lineno,
                node.col_offset,
                node.end_lineno or node.lineno,
                node.end_col_offset or node.col_offset,
                use,  # type: ignore[arg-type]  # one of the literals, by the callers in this package
                func.end_lineno or node.lineno,
            )
        )
        return CallOf(index)

    def tell(self, test: ast.expr, *, holds: bool) -> None:
        """From here on `test` is true, or false: what that tells of names is kept until `told` is put back."""
        told = told_by(test, holds=holds) if type(test) in _TELLING else {}
        if told:
            self.told = {**self.told, **{name: self.read(kinds) for name, kinds in told.items()}}

    def _set_by_name(self, node: ast.Call) -> None:
        """`setattr(self, name, value)` sets that attribute, or any one (`*`), to something."""
        if len(node.args) > 1 and type(node.args[0]) is ast.Name:
            name = getattr(node.args[1], "value", None)
            attr = name if isinstance(name, str) else ANY_ATTRIBUTE
            self.bind_attribute(ast.Attribute(node.args[0], attr), OPAQUE, "=")

    def _fill(self, container: ast.expr, item: Expression) -> None:
        """Note that a container gets an item, be it one of this scope, of one around it or an attribute."""
        if type(container) is ast.Attribute:
            self.bind_attribute(container, item, "=")
        elif type(container) is ast.Name:
            home = self._home(container.id)
            if home is self.scope:
                home.bind(container.id, "=", item)
            elif home is not None:
                home.bindings[container.id].append(Binding("=", item, self.scope.index))

    def _home(self, name: str) -> Draft | None:
        """The scope that a name is bound in; None where that is a parameter, or not known yet."""
        home: Draft | None = self.scope
        while home is not None:
            if home.kind != "class" or home is self.scope:
                if name in home.bindings:
                    return home
                if any(parameter.name == name for parameter in home.parameters):
                    return None
            home = home.parent
        return None

    def open_scope(self, name: str, kind: str, node: ast.AST) -> Draft:
        """Start a scope inside the current one; regions do not reach into it."""
        span = (getattr(node, "lineno", 1), getattr(node, "end_lineno", 1))
        draft = Draft(len(self.drafts), name, kind, span, self.scope if self.drafts else None)
        self.drafts.append(draft)
        return draft

    def bind(self, target: ast.expr, value: Expression, how: str = "=") -> None:
        """Note that `target` gets `value`."""
        kind = type(target)
        if kind is ast.Name:
            if self.told:
                self.told = {name: told for name, told in self.told.items() if name != target.id}  # type: ignore[attr-defined]  # as below
            self.scope.bind(target.id, how, value)  # type: ignore[attr-defined]  # it is an ast.Name
        elif kind is ast.Tuple or kind is ast.List:
            self._unpack(target.elts, value, how)  # type: ignore[attr-defined]  # a tuple or a list
        elif kind is ast.Starred:
            self.bind(target.value, OPAQUE)  # type: ignore[attr-defined]  # it is an ast.Starred
        elif kind is ast.Subscript:
            self._bind_item(target, value)  # type: ignore[arg-type]  # it is an ast.Subscript
        elif kind is ast.Attribute:
            self.bind_attribute(target, value, how)  # type: ignore[arg-type]  # it is an ast.Attribute

    def bind_attribute(self, target: ast.Attribute, value: Expression, how: str) -> None:
        """Note an attribute that is set; statements know which `self` it is."""
        raise NotImplementedError

    def _unpack(self, targets: list[ast.expr], value: Expression, how: str) -> None:
        if isinstance(value, Display) and len(value.items) == len(targets) and how == "=":
            for target, item in zip(targets, value.items, strict=True):
                self.bind(target, item)
            return
        for position, target in enumerate(targets):
            if how == "=":
                self.bind(target, value, str(position))
            else:
                self.bind(target, Item(value, Constant("int", position)) if how == "for" else OPAQUE, "for")

    def _bind_item(self, target: ast.Subscript, value: Expression) -> None:
        container = self.read(target.value)
        index = self.read(target.slice)
        key = index.value if isinstance(index, Constant) and isinstance(index.value, str) else None
        if isinstance(container, Name) and value is not OPAQUE:
            self.scope.item_sets.append((container.id, key or "", value))
        if value is not OPAQUE:
            self._fill(target.value, Mapping((key,), (value,), FILLED))

    def _name(self, node: ast.Name) -> Expression:
        known = self._names.get(node.id)
        if known is None:
            known = self._names[node.id] = Name(node.id)
        return known

    def _constant(self, node: ast.Constant) -> Expression:
        value = node.value
        if value is None:
            return NONE
        if type(value) is str:
            # Long texts say nothing about names; a short one may be a key, a service's name or a timeout's.
            return Constant("str", value if len(value) < _LONG_TEXT else "")
        if type(value) in (bool, int, float) and abs(value) < 2**53:  # type: ignore[arg-type]  # a number
            return Constant(type(value).__name__, value)  # type: ignore[arg-type]  # a number
        return Constant(type(value).__name__, None)

    def _attribute(self, node: ast.Attribute) -> Expression:
        found = Attribute(self.read(node.value), node.attr)
        key = (self.scope.index, self.region, node.attr, last_name(found.value))
        if key not in self.attribute_reads:
            start, end = node.lineno, node.end_lineno or node.lineno
            ends = node.end_col_offset or node.col_offset
            self.attribute_reads[key] = Call(
                self.scope.index, self.region, found, (), (), start, node.col_offset, end, ends, "", end
            )
        return found

    def _await(self, node: ast.Await) -> Expression:
        if type(node.value) is ast.Name:
            self.scope.awaits.append((self.region, node.value.id))
        return self.read_used(node.value, "await")

    def _subscript(self, node: ast.Subscript) -> Expression:
        return Item(self.read(node.value), self.read(node.slice))

    def _if(self, node: ast.IfExp) -> Expression:
        self.read(node.test)
        told = self.told
        self.tell(node.test, holds=True)
        body = self.read(node.body)
        self.told = told
        self.tell(node.test, holds=False)
        found = Choice((body, self.read(node.orelse)))
        self.told = told
        return found

    def _either(self, node: ast.BoolOp) -> Expression:
        told, holds = self.told, isinstance(node.op, ast.And)
        options = []
        for value in node.values:
            options.append(self.read(value))
            self.tell(value, holds=holds)
        self.told = told
        return Choice(tuple(options))

    def _display(self, node: ast.Tuple | ast.List | ast.Set) -> Expression:
        return Display(type(node).__name__.lower(), tuple([self.read(item) for item in node.elts]))

    def _dict(self, node: ast.Dict) -> Expression:
        keys: list[str | None] = []
        for key in node.keys:
            if key is None:
                keys.append("**")
                continue
            read = self.read(key)
            keys.append(read.value if isinstance(read, Constant) and isinstance(read.value, str) else None)
        return Mapping(tuple(keys), tuple([self.read(value) for value in node.values]))

    def _lambda(self, node: ast.Lambda) -> Expression:
        saved = self.scope, self.region, self.told
        draft = self.open_scope(f"{self.scope.name}.<lambda>", "lambda", node)
        draft.parameters = self.parameters(node.args)
        self.scope, self.region, self.told = draft, -1, {}
        draft.returns.append(self.read(node.body))
        self.scope, self.region, self.told = saved
        return LambdaOf(draft.index)

    def parameters(self, arguments: ast.arguments) -> tuple[Parameter, ...]:
        """The parameters of a `def` or lambda, in order."""
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
        found = [
            self._parameter(p, d, "")
            for p, d in zip(positional, [*defaults, *arguments.defaults], strict=True)
        ]
        if arguments.vararg:
            found.append(self._parameter(arguments.vararg, None, "*"))
        found += [
            self._parameter(p, d, "kw")
            for p, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        ]
        if arguments.kwarg:
            found.append(self._parameter(arguments.kwarg, None, "**"))
        return tuple(found)

    def _parameter(self, node: ast.arg, default: ast.expr | None, kind: str) -> Parameter:
        return Parameter(
            node.arg,
            self.annotation(node.annotation) if node.annotation is not None else None,
            self.read(default) if default is not None else None,
            kind,  # type: ignore[arg-type]  # one of the literals above
        )

    def annotation(self, node: ast.expr) -> Expression:
        """What an annotation says; a string one is read as the expression in it."""
        kind = type(node)
        if kind is ast.Constant and type(node.value) is str:  # type: ignore[attr-defined]  # it is an ast.Constant
            try:
                return self.annotation(ast.parse(node.value, mode="eval").body)  # type: ignore[attr-defined]  # as above
            except (SyntaxError, ValueError, RecursionError):
                return OPAQUE
        if kind is ast.BinOp:
            return Choice((self.annotation(node.left), self.annotation(node.right)))  # type: ignore[attr-defined]  # X | Y
        if kind is ast.Subscript:
            return Item(self.annotation(node.value), self.annotation(node.slice))  # type: ignore[attr-defined]  # X[Y]
        if kind is ast.Tuple or kind is ast.List:
            return Display("tuple", tuple([self.annotation(item) for item in node.elts]))  # type: ignore[attr-defined]  # X, Y
        return self.read(node)

    def _walrus(self, node: ast.NamedExpr) -> Expression:
        value = self.read(node.value)
        self.bind(node.target, value)
        return value

    def _starred(self, node: ast.Starred) -> Expression:
        return Starred(self.read(node.value))

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Expression:
        value = self.read(node.value) if node.value is not None else NONE
        self.scope.yields.append((self.region, value))
        return OPAQUE

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Expression:
        told = self.told
        for generator in node.generators:
            source = self.read_used(generator.iter, "async for" if generator.is_async else "for")
            self.bind(generator.target, source, "for")
            for test in generator.ifs:
                self.read(test)
                self.tell(test, holds=True)
        if isinstance(node, ast.DictComp):
            self.read(node.key)
            found = Display("dict", (self.read(node.value),))
        else:
            found = Display("list", (self.read(node.elt),))
        self.told = told
        return found

    def _binary(self, node: ast.BinOp) -> Expression:
        left: ast.expr = node
        read: list[Expression] = []
        is_union = True
        while type(left) is ast.BinOp:  # a sum of thousands of terms leans left: no recursion on that side
            read.append(self.read(left.right))
            is_union = is_union and type(left.op) is ast.BitOr
            left = left.left
        read.append(self.read(left))
        # `Client = Session | None` is either, and two mappings joined hold what either does
        return Choice(tuple(read[::-1]), joined=True) if is_union and OPAQUE not in read else OPAQUE

    def _other(self, node: ast.expr) -> Expression:
        for field in node._fields:  # what `ast.iter_child_nodes` does, without its two generators
            child = getattr(node, field)
            if isinstance(child, ast.expr):
                self.read(child)
            elif type(child) is list:
                for item in child:
                    if isinstance(item, ast.expr):
                        self.read(item)
        return OPAQUE
