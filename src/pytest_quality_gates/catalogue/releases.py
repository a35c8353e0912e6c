"""Which libraries behave differently by release: only their releases need to be looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_quality_gates.catalogue.schema import CatalogueFile, Timeouts


def that_matter(files: Iterable[CatalogueFile]) -> set[str]:
    """Find the distributions whose release changes what the catalogue says.

    Args:
        files: The catalogue.

    Returns:
        Names as on the package index: of libraries with a default that came with a release.
    """
    return {
        file.library.distribution
        for file in files
        if file.library.distribution and any(timeouts.default_by_version for timeouts in _timeouts(file))
    }


def _timeouts(file: CatalogueFile) -> Iterator[Timeouts]:
    yield from (one.timeouts for one in file.function if one.timeouts is not None)
    for one in file.class_:
        if one.timeouts is not None:
            yield one.timeouts
        yield from one.method_timeouts.values()
