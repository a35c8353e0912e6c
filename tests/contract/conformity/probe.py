"""Runs beside one installed library, without this package: reads a catalogue table and says which names are wrong.

A script for a bare interpreter: it imports the standard library and what the table names, nothing else.
"""

from __future__ import annotations

import builtins
import difflib
import importlib
import importlib.util
import inspect
import json
import os
import re
import site
import sys
from typing import Any

Found = Any
"""Whatever a name stands for."""

_MISSING = object()
_SHOWN = 200


class Probe:
    """Looks names up and keeps what is wrong."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.table = table
        self.modules = table["library"]["modules"]
        self.pinned = bool(table["library"].get("distribution"))
        self.problems: list[str] = []
        self.looked_up = 0
        self.known = self._known_names()
        self.arguments = self._arguments()

    def run(self) -> None:
        """Check every entry."""
        for entry in self.table.get("function", []):
            self.function(entry)
        for entry in self.table.get("class", []):
            self.cls(entry)
        for entry in self.table.get("marker", []):
            self.marker(entry)
        self.exceptions()
        self.exception_groups()
        self.aliases()

    def function(self, entry: dict[str, Any]) -> None:
        """Check the names of a function entry, their arguments, and that async ones are said to be so."""
        for name in entry["names"]:
            found = self.find(name)
            if found is _MISSING:
                continue
            self.defined_name(name, found)
            self.timeouts(name, found, found, entry.get("timeouts", {}))
            for argument in entry.get("retry", []):
                self.argument(name, found, argument)
            self.place(name, found, entry.get("runs", ""))
            if entry.get("io", True) and not entry.get("is_async"):
                self.sync(name, found)

    def cls(self, entry: dict[str, Any]) -> None:
        """Check a class, its names, its bases and its constructor's arguments."""
        name = entry["name"]
        if entry.get("matches"):
            return  # it stands in projects
        found = self.find(name)
        if found is _MISSING:
            return
        self.place(name, found, entry.get("connects_with", ""))
        self.where_defined(name, found)
        for alias in entry.get("aliases", []):
            self.same(alias, found, name)
        for base in entry.get("bases", []):
            self.is_subclass(name, found, base)
        if entry.get("generated"):
            return
        self.members(entry, found)
        self.timeouts(name, found, None, entry.get("timeouts", {}))
        for member, timeouts in entry.get("method_timeouts", {}).items():
            method = found if member == "__init__" else getattr(found, member, _MISSING)
            self.timeouts(f"{name}.{member}", found, None if method is _MISSING else method, timeouts)
        for argument in entry.get("retry", []):
            self.argument(name, found, argument)
        self.call_retry(entry, found)

    def call_retry(self, entry: dict[str, Any], found: Found) -> None:
        """Check that some I/O method takes each argument that asks for retries of one call."""
        methods = [getattr(found, member, None) for member in entry.get("io", [])]
        for argument in entry.get("call_retry", []):
            taken = (parameters_of(method) for method in methods if method is not None)
            if not any(parameters is None or _takes(parameters, argument) for parameters in taken):
                self.say(f"{entry['name']}: no I/O method takes an argument {argument}")

    def members(self, entry: dict[str, Any], found: Found) -> None:
        """Check every member that a class entry names, and the classes it says they give."""
        name = entry["name"]
        for key in ("io", "io_async", "io_sync", "pure", "guarded_overrides"):
            for member in entry.get(key, []):
                self.member(name, found, member, entry, key)
        for key in ("returns", "enter_of", "yields", "unpacks", "attributes", "method_timeouts"):
            for member in entry.get(key, {}):
                self.member(name, found, member, entry, key)
        for key in ("returns", "enter_of", "yields", "attributes"):
            for other in entry.get(key, {}).values():
                self.own(other)

    def marker(self, entry: dict[str, Any]) -> None:
        """Check the names of a marker and the arguments it speaks of."""
        for name in entry["names"]:
            found = self.find(name)
            if found is _MISSING:
                continue
            self.defined_name(name, found)
            if entry["role"] == "middleware":
                continue  # its places are those of the decorated function, and of where that is registered
            for key in ("runs", "exceptions", "argument"):
                self.place(name, found, entry.get(key, ""))

    def exceptions(self) -> None:
        """Check that exceptions are exceptions and inherit what is said."""
        for name, bases in self.table.get("exceptions", {}).items():
            found = self.find(name)
            if found is _MISSING:
                continue
            if not (isinstance(found, type) and issubclass(found, BaseException)):
                self.say(f"{name} is no exception class")
                continue
            for base in bases:
                self.is_subclass(name, found, base)

    def exception_groups(self) -> None:
        """Check that what a tuple of exceptions is said to have is in it; an earlier release's name may be gone."""
        for name, members in self.table.get("exception_groups", {}).items():
            found = resolve(name)[0]
            expected = {self.find(member) for member in members}
            if found is not _MISSING and not expected <= set(found):
                self.say(f"{name} is no tuple with {', '.join(members)} in it")

    def aliases(self) -> None:
        """Check that both spellings of an alias are one object; one of another library's may be its stand-in, by the same name."""
        for alias, name in self.table.get("aliases", {}).items():
            found = self.find(name)
            if found is _MISSING:
                continue
            if self.is_foreign(name) and alias.rpartition(".")[2] == name.rpartition(".")[2]:
                self.find(alias)
            else:
                self.same(alias, found, name)

    def say(self, problem: str) -> None:
        """Keep a problem once."""
        if problem not in self.problems:
            self.problems.append(problem)

    def find(self, name: str) -> Found:
        """The object of a dotted name; a problem where there is none."""
        self.looked_up += 1
        found, why = resolve(name)
        if found is _MISSING:
            self.say(f"{name}: {why}")
        return found

    def own(self, name: str) -> None:
        """Find a name that belongs to this library; those of others are theirs to check."""
        if not self.is_foreign(name):
            self.find(name)

    def is_foreign(self, name: str) -> bool:
        """Whether a name is another library's."""
        return not any(name == module or name.startswith(f"{module}.") for module in self.modules)

    def same(self, alias: str, found: Found, name: str) -> None:
        """Check that an alias is the object it stands for."""
        other = self.find(alias)
        if other is not _MISSING and other is not found and other != found:
            self.say(f"{alias} is not {name}, it is {runtime_name(other)}")

    def is_subclass(self, name: str, found: Found, base: str) -> None:
        """Check one base of a class, where it can be imported here."""
        other, why = resolve(base)
        if other is _MISSING:
            if any(base.startswith(f"{module}.") for module in self.modules):
                self.say(f"{name}: base {base}: {why}")
        elif isinstance(found, type) and isinstance(other, type) and not issubclass(found, other):
            self.say(f"{name} does not inherit from {base}; its bases are {mro(found)}")

    def member(self, name: str, found: Found, member: str, entry: dict[str, Any], key: str) -> None:
        """Check that a class has a member, and that an async method is not said to block."""
        if member == "*" or (member == "__init__" and key == "method_timeouts"):
            return
        self.looked_up += 1
        value = inspect.getattr_static(found, member, _MISSING)
        if value is _MISSING:
            if not is_mentioned(found, member) and not self.have_all_heirs(name, member):
                self.say(f"{name}.{member}: no such member{nearest(member, dir(found))}")
            return
        is_async = entry.get("is_async", False)
        if key == "io_sync" or (key == "io" and not is_async):
            self.sync(f"{name}.{member}", value)

    def have_all_heirs(self, name: str, member: str) -> bool:
        """Whether each class of the file that has this one as its base has a member: a base may have it by its documentation alone."""
        heirs = [one["name"] for one in self.table.get("class", []) if name in one.get("bases", [])]
        return bool(heirs) and all(hasattr(resolve(heir)[0], member) for heir in heirs)

    def sync(self, name: str, found: Found) -> None:
        """Say so where what is declared to block is a coroutine function."""
        plain = getattr(found, "__func__", found)
        if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
            self.say(f"{name} is async and is not declared so")

    def timeouts(self, name: str, owner: Found, method: Found, timeouts: dict[str, Any]) -> None:
        """Check the arguments, the position and the setters that bound a call."""
        if method is not None:
            arguments = timeouts.get("argument", [])
            for argument in arguments:
                self.argument(name, method, argument)
            self.position(name, method, timeouts.get("position"), arguments)
        for argument in timeouts.get("client", []):
            if argument.partition(".")[0] not in self.arguments:
                self.argument(name, owner, argument)
        for setter in timeouts.get("setter", []):
            if not hasattr(owner, setter) and not is_mentioned(owner, setter):
                self.say(f"{name}: no attribute or method {setter}")

    def argument(self, name: str, found: Found, argument: str) -> None:
        """Check that a callable takes an argument of this name (or has a position for it)."""
        first = argument.partition(".")[0]
        parameters = parameters_of(found)
        if not first or parameters is None:
            return
        kinds = {one.kind for one in parameters}
        if first.isdigit():
            places = [
                one for one in parameters if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}
            ]
            if int(first) >= len(places) and inspect.Parameter.VAR_POSITIONAL not in kinds:
                self.say(f"{name} takes no argument at position {first}: {shown(parameters)}")
        elif inspect.Parameter.VAR_KEYWORD not in kinds and first not in {one.name for one in parameters}:
            self.say(f"{name} takes no argument {first}: {shown(parameters)}")

    def place(self, name: str, found: Found, place: str) -> None:
        """Check that a callable takes at least one of the ways to give an argument, `0:func`."""
        before = list(self.problems)
        complaints = []
        for way in place.split(":"):
            self.argument(name, found, way)
            complaints.append(self.problems[len(before) :])
            self.problems = list(before)
        if all(complaints):
            self.problems += complaints[0]

    def position(self, name: str, found: Found, position: int | None, arguments: list[str]) -> None:
        """Check where the first timeout argument stands."""
        parameters = parameters_of(found)
        if position is None or parameters is None:
            return
        places = [one for one in parameters if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}]
        if position >= len(places):
            if not any(one.kind is one.VAR_POSITIONAL for one in parameters):
                self.say(f"{name} has nothing at position {position}: {shown(parameters)}")
        elif arguments and places[position].name not in arguments:
            self.say(f"{name} has {places[position].name} at position {position}: {shown(parameters)}")

    def where_defined(self, name: str, found: Found) -> None:
        """A class must go by the name of the module whose text defines it, as a type checker says it."""
        module, _, short = name.rpartition(".")
        source = source_of(module)
        if source is None or not self.pinned or not isinstance(found, type) or defines(source, short):
            return
        real = runtime_name(found)
        other = source_of(real.rpartition(".")[0])
        if real != name and other is not None and defines(other, real.rpartition(".")[2]):
            self.say(f"{name} is defined as {real}; name it so and keep this as an alias")

    def defined_name(self, name: str, found: Found) -> None:
        """A type checker tells the name of a definition: it must stand in the file too."""
        real = runtime_name(found)
        if real in self.known or "<" in real or resolve(real)[0] is not found:
            return
        source = source_of(getattr(found, "__module__", "") or "")
        if source is not None and defines(source, real.rpartition(".")[2]):
            self.say(f"{name} is defined as {real}; add that name beside it")

    def _arguments(self) -> set[str]:
        """The arguments of all that the file names: a client's setting may bound what it hands out."""
        entries = (*self.table.get("function", []), *self.table.get("class", []))
        names = [name for entry in entries for name in entry.get("names", [entry.get("name")])]
        found = [parameters_of(resolve(name)[0]) for name in names]
        return {one.name for parameters in found for one in parameters or ()} | self._forwarded()

    def _forwarded(self) -> set[str]:
        """The client settings of what takes any keyword and hands it on (`connect(**kwargs)`)."""
        named = [(entry["names"][0], entry) for entry in self.table.get("function", [])]
        named += [(entry["name"], entry) for entry in self.table.get("class", [])]
        return {
            argument.partition(".")[0]
            for name, entry in named
            for argument in entry.get("timeouts", {}).get("client", [])
            for one in parameters_of(resolve(name)[0]) or ()
            if one.kind is inspect.Parameter.VAR_KEYWORD
        }

    def _known_names(self) -> set[str]:
        names = set(self.table.get("aliases", {})) | set(self.table.get("aliases", {}).values())
        for entry in (*self.table.get("function", []), *self.table.get("marker", [])):
            names.update(entry["names"])
        for entry in self.table.get("class", []):
            names.update([entry["name"], *entry.get("aliases", [])])
        return names


def resolve(name: str) -> tuple[Any, str]:
    """Import as much of a dotted name as can be, then walk its attributes."""
    if "." not in name and hasattr(builtins, name):
        return getattr(builtins, name), ""
    parts = name.split(".")
    reason = ""
    for end in range(len(parts), 0, -1):
        try:
            found: Found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError as error:
            reason = reason or str(error)
            continue
        except Exception as error:  # noqa: BLE001 - a library may fail on import in any way
            return _MISSING, f"import of {'.'.join(parts[:end])} failed: {type(error).__name__}: {error}"
        if 1 < end == len(parts):
            # `from package import name` gives the attribute where a submodule has the same name.
            shadow = getattr(sys.modules[".".join(parts[:-1])], parts[-1], found)
            found = found if inspect.ismodule(shadow) else shadow
        return walk(found, parts, end)
    return generated(parts) or (_MISSING, reason)


def walk(found: Found, parts: list[str], start: int) -> tuple[Any, str]:
    """Follow attributes from a module on."""
    for index in range(start, len(parts)):
        try:
            found, owner = getattr(found, parts[index]), found
        except AttributeError:
            instead = generated(parts)
            if instead:
                return instead
            return (
                _MISSING,
                f"{'.'.join(parts[:index])} has no {parts[index]}{nearest(parts[index], dir(found))}",
            )
        del owner
    return found, ""


def generated(parts: list[str]) -> tuple[Any, str] | None:
    """Classes that a library makes at run time: AWS clients, `botocore.client.S3`."""
    if parts[:2] != ["botocore", "client"] or len(parts) < 3:
        return None
    session = importlib.import_module("botocore.session").get_session()
    for service in session.get_available_services():
        if service.replace("-", "").lower() == parts[2].lower():
            client = session.create_client(
                service,
                region_name="eu-central-1",
                aws_access_key_id="x",
                aws_secret_access_key="x",  # noqa: S106 - of nobody
            )
            return walk(type(client), parts, 3)
    return None


def nearest(name: str, known: list[str]) -> str:
    """Word a suggestion."""
    close = difflib.get_close_matches(name, [str(one) for one in known], n=1)
    return f"; did you mean {close[0]}?" if close else ""


def runtime_name(found: Found) -> str:
    """Where an object says it is from."""
    return f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', '')}"


def mro(found: type) -> str:
    """The names of a class's ancestors."""
    return ", ".join(runtime_name(one) for one in found.__mro__[1:-1])


def parameters_of(found: Found) -> list[inspect.Parameter] | None:
    """The parameters that a caller gives, without `self`; None where they cannot be known."""
    is_compiled = type(found).__name__ == "cython_function_or_method"
    is_plain_method = (inspect.isfunction(found) or is_compiled) and "." in found.__qualname__.rpartition(
        "<locals>."
    )[2]
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError):
        return None
    if is_plain_method and parameters and parameters[0].name in {"self", "_self", "__self", "cls"}:
        return parameters[1:]
    return parameters


def _takes(parameters: list[inspect.Parameter], argument: str) -> bool:
    return any(one.name == argument or one.kind is one.VAR_KEYWORD for one in parameters)


def shown(parameters: list[inspect.Parameter]) -> str:
    """The parameters' names."""
    text = ", ".join(one.name for one in parameters)
    return f"({text if len(text) < _SHOWN else text[:_SHOWN] + ' ...'})"


def is_mentioned(found: Found, member: str) -> bool:
    """Whether a class sets an attribute on its instances, or forwards names it does not list."""
    if not isinstance(found, type):
        return False
    if hasattr(found, "__getattr__"):
        return True
    pattern = re.compile(rf"\b{re.escape(member)}\b")
    for one in found.__mro__[:-1]:
        if member in getattr(one, "__annotations__", {}):
            return True
        # A class that renames its `__module__` still has its constructor's file.
        for where in (one, vars(one).get("__init__", one)):
            try:
                text = inspect.getsource(where)
            except (OSError, TypeError):
                continue
            if pattern.search(text):
                return True
    return False


def source_of(module: str) -> str | None:
    """The text of a module, None where it is not written in Python."""
    try:
        return inspect.getsource(sys.modules[module])
    except (KeyError, OSError, TypeError):
        return None


def defines(source: str, name: str) -> bool:
    """Whether a module's text defines a class or function of this name."""
    return bool(re.search(rf"^\s*(?:async\s+)?(?:class|def)\s+{re.escape(name)}\b", source, re.MULTILINE))


def prepare(modules: list[str]) -> None:
    """Some frameworks want settings before they can be imported."""
    if any(module.partition(".")[0] in {"django", "rest_framework", "ninja"} for module in modules):
        django = importlib.import_module("django")
        conf = importlib.import_module("django.conf")
        apps = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"]
        conf.settings.configure(INSTALLED_APPS=apps)
        django.setup()


def main() -> None:
    """Read the table from standard input, write the answer after a mark, for libraries print on import."""
    if sys.argv[1]:
        sys.path.insert(0, sys.argv[1])
        site.addsitedir(sys.argv[1])
    table = json.load(sys.stdin)
    prepare(table["library"]["modules"])
    probe = Probe(table)
    probe.run()
    answer = json.dumps({"names": probe.looked_up, "problems": probe.problems})
    sys.stdout.write(f"\n@@{answer}")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
