"""The facts of one call site in words, each with the chain of reasons below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pytest_quality_gates.facts.call_site import CallSite

QUESTIONS = ("handled", "timeout", "breaker", "retry", "observed", "blocks_loop")
LINK = " <- "
"""What stands between a function and its caller in an explanation's sentence."""

_WIDTH = max(map(len, QUESTIONS)) + 2
_SHOWN_LINES = 6


def explained(site: CallSite, root: Path) -> Iterator[str]:
    """The lines to print.

    Args:
        site: The call.
        root: The directory that its path is relative to; the source is shown from there.
    """
    yield click.style(f"{site.path}:{site.line}: {site.text}() in {_place(site)}", bold=True)
    yield from _source(root / site.path, site)
    yield ""
    yield _answer("callee", site.callee)
    sync = "asynchronous" if site.is_async else "synchronous"
    yield from _reasons((f"{site.kind}, {sync}; the name is {site.confidence}", *site.explanation.name))
    for question in QUESTIONS:
        yield _answer(question.replace("_", " "), _said(getattr(site, question)))
        yield from _reasons(getattr(site.explanation, question))


def _place(site: CallSite) -> str:
    if site.function == "<module>":
        return f"the module {site.module}" if site.module else "the module"
    return f"{site.function} ({site.path}:{site.function_line})"


def _source(path: Path, site: CallSite) -> Iterator[str]:
    try:
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    except OSError:
        return
    last = min(site.end_line, site.line + _SHOWN_LINES - 1, len(lines))
    for number in range(site.line, last + 1):
        yield click.style(f"{number:>6} | {lines[number - 1]}", dim=True)
    if last < site.end_line:
        yield click.style(f"{'...':>6} |", dim=True)


def _answer(question: str, said: str) -> str:
    return f"  {question:<{_WIDTH}}{said}"


def _said(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _reasons(sentences: Sequence[str]) -> Iterator[str]:
    """Each sentence below its answer; a chain of callers with a line for each of them."""
    margin = " " * (_WIDTH + 2)
    for sentence in sentences:
        first, *links = sentence.split(LINK)
        head, _, start = first.rpartition(": ") if links else (first, "", "")
        if not links or not head:
            yield f"{margin}{sentence}"
            continue
        yield f"{margin}{head}:"
        yield f"{margin}  {start}"
        yield from (f"{margin}  {LINK.strip()} {link}" for link in links)
