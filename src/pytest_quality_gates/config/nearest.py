"""The name that the user may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str:
    """A clause to put behind an error about `name`: `; did you mean `strict`?`, or else all the names there are."""
    known = sorted(names)
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean `{close[0]}`?"
    listed = ", ".join(f"`{each}`" for each in known)
    return f"; there {'is' if len(known) == 1 else 'are'} {listed}" if known else ""
