"""Which site is which label."""

from __future__ import annotations

from collections.abc import Sequence

from tests.accuracy.rows import Label, Site, overlaps


def pair(sites: Sequence[Site], labels: Sequence[Label]) -> dict[int, int]:
    """Match labels with sites, one to one: those of one last name first, then those whose lines are the nearest.

    Returns:
        By the number of a label, the number of its site. What overlaps nothing has no partner.
    """
    candidates = sorted(
        (site.last_name != label.last_name, _distance(site, label), label_number, site_number)
        for label_number, label in enumerate(labels)
        for site_number, site in enumerate(sites)
        if overlaps(site, label)
    )
    partners: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, label_number, site_number in candidates:
        if label_number not in partners and site_number not in taken:
            partners[label_number] = site_number
            taken.add(site_number)
    return partners


def _distance(site: Site, label: Label) -> int:
    return abs(site.line - label.line) + abs(site.last_line - label.end_line)
