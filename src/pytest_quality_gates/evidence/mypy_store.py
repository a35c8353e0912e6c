"""The names of calls in modules that mypy reads from its cache and does not visit again.

An entry holds while mypy holds the module fresh and the module's text and the interfaces of all that it depends on are
those it was noted with. The file may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from pytest_quality_gates.facts.type_check import CalleeName

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMAT = 1


class Entry(Struct, frozen=True, kw_only=True):
    """One file."""

    digest: str
    has_untyped: bool
    callees: tuple[CalleeName, ...] | None = None
    """None where only `has_untyped` was wanted."""


class _File(Struct, frozen=True, kw_only=True):
    version: tuple[int, str]
    entries: dict[str, Entry]


def digest(content: bytes, interfaces: Iterable[tuple[str, str]]) -> str:
    """Of a file's text and of the interfaces (name and hash) of the modules that it depends on."""
    total = hashlib.sha256(content)
    for name, interface in sorted(interfaces):
        total.update(f"\0{name}\0{interface}".encode())
    return total.hexdigest()[:32]


def read(path: Path, mypy_version: str) -> dict[str, Entry]:
    """The entries by the file's path; none where the store is missing, unreadable or another version's."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        stored = msgspec.json.decode(path.read_bytes(), type=_File)
        if stored.version == (_FORMAT, mypy_version):
            return stored.entries
    return {}


def write(path: Path, mypy_version: str, entries: dict[str, Entry]) -> None:
    """Replace the store in one step. A store that cannot be written is a miss next time, no error."""
    encoded = msgspec.json.encode(_File(version=(_FORMAT, mypy_version), entries=entries))
    with contextlib.suppress(OSError):
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(encoded)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink()
            raise
