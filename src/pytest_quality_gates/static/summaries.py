"""The summaries of the selected files: those of unchanged files from the cache."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pytest_quality_gates.source.index import Load
from pytest_quality_gates.source.read_module import read_module
from pytest_quality_gates.source.selection import SelectedFile
from pytest_quality_gates.source.summary import ModuleSummary
from pytest_quality_gates.store.packs import Packs

_CANNOT_BE_WRITTEN = (OverflowError, UnicodeEncodeError, RecursionError)
"""A number beyond 64 bits, half of a surrogate pair, an expression nested too deeply: such a summary is made anew."""


class Text(msgspec.Struct, frozen=True, gc=False):
    """What a file held when the run looked at it, or why that could not be read."""

    content: bytes = b""
    error: OSError | None = None

    @property
    def digest(self) -> bytes:
        """Of the content; of the error's number where there is none."""
        if self.error is not None:
            return f"error {self.error.errno}".encode()
        return hashlib.blake2b(self.content, digest_size=16).digest()


def read_texts(root: Path, files: tuple[SelectedFile, ...]) -> dict[str, Text]:
    """The text of each file, by path."""
    return {file.path: _text(root / file.path) for file in files}


def _text(path: Path) -> Text:
    try:
        return Text(path.read_bytes())
    except OSError as error:
        return Text(error=error)


def from_texts(texts: Mapping[str, Text], digests: Mapping[str, bytes], packs: Packs) -> Load:
    """How the index gets the summary of a file: from the cache, or from the text, and then the cache has it.

    Args:
        texts: From `read_texts`.
        digests: The digest of each.
        packs: Where summaries are kept; the caller saves it.
    """
    decoder = msgspec.msgpack.Decoder(ModuleSummary)
    encoder = msgspec.msgpack.Encoder()

    def load(file: SelectedFile) -> ModuleSummary:
        text = texts[file.path]
        if text.error is not None:
            raise text.error
        known = _decoded(packs.get(file.path, digests[file.path]), decoder)
        if known is not None:
            return known
        summary = read_module(text.content, file.path)
        with contextlib.suppress(*_CANNOT_BE_WRITTEN):
            packs.put(file.path, digests[file.path], encoder.encode(summary))
        return summary

    return load


def _decoded(value: bytes | None, decoder: msgspec.msgpack.Decoder[ModuleSummary]) -> ModuleSummary | None:
    try:
        return decoder.decode(value) if value is not None else None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
