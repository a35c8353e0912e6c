"""Findings against the baseline."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_quality_gates.facts.baseline import Baseline, Floor
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.policy.baseline import Known, entries_of, reaches
from pytest_quality_gates.policy.fingerprint import with_fingerprints

FIRST, SECOND = with_fingerprints(
    Finding(
        gate="types",
        rule="missing",
        path="a.py",
        line=line,
        end_line=line,
        symbol="f",
        message="m",
        remedy="r",
        text="x",
    )
    for line in (1, 5)
)
BASELINE = Baseline(entries_of([FIRST, SECOND]))


def states(known: Known, *findings: Finding) -> list[str]:
    """The states of the findings."""
    return [finding.state for finding in known.apply(findings)]


def test_known_and_new() -> None:
    """A finding with an entry is in the baseline; one more of the same kind is new."""
    third = replace(FIRST, line=9, fingerprint="")
    known = Known(BASELINE, {})
    assert ["baseline", "baseline", "new"] == states(known, *with_fingerprints([FIRST, SECOND, third]))
    assert () == known.unused(["types"], ["types"])


def test_fixed() -> None:
    """An entry without a finding is of no use, where its gate was measured or is none any more."""
    known = Known(BASELINE, {})
    known.apply(with_fingerprints([replace(FIRST, fingerprint="")]))
    assert [SECOND.fingerprint] == [entry.fingerprint for entry in known.unused(["types"], ["types"])]
    assert () == known.unused(["handlers"], ["types", "handlers"])
    assert 1 == len(known.unused(["handlers"], ["handlers"]))


def test_not_accepted() -> None:
    """What is suppressed needs no entry, and what cannot be parsed gets none."""
    suppressed = replace(FIRST, state="suppressed")
    unread = replace(FIRST, rule=SYNTAX_ERROR)
    assert ["suppressed", "new"] == states(Known(BASELINE, {}), suppressed, unread)
    assert () == entries_of([suppressed, unread])


def test_renamed_file() -> None:
    """An entry follows its file to the new name, also one of the file as a whole."""
    whole = Finding(
        gate="size",
        rule="long",
        path="a.py",
        line=1,
        end_line=1,
        symbol="",
        message="m",
        remedy="r",
        text="a.py",
    )
    baseline = Baseline(entries_of(with_fingerprints([FIRST, whole])))
    moved = with_fingerprints([replace(FIRST, path="b.py"), replace(whole, path="b.py", text="b.py")])
    assert ["baseline", "baseline"] == states(Known(baseline, {"b.py": "a.py"}), *moved)
    assert ["new", "new"] == states(Known(baseline, {}), *moved)


def test_figures_are_compared_exactly() -> None:
    """A figure holds where it is no less than it was, by integers; nothing of nothing is no figure."""
    floor = Floor("tests", 2, 3)
    assert [False, True, False] == [reaches(floor, *pair) for pair in ((666_666, 1_000_000), (4, 6), (0, 0))]
