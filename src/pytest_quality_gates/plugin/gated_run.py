"""The hooks of a run with `--quality-gates`: measure while the tests run, judge when they have ended."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from pytest_quality_gates import sharding, wiring
from pytest_quality_gates.config.project_root import check_root
from pytest_quality_gates.config.settings import Overrides, Settings
from pytest_quality_gates.errors import ConfigurationError, EvidenceError, StoreError
from pytest_quality_gates.evidence.coverage import PYTEST_COV, Collector
from pytest_quality_gates.evidence.imported import imported_files
from pytest_quality_gates.facts.coverage import CoverageFacts
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.model.origin import Run
from pytest_quality_gates.plugin.check_record import CheckRecord
from pytest_quality_gates.plugin.cost import Cost
from pytest_quality_gates.plugin.run_record import RunRecord
from pytest_quality_gates.plugin.screen import Screen
from pytest_quality_gates.plugin.shard import BundleRequest, bundle_request
from pytest_quality_gates.policy.partial_run import RunShape, partial_reason
from pytest_quality_gates.policy.session import nothing_ran, trouble, with_trouble
from pytest_quality_gates.policy.unjudged import unjudged
from pytest_quality_gates.policy.verdict import fails_session
from pytest_quality_gates.source.without_garbage import without_garbage_collection
from pytest_quality_gates.static.messages import Seconds
from pytest_quality_gates.static.run import StaticRun
from pytest_quality_gates.store import bundle

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pytest_quality_gates.model.origin import Tree
    from pytest_quality_gates.model.report import Report
    from pytest_quality_gates.source.selection import Selection

_OUTPUT = "quality_gates"
"""Our key in what an xdist worker sends to the controller."""


class GatedRun:
    """One pytest process with gates: the only one, the controller of xdist, or a worker that only measures."""

    def __init__(self, config: pytest.Config, began: float) -> None:
        """Prepare, and start to measure.

        Args:
            config: pytest's.
            began: When our code was first loaded, by `time.perf_counter`.
        """
        self._config = config
        self._pid = os.getpid()
        self._root = config.rootpath
        self._overrides = _overrides(config)
        self._record = RunRecord(config)
        self._checks = CheckRecord(wiring.watch(config.rootpath))
        self._screen = Screen(config)
        self._static: StaticRun | None = None
        self._bundle = bundle_request(config)
        self._digest = ""
        self._beside = Seconds()
        self._workers = 0
        self._imported: set[str] = set()
        self._heard = 0
        self._said = ""
        self._tree: Tree | None = None
        self._uses_pytest_cov = _uses_pytest_cov(config)
        wiring.register(config.pluginmanager)
        with _usage_errors():
            self._settings = self._early_settings()
            self._selection = wiring.select(self._root, self._settings)
        self._collector = _collector(config, self._selection)
        config.pluginmanager.register(self._record, "quality-gates-record")
        config.pluginmanager.register(self._checks, "quality-gates-checks")
        config.add_cleanup(self._close)
        if not self._uses_pytest_cov:
            self._collector.start()
        self._cost = Cost(began)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Read the settings again: conftest files may have added gates by now."""
        with self._cost.before_tests(), _usage_errors():
            self._known = wiring.extensions(self._config.pluginmanager)
            self._settings = wiring.configure(self._root, self._overrides, self._known)

    def pytest_report_header(self) -> str:
        """Say what is judged, by which profile, and who measures."""
        origin = PYTEST_COV if self._uses_pytest_cov else self._collector.origin
        judged = self._selection
        return self._screen.header(self._settings.profile, judged.roots, len(judged.judged), origin)

    def pytest_sessionstart(self) -> None:
        """Take old reports away, so that a run that dies leaves none that says passed; start the type checker."""
        if self._is_worker:
            return
        with self._cost.before_tests(), _usage_errors():
            check_root(self._root, judges_nothing=not self._selection.judged)
            for request in self._settings.reports:
                _remove(self._config.invocation_params.dir / request.path)
            wiring.changes(self._root, self._settings)
            if self._bundle is None:
                self._tree = wiring.tree_of(self._root, self._selection)
                self._static = self._start_static()
                return
            self._digest = sharding.tree_digest(self._root, self._selection)
            bundle.remove(self._bundle.directory)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """End the measurement with the last test."""
        try:
            return (yield)
        finally:
            with self._cost.after_tests():
                self._collector.stop()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self) -> None:
        """Count the workers of xdist."""
        self._workers += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ANN401 - a class of xdist
        """Receive what a worker measured."""
        sent = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if error or sent is None:
            self._collector.lose(f"worker {node.gateway.id} ended without a word: what it covered is unknown")
            return
        self._heard += 1
        self._record.add(sent["collected"], sent["deselected"], sent["removed"], sent["visited"])
        self._checks.receive(sent["checks"])
        self._imported.update(sent["imported"])
        if sent["problem"]:
            self._collector.lose(f"worker {node.gateway.id}: {sent['problem']}")
        elif sent["coverage"]:
            try:
                self._collector.receive(sent["coverage"])
            except EvidenceError as damage:
                self._collector.lose(f"worker {node.gateway.id}: {damage}")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Judge after everybody else has had their say, so that the verdict is the last line."""
        if self._is_worker:
            self._hand_over()
        result = yield
        if not self._is_worker and os.getpid() == self._pid:
            self._conclude(session)
        return result

    @property
    def _is_worker(self) -> bool:
        return hasattr(self._config, "workerinput")

    def _early_settings(self) -> Settings:
        """The settings that say what to measure; a gate that a conftest file adds is not known yet."""
        try:
            return wiring.configure(
                self._root, self._overrides, wiring.extensions(self._config.pluginmanager)
            )
        except ConfigurationError:
            return Settings(profile="", complete=False, gates=())

    def _start_static(self) -> StaticRun:
        return wiring.start_static(self._root, self._settings, self._selection, known=self._known)

    def _hand_over(self) -> None:
        sent = {
            "coverage": b"",
            "problem": "",
            "collected": self._record.collected if self._bundle else [],
            "deselected": self._record.deselected,
            "removed": self._record.removed,
            "visited": self._record.visited,
            "checks": self._checks.sent(),
            "imported": imported_files(self._root),
        }
        if not self._uses_pytest_cov:
            try:
                sent["coverage"] = self._collector.hand_over()
            except EvidenceError as error:
                sent["problem"] = str(error)
        self._config.workeroutput[_OUTPUT] = sent  # type: ignore[attr-defined] # xdist puts it there

    def _conclude(self, session: pytest.Session) -> None:
        if self._record.stopped_by:
            self._screen.verdict(f"not evaluated ({self._record.stopped_by})")
            return
        if self._bundle is not None:
            self._write_bundle(session, self._bundle)
            return
        try:
            with self._cost.after_tests(), without_garbage_collection():
                report = self._judged(session)
        except KeyboardInterrupt:
            session.exitstatus = pytest.ExitCode.INTERRUPTED
            self._screen.verdict("not evaluated (interrupted)")
            return
        self._publish(report, session)

    def _judged(self, session: pytest.Session) -> Report:
        with self._screen.waiting("quality gates: ") as tell:
            static = (self._static or self._start_static()).join(tell)
            self._beside = static.seconds
            shape = self._shape(session)
            facts = FactSet(
                source=static.source,
                coverage=self._coverage(session, shape),
                types=static.types,
                tests=self._checks.facts(),
            )
            self._update_baseline(session, facts)
            report = wiring.judge(
                self._root,
                self._settings,
                facts,
                known=self._known,
                judged=static.judged,
                left_out=static.left_out,
                run=self._run(shape),
                tree=self._tree,
            )
        return with_trouble(report, self._trouble(session))

    def _update_baseline(self, session: pytest.Session, facts: FactSet) -> None:
        """Write the baseline where that is asked for; what a failing run covers says nothing about the next one."""
        if not self._settings.update_baseline:
            return
        if problem := self._trouble(session):
            self._said = f"the baseline was not written: {problem}"
            return
        try:
            self._said = wiring.update_baseline(self._root, self._settings, facts, self._known)
        except StoreError as error:
            self._said = str(error)

    def _trouble(self, session: pytest.Session) -> str:
        return trouble(
            tests_failed=self._record.tests_failed,
            collection_errors=self._record.collection_errors,
            collected=session.testscollected,
            deselected=self._record.left_out,
            exit_status=int(session.exitstatus),
        )

    def _coverage(self, session: pytest.Session, shape: RunShape) -> CoverageFacts | Unavailable:
        self._await_all()
        if not session.testscollected and not self._record.collection_errors:
            return Unavailable("not_evaluated", nothing_ran(self._record.left_out))
        facts = self._collector.facts()
        if isinstance(facts, Unavailable):
            return facts
        partial = partial_reason(shape) or self._lost_in_children()
        return msgspec.structs.replace(facts, partial=partial)

    def _lost_in_children(self) -> str:
        """Why the figure says nothing where tests ran in forked children (pytest-forked); empty where it does."""
        count = self._checks.in_children
        if not count or self._collector.keeps_exits:
            return ""
        ran = "1 test ran in a forked child" if count == 1 else f"{count} tests ran in forked children"
        remedy = 'patch = ["_exit"] in [tool.coverage.run], with coverage.py 7.10 or newer'
        return f"{ran}, and what that covered is lost; to keep it: {remedy}"

    def _await_all(self) -> None:
        """Take what others measured; those who are missing now will not come."""
        if self._uses_pytest_cov:
            plugin = self._config.pluginmanager.get_plugin("_cov")
            self._collector.adopt(getattr(getattr(plugin, "cov_controller", None), "cov", None))
        if self._heard < self._workers:
            self._collector.lose(f"only {self._heard} of {self._workers} workers came to their end")

    def _shape(self, session: pytest.Session) -> RunShape:
        tests = [file.path for file in self._selection.files if file.role == "test"]
        return self._record.shape(session.testscollected, tests, self._settings.suite)

    def _unjudged(self) -> tuple[str, ...]:
        roles = {file.path: file.role for file in self._selection.files}
        ran = {*self._imported, *imported_files(self._root)}
        return unjudged(ran, roles, self._record.visited)

    def _run(self, shape: RunShape) -> Run:
        return Run(
            collected=shape.collected,
            ran=shape.ran,
            deselected=self._record.left_out,
            partial=partial_reason(shape),
            unjudged=self._unjudged(),
        )

    def _write_bundle(self, session: pytest.Session, request: BundleRequest) -> None:
        """Leave a bundle in place of a verdict; pytest's exit status stays."""
        self._await_all()
        coverage, problem = b"", ""
        try:
            coverage = self._collector.bundle()
        except EvidenceError as error:
            problem = str(error)
        shard = msgspec.structs.replace(
            self._record.shard(self._shape(session), int(session.exitstatus), problem, request),
            tree=self._digest,
            checks=self._checks.facts(),
            settings=sharding.settings_digest(self._settings),
            profile=self._settings.profile,
        )
        try:
            bundle.write(request.directory, shard, coverage)
        except StoreError as error:
            self._screen.problem(str(error))
            self._screen.verdict("failed (the bundle could not be written)")
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
            return
        told = f"; its coverage is unknown: {problem}" if problem else ""
        self._screen.said(f"quality gates: not judged, {request.words} is in {request.directory}{told}")

    def _publish(self, report: Report, session: pytest.Session) -> None:
        problem = ""
        try:
            wiring.write_reports(report, self._settings, self._config.invocation_params.dir, self._known)
        except StoreError as error:
            problem = str(error)
            report = with_trouble(report, "a report could not be written")
        if problem:
            self._screen.problem(problem)
        if self._said:
            self._screen.said(f"quality gates: {self._said}")
        self._screen.report(report, self._cost.words(self._beside))
        if session.exitstatus == pytest.ExitCode.OK and fails_session(report.verdict):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _close(self) -> None:
        if os.getpid() != self._pid:
            return
        if self._static is not None:
            self._static.kill()
        self._collector.close()


@contextlib.contextmanager
def _usage_errors() -> Iterator[None]:
    """A wrong configuration is a usage error: exit status 4 and its text, no traceback."""
    try:
        yield
    except (ConfigurationError, StoreError) as error:
        raise pytest.UsageError(f"quality gates: {error}") from None


def _overrides(config: pytest.Config) -> Overrides:
    options = config.known_args_namespace
    return Overrides(
        profile=options.quality_gates_profile,
        complete=options.quality_gates_complete,
        in_ci=os.environ.get("CI", "").lower() not in {"", "0", "false"},
        reports=tuple(options.quality_gates_report),
        update_baseline=options.quality_gates_update_baseline,
        since=options.quality_gates_since,
    )


def _uses_pytest_cov(config: pytest.Config) -> bool:
    options = config.known_args_namespace
    return bool(getattr(options, "cov_source", None)) and not getattr(options, "no_cov", False)


def _collector(config: pytest.Config, selection: Selection) -> Collector:
    names = {file.path: file.module for file in selection.files}
    judged = {place: names.get(f"{place}/__init__.py", names.get(place, "")) for place in selection.roots}
    return Collector(config.rootpath, judged, [file.path for file in selection.judged])


def _remove(path: os.PathLike[str]) -> None:
    """Take away the report of an earlier run."""
    try:
        os.remove(path)  # noqa: PTH107 - a path of any kind
    except OSError as error:
        if os.path.isfile(path):  # noqa: PTH113 - as above
            raise pytest.UsageError(
                f"quality gates: the old report {path} cannot be replaced: {error}"
            ) from None
