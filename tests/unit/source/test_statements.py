"""Changes widened to whole statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates.facts.change import Change, ChangedFile
from pytest_quality_gates.source.statements import with_whole_statements

TEXT = """\
x = get(
    1,
    2,
)


@one(
    3)
def f(
    a,
) -> None:
    y = 1
    try:
        z = 2
    except (
        E,
        F,
    ):
        pass


z = 3
"""


def touched(
    root: Path, lines: tuple[int, ...] = (), gaps: tuple[int, ...] = (), text: str = TEXT
) -> list[int]:
    """All lines that are changed once statements are whole."""
    (root / "a.py").write_text(text)
    file = ChangedFile(path="a.py", old_path="a.py", lines=tuple((line, line) for line in lines), gaps=gaps)
    change = with_whole_statements(root, Change(ref="main", base="0", files=(file,)))
    return [line for line in range(1, 30) if change.touches("a.py", line, line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (2, [1, 2, 3, 4]),
        (8, list(range(7, 12))),
        (10, list(range(7, 12))),
        (12, [12]),
        (16, [15, 16, 17, 18]),
        (13, [13]),
    ],
)
def test_one_line(tmp_path: Path, line: int, expected: list[int]) -> None:
    """A changed line changes its statement; of a block the header, with decorators, and not what is in it."""
    assert expected == touched(tmp_path, (line,))


def test_gaps(tmp_path: Path) -> None:
    """Lines taken out of a statement change it; lines taken out between two statements change neither."""
    assert [1, 2, 3, 4] == touched(tmp_path, gaps=(2,))
    assert [] == touched(tmp_path, gaps=(4,))


def test_unparsed(tmp_path: Path) -> None:
    """A file that cannot be parsed keeps its lines."""
    assert [2] == touched(tmp_path, (2,), text="def (\n\n\n")


def test_ranges_with_gaps() -> None:
    """A range of several lines is touched by what was taken out of it, a single line is not."""
    change = Change(
        ref="m", base="0", files=(ChangedFile(path="a.py", old_path="a.py", lines=(), gaps=(5,)),)
    )
    assert [False, True, True, False] == [
        change.touches("a.py", *pair) for pair in ((5, 5), (4, 5), (5, 6), (6, 9))
    ]
    assert not change.touches("b.py", 1, 9)
