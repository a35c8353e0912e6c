"""The one place that knows everybody: settings, evidence, gates and reports are brought together here."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pluggy
from msgspec import Struct

from pytest_quality_gates import hookspecs, loosening
from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.config import document
from pytest_quality_gates.config.load import load
from pytest_quality_gates.config.settings import Overrides, Settings
from pytest_quality_gates.errors import CatalogueError, ConfigurationError, EvidenceError
from pytest_quality_gates.evidence import changes as change_evidence
from pytest_quality_gates.evidence import own_release, process
from pytest_quality_gates.evidence import tree as tree_evidence
from pytest_quality_gates.evidence.assertions import Watch
from pytest_quality_gates.facts.change import Change
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.loosening import Loosenings
from pytest_quality_gates.gates import builtin
from pytest_quality_gates.judgement import results, tables, write_baseline
from pytest_quality_gates.model.gate import Gate
from pytest_quality_gates.model.origin import Run, Tree
from pytest_quality_gates.model.report import Report
from pytest_quality_gates.model.report_format import ReportFormat
from pytest_quality_gates.model.rule import RuleText
from pytest_quality_gates.policy.verdict import run_verdict
from pytest_quality_gates.reports import in_toto, json_report
from pytest_quality_gates.reports.write import write
from pytest_quality_gates.source.assert_lines import assert_lines, failing_functions
from pytest_quality_gates.source.selection import Selection, discover
from pytest_quality_gates.source.statements import with_whole_statements
from pytest_quality_gates.static.messages import StaticEvidence, Task
from pytest_quality_gates.static.run import StaticRun
from pytest_quality_gates.store import project_file, verified_file
from pytest_quality_gates.store.verified_file import VerifiedState

BUILT_IN = (builtin, json_report, in_toto)
"""The modules whose hooks add what comes with the package."""


class Extensions(Struct, frozen=True):
    """What plugins bring to this run: gates in the order of the table, report formats, catalogue files."""

    gates: tuple[Gate, ...]
    reports: tuple[ReportFormat, ...]
    catalogue: tuple[CatalogueFile, ...] = ()
    """Those of plugins; the catalogue of this package is not among them."""


def plugin_manager() -> pluggy.PluginManager:
    """A manager for use without pytest: built-ins and everything in the entry point group `quality_gates`."""
    manager = pluggy.PluginManager("pytest")
    manager.add_hookspecs(hookspecs)
    register(manager)
    return manager


def register(manager: pluggy.PluginManager) -> None:
    """Register the built-in gates and report formats, and the entry points, with `manager` (pytest's own included).

    The hook specifications must be known to `manager` (`manager.add_hookspecs(hookspecs)`).

    Raises:
        ConfigurationError: A plugin of the entry point group cannot be imported.
    """
    for module in BUILT_IN:
        if not manager.is_registered(module):
            manager.register(module)
    try:
        manager.load_setuptools_entrypoints(hookspecs.ENTRY_POINT_GROUP)
    except Exception as error:
        group = hookspecs.ENTRY_POINT_GROUP
        raise ConfigurationError(
            [f"a plugin of the entry point group `{group}` cannot be loaded: {error!r}"]
        ) from error


def extensions(manager: pluggy.PluginManager | None = None) -> Extensions:
    """Everything that `manager`'s plugins add; without one, what `plugin_manager()` knows.

    Raises:
        ConfigurationError: Two gates have one slug, or two formats one name, or a catalogue file is wrong.
    """
    hook = (manager or plugin_manager()).hook
    # pluggy calls the last registered plugin first; the table begins with the built-in gates.
    gates = tuple(gate for given in reversed(hook.pytest_quality_gates_gates()) for gate in given)
    reports = tuple(format_ for given in reversed(hook.pytest_quality_gates_reports()) for format_ in given)
    paths = [path for given in reversed(hook.pytest_quality_gates_catalogue()) for path in given]
    catalogue, problems = _read_all(partial(reader.read_file, path) for path in paths)
    problems += [f"two plugins add a gate `{slug}`" for slug in _doubled(gate.spec.slug for gate in gates)]
    problems += [
        f"two plugins add a report format `{name}`" for name in _doubled(item.name for item in reports)
    ]
    if problems:
        raise ConfigurationError(problems)
    return Extensions(gates, reports, catalogue)


def configure(root: Path, overrides: Overrides, known: Extensions | None = None) -> Settings:
    """Bring command line, pyproject.toml and profile together.

    Args:
        root: The project's directory (pytest's rootdir); its `pyproject.toml` is read where there is one.
        overrides: What the command line says.
        known: The gates and formats of this run; None for the built-in ones and those of entry points.

    Raises:
        ConfigurationError: With every problem found.
    """
    known = known or extensions()
    specs = [gate.spec for gate in known.gates]
    settings = load(root, overrides, specs, [format_.name for format_ in known.reports])
    _own_catalogue(root, settings)
    return settings


def select(root: Path, settings: Settings) -> Selection:
    """Find the files that are judged. Reads directories and the project's configuration, parses nothing.

    Raises:
        ConfigurationError: `source` names something that does not exist, or `exclude` has a wrong pattern.
    """
    return discover(root, settings.source, settings.exclude)


def start_static(
    root: Path,
    settings: Settings,
    selection: Selection | None = None,
    *,
    known: Extensions | None = None,
    with_types: bool = True,
    keeps_cache: bool = True,
    python: str = sys.executable,
) -> StaticRun:
    """Start to gather static evidence in the background; nothing waits until `StaticRun.join`.

    Args:
        root: The project's directory.
        settings: From `configure`.
        selection: What is judged; None to find it.
        known: Whose catalogue files count, as given to `configure`.
        with_types: Whether the type checker runs. Without it, source facts stand by themselves.
        keeps_cache: Whether what was found is kept in the project's directory, for the next run.
        python: The interpreter of the environment that the project runs in: its installed packages are what the type
            checker sees and whose releases count.
    """
    return StaticRun(
        _task(root, settings, selection, known, python, with_types=with_types, keeps_cache=keeps_cache)
    )


def gather_static(
    root: Path,
    settings: Settings,
    selection: Selection | None = None,
    *,
    known: Extensions | None = None,
    with_types: bool = True,
    keeps_cache: bool = True,
    python: str = sys.executable,
) -> StaticEvidence:
    """Gather static evidence here and now; the arguments are those of `start_static`."""
    from pytest_quality_gates.static.gather import gather  # noqa: PLC0415 - slow to import, and a test run has a child for it

    return gather(
        _task(root, settings, selection, known, python, with_types=with_types, keeps_cache=keeps_cache)
    )


def judge(
    root: Path,
    settings: Settings,
    facts: FactSet,
    *,
    known: Extensions | None = None,
    judged: tuple[str, ...] = (),
    left_out: tuple[str, ...] = (),
    run: Run | None = None,
    tree: Tree | None = None,
) -> Report:
    """Evaluate every gate that is not off, compare with the thresholds, and give the whole report.

    Args:
        root: The project's directory.
        settings: From `configure`.
        facts: The evidence; what could not be gathered as `Unavailable`.
        known: The gates of this run, as given to `configure`.
        judged: `StaticEvidence.judged`, for the report.
        left_out: `StaticEvidence.left_out`, for the report.
        run: The test run, for the report.
        tree: The files at the beginning, for the report.
    """
    known = known or extensions()
    change, loosenings = changes(root, settings, facts), _loosenings(root, settings, facts, known.gates)
    facts = msgspec.structs.replace(
        facts, change=change, loosenings=loosenings, recent=_recent(root, settings, change, loosenings)
    )
    judged_gates = results(root, settings, facts, known.gates)
    return Report(
        verdict=run_verdict(judged_gates, complete=settings.complete),
        profile=settings.profile,
        since=settings.since,
        version=own_release.own_version(),
        run=run,
        tree=tree,
        complete=settings.complete,
        gates=judged_gates,
        tables=tables(settings, facts),
        judged=judged,
        left_out=left_out,
    )


def watch(root: Path) -> Watch:
    """What sees whether a test checks anything; it is not started yet."""
    return Watch(root, assert_lines, failing_functions)


def own_version() -> str:
    """The release of this package."""
    return own_release.own_version()


def _loosenings(
    root: Path, settings: Settings, facts: FactSet, gates: Sequence[Gate]
) -> Loosenings | Unavailable:
    if not any(gate.spec.slug == loosening.GATE for gate in gates):
        return Loosenings(base="")
    # A run without tests leaves gates out; the settings name them all the same.
    specs = {gate.spec.slug: gate.spec for gate in (*extensions().gates, *gates)}
    return loosening.loosenings(root, settings, facts, list(specs.values()), _shipped_modules)


def _shipped_modules() -> frozenset[str]:
    return frozenset(module for file in reader.load() for module in file.library.modules)


def _recent(
    root: Path, settings: Settings, change: Change | None, loosenings: Loosenings | Unavailable
) -> Change | Unavailable | None:
    """What changed since the base, where a gate asks more of it than of the rest."""
    rows = (*settings.gates, *(row for table in settings.paths for row in table.gates))
    if all(getattr(row.options, "changed_lines", None) is None for row in rows):
        return None
    if change is not None:
        return change
    if isinstance(loosenings, Unavailable):
        return loosenings
    return with_whole_statements(root, loosenings.change) if loosenings.change else None


def tree_of(root: Path, selection: Selection) -> Tree:
    """The state of the files that a result depends on."""
    return tree_evidence.tree(root, [file.path for file in selection.files])


def keep_verified(root: Path, tree: Tree) -> bool:
    """Keep the files of a report that stands: on this machine, later runs are compared with them.

    Returns:
        Whether they could be kept.
    """
    texts = {}
    for path, digest in tree.files.items():
        content = tree_evidence.content(root, path)
        if content is None or tree_evidence.digest(content) != digest:  # it changed under our eyes
            return False
        texts[path] = content
    return verified_file.write(root, VerifiedState(tree.commit, texts))


def changes(root: Path, settings: Settings, facts: FactSet | None = None) -> Change | None:
    """What changed, where only that is judged; None where everything is.

    Raises:
        ConfigurationError: git cannot say; the text says why and what to fetch.
    """
    if not settings.since:
        return None
    try:
        found = change_evidence.changes(root, settings.since)
        if facts is not None and not isinstance(facts.source, Unavailable):
            others = change_evidence.untracked(root, [module.path for module in facts.source.modules])
            found = msgspec.structs.replace(found, files=(*found.files, *others))
    except EvidenceError as error:
        raise ConfigurationError([f"since {settings.since}: {error}"]) from error
    return with_whole_statements(root, found)


def update_baseline(root: Path, settings: Settings, facts: FactSet, known: Extensions | None = None) -> str:
    """Write the project's baseline anew from what falls short now.

    Returns:
        What was written, in words.

    Raises:
        StoreError: It cannot be written.
    """
    return write_baseline(root, settings, facts, (known or extensions()).gates)


def is_configured(root: Path) -> bool:
    """Whether the project's pyproject.toml has a table [tool.quality-gates].

    Raises:
        ConfigurationError: The file cannot be read.
    """
    return bool(document.read(root).table)


def add_configuration(root: Path, table: str) -> None:
    """Put `table` at the end of the project's pyproject.toml; what is there stays.

    Raises:
        StoreError: It cannot be written.
    """
    project_file.append_table(root, table)


def run_to_end(root: Path, command: Sequence[str]) -> tuple[int, str]:
    """Run a program in the project.

    Returns:
        Its exit status and what it printed.

    Raises:
        EvidenceError: It cannot be started.
    """
    completed = process.run(command, cwd=root)
    return completed.returncode, completed.stdout + completed.stderr


def write_reports(report: Report, settings: Settings, base: Path, known: Extensions | None = None) -> None:
    """Write every report that was asked for; relative paths are relative to `base`.

    Raises:
        StoreError: One cannot be written; the text says which and why.
    """
    formats = {format_.name: format_ for format_ in (known or extensions()).reports}
    for request in settings.reports:
        write(base / request.path, formats[request.format].render(report))


def rule_texts(known: Extensions | None = None) -> dict[str, tuple[RuleText, tuple[Gate, ...]]]:
    """The text of each rule, with the gates that have it."""
    found: dict[str, tuple[RuleText, tuple[Gate, ...]]] = {}
    for gate in (known or extensions()).gates:
        for text in gate.spec.rule_texts:
            _, gates = found.get(text.rule, (text, ()))
            found[text.rule] = (text, (*gates, gate))
    return found


def _own_catalogue(root: Path, settings: Settings) -> tuple[CatalogueFile, ...]:
    """The user's own catalogue files.

    Raises:
        CatalogueError: Some are wrong; with every problem of all of them.
    """
    if not settings.catalogue:
        return ()
    text = document.text(root)

    def read(number: int, table: Mapping[str, Any]) -> CatalogueFile:
        return reader.from_table(table, document.FILE_NAME, text, (*document.TABLE, "catalogue", number))

    files, problems = _read_all(partial(read, *numbered) for numbered in enumerate(settings.catalogue))
    if problems:
        raise CatalogueError(problems)
    return files


def _read_all(
    readings: Iterable[Callable[[], CatalogueFile]],
) -> tuple[tuple[CatalogueFile, ...], list[str]]:
    """What could be read, and every problem of what could not."""
    files: list[CatalogueFile] = []
    problems: list[str] = []
    for reading in readings:
        try:
            files.append(reading())
        except CatalogueError as error:
            problems += error.problems
    return tuple(files), problems


def _task(
    root: Path,
    settings: Settings,
    selection: Selection | None,
    known: Extensions | None,
    python: str,
    *,
    with_types: bool,
    keeps_cache: bool,
) -> Task:
    brought = (known or extensions()).catalogue
    return Task(
        root=str(root.absolute()),
        selection=select(root, settings) if selection is None else selection,
        catalogue=(*brought, *_own_catalogue(root, settings)),
        python=python,
        checker=settings.type_checker if with_types else "",
        keeps_cache=keeps_cache,
    )


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
