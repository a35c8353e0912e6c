"""The table on docs/explanation/audit.md, made from the judgements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.accuracy.sources import ROOT
from tests.audit.judgements import Tally

PAGE = ROOT / "docs" / "explanation" / "audit.md"
_BEGIN, _END = "<!-- table -->", "<!-- end of the table -->"


def table(tallies: Mapping[str, Tally]) -> str:
    """The tallies as a Markdown table."""
    rows = [
        f"| [`{gate}`](../gates/{gate}.md) | {one.drawn} | {one.packages} | {one.true} | {one.drawn - one.true} |"
        for gate, one in tallies.items()
    ]
    return "\n".join(["| gate | drawn | packages | true | wrong |", "| --- | --: | --: | --: | --: |", *rows])


def written(tallies: Mapping[str, Tally], page: Path = PAGE) -> str:
    """The page with this table in place of the one it has."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{table(tallies)}\n\n{_END}{after}"
