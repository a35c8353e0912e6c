"""Reading catalogue files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pytest_quality_gates.catalogue import reader
from pytest_quality_gates.errors import CatalogueError

LIBRARY = '[library]\nname = "x"\nmodules = ["x"]\n'


def problems_of(text: str) -> list[str]:
    """What the reader says about a file that starts with a right library table."""
    with pytest.raises(CatalogueError) as caught:
        reader.parse(LIBRARY + text, "x.toml")
    return caught.value.problems


def test_a_file_becomes_values() -> None:
    """Tables become functions, classes and markers with their defaults."""
    file = reader.parse(LIBRARY + '[[function]]\nnames = ["x.get"]\nkind = "http"\n', "x.toml")
    assert "x" == file.library.name
    assert ["x.get"] == file.function[0].names
    assert file.function[0].io


def test_broken_toml_names_the_file() -> None:
    """Text that is not TOML is told with the file and the parser's own place."""
    with pytest.raises(CatalogueError, match=r"^x\.toml: not valid TOML: .*line 1") as caught:
        reader.parse("[library\n", "x.toml")
    assert 1 == len(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[[function]]\nnames = ["x.get"]\nknd = "http"\n',
            "x.toml:6: function[0].knd: unknown key; did you mean `kind`?",
        ),
        (
            '[[function]]\nnames = ["x.get"]\nkind = "htp"\n',
            "x.toml:6: function[0].kind: unknown value `htp`; did you mean `http`?",
        ),
        ('[[class]]\nname = "x.C"\nio = "get"\n', "x.toml:6: class[0].io: expected `array`, got `str`"),
        (
            '[[function]]\nnames = ["x.get"]\ntimeouts = { argment = ["t"] }\n',
            "x.toml:6: function[0].timeouts.argment: unknown key; did you mean `argument`?",
        ),
        (
            '[[marker]]\nnames = ["x.d"]\nrole = "brekaer"\n',
            "x.toml:6: marker[0].role: unknown value `brekaer`; did you mean `breaker`?",
        ),
        ('[[class]]\nio = ["get"]\n', "x.toml:4: class[0]: object missing required field `name`"),
        ('[function]\nnames = ["x.get"]\n', "x.toml:4: function: write it as [[function]], a list of tables"),
        ("[clas]\n", "x.toml:4: clas: unknown key; did you mean `class`?"),
        (
            '[[function]]\nnames = ["x.get"]\nreturns = "x.Resp"\n[[class]]\nname = "x.Response"\n',
            "x.toml:6: function[0].returns: no [[class]] of this file is named `x.Resp`; did you mean `x.Response`?",
        ),
        (
            '[[class]]\nname = "x.C"\nunpacks = { accept = ["x.D", ""] }\n',
            "x.toml:6: class[0].unpacks.accept: no [[class]] of this file is named `x.D`; did you mean `x.C`?",
        ),
        (
            '[exceptions]\n"x.Error" = ["OSErr"]\n',
            "x.toml:5: exceptions.x.Error: `OSErr` is no builtin exception; give the full dotted name",
        ),
        (
            '[[function]]\nnames = ["x.get"]\nraises = ["x.Err"]\n[exceptions]\n"x.Error" = ["OSError"]\n',
            "x.toml:6: function[0].raises: `x.Err` is not in the [exceptions] of this file; did you mean `x.Error`?",
        ),
        (
            '[[function]]\nnames = ["x.get", "x.get"]\n',
            "x.toml:4: function[0]: `x.get` stands here 2 times; keep one",
        ),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(text: str, problem: str) -> None:
    """Each mistake tells the file, the line, the key, what is wrong and the nearest right name."""
    assert [problem] == problems_of(text)


def test_every_wrong_entry_is_told() -> None:
    """One message carries the mistakes of all entries, not the first alone."""
    text = (
        '[[function]]\nnames = 1\n[[class]]\nname = "x.C"\nioo = []\n[[marker]]\nnames = ["x.m"]\nrole = 3\n'
    )
    assert ["x.toml:5", "x.toml:8", "x.toml:11"] == [
        problem.partition(": ")[0] for problem in problems_of(text)
    ]


def test_a_class_may_be_an_exception_too() -> None:
    """A reply that is raised stands among the classes and the exceptions."""
    text = '[exceptions]\n"x.Error" = ["OSError"]\n[[class]]\nname = "x.Error"\nio = ["read"]\n'
    assert "x.Error" == reader.parse(LIBRARY + text, "x.toml").class_[0].name


def test_a_table_of_the_settings_is_named_by_its_place() -> None:
    """A mistake in a user's table is named by the line of the settings and the whole key."""
    text = '[[own]]\n[own.library]\nname = "x"\nmodules = "x"\n'
    with pytest.raises(CatalogueError) as caught:
        reader.from_table(tomllib.loads(text)["own"][0], "pyproject.toml", text, ("own", 0))
    assert ["pyproject.toml:4: own[0].library.modules: expected `array`, got `str`"] == caught.value.problems


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff", "is not UTF-8: invalid start byte at byte 0"),
        (b"[library", "not valid TOML"),
        (
            b"[library]\nname = 'x'\nmodules = ['x']\nnme = 1\n",
            "4: library.nme: unknown key; did you mean `name`?",
        ),
    ],
    ids=["missing", "encoding", "TOML", "key"],
)
def test_a_file_that_a_plugin_brings(tmp_path: Path, content: bytes | None, said: str) -> None:
    """Whatever is wrong with it, the message begins with its path."""
    path = tmp_path / "parcels.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CatalogueError) as caught:
        reader.read_file(path)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}:")
    assert said in problem


def test_what_the_user_says_replaces_what_was_said() -> None:
    """A name that the user describes is described by the user alone; the rest of the library stays."""
    own = reader.from_table(
        {
            "library": {"name": "time", "modules": ["time"]},
            "function": [{"names": ["time.sleep"], "io": False}],
        },
        "own",
        "",
    )
    files = reader.load([own])
    described = [one for file in files for one in file.function if "time.sleep" in one.names]
    assert [False] == [one.io for one in described]
    assert own == files[-1]


def test_later_extensions_win() -> None:
    """Of two extensions that describe one name, the later one is kept."""
    first, second = (
        reader.from_table(
            {
                "library": {"name": "mine", "modules": ["mine"]},
                "function": [{"names": ["mine.go"], "kind": kind}],
            },
            "own",
            "",
        )
        for kind in ("http", "rpc")
    )
    described = [
        one for file in reader.load([first, second]) for one in file.function if "mine.go" in one.names
    ]
    assert ["rpc"] == [one.kind for one in described]
