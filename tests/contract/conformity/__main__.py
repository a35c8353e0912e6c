"""`python -m tests.contract.conformity [FILE-OR-NAME...]`: check catalogue files and print what is wrong in them."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.contract.conformity import record
from tests.contract.conformity.check import LIBRARIES, Checked, check

from pytest_quality_gates.catalogue import reader


def main(arguments: list[str]) -> int:
    """Check the files named, or all, and record which are right.

    Args:
        arguments: Names of files in the catalogue, with or without `.toml`, or paths.

    Returns:
        0 where every name exists, else 1.
    """
    paths = [_path(argument) for argument in arguments] or sorted(LIBRARIES.glob("*.toml"))
    store = Path(tempfile.gettempdir()) / "catalogue-conformity"
    reader.load()  # msgspec crashes where two threads are the first to use a type
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda path: check(path, store), paths))
    for result in results:
        _show(result)
    pairs = zip(paths, results, strict=True)
    record.write([path for path, result in pairs if not _state(result)])
    return int(any(_state(result) for result in results))


def _path(argument: str) -> Path:
    given = Path(argument)
    return given if given.is_file() else LIBRARIES / f"{argument.removesuffix('.toml')}.toml"


def _state(result: Checked) -> str:
    """What keeps it from being right; empty where it is."""
    wrong = f"{len(result.problems)} wrong" if result.problems else ""
    return result.unreachable or result.unbuildable or wrong


def _show(result: Checked) -> None:
    sys.stdout.write(
        f"{result.name}: {result.names} names, {_state(result) or 'ok'} ({result.seconds:.1f} s)\n"
    )
    for problem in result.problems:
        sys.stdout.write(f"    {problem}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
