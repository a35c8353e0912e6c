"""The file with the baseline: one entry a line, in an order that lets git merge what two branches did.

The lines are sorted by their fingerprints, which scatter, and stand below headers that are always there, one for each
pair of first digits: git merges changes of lines that are not neighbours. For those that are, `merge=union` in a
`.gitattributes` beside the file lets it keep both sides. So a merge never stops at this file; at worst it brings back an
entry that was fixed, which the next run names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_quality_gates.errors import StoreError
from pytest_quality_gates.facts.baseline import Baseline, Entry, Floor
from pytest_quality_gates.store.atomic import write_text

DIRECTORY = ".quality-gates-baseline"
FILE = f"{DIRECTORY}/entries"

_HEAD = """\
# What fell short when this file was written, and is accepted until it is fixed. One entry a line.
# Written by `pytest --quality-gates --quality-gates-update-baseline`; do not write entries by hand.
# The bare numbers keep entries apart, so that git can merge what two branches changed.
"""
_ATTRIBUTES = (
    "# Two branches that change neighbouring entries: keep the entries of both.\nentries merge=union\n"
)
_BUCKETS = tuple(f"{number:02x}" for number in range(256))
_ENTRY = re.compile(r"([0-9a-f]{24}) (\S+) (\S+) (.+?)(?: :: (.+))?$")
_FLOOR = re.compile(r"[0-9a-f]{24} floor (.+) (\d+)/(\d+)$")
_CONFLICT = re.compile(r"(<<<<<<<|\|\|\|\|\|\|\||>>>>>>>)( |$)|=======$")


def read(root: Path, *, resolves: bool = False) -> Baseline | None:
    """Read the project's baseline; None where it has none.

    Args:
        root: The project's directory.
        resolves: Whether marks of a conflict are passed over, with the entries of both sides kept.

    Raises:
        StoreError: It cannot be read, or a line is not understood.
    """
    try:
        lines = (root / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{FILE}: the baseline cannot be read: {error}") from error
    if not resolves and (marks := [number for number, line in enumerate(lines, 1) if _CONFLICT.match(line)]):
        raise StoreError(
            f"{FILE}:{marks[0]}: an unresolved conflict of a merge; write the baseline anew with --quality-gates-update-baseline"
        )
    entries: set[Entry] = set()
    floors: set[Floor] = set()
    for number, line in _content(lines):
        item = _parsed(line, number)
        if isinstance(item, Floor):
            floors.add(item)
        else:
            entries.add(item)
    return Baseline(tuple(sorted(entries)), tuple(sorted(floors)))


def write(root: Path, baseline: Baseline) -> None:
    """Write the project's baseline, and what git needs to merge it. An empty baseline takes both away.

    Raises:
        StoreError: It cannot be written.
    """
    path, attributes = root / FILE, root / DIRECTORY / ".gitattributes"
    try:
        if baseline == Baseline():
            path.unlink(missing_ok=True)
            attributes.unlink(missing_ok=True)
            if path.parent.is_dir() and not any(path.parent.iterdir()):
                path.parent.rmdir()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(attributes, _ATTRIBUTES)
        write_text(path, text_of(baseline))
    except OSError as error:
        raise StoreError(f"{FILE}: the baseline cannot be written: {error.strerror or error}") from error


def text_of(baseline: Baseline) -> str:
    """The file's text: the same for the same baseline, everywhere."""
    lines = sorted([*map(_entry_line, baseline.entries), *map(_floor_line, baseline.floors)])
    parts = [_HEAD]
    for bucket in _BUCKETS:
        parts.append(f"{bucket}\n")
        parts += [f"{line}\n" for line in lines if line.startswith(bucket)]
    return "".join(parts)


def _content(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        is_frame = not line.strip() or line.startswith("#") or line in _BUCKETS or _CONFLICT.match(line)
        if not is_frame:
            yield number, line


def _parsed(line: str, number: int) -> Entry | Floor:
    if floor := _FLOOR.match(line):
        return Floor(floor[1], int(floor[2]), int(floor[3]))
    if entry := _ENTRY.match(line):
        return Entry(entry[1], entry[2], entry[3], entry[4], entry[5] or "")
    raise StoreError(
        f"{FILE}:{number}: `{line[:60]}` is no entry of a baseline; write it anew with --quality-gates-update-baseline"
    )


def _entry_line(entry: Entry) -> str:
    symbol = f" :: {entry.symbol}" if entry.symbol else ""
    return f"{entry.fingerprint} {entry.gate} {entry.rule} {entry.path}{symbol}"


def _floor_line(floor: Floor) -> str:
    digest = hashlib.blake2b(f"floor {floor.gate}".encode(), digest_size=12).hexdigest()
    return f"{digest} floor {floor.gate} {floor.measured}/{floor.total}"
