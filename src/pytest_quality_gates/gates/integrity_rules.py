"""What each rule of the gate `integrity` means."""

from __future__ import annotations

from pytest_quality_gates.model.rule import RuleText

REFUSED_SUPPRESSION = "refused-suppression"
EXPIRED_SUPPRESSION = "expired-suppression"
UNUSED_SUPPRESSION = "unused-suppression"
STALE_BASELINE = "stale-baseline"

# As the comparison names them; a gate's rules are its own to list.
LOOSENINGS = {
    "lowered-threshold": (
        "A threshold asks less than in the base.",
        "tests = { threshold = 60 }",
        "tests = { threshold = 80 }",
    ),
    "lowered-level": (
        "A gate that was enforced is only reported or off, or a reported one is off.",
        'timeouts = { level = "off" }',
        'timeouts = { level = "enforce" }',
    ),
    "judged-less": (
        "Less is judged, measured or reported: by `source`, `exclude`, kinds, own catalogue entries, coverage.py, mypy, ruff.",
        'exclude = ["shop/payments/"]',
        "exclude = []",
    ),
    "tested-less": (
        "Less is run: `addopts` deselects or switches off, or `testpaths`, `python_files` and the like are narrower.",
        'addopts = "--deselect tests/test_pay.py"',
        'addopts = ""',
    ),
    "grown-baseline": (
        "The baseline accepts what it did not, or asks a lower figure.",
        "entries = 12",
        "entries = 11",
    ),
    "deleted-test": (
        "A test is gone, and neither in another file nor by another name.",
        "tests = []",
        'tests = ["test_total"]',
    ),
    "emptied-test": (
        "A test that had assertions has none.",
        'test_total = "pass"',
        'test_total = "assert total([1]) == 1"',
    ),
    "new-skip": ("A test is skipped, or expected to fail, that was not.", 'mark = "skip"', 'mark = ""'),
    "new-ignore": (
        "More comments than allowed tell tools to look away: `pragma: no cover`, `noqa`, `type: ignore`, `quality-gates: ignore`.",
        'comment = "# noqa"',
        'comment = ""',
    ),
}
_WHY = (
    "The check is green and means less than it did. A reviewer does not see it among the rest of the change."
)

_SLEEP = "import time\n\n\nasync def settle() -> None:\n    time.sleep(2)  # {comment}\n"
_REASON = _SLEEP.format(
    comment="quality-gates: ignore[blocks-loop] runs before the loop serves anybody (until 2199-12-31)"
)
_MENDED = "import asyncio\n\n\nasync def settle() -> None:\n    await asyncio.sleep(2)\n"

RULE_TEXTS = (
    RuleText(
        rule=REFUSED_SUPPRESSION,
        means="A suppression comment is not followed: it has no reason, names a rule that there is not (or that cannot be "
        "suppressed), or its date is none.",
        why="Without the reason nobody can tell later whether it still holds, and one that is misspelt protects nothing.",
        bad=_SLEEP.format(comment="quality-gates: ignore[blocks-loop]"),
        good=_REASON,
    ),
    RuleText(
        rule=EXPIRED_SUPPRESSION,
        means="The last day of a suppression is over; what it was about counts again.",
        why="It was accepted for a time, and that time has passed.",
        bad=_SLEEP.format(
            comment="quality-gates: ignore[blocks-loop] until the migration (until 2020-01-31)"
        ),
        good=_REASON,
    ),
    RuleText(
        rule=UNUSED_SUPPRESSION,
        means="A suppression comment stands where there is nothing to suppress.",
        why="It would silence the next mistake on that line, with a reason that was meant for another.",
        bad=_MENDED.replace("sleep(2)", "sleep(2)  # quality-gates: ignore[blocks-loop] start only"),
        good=_MENDED,
    ),
    RuleText(
        rule=STALE_BASELINE,
        means="The baseline accepts something that is not there any more. Where a run need not be complete, it is a "
        "note beside the figure.",
        why="The entry would let the same mistake back in, unseen.",
        bad="# in .quality-gates-baseline/entries, and no longer in shop/api.py:\n"
        "# 3f0c5d1be2a94f7786aa01c2 timeouts no-timeout shop/api.py :: price\n",
        good="# pytest --quality-gates --quality-gates-update-baseline\n",
    ),
    *(
        RuleText(rule=rule, means=means, why=_WHY, bad=f"# {bad}\n", good=f"# {good}\n")
        for rule, (means, bad, good) in LOOSENINGS.items()
    ),
)
