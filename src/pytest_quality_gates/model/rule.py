"""What a rule means, in words and by example."""

from __future__ import annotations

from msgspec import Struct


class RuleText(Struct, frozen=True, kw_only=True):
    """The text behind `quality-gates explain RULE`."""

    rule: str
    means: str
    """What a finding of this rule says."""
    why: str
    """What goes wrong in production otherwise."""
    bad: str
    """An example, as Python source."""
    good: str
    """The same, put right."""
