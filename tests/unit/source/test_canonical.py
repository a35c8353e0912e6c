"""Expressions whatever their layout."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pytest_quality_gates.source.canonical import Place, canonical, canonical_texts


def of(text: str) -> str:
    """The canonical text of an expression."""
    return canonical(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "other",
    [
        "requests.get(url, headers={'a': 16}, x=f'{y!r}')",
        'requests.get(\n    url,\n    headers={"a": 0x10,},\n    x=f"{y!r}",\n)',
        'requests.get((url), headers={"a": 16}, x=(f"{y!r}"))',
        'requests.get(url, headers={"a"  "": 16}, x=f"{y!r}")',
    ],
)
def test_layout_does_not_count(other: str) -> None:
    """Quotes, brackets, line breaks, trailing commas and number forms change nothing."""
    assert of('requests.get(url, headers={"a": 16}, x=f"{y!r}")') == of(other)


@pytest.mark.parametrize("other", ["get(b)", "get(a, c)", "get(a, x=1)", "get('a')", "await_(a)", "get(*a)"])
def test_meaning_counts(other: str) -> None:
    """Another name, argument, constant or callee makes another text."""
    assert of("get(a)") != of(other)


def test_empty_fields_are_left_out() -> None:
    """A release of Python that adds a field changes nothing."""
    assert "Call(func=Name(id='get'),args=[Name(id='a')])" == of("get(a)")


class TestPlaces:
    """Finding the expression at a place."""

    TEXT = "def f(x):\n    return a.b(1).c(\n        2)\n\n\nif f(3):\n    y = 4\n"

    def texts(self, root: Path, *places: Place) -> list[str | None]:
        """The texts at these places of one file."""
        (root / "a.py").write_text(self.TEXT)
        found = canonical_texts(root, [("a.py", place) for place in places])
        return [found.get(("a.py", place)) for place in places]

    def test_whole_place(self, tmp_path: Path) -> None:
        """Start and end tell a call from the call within it."""
        outer, inner = Place(2, 11, 3, 10), Place(2, 11, 2, 17)
        assert [of("a.b(1).c(2)"), of("a.b(1)")] == self.texts(tmp_path, outer, inner)

    def test_start_alone(self, tmp_path: Path) -> None:
        """By its start alone it is the widest expression; a statement is what it is without its body."""
        wide, header = self.texts(tmp_path, Place(2, 11), Place(6, 0))
        assert of("a.b(1).c(2)") == wide
        assert f"If(test={of('f(3)')})" == header

    def test_nowhere(self, tmp_path: Path) -> None:
        """Where nothing starts, and in a file that is gone or broken, there is no text."""
        assert [None] == self.texts(tmp_path, Place(2, 5))
        (tmp_path / "broken.py").write_text("def (")
        assert {} == canonical_texts(tmp_path, [("broken.py", Place(1, 0)), ("gone.py", Place(1, 0))])
