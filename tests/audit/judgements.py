"""What a reader of the code said about each finding that was drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from tests.audit.findings import Finding
from tests.audit.packages import DATA

JUDGEMENTS = DATA / "judgements.jsonl"
Key = tuple[str, str, str, int, str, str]


class Judgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One finding, read and judged."""

    gate: str
    package: str
    path: str
    line: int
    rule: str
    symbol: str
    verdict: bool | None
    """Whether what the finding says is so; None for one that waits for a reader."""
    why: str
    """In the reader's own words."""

    @property
    def key(self) -> Key:
        """What it is about."""
        return (self.gate, self.package, self.path, self.line, self.rule, self.symbol)


class Tally(msgspec.Struct, frozen=True):
    """The judgements of one gate."""

    drawn: int
    true: int
    packages: int
    """How many packages the findings are from."""


def read_judgements(path: Path = JUDGEMENTS) -> list[Judgement]:
    """Read the judgements, one JSON object a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [msgspec.json.decode(line, type=Judgement) for line in lines]


def judged(drawn: Iterable[Finding], judgements: Iterable[Judgement]) -> list[Judgement]:
    """The judgement of each finding drawn; one that nobody judged yet has no verdict, and says what was found."""
    known = {judgement.key: judgement for judgement in judgements}
    return [known.get(_key(finding)) or _waiting(finding) for finding in drawn]


def tally(judgements: Iterable[Judgement]) -> dict[str, Tally]:
    """Count by gate."""
    rows = list(judgements)
    drawn = Counter(row.gate for row in rows)
    true = Counter(row.gate for row in rows if row.verdict)
    packages = Counter(gate for gate, _ in {(row.gate, row.package) for row in rows})
    return {gate: Tally(drawn[gate], true[gate], packages[gate]) for gate in sorted(drawn)}


def suffices(tallies: Mapping[str, Tally], size: int) -> bool:
    """Whether of each gate's findings at most one is wrong, and `size` were judged."""
    return all(one.drawn == size and one.true >= size - 1 for one in tallies.values())


def _key(finding: Finding) -> Key:
    return (finding.gate, finding.package, finding.path, finding.line, finding.rule, finding.symbol)


def _waiting(finding: Finding) -> Judgement:
    return Judgement(*_key(finding), None, finding.message)
