"""What the plugin adds to pytest's start where `--quality-gates` is not given.

Run it by hand: `python tests/benchmarks/start_up.py`. It prints microseconds, the best of several starts, and ends with
status 1 where they are more than the budget. It is no test: a busy machine would make it one that fails by chance.
"""

from __future__ import annotations

import re
import subprocess
import sys

BUDGET_US = 5_000
STARTS = 7
_LINE = re.compile(r"^import time:\s*(\d+) \|\s*\d+ \|\s+(\S+)$")


def imports() -> dict[str, int]:
    """Microseconds that each module which pytest loads of ours took in one start, what it imported itself left out."""
    # pytest is there already when it loads a plugin, so its own modules are not counted.
    program = "import pytest\nimport pytest_quality_gates.plugin\nimport pytest_quality_gates.hookspecs\n"
    command = [sys.executable, "-X", "importtime", "-c", program]
    started = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = started.stderr.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.endswith("| pytest"))
    matches = map(_LINE.match, lines[begin + 1 :])
    return {match[2]: int(match[1]) for match in matches if match}


def main() -> int:
    """Measure, print, compare."""
    starts = [imports() for _ in range(STARTS)]
    best = min(starts, key=lambda start: sum(start.values()))
    for module, microseconds in best.items():
        sys.stdout.write(f"{microseconds:8d} us  {module}\n")
    total = sum(best.values())
    sys.stdout.write(f"{total:8d} us  in all, {BUDGET_US} us allowed\n")
    return 0 if best and total <= BUDGET_US else 1


if __name__ == "__main__":
    sys.exit(main())
