"""Suppression comments: what they say and which lines they are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_quality_gates.source.suppression_comments import read, read_files

COMMENT = "# quality-gates: ignore[no-timeout] the proxy bounds it"


def about(text: str) -> tuple[int, int]:
    """The lines that the only comment of the text is about."""
    (found,) = read(text.encode(), "a.py")
    return found.first_line, found.last_line


class TestText:
    """What the comment says."""

    def test_all_of_it(self) -> None:
        """Rules, reason and last day are told apart; a further comment behind it is not part of the reason."""
        line = "get(url)  # noqa: S113 # quality-gates: ignore[no-timeout, unguarded]: a proxy (ours) does (until 2027-01-31) # x\n"
        (found,) = read(line.encode(), "a.py")
        assert ("no-timeout", "unguarded") == found.rules
        assert ("a proxy (ours) does", "2027-01-31", "") == (found.reason, found.until, found.error)

    @pytest.mark.parametrize(
        ("order", "error"),
        [
            ("ignore[no-timeout]", "it has no reason"),
            ("ignore[no-timeout] ...", "it has no reason"),
            ("ignore[no-timeout] (until 2027-01-31)", "it has no reason"),
            ("ignore[] because", "it names no rule"),
            ("ignore because", "`ignore because` is not understood"),
            ("skip-file", "`skip-file` is not understood"),
            ("ignore[no-timeout] why (until May)", "`May` is not a date like 2027-01-31"),
            ("ignore[no-timeout] why (until 2027-02-30)", "`2027-02-30` is not a date like 2027-01-31"),
            ("ignore[no-timeout] why (until 20270131)", "`20270131` is not a date like 2027-01-31"),
            ("ignore[no-timeout] why (until)", "`` is not a date like 2027-01-31"),
        ],
    )
    def test_what_cannot_be_followed(self, order: str, error: str) -> None:
        """A comment with a mistake carries it, and is never followed in part."""
        (found,) = read(f"get(url)  # quality-gates: {order}\n".encode(), "a.py")
        assert error == found.error

    def test_strings_are_no_comments(self) -> None:
        """Text in a string or docstring suppresses nothing, and a file that is no Python has no comments."""
        assert [] == read(f'"""{COMMENT}"""\nx = "{COMMENT}"\n'.encode(), "a.py")
        assert [] == read(f"def (:\n'''{COMMENT}".encode(), "a.py")
        assert [] == read(b"# coding: nonsense\n" + COMMENT.encode(), "a.py")


class TestLines:
    """Which lines it is about."""

    def test_behind_code(self) -> None:
        """A comment on any line of a statement is about the whole statement."""
        assert (2, 5) == about(f"x = 1\ny = get(\n    url,  {COMMENT}\n    verify=False,\n)\nz = 2\n")
        assert (2, 5) == about(f"x = 1\ny = get(\n    url,\n    verify=False,\n)  {COMMENT}\nz = 2\n")

    def test_on_a_line_of_its_own(self) -> None:
        """A comment above code is about the next statement, over blank lines and other comments."""
        assert (4, 4) == about(f"x = 1\n{COMMENT}\n\ny = 2  # why\nz = 3\n")

    def test_header_only(self) -> None:
        """A comment at the header of a block does not reach into the block."""
        assert (2, 2) == about(
            f"try:\n    x = 1\nexcept ValueError:  {COMMENT}\n    pass\n".replace(
                "try:\n    x = 1\n", "if x:\n"
            )
        )
        assert (1, 2) == about(f"def get(\n    url):  {COMMENT}\n    return 1\n")

    @pytest.mark.parametrize(
        "text",
        ["{c}\n@one\n@two(\n  1)\ndef f(x):\n    pass\n", "\n@one  {c}\n@two(\n  1)\ndef f(x):\n    pass\n"],
    )
    def test_decorators(self, text: str) -> None:
        """Above or behind a decorator it is about the definition as well."""
        assert (2, 5) == about(text.format(c=COMMENT))

    def test_carriage_returns(self) -> None:
        """Windows line ends change nothing."""
        assert (2, 2) == about(f"x = 1\r\ny = 2  {COMMENT}\r\nz = 3\r\n")

    def test_nothing_follows(self) -> None:
        """At the end of the file it is about its own line."""
        assert (2, 2) == about(f"x = 1\n{COMMENT}\n")


def test_files(tmp_path: Path) -> None:
    """Files are read by their paths; one that is gone has no comments."""
    (tmp_path / "a.py").write_text(f"x = 1  {COMMENT}\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    assert ["a.py"] == [found.path for found in read_files(tmp_path, ["a.py", "b.py", "gone.py"])]
