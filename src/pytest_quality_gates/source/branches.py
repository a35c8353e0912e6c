"""Which of several ways through a function a call stands in."""

from __future__ import annotations

from pytest_quality_gates.source.project import Module
from pytest_quality_gates.source.summary import Branch, Call


class Branches:
    """Says which branches lines stand in."""

    def __init__(self) -> None:
        self._known: dict[tuple[Module, int], tuple[Branch, ...]] = {}

    def apart(self, module: Module, one: Call, other: Call) -> bool:
        """Whether at most one of two calls runs: in two branches of one choice, or below a branch that leaves."""
        first, second = sorted((one, other), key=lambda call: call.line)
        later = self.at(module, second.line)
        return any(
            branch not in later and (branch.leaves or branch.choice in {taken.choice for taken in later})
            for branch in self.at(module, first.line)
        )

    def at(self, module: Module, line: int) -> tuple[Branch, ...]:
        """The branches that a line stands in, of choices that may stand in one another."""
        key = (module, line)
        if key not in self._known:
            found = (branch for branch in module.summary.branches if branch.line <= line <= branch.end_line)
            self._known[key] = tuple(found)
        return self._known[key]
