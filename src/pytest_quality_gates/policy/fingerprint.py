"""The identity of a finding, which survives that lines move."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from pytest_quality_gates.model.finding import Finding

FINGERPRINT_VERSION = 1
"""Part of every fingerprint: a change of the recipe makes all of them new, never some by accident."""


def with_fingerprints(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give every finding its fingerprint: rule, path, symbol, normalised text, and which of several alike it is.

    The order of `findings` stays. Of findings that are alike, the n-th by line is the n-th, in whatever order they
    are given.
    """
    findings = tuple(findings)
    seen: Counter[tuple[str, ...]] = Counter()
    marks: dict[int, str] = {}
    for index in sorted(range(len(findings)), key=lambda at: (findings[at].line, findings[at].end_line, at)):
        key = _key(findings[index])
        marks[index] = _digest((*key, str(seen[key])))
        seen[key] += 1
    return tuple(replace(finding, fingerprint=marks[index]) for index, finding in enumerate(findings))


def _key(finding: Finding) -> tuple[str, ...]:
    # A file that is a finding as a whole is told from others by its path.
    text = "" if finding.text == finding.path else " ".join((finding.text or finding.message).split())
    return (str(FINGERPRINT_VERSION), finding.gate, finding.rule, finding.path, finding.symbol, text)


def _digest(parts: tuple[str, ...]) -> str:
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=12).hexdigest()
