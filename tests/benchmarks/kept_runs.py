"""Runs that were measured, kept a line each as soon as it is known: what is interrupted loses nothing and goes on."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[2] / "src"


class Cost(NamedTuple):
    """What a way took."""

    seconds: float
    cpu_s: float
    """Seconds of the processor, of all processes together; a busy machine alters them less."""
    peak_mib: float
    """Of the first process of all: pytest, which is the controller of xdist. 0 where the system does not say."""


class KeptRuns:
    """The runs in a file, of which those of this state of the code, on this machine and interpreter, count."""

    def __init__(self, file: Path, state: str) -> None:
        """Read what is there.

        Args:
            file: One JSON object a line; it need not exist.
            state: What was measured, from `state_of`.
        """
        self._file = file
        self._state = state
        self._costs: dict[tuple[str, int, str], Cost] = {}
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            self._take(line)

    def _take(self, line: str) -> None:
        try:
            run = json.loads(line)
        except ValueError:  # empty, or it was being written when the machine stopped
            return
        if run["state"] == self._state:
            self._costs[run["suite"], run["round"], run["way"]] = Cost(*run["cost"])

    def has(self, suite: str, number: int, way: str) -> bool:
        """Whether that way was taken in that round."""
        return (suite, number, way) in self._costs

    def add(self, suite: str, number: int, way: str, cost: Cost) -> None:
        """Keep a run, at once."""
        self._costs[suite, number, way] = cost
        run = {"state": self._state, "suite": suite, "round": number, "way": way, "cost": cost}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(f"\n{json.dumps(run)}\n")  # not behind half a line that somebody left

    def rounds(self, suite: str) -> list[dict[str, Cost]]:
        """By round, what each way took; a round may lack some."""
        found: dict[int, dict[str, Cost]] = {}
        for (name, number, way), cost in self._costs.items():
            if name == suite:
                found.setdefault(number, {})[way] = cost
        return [found[number] for number in sorted(found)]


def state_of(source: Path = SOURCE) -> str:
    """What a measurement is one of: our code, the interpreter, the machine."""
    total = hashlib.sha256(repr((sys.version, platform.node(), os.cpu_count())).encode())
    for path in sorted(path for path in source.rglob("*") if path.suffix in {".py", ".toml"}):
        total.update(path.relative_to(source).as_posix().encode() + path.read_bytes())
    return total.hexdigest()[:16]
