"""The modules under fixtures/source say what the index must find in them."""

from __future__ import annotations

import pytest
from tests.source_expectations import (
    Case,
    Expectations,
    UnknownWordError,
    cases,
    compared,
    comparisons,
    parse,
)

TOPICS = {
    "blocks_loop",
    "breaker",
    "handled",
    "handlers",
    "lookalikes",
    "names",
    "observed",
    "retry",
    "timeout",
    "typed",
    "types",
}


def gaps() -> list[object]:
    """Every line with a known limit; the mark must go when the limit does."""
    return [
        pytest.param(
            case, place, id=f"{case.id}:{place[1]}", marks=pytest.mark.xfail(reason=why, strict=True)
        )
        for case in cases()
        for place, why in Expectations(case).gaps.items()
    ]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases()])
def test_the_index_finds_what_the_comments_expect(case: Case) -> None:
    """Call sites, handlers and functions are as the comments beside them say; lines without a comment have none."""
    expected = Expectations(case)
    facts = expected.facts()
    assert [] == [module.error for module in facts.modules if module.role == "unparsed"]
    for wanted, found in comparisons(expected, facts):
        assert expected.without_gaps(wanted) == expected.without_gaps(found)


@pytest.mark.parametrize(("case", "place"), gaps())
def test_a_known_limit_is_still_there(case: Case, place: tuple[str, int]) -> None:
    """What stands beside a line with a known limit is right; the index does not find it."""
    expected = Expectations(case)
    for wanted, found in comparisons(expected, expected.facts()):
        assert wanted.get(place) == found.get(place)


def test_every_topic_has_cases() -> None:
    """A topic that lost its folder would pass unseen."""
    assert {case.topic for case in cases()} == TOPICS


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases()])
def test_every_case_expects_something(case: Case) -> None:
    """A module without one expectation proves nothing."""
    assert not Expectations(case).is_empty()


class TestTheWordsOfAnExpectation:
    """The comments are read, never run; a slip in one fails."""

    def test_several_facts_on_one_line_are_separated(self) -> None:
        """A semicolon stands between the expectations of two calls on one line."""
        assert parse("kind=http retry; kind=cache", frozenset({"kind", "retry"})) == [
            {"kind": "http", "retry": "yes"},
            {"kind": "cache"},
        ]

    def test_nothing_is_no_expectation(self) -> None:
        """`nothing` documents a look-alike."""
        assert parse("nothing", frozenset({"kind"})) == []

    def test_a_word_that_no_fact_has_is_an_error(self) -> None:
        """A misspelt field would otherwise never be compared."""
        with pytest.raises(UnknownWordError, match="'handeld' is none of handled"):
            parse("handeld=local", frozenset({"handled"}))

    def test_a_fact_that_nobody_expects_is_shown_whole(self) -> None:
        """So that a failing case says what was found there."""
        expected, found = compared({("m.py", 3): [{"kind": "http", "retry": "no"}]}, {})
        assert ({}, {("m.py", 3): [{"kind": "http", "retry": "no"}]}) == (expected, found)

    def test_only_the_words_that_are_named_are_compared(self) -> None:
        """A case about timeouts says nothing of retries."""
        facts = {("m.py", 3): [{"kind": "http", "retry": "no"}]}
        expected, found = compared(facts, {("m.py", 3): [{"kind": "http"}]})
        assert expected == found
