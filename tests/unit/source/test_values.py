"""Values in an order of their own."""

from __future__ import annotations

from pytest_quality_gates.source import values
from pytest_quality_gates.source.values import Many, Plain, forget_ranks, in_order


def test_shared_containers_are_ranked_once() -> None:
    """Mappings of mappings of mappings: what stands in many places is looked at once, and not kept for ever."""
    forget_ranks()
    inner = Many("dict", ((Plain("int"),),) * 30)
    middle = Many("dict", ((inner, Plain("str")),) * 30)
    assert (middle, Plain("int")) == in_order((Plain("int"), middle))
    assert 2 == values._rank_of_container.cache_info().misses
    forget_ranks()
    assert 0 == values._rank_of_container.cache_info().currsize
