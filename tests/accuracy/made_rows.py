"""Labels and sites made by hand."""

from __future__ import annotations

from typing import Any

from tests.accuracy.rows import Label, Site

SOURCE, PATH = "shop==1.0", "shop/api.py"
ANSWERS: dict[str, Any] = {
    "path": PATH,
    "line": 10,
    "end_line": 10,
    "callee": "requests.get",
    "kind": "http",
    "handled": "none",
    "timeout": "none",
    "breaker": False,
    "retry": False,
    "observed": "none",
    "blocks_loop": False,
}
LABEL: dict[str, Any] = {**ANSWERS, "source": SOURCE, "external": True, "sure": True}


def label(**changed: str | int) -> Label:
    """A label of a call that nothing protects."""
    return Label(**{**LABEL, **changed})


def site(**changed: str | int) -> Site:
    """A site that agrees with `label()`."""
    return Site(**{**ANSWERS, **changed})
