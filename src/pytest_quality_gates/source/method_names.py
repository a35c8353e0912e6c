"""Methods that a call may mean of which the name is all that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pytest_quality_gates.source.project import Function

PATH_METHODS = frozenset(
    "exists is_file is_dir is_symlink stat lstat glob rglob iterdir open mkdir rmdir unlink touch rename chmod resolve "
    "read_text read_bytes write_text write_bytes samefile".split()
)
"""What code calls on a path: such a name says nothing of a class of the project that has it, too."""
# A method name says who is called only if it is not one that everything has.
_EVERYBODYS = PATH_METHODS.union(
    "get set put pop add update append extend insert remove delete clear close open read write send recv "
    "run start stop join wait items keys values copy index count sort reverse split strip format encode "
    "decode execute commit rollback connect disconnect call emit handle process save load dump dumps "
    "loads create find filter all first register submit cancel done result exists reset flush next info "
    "debug warning error exception log name search match replace lower upper title post patch request "
    "fetch query list show build parse validate check init setup shutdown acquire release subscribe "
    "publish push pull apply ping scan expire incr decr".split()
)
_FEW = 3
"""A name that more methods than that have says nothing."""


class MethodNames:
    """The methods of the project, by name."""

    def __init__(self, methods: Iterable[Function]) -> None:
        self._by_name: dict[str, list[Function]] = defaultdict(list)
        for method in methods:
            self._by_name[method.name].append(method)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def meant_by(self, name: str) -> Sequence[Function]:
        """The methods that a call of that name on something unknown may run; none where everything has such a one."""
        if name in _EVERYBODYS or name.startswith("__"):
            return ()
        found = self._by_name.get(name, ())
        if len(found) > _FEW:
            return ()
        for method in found:
            method.module.note()
        return found
