"""What happens in a test session, noted down as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_quality_gates.facts.shard import ShardFact
from pytest_quality_gates.plugin.suite_files import is_explained, unvisited
from pytest_quality_gates.policy.partial_run import RunShape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_quality_gates.plugin.shard import BundleRequest


class RunRecord:
    """Counts what the verdict depends on. Its methods are pytest's hooks, so it is registered as a plugin."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._ran: set[str] = set()
        self._failed: set[str] = set()
        self._errors: set[str] = set()
        self._collected: dict[str, None] = {}
        self._deselected: dict[str, None] = {}
        self._only_last_failed = False
        self._visited: set[str] = set()
        self._found = 0
        self._removed = 0
        self.stopped_by = ""
        """Why the session ended before its time: `interrupted`, `internal error`; empty where it did not."""

    @property
    def tests_failed(self) -> int:
        """Tests of which any phase failed."""
        return len(self._failed)

    @property
    def collection_errors(self) -> int:
        """Files and directories that could not be collected."""
        return len(self._errors)

    @property
    def deselected(self) -> list[str]:
        """Ids of the tests that were collected and left out, by whatever asked for it."""
        return list(self._deselected)

    @property
    def collected(self) -> list[str]:
        """Ids of the tests that were selected to run."""
        return list(self._collected)

    @property
    def left_out(self) -> int:
        """How many tests were found and left out, with or without a word."""
        return len(self._deselected) + self._removed

    @property
    def removed(self) -> int:
        """How many tests were found and taken away without a word."""
        return self._removed

    @property
    def visited(self) -> tuple[str, ...]:
        """The files and directories where tests were looked for."""
        return tuple(sorted(self._visited))

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """See whether `--lf` has anything to repeat: it passes over whole files without a word to anybody."""
        if getattr(config.option, "lf", False) and config.cache is not None:
            self._only_last_failed = bool(config.cache.get("cache/lastfailed", {}))

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Note tests that somebody leaves out."""
        self._deselected.update((item.nodeid, None) for item in items)
        self._visit(items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be collected, and where tests were looked for."""
        if report.failed:
            self._errors.add(report.nodeid)
        self._visited.add(report.nodeid.partition("::")[0])
        self._found += sum(isinstance(node, pytest.Item) for node in report.result or ())

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the tests that are to run, and count those that somebody took away without a word."""
        self._collected.update((item.nodeid, None) for item in session.items)
        self._visit(session.items)
        if not any("::" in argument for argument in session.config.args):
            self._removed = max(0, self._found - len(self._deselected) - len(session.items))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note failures, in whatever phase."""
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note that a test came to its end."""
        self._ran.add(nodeid)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tell Ctrl-C and `pytest.exit` from the stop after so many failures, for which pytest and xdist have subclasses."""
        if type(excinfo.value) is KeyboardInterrupt or isinstance(excinfo.value, pytest.exit.Exception):
            self.stopped_by = "interrupted"

    def pytest_internalerror(self) -> None:
        """Note that pytest or a plugin broke."""
        self.stopped_by = "internal error"

    def _visit(self, items: Iterable[pytest.Item]) -> None:
        self._visited |= {item.nodeid.partition("::")[0] for item in items}

    def add(
        self, collected: Iterable[str], deselected: Iterable[str], removed: int, visited: Iterable[str]
    ) -> None:
        """Take over what a worker noted; each worker collects the whole suite."""
        self._collected.update(dict.fromkeys(collected))
        self._deselected.update(dict.fromkeys(deselected))
        self._removed = max(self._removed, removed)
        self._visited |= set(visited)

    def shard(self, shape: RunShape, exit_status: int, problem: str, request: BundleRequest) -> ShardFact:
        """What a bundle says; the digests and the profile are filled in by who knows them."""
        return ShardFact(
            index=request.index,
            total=request.total,
            tree="",
            settings="",
            profile="",
            collected=tuple(self._collected),
            ran=tuple(sorted(self._ran)),
            deselected=tuple(self._deselected),
            is_explained=is_explained(self._config),
            failed=tuple(sorted(self._failed)),
            collection_errors=self.collection_errors,
            node_ids=shape.node_ids,
            unvisited=shape.unvisited,
            only_last_failed=shape.only_last_failed,
            exit_status=exit_status,
            problem=problem,
        )

    def shape(self, collected: int, test_files: Iterable[str], suite: Sequence[str] = ()) -> RunShape:
        """All of it.

        Args:
            collected: How many tests were selected to run.
            test_files: Test files of the project, relative to its root.
            suite: What the whole suite is, relative to the root; empty for pytest's own `testpaths`.
        """
        return RunShape(
            collected=collected,
            ran=len(self._ran),
            deselected=self._removed if is_explained(self._config) else self.left_out,
            node_ids=tuple(argument for argument in self._config.args if "::" in argument),
            unvisited=unvisited(self._config, test_files, suite, self._visited),
            collection_errors=self.collection_errors,
            only_last_failed=self._only_last_failed,
        )
