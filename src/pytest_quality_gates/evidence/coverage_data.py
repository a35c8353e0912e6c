"""From coverage.py's data to coverage facts, whoever measured."""

from __future__ import annotations

import contextlib
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
import msgspec

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.coverage_core import COVERAGE_ERRORS, close
from pytest_quality_gates.evidence.coverage_files import files_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_quality_gates.facts.coverage import FileCoverage


@contextlib.contextmanager
def settled(directory: Path) -> Iterator[None]:
    """Work in `directory`, where relative settings have their meaning, and keep coverage.py's warnings to ourselves.

    A test may have left the process in another directory, even in one that is gone.
    """
    before = _current_directory()
    os.chdir(directory)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if before is not None:
            with contextlib.suppress(OSError):
                os.chdir(before)


def _current_directory() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - os.chdir takes it back as it is
    except OSError:
        return None


def file_coverage(
    root: Path, data: Path, *, settings_file: str | bool, moved: Mapping[str, Sequence[str]]
) -> tuple[bool, tuple[FileCoverage, ...]]:
    """Combine data files and say what of each measured file was covered.

    Args:
        root: The project's directory; the paths of the facts are relative to it.
        data: Common beginning of the data files, `directory/coverage`; the files are used up.
        settings_file: coverage.py's settings (which files to omit, which lines to exclude, plugins); True to look for
            them in `root`.
        moved: By directory of the project: other directories that hold the same files, on this or another machine.

    Returns:
        Whether branches were measured, and the files sorted by path.

    Raises:
        EvidenceError: The data cannot be read.
    """
    try:
        with settled(root):
            reader = _reader(data, settings_file, moved)
            measured = reader.get_data()
            has_branches = bool(measured.has_arcs())
            files = files_of(reader, root, data.parent / "report.json")
            # With paths to map, the report has made data of its own in memory.
            for finished in (measured, reader.get_data()):
                close(finished)
    except (*COVERAGE_ERRORS, OSError, msgspec.MsgspecError) as error:
        raise EvidenceError(f"the coverage data cannot be read: {error}") from error
    return has_branches, tuple(sorted(files, key=lambda file: file.path))


def combined(
    root: Path, data: Path, *, settings_file: str | bool, moved: Mapping[str, Sequence[str]]
) -> bytes:
    """Combine data files into one, in coverage.py's form for sending data elsewhere; the arguments are those above.

    Raises:
        EvidenceError: The data cannot be read.
    """
    try:
        with settled(root):
            measured = _reader(data, settings_file, moved).get_data()
            dumped = measured.dumps()
            close(measured)
    except (*COVERAGE_ERRORS, OSError) as error:
        raise EvidenceError(f"the coverage data cannot be read: {error}") from error
    return dumped


def _reader(data: Path, settings_file: str | bool, moved: Mapping[str, Sequence[str]]) -> coverage.Coverage:
    reader = coverage.Coverage(config_file=settings_file, data_file=str(data))
    paths: Any = {
        **(reader.get_option("paths") or {}),  # type: ignore[dict-item] # this option is a mapping
        **{
            f"quality-gates-{number}": [place, *others]
            for number, (place, others) in enumerate(moved.items())
        },
    }
    reader.set_option("paths", paths)
    reader.combine()
    return reader
