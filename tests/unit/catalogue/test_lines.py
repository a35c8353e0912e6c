"""Lines of keys in a TOML text."""

from __future__ import annotations

import pytest

from pytest_quality_gates.catalogue.lines import Step, line_of

TEXT = """\
[library]
name = "x"

[[class]]
name = "x.A"
io = [
    "get",
]

[[class]]
name = "x.B"

[class.method_timeouts]
"odd name" = { position = 1 }

[exceptions]
"x.Error" = ["OSError"]

[[own]]
[[own.class]]

[[own]]
[[own.class]]
name = "x.C"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("library", "name"), 2),
        (("class", 0), 4),
        (("class", 0, "io", 0), 6),
        (("class", 1, "name"), 11),
        (("class", 1, "method_timeouts", "odd name", "position"), 14),
        (("exceptions", "x.Error", 0), 17),
        (("own", 1, "class", 0, "name"), 24),
        (("own", 0, "class", 0, "name"), 20),
        (("absent",), 1),
    ],
)
def test_line_of_finds_the_nearest_key(path: tuple[Step, ...], line: int) -> None:
    """The line is that of the longest part of the path that has one; arrays of tables are counted."""
    assert line == line_of(TEXT, path)
