"""What must hold in a catalogue file beyond the types of its values: the names in it refer to each other."""

from __future__ import annotations

import builtins
import difflib
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from pytest_quality_gates.catalogue.lines import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_quality_gates.catalogue.schema import CatalogueFile, Class


class Problem(Struct, frozen=True):
    """One thing that is wrong in a file."""

    path: tuple[Step, ...]
    """Keys and array indexes from the root of the file."""
    text: str
    """What is wrong and what to do about it."""


def problems(file: CatalogueFile) -> Iterator[Problem]:
    """Check one file.

    Args:
        file: A file whose values have the right types.

    Yields:
        Each problem: a class or an exception that is referred to and not there, a name that is there twice.
    """
    yield from _unknown_classes(file)
    yield from _unknown_exceptions(file)
    yield from _doubled_names(file)


def defined_names(file: CatalogueFile) -> Iterator[str]:
    """Every name that the file says something about by its own entry: functions, classes, exceptions.

    Args:
        file: One file of the catalogue.

    Yields:
        Full dotted names; a name more than once where the file has it more than once.
    """
    for function in file.function:
        yield from function.names
    for one in file.class_:
        yield one.name
        yield from one.aliases
    yield from file.exceptions
    yield from file.exception_groups


def belongs(name: str, file: CatalogueFile) -> bool:
    """Whether a dotted name is one of the library's own.

    Args:
        name: A full dotted name.
        file: The library's file.

    Returns:
        True where one of the library's modules is its beginning.
    """
    return any(name == module or name.startswith(f"{module}.") for module in file.library.modules)


def class_references(one: Class) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Every class that an entry refers to.

    Args:
        one: A class entry.

    Yields:
        The keys below the entry, and the name that stands there.
    """
    for position, base in enumerate(one.bases):
        yield ("bases", position), base
    if one.enters:
        yield ("enters",), one.enters
    for key in ("returns", "enter_of", "yields", "attributes", "parts"):
        for member, name in getattr(one, key).items():
            yield (key, member), name
    for member, names in one.unpacks.items():
        yield from ((("unpacks", member), name) for name in names if name)


def nearest(name: str, known: Iterable[str]) -> str:
    """Word a suggestion.

    Args:
        name: What was written.
        known: What could have been meant.

    Returns:
        `; did you mean ...?`, or nothing where no name is close.
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _unknown_classes(file: CatalogueFile) -> Iterator[Problem]:
    known = {name for one in file.class_ for name in (one.name, *one.aliases)}
    for path, name in _references(file):
        if belongs(name, file) and name not in known:
            yield Problem(path, f"no [[class]] of this file is named `{name}`{nearest(name, known)}")


def _references(file: CatalogueFile) -> Iterator[tuple[tuple[Step, ...], str]]:
    for index, function in enumerate(file.function):
        for key in ("returns", "enters", "yields"):
            if name := getattr(function, key):
                yield ("function", index, key), name
        yield from ((("function", index, "unpacks"), name) for name in function.unpacks if name)
    for index, one in enumerate(file.class_):
        for path, name in class_references(one):
            yield ("class", index, *path), name


def _unknown_exceptions(file: CatalogueFile) -> Iterator[Problem]:
    for path, name in _raised(file):
        if "." not in name:
            if not _is_builtin_exception(name):
                yield Problem(path, f"`{name}` is no builtin exception; give the full dotted name")
        elif belongs(name, file) and name not in file.exceptions and name not in file.aliases:
            hint = nearest(name, file.exceptions)
            yield Problem(path, f"`{name}` is not in the [exceptions] of this file{hint}")


def _raised(file: CatalogueFile) -> Iterator[tuple[tuple[Step, ...], str]]:
    for index, name in enumerate(file.library.raises):
        yield ("library", "raises", index), name
    for index, function in enumerate(file.function):
        for name in function.raises or ():
            yield ("function", index, "raises"), name
    for index, one in enumerate(file.class_):
        for name in one.raises or ():
            yield ("class", index, "raises"), name
    for key in ("exceptions", "exception_groups"):
        for exception, others in getattr(file, key).items():
            yield from (((key, exception), name) for name in others)


def _is_builtin_exception(name: str) -> bool:
    value = getattr(builtins, name, None)
    return isinstance(value, type) and issubclass(value, BaseException)


def _doubled_names(file: CatalogueFile) -> Iterator[Problem]:
    # A class may do I/O and be an exception too: the reply that comes with a bad status.
    counts = Counter(name for name in defined_names(file) if name not in file.exceptions)
    counts.update(list(file.aliases))
    for name, count in counts.items():
        if count > 1:
            yield Problem(_place(file, name), f"`{name}` stands here {count} times; keep one")


def _place(file: CatalogueFile, name: str) -> tuple[Step, ...]:
    """The last entry that has the name: the one that was added to a file that had it."""
    if name in file.exceptions:
        return ("exceptions", name)
    for index in reversed(range(len(file.class_))):
        if name == file.class_[index].name or name in file.class_[index].aliases:
            return ("class", index)
    for index in reversed(range(len(file.function))):
        if name in file.function[index].names:
            return ("function", index)
    return ("aliases", name)
