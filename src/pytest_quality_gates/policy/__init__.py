"""From outcomes to verdicts: pure functions."""
