"""The scorer on small made data, with every figure counted by hand."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.accuracy.made_rows import ANSWERS, PATH, SOURCE, label, site
from tests.accuracy.pairing import pair
from tests.accuracy.rows import Label, Labels, Site, read_labels, read_sites
from tests.accuracy.score import score
from tests.accuracy.sources import DATA, read_sources
from tests.accuracy.tally import Score


def scored(labels: list[Label], sites: list[Site]) -> Score:
    """The score of one module."""
    return score(Labels({(SOURCE, PATH): tuple(labels)}), {SOURCE: sites})


def counts(result: Score, finding: str = "") -> tuple[int, int, int]:
    """What is right, false and missed of the call sites or of a finding."""
    tally = result.findings[finding] if finding else result.call_sites
    return tally.right, tally.false, tally.missed


def test_full_agreement() -> None:
    """A call of which all is said as it is labelled counts as right everywhere."""
    result = scored([label()], [site()])
    assert (1, 0, 0) == counts(result)
    assert {(1, 1)} == {(agreement.same, agreement.of) for agreement in result.fields.values()}
    assert [(1, 0, 0)] * 4 == [
        counts(result, name) for name in ("unguarded", "no-timeout", "unobserved", "no-breaker")
    ]
    assert (0, 0, 0) == counts(result, "blocks-loop")
    assert not result.disagreements


def test_missed_call() -> None:
    """A labelled call without a site is missed, and so is each finding that it is."""
    result = scored([label(timeout="client")], [])
    assert (0, 0, 1) == counts(result)
    assert (0, 0, 1) == counts(result, "unguarded")
    assert (0, 0, 0) == counts(result, "no-timeout")
    assert 0 == result.fields["handled"].of
    assert [f"missed    {SOURCE} {PATH}:10 requests.get"] == result.disagreements


def test_false_site() -> None:
    """A site without a label is false, and so is each finding that it would be."""
    result = scored([], [site(timeout="default", blocks_loop=True)])
    assert (0, 1, 0) == counts(result)
    assert (0, 1, 0) == counts(result, "unguarded")
    assert (0, 1, 0) == counts(result, "blocks-loop")
    assert (0, 0, 0) == counts(result, "no-timeout")
    assert 0.0 == result.call_sites.precision
    assert result.call_sites.recall is None


def test_decoy() -> None:
    """A site on a label that is not external is false."""
    assert (0, 1, 0) == counts(scored([label(external=False)], [site()]))


def test_wrong_answer() -> None:
    """A wrong answer is a disagreement on the field, and a finding that is false or missed."""
    labels = [label(), label(line=20, end_line=20, timeout="client")]
    sites = [site(timeout="default"), site(line=20, end_line=20)]
    result = scored(labels, sites)
    assert (2, 0, 0) == counts(result)
    assert (0, 1, 1) == counts(result, "no-timeout")
    assert 0.0 == result.fields["timeout"].ratio
    assert {("none", "default"): 1, ("client", "none"): 1} == dict(result.fields["timeout"].differing)
    assert 1.0 == result.fields["handled"].ratio
    assert [
        f"timeout   {SOURCE} {PATH}:10 requests.get is none, said default",
        f"timeout   {SOURCE} {PATH}:20 requests.get is client, said none",
    ] == result.disagreements


def test_doubtful_field_is_left_out() -> None:
    """A field that the note of an unsure label names counts neither way; the others do."""
    result = scored(
        [label(sure=False, note="timeout: by the pool?")], [site(timeout="client", handled="local")]
    )
    assert 0 == result.fields["timeout"].of
    assert (0, 0, 0) == counts(result, "no-timeout")
    assert (1, 0) == (result.fields["handled"].of, result.fields["handled"].same)
    assert (0, 0, 1) == counts(result, "unguarded")
    assert (1, 0, 0) == counts(result)


@pytest.mark.parametrize("sites", [[], [site()]], ids=["not said", "said"])
def test_doubtful_call(sites: list[Site]) -> None:
    """Where an unsure note names no field, the call counts neither as missed nor as false."""
    result = scored([label(sure=False, note="depends on the driver")], sites)
    assert (0, 0, 0) == counts(result)
    assert {0} == {agreement.of for agreement in result.fields.values()}
    assert (0, 0, 0) == counts(result, "unguarded")


def test_doubtful_decoy_excuses_a_site() -> None:
    """A site on a decoy whose being external is doubted is not false."""
    result = scored([label(external=False, sure=False, note="external: teardown")], [site()])
    assert (0, 0, 0) == counts(result)


def test_second_call_of_the_same_name() -> None:
    """Two calls of one name on a labelled line are one label; another name on that line is false."""
    same = scored([label()], [site(), site()])
    other = scored([label()], [site(), site(callee="requests.post")])
    assert ((1, 0, 0), (1, 1, 0)) == (counts(same), counts(other))


def test_sleep_counts_for_the_loop_alone() -> None:
    """A sleep is no call site; one that blocks the loop is found, missed or false there."""
    naps = [label(kind="sleep", external=False, callee="time.sleep", blocks_loop=True)]
    nap = site(kind="sleep", callee="time.sleep", blocks_loop=True)
    found, missed = scored(naps, [nap]), scored(naps, [site(kind="sleep", callee="time.sleep")])
    assert ((0, 0, 0), (0, 0, 0)) == (counts(found), counts(missed))
    assert ((1, 0, 0), (0, 0, 1)) == (counts(found, "blocks-loop"), counts(missed, "blocks-loop"))
    harmless = [label(kind="sleep", external=False, callee="time.sleep")]
    assert (0, 1, 0) == counts(scored(harmless, [nap]), "blocks-loop")


def test_other_modules_are_not_judged() -> None:
    """Sites in a file that has no labels count neither way."""
    assert (0, 0, 0) == counts(scored([], [site(path="shop/other.py")]))


def test_pairs_by_name_first() -> None:
    """Of two sites on a line, the one of the label's last name is the label's, though the other is nearer."""
    labels = [label(line=10, end_line=12, callee="redis.Redis.get")]
    sites = [
        site(line=10, end_line=12, callee="other.set"),
        site(line=11, end_line=11, callee="redis.client.get"),
    ]
    assert {0: 1} == pair(sites, labels)


def test_pairs_by_distance() -> None:
    """Of two sites of one name, the nearest is the label's, and each has one partner."""
    labels = [label(line=10, end_line=14), label(line=12, end_line=12)]
    sites = [site(line=12, end_line=12), site(line=10, end_line=14)]
    assert {0: 1, 1: 0} == pair(sites, labels)


def test_reads_facts_as_the_command_prints_them(tmp_path: Path) -> None:
    """Fields that are not compared are passed over, and a site without an end ends where it begins."""
    without_end = {name: value for name, value in ANSWERS.items() if name != "end_line"}
    file = tmp_path / "facts.jsonl"
    file.write_bytes(msgspec.json.encode({**without_end, "confidence": "likely"}) + b"\n")
    (only,) = read_sites(file)
    assert (10, "get") == (only.last_line, only.last_name)


def test_labels_are_whole() -> None:
    """The labels in the tree are those of every source that is fetched, decoys among them."""
    labels = read_labels(DATA / "labels.jsonl")
    rows = [row for rows in labels.by_module.values() for row in rows]
    sleeps = sum(row.kind == "sleep" for row in rows)
    assert sorted(source.requirement for source in read_sources()) == labels.sources
    assert 62 == len(labels.by_module)
    assert (351, 369) == (sum(row.external for row in rows), sum(not row.external for row in rows))
    assert sleeps
