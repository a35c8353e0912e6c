"""The catalogue files of this package, and a compiled form of them that is read in a fraction of the time.

`python -m pytest_quality_gates.catalogue.shipped` writes the compiled form anew. Parsing 320 TOML files takes longer
than analysing a small project, so each file's content is kept as a line of JSON beside its digest. A file whose digest
differs is parsed: an outdated line costs time and is never believed.
"""

from __future__ import annotations

import hashlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_quality_gates.catalogue.schema import CatalogueFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPILED = "compiled.jsonl"


class _Line(msgspec.Struct, frozen=True):
    name: str
    digest: str
    file: CatalogueFile


class _Raw(msgspec.Struct, frozen=True):
    name: str
    digest: str
    file: dict[str, Any]


def texts() -> Iterator[tuple[str, bytes]]:
    """Give the catalogue files of this package.

    Yields:
        Name and content, by name.
    """
    folder = resources.files(__package__) / "libraries"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            yield entry.name, entry.read_bytes()


def compiled() -> dict[tuple[str, str], CatalogueFile]:
    """Read the compiled form.

    Returns:
        The files by name and digest of the text they were compiled from; empty where the form cannot be read.
    """
    source = resources.files(__package__) / _COMPILED
    try:
        lines = msgspec.json.Decoder(_Line).decode_lines(source.read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    return {(line.name, line.digest): line.file for line in lines}


def digest(content: bytes) -> str:
    """Identify a text.

    Args:
        content: The bytes of a catalogue file.

    Returns:
        A short hash. Line ends do not count: a checkout may change them.
    """
    return hashlib.blake2b(content.replace(b"\r\n", b"\n"), digest_size=12).hexdigest()


def compile_all() -> bytes:
    """Compile every file of this package.

    Returns:
        One line of JSON a file, by name.
    """
    lines = [
        _Raw(name, digest(content), tomllib.loads(content.decode().replace("\r\n", "\n")))
        for name, content in texts()
    ]
    return msgspec.json.Encoder().encode_lines(lines)


def main() -> None:
    """Write the compiled form beside the files."""
    Path(__file__).with_name(_COMPILED).write_bytes(compile_all())


if __name__ == "__main__":
    main()
