"""A run that is one part of a suite: which part, and what it says of itself."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHARD = re.compile(r"(\d+)/(\d+)")
_BY_ENVIRONMENT = ("CI_NODE_INDEX", "CI_NODE_TOTAL")
"""What GitLab gives to each of parallel jobs: from 1, and how many."""


class BundleRequest(Struct, frozen=True):
    """`--quality-gates-bundle DIR`, with the number of the part."""

    directory: Path
    index: int
    total: int

    @property
    def words(self) -> str:
        """`shard 2 of 4`."""
        return f"shard {self.index} of {self.total}"


def bundle_request(
    config: pytest.Config, environment: Mapping[str, str] = os.environ
) -> BundleRequest | None:
    """What the command line asks for; None where no bundle is wanted.

    Raises:
        pytest.UsageError: The part is not I/N with 1 ≤ I ≤ N, or is given without a bundle; or what needs a verdict is asked for.
    """
    options = config.known_args_namespace
    given = options.quality_gates_shard
    if options.quality_gates_bundle is None:
        if given is not None:
            raise pytest.UsageError(
                "quality gates: --quality-gates-shard says which part of the suite a bundle is: add "
                "--quality-gates-bundle DIR"
            )
        return None
    if options.quality_gates_update_baseline:
        raise pytest.UsageError(
            "quality gates: --quality-gates-update-baseline needs a verdict on the whole suite, and a bundle is one part: "
            "leave one of the two out"
        )
    index, total = _part(given, environment)
    return BundleRequest(config.invocation_params.dir / options.quality_gates_bundle, index, total)


def _part(given: str | None, environment: Mapping[str, str]) -> tuple[int, int]:
    numbers = [environment.get(name, "") for name in _BY_ENVIRONMENT]
    source, text = ("--quality-gates-shard", given)
    if text is None:
        source, text = (" and ".join(_BY_ENVIRONMENT), "/".join(numbers) if all(numbers) else "1/1")
    match = _SHARD.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise pytest.UsageError(
            f'quality gates: {source}: "{text}" is not I/N, the number of this part and of all parts, as 2/4'
        )
    return int(match[1]), int(match[2])
