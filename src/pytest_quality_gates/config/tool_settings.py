"""Settings of pytest and coverage.py that decide what is run and measured, from whichever file they stand in."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

_TOML = ("pyproject.toml", "pytest.toml", ".pytest.toml")
FILES = (*_TOML, "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", ".coveragerc")

WIDENING = {
    "coverage omit": (("run", "omit"), ("report", "omit")),
    "coverage exclusions": (("report", "exclude_lines"), ("report", "exclude_also")),
    "coverage partial branches": (("report", "partial_branches"), ("report", "partial_also")),
}
"""Lists of coverage.py that leave out more with each entry."""
NARROWING = {
    "coverage source": (
        ("run", "source"),
        ("run", "source_pkgs"),
        ("run", "source_dirs"),
        ("run", "include"),
    ),
}
"""Lists of coverage.py that measure more with each entry."""

_DESELECTING = re.compile(
    r"^(?:-k|-m|-x|-p|--deselect|--ignore|--ignore-glob|--lf|--last-failed|--ff|--sw|--stepwise|--no-cov|--maxfail|"
    r"--noconftest|--exitfirst|--collect-only|--co|--no-quality-gates|--quality-gates-profile|--quality-gates-since|"
    r"--quality-gates-update-baseline|--quality-gates-bundle|--quality-gates-shard)(?:$|=|(?<=^-[kmp]).)"
)


_PYTHON_FILES = frozenset({"test_*.py", "*_test.py"})
"""What pytest takes by itself."""


class ToolSettings(Struct, frozen=True):
    """What can be compared."""

    widening: dict[str, frozenset[str]]
    """By its name: a list that leaves out more with each entry."""
    narrowing: dict[str, frozenset[str]]
    """By its name: a list that covers more with each entry; empty means everything."""
    deselecting: tuple[str, ...]
    """What in `addopts` leaves tests out or switches something off, each with its value."""
    asks_for_gates: bool
    """`--quality-gates` stands in `addopts`."""

    def is_collected(self, path: str) -> bool:
        """Whether pytest looks for tests in a file, by its name (of a path with `/`)."""
        patterns = self.narrowing["python_files"] or _PYTHON_FILES
        return any(
            fnmatchcase(path if "/" in pattern else path.rpartition("/")[2], pattern) for pattern in patterns
        )


def tool_settings(texts: Mapping[str, str]) -> ToolSettings:
    """The settings in these files, by name and text; what cannot be read says nothing."""
    toml = _toml(texts.get("pyproject.toml", ""))
    inis = {name: _ini(text) for name, text in texts.items() if name not in _TOML}
    pytest = _pytest_toml(texts) or _pytest(toml, inis)
    coverage = {
        name: frozenset(value for key in keys for value in _coverage(toml, inis, *key))
        for name, keys in (WIDENING | NARROWING).items()
    }
    addopts = _words(pytest.get("addopts", ""))
    return ToolSettings(
        {name: coverage[name] for name in WIDENING}
        | {"norecursedirs": frozenset(_words(pytest.get("norecursedirs", "")))},
        {name: coverage[name] for name in NARROWING}
        | {
            name: frozenset(_words(pytest.get(name, "")))
            for name in ("testpaths", "python_files", "python_functions", "python_classes")
        },
        tuple(_deselecting(addopts)),
        "--quality-gates" in addopts,
    )


def _deselecting(words: list[str]) -> list[str]:
    found = []
    for at, word in enumerate(words):
        if not _DESELECTING.match(word):
            continue
        value = "".join(words[at + 1 : at + 2])
        if word.startswith("-p") and not (word[2:] or value).startswith("no:"):
            continue
        takes_value = word in {"-k", "-m", "-p", "--deselect", "--ignore", "--ignore-glob", "--maxfail"}
        found.append(" ".join(words[at : at + 1 + takes_value]))
    return found


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _ini(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser()
    return parser


def _pytest_toml(texts: Mapping[str, str]) -> dict[str, Any]:
    """What pytest's own TOML file says; it is stronger than every other file."""
    return next((_below(_toml(texts[name]), "pytest") for name in _TOML[1:] if name in texts), {})


def _pytest(toml: dict[str, Any], inis: Mapping[str, configparser.ConfigParser]) -> dict[str, Any]:
    """As pytest does, the first file that has settings of it."""
    for name in ("pytest.ini", ".pytest.ini"):
        if name in inis and inis[name].has_section("pytest"):
            return dict(inis[name]["pytest"])
    table = _below(toml, "tool", "pytest")
    if table:
        return dict(table.get("ini_options", table))
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        if name in inis and inis[name].has_section(section):
            return dict(inis[name][section])
    return {}


def _coverage(
    toml: dict[str, Any], inis: Mapping[str, configparser.ConfigParser], section: str, key: str
) -> list[str]:
    found = _below(toml, "tool", "coverage", section).get(key, [])
    values = _lines(found)
    for name, heading in (
        (".coveragerc", section),
        ("setup.cfg", f"coverage:{section}"),
        ("tox.ini", f"coverage:{section}"),
    ):
        if name in inis and inis[name].has_option(heading, key):
            values += _lines(inis[name].get(heading, key) or "")
    return values


def _below(table: Any, *keys: str) -> dict[str, Any]:  # noqa: ANN401 - whatever TOML holds
    for key in keys:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def _lines(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [line.strip() for line in str(value).replace(",", "\n").splitlines() if line.strip()]


def _words(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    try:
        return shlex.split(str(value or ""))
    except ValueError:
        return str(value).split()
