"""The release of this package; apart from those of others, which take more to find."""

from __future__ import annotations

import importlib.metadata


def own_version() -> str:
    """The release of this package."""
    return importlib.metadata.version("pytest-quality-gates")
