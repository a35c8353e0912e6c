"""A plugin for runs under test: lets the measurement of this package go on in them.

coverage.py pauses a measurement while another one runs. The one that a run under test starts uses `sys.monitoring`
where it can, which leaves the tracer that measures us free to go on.
"""

from __future__ import annotations

import coverage


def pytest_load_initial_conftests() -> None:
    """Resume what was measured when this process began."""
    ours = getattr(coverage.process_startup, "coverage", None)
    theirs = coverage.Coverage.current()
    if ours is None or theirs is None or theirs is ours:
        return
    if theirs._collector is not None and theirs._collector.tracer_name() == "SysMonitor":
        ours._collector.resume()
