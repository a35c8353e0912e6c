"""What else names of libraries mean, beside the I/O that they do: a breaker, a retry, a thread, a scope."""

from __future__ import annotations

from pytest_quality_gates.catalogue.schema import Marker
from pytest_quality_gates.source.lexicon import Lexicon
from pytest_quality_gates.source.values import Instance, Method, Obj, Ref, Super, Value, Values

_MARKED = frozenset({Ref, Method, Instance, Obj, Super})
"""What a marker can be of: all that is a library's, or inherits from it."""


class Markers:
    """Says what else callees mean."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def among(self, callees: Values) -> list[Marker]:
        """What else such callees mean: a breaker, a thread, a scope."""
        return [
            marker
            for callee in callees
            if type(callee) in _MARKED and (marker := self.of(callee)) is not None
        ]

    def of(self, callee: Value) -> Marker | None:
        """What else one callee means."""
        lexicon = self._lexicon
        if type(callee) is Ref:
            return lexicon.marker_named(callee.name)
        if type(callee) is Method:
            return lexicon.marker_of_method(callee.class_name, callee.name)
        if type(callee) is Instance:
            return lexicon.marker_named(callee.class_name) or lexicon.marker_of_method(
                callee.class_name, "__call__"
            )
        if type(callee) is Obj or type(callee) is Super:
            bases = callee.class_.all_library_bases()
            return next((m for base in bases if (m := lexicon.marker_named(base)) is not None), None)
        return None


def runs_at(marker: Marker, place: str) -> bool:
    """Whether what is marked runs its argument at that place."""
    return place in marker.runs.split(":") or marker.runs == "*"
