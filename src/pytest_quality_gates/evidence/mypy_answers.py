"""Answers of mypy that are kept: where nothing has changed that it looked at, it is not started again."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from importlib import metadata, resources
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from pytest_quality_gates.evidence.lookups import Lookups, Places, holds
from pytest_quality_gates.evidence.mypy_messages import Answer, Request

_CONFIGURATION = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
_VARIABLE = re.compile(rb"\$\{?(\w+)")
_PATH = "MYPYPATH"


class Answers(Protocol):
    """Where answers are kept; it may lose any of them at any time."""

    def get(self, key: str) -> bytes | None:
        """What was put for the key."""

    def put(self, key: str, value: bytes) -> None:
        """Keep it."""


class Kept(Struct, frozen=True):
    """One answer, with what it rests on."""

    answer: Answer
    lookups: Lookups


def places(root: str) -> Places:
    """The directories that may be elsewhere in the next run."""
    return Places((("<root>", root), ("<prefix>", sys.prefix), ("<base>", sys.base_prefix)))


def key(request: Request) -> str:
    """Of all that decides the answer, less what mypy looks at on its way; empty where it is not known."""
    if request.python != sys.executable:
        return ""
    here = places(request.root)
    version = _version(here)
    if not version:
        return ""
    texts = _configuration(request.root)
    names = {_PATH, *(os.fsdecode(name) for text in texts.values() for name in _VARIABLE.findall(text))}
    if any(b"~" in text for text in texts.values()):
        names.add("HOME")
    decisive = (
        version,
        sys.version,
        _code(),
        request.files,
        request.roots,
        request.libraries,
        [here.portable(path) for path in sys.path],
        [(name, here.portable(os.environ.get(name, ""))) for name in sorted(names)],
        {here.portable(path): text for path, text in texts.items()},
    )
    return hashlib.blake2b(repr(decisive).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def known(answers: Answers, name: str, root: str) -> Answer | None:
    """The answer that was kept under that key, if mypy would give it again."""
    value = answers.get(name)
    try:
        kept = msgspec.msgpack.decode(value, type=Kept) if value is not None else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return kept.answer if kept is not None and holds(kept.lookups, places(root)) else None


def keep(answers: Answers, name: str, answer: Answer) -> None:
    """Keep an answer, if it is known what it rests on."""
    if answer.lookups is not None:
        kept = Kept(msgspec.structs.replace(answer, lookups=None), answer.lookups)
        answers.put(name, msgspec.msgpack.encode(kept))


def _version(here: Places) -> str:
    """Of mypy, with where it is; empty where there is none. It is not imported: what is broken breaks the child alone."""
    try:
        found = find_spec("mypy")
        return f"{metadata.version('mypy')} {here.portable(found.origin)}" if found and found.origin else ""
    except (ImportError, ValueError):
        return ""


def _configuration(root: str) -> dict[str, bytes]:
    """The text of each file that mypy may take its settings from."""
    directories = (Path(root), *Path(root).parents)
    paths = [directory / name for directory in directories for name in _CONFIGURATION]
    home = os.environ.get("HOME", "")
    settings = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")  # noqa: PTH118 - may be empty
    paths += [
        Path(settings, "mypy", "config"),
        Path(home, ".config", "mypy", "config"),
        Path(home, ".mypy.ini"),
    ]
    texts = {}
    for path in paths:
        try:
            texts[str(path)] = path.read_bytes()
        except OSError:
            continue
    return texts


def _code() -> str:
    """Of our own code that asks mypy and reads its answers."""
    total = hashlib.blake2b(digest_size=16)
    for file in sorted(resources.files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.startswith(("mypy_", "lookups", "type_check")) and file.name.endswith(".py"):
            total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()
