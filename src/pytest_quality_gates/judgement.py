"""From facts to the report: gates, what the project accepts of what they found, thresholds."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from pytest_quality_gates.config.settings import GateSettings, Settings
from pytest_quality_gates.errors import EvidenceError, StoreError
from pytest_quality_gates.evidence import git
from pytest_quality_gates.facts.acceptance import Acceptance
from pytest_quality_gates.facts.baseline import Baseline, Floor
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.suppression import Suppression
from pytest_quality_gates.model.finding import SYNTAX_ERROR, Finding
from pytest_quality_gates.model.gate import Gate, Level
from pytest_quality_gates.model.outcome import CouldNotRun, Measured, NotEvaluated, Outcome
from pytest_quality_gates.model.report import GateResult, PathTable
from pytest_quality_gates.policy.baseline import Known, entries_of
from pytest_quality_gates.policy.fingerprint import with_fingerprints
from pytest_quality_gates.policy.narrowing import apart, of_change, of_files
from pytest_quality_gates.policy.path_tables import assigned
from pytest_quality_gates.policy.suppressions import Suppressions
from pytest_quality_gates.policy.verdict import gate_result, met_or_accepted, reaches_figure
from pytest_quality_gates.source.canonical import Place, canonical_texts
from pytest_quality_gates.source.suppression_comments import read_files
from pytest_quality_gates.store import baseline_file

log = logging.getLogger(__name__)

_OF_FILES = frozenset({"source", "coverage", "types"})
"""Evidence that can be narrowed to some files."""


class _Judged(Struct, frozen=True):
    """One gate, its row and what it found in the files of one table."""

    gate: Gate
    row: GateSettings
    outcome: Outcome
    table: str = ""

    @property
    def slug(self) -> str:
        return self.gate.spec.slug

    @property
    def figure(self) -> str:
        """What its figure is called in the baseline."""
        return f"{self.slug}@{self.table}" if self.table else self.slug

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.outcome.findings if isinstance(self.outcome, Measured) else ()

    def with_findings(self, findings: Iterable[Finding]) -> _Judged:
        if not isinstance(self.outcome, Measured):
            return self
        outcome = msgspec.structs.replace(self.outcome, findings=tuple(findings))
        return msgspec.structs.replace(self, outcome=outcome)


def results(
    root: Path, settings: Settings, facts: FactSet, gates: Sequence[Gate], today: date | None = None
) -> tuple[GateResult, ...]:
    """Evaluate the gates and hold each against its threshold.

    Gates that need `acceptance` are evaluated last, with what became of the others' findings.

    Args:
        root: The project's directory.
        settings: From the user.
        facts: The evidence.
        gates: In the order of the table.
        today: The day on which suppressions are judged; None for the present day in UTC.
    """
    judged, suppressions = _unaccepted(root, settings, facts, gates, today)
    baseline, problem = _baseline(root)
    known = Known(baseline, _moved(root, baseline))
    judged = [
        each if _is_average(each) else each.with_findings(known.apply(each.findings)) for each in judged
    ]
    done = _measured(judged)
    measured = [each for each in judged if each.slug in done]
    slugs = [row.slug for row in settings.gates]
    acceptance = Acceptance(
        suppressions=suppressions.judged({rule for each in measured for rule in each.gate.spec.rules}),
        baseline_entries=len(baseline.entries) + len(baseline.floors),
        fixed_entries=known.unused(done, slugs),
        reached_floors=_reached(measured, baseline),
        baseline_problem=problem,
        is_complete=settings.complete,
    )
    late = msgspec.structs.replace(facts, acceptance=acceptance)
    judged += [_evaluated(gate, settings, late) for gate in gates if _judges_acceptance(gate)]
    order = {gate.spec.slug: place for place, gate in enumerate(gates)}
    return tuple(_result(each, baseline) for each in sorted(judged, key=lambda each: order[each.slug]))


def tables(settings: Settings, facts: FactSet) -> tuple[PathTable, ...]:
    """The gate tables of the run with their files, the general one first; none where there is only that."""
    if not settings.paths:
        return ()
    files = _tables(settings, facts)
    profiles = {"": settings.profile, **{table.name: table.profile for table in settings.paths}}
    return tuple(PathTable(name, profile, tuple(files.get(name, ()))) for name, profile in profiles.items())


def _result(judged: _Judged, baseline: Baseline) -> GateResult:
    found = gate_result(judged.gate.spec, judged.row, judged.outcome, baseline.floor(judged.figure))
    return msgspec.structs.replace(found, paths=judged.table)


def write_baseline(root: Path, settings: Settings, facts: FactSet, gates: Sequence[Gate]) -> str:
    """Write the baseline anew from what falls short now; of a gate that was not measured the old entries stay.

    Returns:
        What was written, in words.

    Raises:
        StoreError: It cannot be written, or the old one cannot be read.
    """
    old = baseline_file.read(root, resolves=True) or Baseline()
    judged, _ = _unaccepted(root, settings, facts, gates, None)
    kept = {row.slug for row in settings.gates} - _measured(judged)
    short = [each for each in judged if each.slug not in kept and not _reaches_figure(each)]
    floors = [floor for each in short if (floor := _floor(each)) is not None]
    entries = [entry for each in short if not _is_average(each) for entry in entries_of(each.findings)]
    new = Baseline(
        tuple(sorted({*entries, *(entry for entry in old.entries if entry.gate in kept)})),
        tuple(sorted({*floors, *(floor for floor in old.floors if floor.gate.partition("@")[0] in kept)})),
    )
    baseline_file.write(root, new)
    return _written(new)


def _written(baseline: Baseline) -> str:
    if baseline == Baseline():
        return "nothing falls short: there is no baseline, and none is needed"
    found = f"{len(baseline.entries)} finding{'' if len(baseline.entries) == 1 else 's'}"
    figures = "".join(f", {floor.measured} of {floor.total} for {floor.gate}" for floor in baseline.floors)
    return f"the baseline {baseline_file.FILE} accepts {found}{figures}"


def _unaccepted(
    root: Path, settings: Settings, facts: FactSet, gates: Sequence[Gate], today: date | None
) -> tuple[list[_Judged], Suppressions]:
    """What the gates found, with fingerprints; only suppressions are followed."""
    files = _tables(settings, facts)
    first = [gate for gate in gates if not _judges_acceptance(gate)]
    judged = _identified(root, [each for gate in first for each in _by_table(gate, settings, facts, files)])
    suppressions = Suppressions(_comments(root, facts), _rules(gates), today or datetime.now(UTC).date())
    judged = [
        each if _is_average(each) else each.with_findings(suppressions.apply(each.findings))
        for each in judged
    ]
    return judged, suppressions


def _measured(judged: Iterable[_Judged]) -> set[str]:
    """The gates that were measured in every table."""
    judged = list(judged)
    return {each.slug for each in judged} - {
        each.slug for each in judged if not isinstance(each.outcome, Measured)
    }


def _judges_acceptance(gate: Gate) -> bool:
    return "acceptance" in gate.spec.needs


def _is_average(judged: _Judged) -> bool:
    return judged.gate.spec.is_average


def _tables(settings: Settings, facts: FactSet) -> dict[str, list[str]]:
    """The judged files by the name of their table."""
    files: dict[str, list[str]] = {}
    if settings.paths and not isinstance(facts.source, Unavailable):
        judged = (module.path for module in facts.source.modules if module.role in {"source", "unparsed"})
        for path, name in assigned(judged, settings.paths).items():
            files.setdefault(name, []).append(path)
    return files


def _by_table(gate: Gate, settings: Settings, facts: FactSet, files: dict[str, list[str]]) -> list[_Judged]:
    """What a gate found: once, or for each table that has files where the gate's evidence is one of files."""
    if not set(files) - {""} or not set(gate.spec.needs) or not set(gate.spec.needs) <= _OF_FILES:
        return [_evaluated(gate, settings, facts)]
    return [_evaluated(gate, settings, of_files(facts, set(files[name])), name) for name in sorted(files)]


def _evaluated(gate: Gate, settings: Settings, facts: FactSet, table: str = "") -> _Judged:
    row = settings.gate(gate.spec.slug, table)
    if row.level == Level.OFF:
        return _Judged(gate, row, NotEvaluated("the gate is off"), table)
    outcome = _outcome(gate, row, facts)
    if facts.change is not None and not _judges_acceptance(gate):
        outcome = _of_change(gate, row, outcome, of_change(facts, facts.change))
    return _Judged(gate, row, outcome, table)


def _outcome(gate: Gate, row: GateSettings, facts: FactSet) -> Outcome:
    try:
        return gate.evaluate(facts, row.options)
    except Exception as error:  # noqa: BLE001 - a gate may be a stranger's; one that breaks could not run
        return CouldNotRun(f"the gate broke: {type(error).__name__}: {error}")


def _of_change(gate: Gate, row: GateSettings, whole: Outcome, near_facts: FactSet) -> Outcome:
    """What was measured of the change alone; the findings are all there are, those elsewhere as `outside`."""
    if not isinstance(whole, Measured):
        return whole
    near = _outcome(gate, row, near_facts)
    if isinstance(near, CouldNotRun):
        return near
    if isinstance(near, NotEvaluated):  # of a whole that was measured, nothing changed
        near = Measured(measured=0, total=0, notes=("nothing to judge: the change has none",))
    if gate.spec.is_average:
        return near
    return msgspec.structs.replace(near, findings=apart(whole.findings, near.findings))


def _identified(root: Path, judged: Sequence[_Judged]) -> list[_Judged]:
    """With the flawed expressions in the findings' texts, and with fingerprints."""
    wanted = {
        (finding.path, _place(finding)) for each in judged for finding in each.findings if finding.column >= 0
    }
    texts = canonical_texts(root, wanted)
    return [
        each.with_findings(with_fingerprints(_with_expression(finding, texts) for finding in each.findings))
        for each in judged
    ]


def _place(finding: Finding) -> Place:
    if finding.end_column < 0:
        return Place(finding.line, finding.column)
    return Place(finding.line, finding.column, finding.end_line, finding.end_column)


def _with_expression(finding: Finding, texts: dict[tuple[str, Place], str]) -> Finding:
    found = texts.get((finding.path, _place(finding)), "") if finding.column >= 0 else ""
    return msgspec.structs.replace(finding, text=f"{finding.text} {found}") if found else finding


def _comments(root: Path, facts: FactSet) -> tuple[Suppression, ...]:
    if isinstance(facts.source, Unavailable):
        return ()
    judged = {"source", "test"}
    return read_files(root, [module.path for module in facts.source.modules if module.role in judged])


def _rules(gates: Iterable[Gate]) -> dict[str, str]:
    """Every rule, with why it cannot be suppressed; empty where it can."""
    rules: dict[str, str] = {}
    for spec in (gate.spec for gate in gates):
        reason = ""
        if spec.is_average:
            reason = f"the gate `{spec.slug}` judges an average, which no single line can be taken out of"
        elif "acceptance" in spec.needs:
            reason = f"the gate `{spec.slug}` judges suppressions and cannot be suppressed"
        rules |= dict.fromkeys(spec.rules, reason)
    return rules | {SYNTAX_ERROR: "what cannot be parsed cannot be suppressed"}


def _baseline(root: Path) -> tuple[Baseline, str]:
    """The project's baseline, or why it cannot be read: then nothing is accepted."""
    try:
        return baseline_file.read(root) or Baseline(), ""
    except StoreError as error:
        return Baseline(), str(error)


def _moved(root: Path, baseline: Baseline) -> dict[str, str]:
    """Where the files of the baseline that are gone are now, as far as git knows: the new path and the old one."""
    gone = sorted({entry.path for entry in baseline.entries if not (root / entry.path).exists()})
    repository = git.find(root) if gone else None
    if repository is None:
        return {}
    try:
        return repository.renamed(gone)
    except EvidenceError:
        log.debug("git cannot say what was renamed", exc_info=True)
        return {}


def _reaches_figure(judged: _Judged) -> bool:
    return isinstance(judged.outcome, Measured) and reaches_figure(judged.row, judged.outcome)


def _all_known(judged: _Judged) -> Iterable[Finding]:
    """The findings as they are once each is in the baseline."""
    if _is_average(judged):
        return judged.findings
    known = Known(Baseline(entries_of(judged.findings)), {})
    return known.apply(judged.findings)


def _floor(judged: _Judged) -> Floor | None:
    """The figure that is still short once each finding is in the baseline; None where none is."""
    known = judged.with_findings(_all_known(judged))
    if _reaches_figure(known) or not isinstance(known.outcome, Measured):
        return None
    return Floor(judged.figure, met_or_accepted(known.outcome), known.outcome.total)


def _reached(measured: Iterable[_Judged], baseline: Baseline) -> tuple[Floor, ...]:
    """The figures of the baseline whose gates reach their thresholds without them."""
    found = ((baseline.floor(each.figure), each) for each in measured)
    return tuple(floor for floor, each in found if floor is not None and _reaches_figure(each))
