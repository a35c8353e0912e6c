"""What the tests cover: measured by us, or taken from who already measures."""

from __future__ import annotations

import atexit
import glob
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import msgspec

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.coverage_core import (
    COVERAGE_ERRORS,
    close,
    core_name,
    option,
    start_fastest,
)
from pytest_quality_gates.evidence.coverage_data import combined, file_coverage, settled
from pytest_quality_gates.facts.coverage import CoverageFacts
from pytest_quality_gates.facts.fact_set import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OWN = "pytest-quality-gates"
PYTEST_COV = "pytest-cov"
COVERAGE_RUN = "coverage run"

_FILE = "COVERAGE_FILE"
_PROCESS_CONFIG = "COVERAGE_PROCESS_CONFIG"
_PROCESS_START = "COVERAGE_PROCESS_START"
_SOURCE_OPTIONS = ("run:source", "run:source_pkgs", "run:source_dirs", "run:include")
_WARNINGS = (
    "couldnt-parse",
    "module-not-imported",
    "module-not-measured",
    "no-data-collected",
    "already-imported",
)


class Handover(msgspec.Struct, frozen=True):
    """What one process measured, on its way to the process that judges."""

    root: str
    """The project's directory there."""
    core: str
    data: bytes
    """In coverage.py's form for sending data elsewhere."""
    moved: dict[str, tuple[str, ...]]


class Collector:
    """Measures this process, receives what others measured and gives the facts of all.

    Data files of the user's are neither read nor written: ours are in a temporary directory until `close`.
    """

    def __init__(self, root: Path, judged: Mapping[str, str], files: Sequence[str] = ()) -> None:
        """Prepare to measure; nothing is started.

        Args:
            root: The project's directory.
            judged: What to measure where the project's own `[tool.coverage]` does not say: directories and files
                relative to the root, each with the name of its module (empty for a directory that is no package).
            files: Judged files, relative to the root; where one is gone in the end, its coverage is unknown.
        """
        self._root = root
        self._judged = judged
        self._files = [file for file in files if (root / file).exists()]
        self._directory: Path | None = None
        self._measurement: coverage.Coverage | None = None
        self._running = False
        self._is_aimed = False
        self._earlier: frozenset[Path] = frozenset()
        self._settings_file: str | bool = True
        self._origin = OWN
        self._core = self._core_reason = ""
        self._problem = ""
        self._moved: dict[str, tuple[str, ...]] = {}
        self._environment = {name: os.environ.get(name) for name in (_FILE, _PROCESS_CONFIG)}

    @property
    def origin(self) -> str:
        """Who measures: `pytest-quality-gates`, `pytest-cov` or `coverage run`."""
        return self._origin

    @property
    def keeps_exits(self) -> bool:
        """Whether a forked child that ends by `os._exit` leaves behind what it covered.

        With coverage.py's own patch (since 7.10), and with pytest-cov before 7, which saves it after each test.
        """
        if self._measurement is None:
            return False
        saves = self._origin == PYTEST_COV and find_spec("pytest_cov.embed") is not None
        return saves or "_exit" in (option(self._measurement, "run:patch") or ())

    def start(self) -> None:
        """Start to measure, unless `coverage run` already measures this project in this process."""
        try:
            running = coverage.Coverage.current()
            if running is not None and _covers(running, self._root, self._judged):
                self._measurement, self._origin = running, COVERAGE_RUN
                self._earlier = _child_files(running)
            else:
                self._start_own()
        except (*COVERAGE_ERRORS, OSError) as error:
            self._problem = f"coverage cannot be measured: {error}"
        except Exception as error:  # noqa: BLE001 - the project's coverage plugins are loaded here: any code
            self._problem = f"coverage cannot be measured: {type(error).__name__}: {error}"

    def stop(self) -> None:
        """End our own measurement; harmless where there is none."""
        if self._measurement is None or not self._running:
            return
        self._running = False
        try:
            with settled(self._root):
                self._measurement.stop()
                self._touch_modules(self._measurement.get_data())
                self._measurement.save()
                close(self._measurement.get_data())
        except (*COVERAGE_ERRORS, OSError) as error:
            self._problem = f"coverage could not be measured: {error}"
        for place, others in self._elsewhere().items():
            self._note_moved(place, others)
        self._restore_environment()

    def adopt(self, measurement: object) -> None:
        """Use the data of pytest-cov, which has ended its measurement."""
        if not isinstance(measurement, coverage.Coverage):
            self._problem = "pytest-cov measured nothing"
            return
        self._measurement, self._origin = measurement, PYTEST_COV

    def hand_over(self) -> bytes:
        """What this process measured, for `receive` in another.

        Raises:
            EvidenceError: It could not be measured.
        """
        self.stop()
        if self._problem:
            raise EvidenceError(self._problem)
        handover = Handover(str(self._root), self._core, self._dumped(), self._moved)
        return msgspec.msgpack.encode(handover)

    def bundle(self) -> bytes:
        """What this process and all that were received measured, for `receive` on another machine; used up by this.

        Raises:
            EvidenceError: It could not be measured.
        """
        self.stop()
        if self._problem:
            raise EvidenceError(self._problem)
        try:
            if self._origin != OWN:
                self._take_foreign()
            dumped = combined(self._root, self._data, settings_file=self._settings_file, moved=self._moved)
        except (*COVERAGE_ERRORS, OSError) as error:
            raise EvidenceError(str(error)) from error
        return msgspec.msgpack.encode(Handover(str(self._root), self._core, dumped, {}))

    def receive(self, sent: bytes) -> None:
        """Add what another process measured.

        Raises:
            EvidenceError: It is damaged.
        """
        try:
            handover = msgspec.msgpack.decode(sent, type=Handover)
        except msgspec.MsgspecError as error:
            raise EvidenceError(f"what was measured elsewhere cannot be read: {error}") from error
        self._core = handover.core or self._core
        for place, others in handover.moved.items():
            self._note_moved(place, others)
        if handover.root != str(self._root):
            self._note_moved(str(self._root), (handover.root,))
        self._write(handover.data)

    def lose(self, reason: str) -> None:
        """Say that some of the data will never come."""
        self._problem = self._problem or reason

    def facts(self) -> CoverageFacts | Unavailable:
        """What was covered, by this process and by all that were received; used up by this."""
        self.stop()
        gone = [file for file in self._files if not (self._root / file).exists()]
        if gone:
            self.lose(f"removed during the run, so that its coverage is unknown: {', '.join(gone)}")
        if self._problem:
            return Unavailable("could_not_run", self._problem)
        try:
            if self._origin != OWN:
                self._take_foreign()
            has_branches, files = file_coverage(
                self._root, self._data, settings_file=self._settings_file, moved=self._moved
            )
        except (EvidenceError, *COVERAGE_ERRORS, OSError) as error:
            return Unavailable("could_not_run", str(error))
        except Exception as error:  # noqa: BLE001 - a suite may leave the standard library broken
            reason = f"the coverage data cannot be read: {type(error).__name__}: {error}"
            return Unavailable("could_not_run", reason)
        return CoverageFacts(
            origin=self._origin,
            core=self._core,
            core_reason=self._core_reason,
            has_branches=has_branches,
            files=files,
        )

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        self._restore_environment()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def _data(self) -> Path:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="quality-gates-")).resolve()
        return self._directory / "coverage"

    def _start_own(self) -> None:
        _keep_automatic_measurement()
        with settled(self._root):
            measurement = coverage.Coverage(data_file=str(self._data), data_suffix=True)
            if not any(option(measurement, name) for name in _SOURCE_OPTIONS):
                self._aim(measurement)
            quiet = option(measurement, "run:disable_warnings") or []
            measurement.set_option("run:disable_warnings", [*quiet, *_WARNINGS])
            if self._has_helpers(measurement):
                os.environ[_FILE] = str(self._data)
            self._core_reason = start_fastest(measurement)
            self._core = core_name(measurement)
        self._measurement, self._running = measurement, True

    def _aim(self, measurement: coverage.Coverage) -> None:
        """Measure what is judged, and the same packages where an installed copy of them is imported."""
        directories = [str(self._root / place) for place in self._judged if (self._root / place).is_dir()]
        packages = [name for name in self._judged.values() if name and "." not in name]
        # No source at all would mean everything to coverage.py, where nothing is meant.
        nothing = [] if packages else [str(self._data.parent)]
        measurement.set_option("run:source", directories or nothing)
        measurement.set_option("run:source_pkgs", packages)
        self._is_aimed = True

    @staticmethod
    def _has_helpers(measurement: coverage.Coverage) -> bool:
        """Whether child processes will measure themselves by the project's settings, data file included."""
        return "multiprocessing" in (option(measurement, "run:concurrency") or ()) or bool(
            os.environ.get(_PROCESS_START)
        )

    def _touch_modules(self, data: coverage.CoverageData) -> None:
        """Name single modules that were never imported; coverage.py does so for packages only."""
        modules = [str(self._root / place) for place in self._judged if (self._root / place).is_file()]
        if modules and self._is_aimed and data.measured_files():
            data.touch_files(modules)

    def _elsewhere(self) -> dict[str, tuple[str, ...]]:
        """By judged directory: where this process really imported the package from, if not from there."""
        moved = {}
        for place, name in self._judged.items():
            imported = [str(path) for path in getattr(sys.modules.get(name), "__path__", ())]
            others = tuple(path for path in imported if not Path(path).is_relative_to(self._root / place))
            if name and others and (self._root / place).is_dir():
                moved[str(self._root / place)] = others
        return moved

    def _note_moved(self, place: str, others: tuple[str, ...]) -> None:
        """Workers may have told of other places before our own measurement ends."""
        self._moved[place] = tuple(dict.fromkeys((*self._moved.get(place, ()), *others)))

    def _dumped(self) -> bytes:
        if self._measurement is None:
            raise EvidenceError("nothing was measured")
        with settled(self._root):
            if self._origin == OWN:
                self._measurement.combine()
            return self._measurement.get_data().dumps()

    def _take_foreign(self) -> None:
        if self._measurement is None:
            raise EvidenceError(f"{self._origin} measured nothing")
        self._core = core_name(self._measurement) or self._core
        self._settings_file = self._measurement.config.config_file or False
        self._write(self._dumped())
        for number, file in enumerate(sorted(_child_files(self._measurement) - self._earlier)):
            shutil.copyfile(file, f"{self._data}.child.{number}")

    def _write(self, dumped: bytes) -> None:
        number = len(list(self._data.parent.iterdir()))
        with settled(self._root):
            data = coverage.CoverageData(basename=str(self._data), suffix=f"received.{number}")
            try:
                data.loads(dumped)
            except COVERAGE_ERRORS as error:
                raise EvidenceError(f"what was measured elsewhere cannot be read: {error}") from error
            finally:
                close(data)

    def _restore_environment(self) -> None:
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _automatic() -> coverage.Coverage | None:
    """What coverage.py started by itself because a parent process asked for it."""
    return getattr(coverage.process_startup, "coverage", None)


def _covers(running: coverage.Coverage, root: Path, judged: Mapping[str, str]) -> bool:
    """Whether a measurement that already runs is one of this project.

    `coverage run` always is. One that started by itself may come from a parent that measures another project, or from
    our own process, whose measurement each worker repeats.
    """
    if running is not _automatic():
        return True
    if Path(str(option(running, "run:data_file"))).parent.name.startswith("quality-gates-"):
        return False
    sources = [*(option(running, "run:source") or ()), *(option(running, "run:source_dirs") or ())]
    packages = option(running, "run:source_pkgs") or ()
    if not sources and not packages:
        return option(running, "run:include") is None and root.is_relative_to(Path.cwd())
    wanted = [(root / place, name) for place, name in judged.items()]
    return any(
        name in packages
        or name in sources
        or any(path.is_relative_to(Path(source).resolve()) for source in sources)
        for path, name in wanted
    )


def _child_files(measurement: coverage.Coverage) -> frozenset[Path]:
    """The data files that child processes of a measurement have written so far; `coverage combine` will want them."""
    beginning = Path(str(option(measurement, "run:data_file"))).absolute()
    if not option(measurement, "run:parallel"):
        return frozenset()
    return frozenset(beginning.parent.glob(f"{glob.escape(beginning.name)}.*"))


def _keep_automatic_measurement() -> None:
    """coverage.py drops what it measured by itself as soon as anybody measures on purpose; write it all the same."""
    automatic = _automatic()
    if automatic is not None:
        atexit.register(_save, automatic)


def _save(measurement: coverage.Coverage) -> None:
    measurement.stop()
    measurement.save()
