"""Findings held against the baseline: which were known, and which entries are of no use any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pytest_quality_gates.facts.baseline import Baseline, Entry, Floor
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.policy.fingerprint import with_fingerprints


class Known:
    """The entries of a baseline. Show it every finding, then ask what was not found any more."""

    def __init__(self, baseline: Baseline, moved: Mapping[str, str]) -> None:
        """Take the entries in.

        Args:
            baseline: The entries.
            moved: Files that have another name since: the new path and the old one.
        """
        self._baseline = baseline
        self._moved = moved
        self._open = {entry.fingerprint: entry for entry in baseline.entries}

    def apply(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, the known ones in that state. What is suppressed, and what cannot be read, stays as it is."""
        findings = tuple(findings)
        earlier = with_fingerprints(self._at_old_path(finding) for finding in findings)
        return tuple(
            replace(finding, state="baseline")
            if self._knows(finding, before) and finding.state == "new"
            else finding
            for finding, before in zip(findings, earlier, strict=True)
        )

    def unused(self, measured: Iterable[str], gates: Iterable[str]) -> tuple[Entry, ...]:
        """The entries that no finding matched.

        Args:
            measured: The gates that were measured: of any other, nobody can say.
            gates: All the gates there are: an entry of a gate that is not one of them is of no use.
        """
        measured, gates = set(measured), set(gates)
        return tuple(
            entry for entry in self._open.values() if entry.gate in measured or entry.gate not in gates
        )

    def _at_old_path(self, finding: Finding) -> Finding:
        old = self._moved.get(finding.path)
        if old is None:
            return finding
        return replace(finding, path=old, text=old if finding.text == finding.path else finding.text)

    def _knows(self, finding: Finding, before: Finding) -> bool:
        if finding.state not in {"new", "outside"} or finding.rule == SYNTAX_ERROR:
            return False
        known = self._open.pop(finding.fingerprint, None) or self._open.pop(before.fingerprint, None)
        return known is not None


def entries_of(findings: Iterable[Finding]) -> tuple[Entry, ...]:
    """An entry for each finding that counts or was known; none for what is suppressed or cannot be read."""
    return tuple(
        Entry(finding.fingerprint, finding.gate, finding.rule, finding.path, finding.symbol)
        for finding in findings
        if finding.state in {"new", "baseline"} and finding.rule != SYNTAX_ERROR
    )


def reaches(floor: Floor, measured: int, total: int) -> bool:
    """Whether `measured` of `total` is no less than it was; nothing of nothing is not."""
    return total > 0 and measured * floor.total >= floor.measured * total
