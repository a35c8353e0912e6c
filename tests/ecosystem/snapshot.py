"""What the gates say of a project, in a form that shows what changed and not how it is worded."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

_CODE = re.compile(r"\[[a-z-]+\]$")


def rendered(report: dict[str, Any]) -> str:
    """The gates, then a line for all findings of one rule in one function.

    The gate `tests` is left out, which is compared with pytest-cov instead.

    Args:
        report: Our JSON report.
    """
    gates = [gate for gate in report["gates"] if gate["slug"] != "tests"]
    findings = Counter(_line(finding) for finding in report["findings"] if finding["gate"] != "tests")
    return "".join(
        [
            *(
                f"# {gate['slug']}: {gate['verdict']}, {gate['measured']} of {gate['total']}\n"
                for gate in gates
            ),
            *(f"{line}{f'  x{count}' if count > 1 else ''}\n" for line, count in sorted(findings.items())),
        ]
    )


def _line(finding: dict[str, Any]) -> str:
    """Gate, rule (with the type checker's code), path, function; the confidence where it is not the highest."""
    code = _CODE.search(finding["message"]) if finding["gate"] == "type-errors" else None
    rule = f"{finding['gate']}/{finding['rule']}{code[0] if code else ''}"
    doubt = "" if finding["confidence"] == "certain" else f"  {finding['confidence']}"
    return f"{rule}  {finding['path']}  {finding['symbol'] or '-'}{doubt}"
