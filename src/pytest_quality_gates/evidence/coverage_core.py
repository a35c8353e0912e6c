"""Which of coverage.py's measurement cores is the fastest that is right for a project."""

from __future__ import annotations

import logging
import os
import platform
import sys
from typing import Any, NamedTuple

import coverage
from coverage.exceptions import ConfigError, CoverageException

COVERAGE_ERRORS = (CoverageException, ConfigError)
"""All that coverage.py raises on purpose; in older versions the second is no subclass of the first."""

_UNMONITORED_CONCURRENCY = frozenset({"greenlet", "eventlet", "gevent"})
_CORE_NAMES = {"SysMonitor": "sysmon", "CTracer": "ctrace", "PyTracer": "pytrace"}

log = logging.getLogger(__name__)


class CoreChoice(NamedTuple):
    """Which core is to measure."""

    is_sysmon: bool
    """Otherwise coverage.py decides."""
    reason: str


def option(measurement: coverage.Coverage, name: str) -> Any:  # noqa: ANN401 - coverage.py's options have many types
    """One of coverage.py's settings; None where this version of it does not know the setting."""
    try:
        return measurement.get_option(name)
    except COVERAGE_ERRORS:
        return None


def choose_core(measurement: coverage.Coverage) -> CoreChoice:
    """Whether `sys.monitoring` measures this project correctly and nobody chose a core, and why.

    It knows branches from CPython 3.14 on, and never dynamic contexts, file tracer plugins or greenlets.
    """
    against = _made_choice(measurement) or _hindrance(measurement)
    return CoreChoice(is_sysmon=not against, reason=against or "the fastest that is right here")


def _made_choice(measurement: coverage.Coverage) -> str:
    if os.environ.get("COVERAGE_CORE"):
        return "chosen by COVERAGE_CORE"
    if option(measurement, "run:core"):
        return "chosen by `core` in the coverage settings"
    return "chosen by `timid` in the coverage settings" if option(measurement, "run:timid") else ""


def _hindrance(measurement: coverage.Coverage) -> str:
    if platform.python_implementation() != "CPython" or sys.version_info < (3, 12):
        return "sysmon needs CPython 3.12"
    if option(measurement, "run:branch") and sys.version_info < (3, 14):
        return "sysmon measures branches from CPython 3.14 on"
    if option(measurement, "run:dynamic_context"):
        return "sysmon knows no `dynamic_context`"
    if option(measurement, "run:plugins"):
        return "sysmon knows no coverage plugins"
    unknown = _UNMONITORED_CONCURRENCY.intersection(option(measurement, "run:concurrency") or ())
    return f"sysmon does not see {', '.join(sorted(unknown))}" if unknown else ""


def start_fastest(measurement: coverage.Coverage) -> str:
    """Start to measure with the fastest core that is right.

    Returns:
        Why it is that one.
    """
    choice = choose_core(measurement)
    if choice.is_sysmon:
        _start_monitoring(measurement)
    else:
        measurement.start()
    return choice.reason


def _start_monitoring(measurement: coverage.Coverage) -> None:
    try:
        measurement.set_option("run:core", "sysmon")
    except COVERAGE_ERRORS:
        _start_by_environment(measurement)
    else:
        measurement.start()


def _start_by_environment(measurement: coverage.Coverage) -> None:
    """Older versions of coverage.py take the core from the environment only, when they start."""
    os.environ["COVERAGE_CORE"] = "sysmon"
    try:
        measurement.start()
    finally:
        del os.environ["COVERAGE_CORE"]


def core_name(measurement: coverage.Coverage) -> str:
    """`sysmon`, `ctrace` or `pytrace`; empty where nothing was measured by this object, or it cannot say."""
    try:
        # Among much else this asks the system for its name, by a process: what a suite has left may not allow that.
        information = dict(measurement.sys_info())
    except Exception:
        log.debug("coverage.py does not say what its core is", exc_info=True)
        return ""
    return _CORE_NAMES.get(str(information.get("core", information.get("tracer", ""))), "")


def close(data: coverage.CoverageData) -> None:
    """Close a data file; older versions of coverage.py leave that to the interpreter."""
    if hasattr(data, "close"):
        data.close(force=True)
