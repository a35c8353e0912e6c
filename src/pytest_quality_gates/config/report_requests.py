"""`--quality-gates-report FORMAT:PATH`, read."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_quality_gates.config.nearest import nearest
from pytest_quality_gates.config.settings import ReportRequest


def parse_report(request: str, formats: Iterable[str], option: str) -> ReportRequest | str:
    """Read one request.

    Args:
        request: What the user gave, `json:out/gates.json`.
        formats: The names of the formats that there are.
        option: As it is called on this command line, for the error text.

    Returns:
        The request, or what is wrong with it.
    """
    formats = list(formats)
    name, colon, path = request.partition(":")
    if name not in formats:
        return f'{option}: there is no report format "{name}"{nearest(name, formats)}'
    if not colon or not path:
        return f'{option}: "{request}" names no file; write {name}:PATH'
    return ReportRequest(name, path)
