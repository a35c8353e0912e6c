"""The few named failures. What the user's code does wrong is a finding, never one of these."""

from __future__ import annotations


class QualityGatesError(Exception):
    """The root of what this package raises on purpose; its text is written for the user."""


class ConfigurationError(QualityGatesError):
    """The user's settings cannot be used. Carries every problem found, not just the first."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class CatalogueError(ConfigurationError):
    """A catalogue file or a user's catalogue entry is wrong; each problem names file, key and, where known, line."""


class EvidenceError(QualityGatesError):
    """Evidence could not be gathered: a tool is missing, crashed or answered nonsense. The gate could not run."""


class StoreError(QualityGatesError):
    """A file of ours (cache, baseline, bundle, report) cannot be read or written."""
