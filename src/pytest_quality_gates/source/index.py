"""The judged source -> `SourceFacts`: read every file, follow names and calls, say what protects each external call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pytest_quality_gates.catalogue.schema import CatalogueFile
from pytest_quality_gates.facts.source import FunctionFact, ModuleFact, SourceFacts
from pytest_quality_gates.facts.type_check import CalleeName
from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.call_sites import CallSites
from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.handler_facts import HandlerFacts
from pytest_quality_gates.source.lexicon import Lexicon
from pytest_quality_gates.source.project import Module, Project
from pytest_quality_gates.source.read_module import UnreadableSourceError, read_module
from pytest_quality_gates.source.selection import SelectedFile, Selection
from pytest_quality_gates.source.summary import ModuleSummary
from pytest_quality_gates.source.values import Site, forget_ranks
from pytest_quality_gates.source.without_garbage import without_garbage_collection


class Reading(NamedTuple):
    """The files that were read, and a fact for each that was selected."""

    modules: list[Module]
    facts: list[ModuleFact]


Load = Callable[[SelectedFile], ModuleSummary]


def build(
    root: Path,
    selection: Selection,
    callees: Mapping[str, tuple[CalleeName, ...]],
    catalogue: Iterable[CatalogueFile],
    versions: Mapping[str, str],
) -> SourceFacts:
    """Read the selected files and answer every question about their calls.

    Args:
        root: What the paths of the facts are relative to.
        selection: The files, with their roles.
        callees: By path, what the type checker says each callee is; empty where it did not run.
        catalogue: The files of the catalogue, the user's last.
        versions: By distribution, the release of each library that is in use, where known.

    Returns:
        All facts. A file that cannot be read or parsed is a `ModuleFact` with an error, and hides no other.
    """
    return analyse(read(selection, from_files(root)), callees, catalogue, versions)


def from_files(root: Path) -> Load:
    """How `read` gets the summary of a file: from its text below `root`."""
    return lambda file: read_module((root / file.path).read_bytes(), file.path)


def analyse(
    reading: Reading,
    callees: Mapping[str, tuple[CalleeName, ...]],
    catalogue: Iterable[CatalogueFile],
    versions: Mapping[str, str],
) -> SourceFacts:
    """Answer every question about the calls of what was read; the arguments are those of `build`."""
    modules = reading.modules
    with without_garbage_collection():
        project = Project(modules, Lexicon(catalogue, versions))
        evaluator = Evaluator(project)
        evaluator.typed = _typed(modules, callees)
        graph = CallGraph(project, evaluator)
        graph.build()
        sites = CallSites(graph)
        found = sites.facts()
        handlers = HandlerFacts(graph, sites).facts()
        forget_ranks()
    return SourceFacts(
        modules=tuple(sorted(reading.facts, key=lambda fact: fact.path)),
        functions=_by_place(fact for module in modules for fact in module.summary.functions),
        handlers=handlers,
        call_sites=found,
    )


def read(selection: Selection, load: Load) -> Reading:
    """Get the summary of each selected file.

    Args:
        selection: The files, with their roles.
        load: Gives one summary. It may raise `UnreadableSourceError` and `OSError`: then the fact says why.
    """
    modules: list[Module] = []
    facts: list[ModuleFact] = []
    with without_garbage_collection():
        for file in selection.files:
            if file.role != "source":
                facts.append(ModuleFact(path=file.path, module=file.module, lines=0, role=file.role))
                continue
            try:
                summary = load(file)
            except UnreadableSourceError as error:
                facts.append(_unread(file, error.reason, error.line))
            except OSError as error:
                facts.append(_unread(file, error.strerror or str(error), 1))
            else:
                modules.append(Module(file.path, file.module, summary))
                facts.append(
                    ModuleFact(path=file.path, module=file.module, lines=summary.lines, role="source")
                )
    return Reading(modules, facts)


def _unread(file: SelectedFile, reason: str, line: int) -> ModuleFact:
    return ModuleFact(
        path=file.path, module=file.module, lines=0, role="unparsed", error=reason, error_line=line
    )


def _typed(
    modules: Iterable[Module], callees: Mapping[str, tuple[CalleeName, ...]]
) -> dict[Site, tuple[str, ...]]:
    """The type checker's names, by call; both count columns as the parser does."""
    found: dict[Site, tuple[str, ...]] = {}
    for module in modules:
        by_place: dict[tuple[int, int, int, int], list[CalleeName]] = {}
        for item in callees.get(module.path, ()):
            by_place.setdefault((item.line, item.column, item.end_line, item.end_column), []).append(item)
        if not by_place:
            continue
        for index, call in enumerate(module.summary.calls):
            named = by_place.get((call.line, call.column, call.end_line, call.end_column))
            if named:
                bases = (name for item in named for name in item.also)
                found[module.sites[index]] = tuple(dict.fromkeys((*(item.name for item in named), *bases)))
    return found


def _by_place(facts: Iterable[FunctionFact]) -> tuple[FunctionFact, ...]:
    return tuple(sorted(facts, key=lambda fact: (fact.path, fact.line)))
