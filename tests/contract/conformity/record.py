"""Which catalogue files were held against their libraries, and which are worth another look."""

from __future__ import annotations

import random
from pathlib import Path

from tests.contract.conformity.check import LIBRARIES, ROOT

from pytest_quality_gates.catalogue import shipped

RECORD = ROOT / "fixtures/conformity/checked.txt"
"""A line for each file: its name, and the digest of the content that was right."""
SAMPLE = 8


def read(record: Path = RECORD) -> dict[str, str]:
    """The digest of each file when it was last found right, by name."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    return dict(line.split() for line in lines)


def write(found_right: list[Path], record: Path = RECORD) -> None:
    """Add files that were found right, and forget those that are gone."""
    ours = [path for path in found_right if path.resolve().parent == LIBRARIES]
    known = read(record) | {path.stem: shipped.digest(path.read_bytes()) for path in ours}
    lines = [f"{name} {known[name]}\n" for name in sorted(known) if (LIBRARIES / f"{name}.toml").exists()]
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text("".join(lines), encoding="utf-8")


def due(record: Path = RECORD) -> list[Path]:
    """What `make test` installs: the files that changed since they were found right, and a few of the others.

    The sample changes with the catalogue and is the same for the same catalogue.
    """
    digests = {path: shipped.digest(path.read_bytes()) for path in sorted(LIBRARIES.glob("*.toml"))}
    known = read(record)
    changed = [path for path, digest in digests.items() if known.get(path.stem) != digest]
    others = [path for path in digests if path not in changed]
    sample = random.Random("".join(digests.values())).sample(others, min(SAMPLE, len(others)))  # noqa: S311 - no secret
    return sorted({*changed, *sample})
