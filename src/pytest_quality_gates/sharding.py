"""A suite that is run in parts: what parts are compared by, and the verdict on all of them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from pytest_quality_gates import wiring
from pytest_quality_gates.config.settings import Settings
from pytest_quality_gates.errors import EvidenceError, StoreError
from pytest_quality_gates.evidence.coverage import Collector
from pytest_quality_gates.facts.coverage import CoverageFacts
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.shard import ShardFact
from pytest_quality_gates.model.origin import Run
from pytest_quality_gates.model.report import Report
from pytest_quality_gates.policy import shards
from pytest_quality_gates.policy.partial_run import partial_reason
from pytest_quality_gates.policy.session import trouble, with_trouble
from pytest_quality_gates.source.selection import Selection

_NO_TEST_COLLECTED = 5
"""pytest's exit status of a run without any test."""


def tree_digest(root: Path, selection: Selection) -> str:
    """Of the content of the source and the tests, by their paths; who has the same has the same suite."""
    total = hashlib.blake2b(digest_size=16)
    for file in selection.files:
        try:
            content = (root / file.path).read_bytes()
        except OSError as error:
            content = f"unreadable: {error.errno}".encode()
        # A checkout may change line ends.
        content = content.replace(b"\r\n", b"\n")
        total.update(f"{len(file.path)} {len(content)} ".encode() + os.fsencode(file.path) + content)
    return total.hexdigest()


def settings_digest(settings: Settings) -> str:
    """Of what decides a verdict; how it is reported, and whether it must be complete, does not count."""
    decisive = (
        settings.profile,
        settings.gates,
        settings.source,
        settings.exclude,
        settings.suite,
        settings.type_checker,
        settings.catalogue,
    )
    return hashlib.blake2b(msgspec.json.encode(_ordered(decisive)), digest_size=16).hexdigest()


def judge_shards(
    root: Path,
    settings: Settings,
    found: Mapping[str, tuple[ShardFact, bytes]],
    *,
    known: wiring.Extensions | None = None,
    python: str = sys.executable,
) -> Report:
    """Judge a suite that was run in parts.

    Args:
        root: The project's directory, with the same commit checked out.
        settings: From `wiring.configure`.
        found: By where each part was found: what it says of itself, and its coverage.
        known: The gates of this run, as given to `wiring.configure`.
        python: As for `wiring.start_static`.

    Raises:
        StoreError: The parts make no whole; with every reason.
    """
    parts = {place: shard for place, (shard, _) in found.items()}
    selection = wiring.select(root, settings)
    problems = shards.problems(parts, tree=tree_digest(root, selection), settings=settings_digest(settings))
    if problems:
        raise StoreError("\n".join(problems))
    static = wiring.gather_static(root, settings, selection, known=known, python=python)
    facts = FactSet(
        source=static.source,
        types=static.types,
        coverage=_shards_coverage(root, selection, found),
        tests=shards.checks(parts.values()),
    )
    whole = shards.whole(list(parts.values()))
    report = wiring.judge(
        root,
        settings,
        facts,
        known=known,
        judged=static.judged,
        left_out=static.left_out,
        run=Run(
            collected=whole.collected,
            ran=whole.ran,
            deselected=whole.deselected,
            partial=partial_reason(whole),
        ),
        tree=wiring.tree_of(root, selection),
    )
    return with_trouble(
        report,
        trouble(
            tests_failed=shards.failed_tests(parts.values()),
            collection_errors=whole.collection_errors,
            collected=whole.collected,
            exit_status=shards.exit_status(parts.values(), _NO_TEST_COLLECTED),
        ),
    )


def _shards_coverage(
    root: Path, selection: Selection, found: Mapping[str, tuple[ShardFact, bytes]]
) -> CoverageFacts | Unavailable:
    collector = Collector(root, selection.root_modules(), [file.path for file in selection.judged])
    try:
        for shard, coverage in found.values():
            if shard.problem:
                collector.lose(f"shard {shard.index} of {shard.total}: {shard.problem}")
            else:
                collector.receive(coverage)
        facts = collector.facts()
    except EvidenceError as error:
        return Unavailable("could_not_run", str(error))
    finally:
        collector.close()
    if isinstance(facts, Unavailable):
        return facts
    return msgspec.structs.replace(
        facts, partial=partial_reason(shards.whole([shard for shard, _ in found.values()]))
    )


def _ordered(value: object) -> object:
    """The same, with its sets and tables in one order; older releases of msgspec cannot do that by themselves."""
    match value:
        case Struct():
            return [_ordered(getattr(value, name)) for name in value.__struct_fields__]
        case frozenset() | set():
            return sorted(value)
        case dict():
            return sorted((key, _ordered(item)) for key, item in value.items())
        case tuple() | list():
            return [_ordered(item) for item in value]
        case _:
            return value
