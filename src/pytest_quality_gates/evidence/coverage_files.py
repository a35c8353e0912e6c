"""What coverage.py says of each file."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import coverage
import msgspec
from coverage.exceptions import NoDataError

from pytest_quality_gates.facts.coverage import FileCoverage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

log = logging.getLogger(__name__)


class _Summary(msgspec.Struct):
    num_statements: int
    num_branches: int = 0


class _File(msgspec.Struct):
    summary: _Summary
    missing_lines: list[int]
    excluded_lines: list[int]
    executed_lines: list[int] = []
    executed_branches: list[tuple[int, int]] = []
    missing_branches: list[tuple[int, int]] = []


class _Json(msgspec.Struct):
    """What we read of coverage.py's JSON report."""

    files: dict[str, _File]


def files_of(reader: coverage.Coverage, root: Path, scratch: Path) -> list[FileCoverage]:
    """The files that coverage.py reports on by the project's settings; one that it cannot parse is left out.

    Its reporters share a way to ask for that, without the work that is the JSON report's own; only the latter is promised to
    stay, and is taken with a release of coverage.py where the other way is not as we know it.

    Args:
        reader: Has its data.
        root: The project's directory; the paths of the facts are relative to it.
        scratch: A file that may be written.

    Raises:
        coverage.exceptions.CoverageException, OSError, msgspec.MsgspecError: The data cannot be read.
    """
    try:
        return list(_analysed(reader, root))
    except NoDataError:
        return []
    except (ImportError, AttributeError, TypeError):
        log.debug("this release of coverage.py is asked by its JSON report", exc_info=True)
        return list(_reported(reader, root, scratch))


def _analysed(reader: coverage.Coverage, root: Path) -> Iterator[FileCoverage]:
    from coverage.report_core import get_analysis_to_report  # noqa: PLC0415 - may be gone some day

    reader.set_option("report:ignore_errors", value=True)
    has_branches = reader.get_data().has_arcs()
    for file, analysis in get_analysis_to_report(reader, None):
        yield FileCoverage(
            path=_named(root, file.relative_filename()),
            statements=len(analysis.statements),
            missing_lines=tuple(sorted(analysis.missing)),
            excluded=len(analysis.excluded),
            executed_lines=tuple(sorted(analysis.executed)),
            branches=analysis.numbers.n_branches if has_branches else 0,
            executed_branches=_pairs(analysis.executed_branch_arcs()) if has_branches else (),
            missing_branches=_pairs(analysis.missing_branch_arcs()) if has_branches else (),
        )


def _pairs(arcs: Mapping[int, list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((source, target) for source, targets in arcs.items() for target in targets)


def _reported(reader: coverage.Coverage, root: Path, scratch: Path) -> Iterator[FileCoverage]:
    try:
        reader.json_report(outfile=str(scratch), ignore_errors=True, pretty_print=False, show_contexts=False)
    except NoDataError:
        return
    report = msgspec.json.decode(scratch.read_bytes(), type=_Json)
    for path, file in report.files.items():
        yield FileCoverage(
            path=_named(root, path),
            statements=file.summary.num_statements,
            missing_lines=tuple(file.missing_lines),
            excluded=len(file.excluded_lines),
            executed_lines=tuple(file.executed_lines),
            branches=file.summary.num_branches,
            executed_branches=tuple(file.executed_branches),
            missing_branches=tuple(file.missing_branches),
        )


def _named(root: Path, path: str) -> str:
    absolute = root / path
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()
