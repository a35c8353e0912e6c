"""The draw is the same for the same findings, and spread over packages and gates."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import msgspec
from tests.audit.findings import Finding, read_report
from tests.audit.sample import SEED, draw


def _findings(package: str, gate: str, count: int) -> list[Finding]:
    return [
        Finding(package, f"{package}/m.py", line, "rule", "f", "message", gate)
        for line in range(1, count + 1)
    ]


def test_the_order_of_the_findings_does_not_matter() -> None:
    """Packages are checked in any order, and reports may list findings in another one tomorrow."""
    findings = [*_findings("a", "timeouts", 40), *_findings("b", "timeouts", 60)]
    shuffled = findings.copy()
    random.Random(1).shuffle(shuffled)  # noqa: S311 - an order, no secret
    assert draw(findings) == draw(shuffled)


def test_another_seed_gives_another_draw() -> None:
    """Else the seed would do nothing."""
    findings = _findings("a", "timeouts", 100)
    assert draw(findings, seed=1) != draw(findings, seed=2)


def test_a_gate_that_was_judged_keeps_its_draw() -> None:
    """The seed that is kept is of a gate; one that is asked for is of all."""
    findings = [*_findings("a", "types", 100), *_findings("a", "timeouts", 100)]
    kept, asked = draw(findings), draw(findings, seed=SEED)
    assert kept["timeouts"] == asked["timeouts"]
    assert kept["types"] != asked["types"]


def test_packages_take_turns() -> None:
    """A package with a thousand findings does not push out one with three."""
    findings = [*_findings("a", "types", 1000), *_findings("b", "types", 1000), *_findings("c", "types", 3)]
    drawn = draw(findings)["types"]
    assert Counter(finding.package for finding in drawn) == {"a": 11, "b": 11, "c": 3}


def test_a_place_is_drawn_once() -> None:
    """Two errors of one line are judged by one row."""
    first, *_ = findings = _findings("a", "types", 3)
    twin = msgspec.structs.replace(first, message="another error in that line")
    assert len(draw([*findings, twin])["types"]) == len(findings)


def test_each_gate_is_drawn_by_itself() -> None:
    """A gate with fewer findings than are asked for gives all it has, none twice."""
    drawn = draw([*_findings("a", "blocking", 4), *_findings("a", "types", 30)])
    assert {gate: len(set(found)) for gate, found in drawn.items()} == {"blocking": 4, "types": 25}


def test_a_report_is_read_with_the_name_of_its_package(tmp_path: Path) -> None:
    """What changes from run to run is left out."""
    row = {
        "gate": "types",
        "rule": "r",
        "path": "m.py",
        "line": 3,
        "end_line": 4,
        "symbol": "f",
        "message": "m",
    }
    report = tmp_path / "report.json"
    report.write_bytes(msgspec.json.encode({"findings": [{**row, "fingerprint": "x", "state": "new"}]}))
    assert read_report(report, "p==1") == [Finding("p==1", "m.py", 3, "r", "f", "m", "types")]
