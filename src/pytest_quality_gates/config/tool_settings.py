"""Settings of pytest, coverage.py, mypy and ruff that decide what is run, measured and reported, from whichever file they stand in."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from pytest_quality_gates.config import mypy_settings, ruff_settings
from pytest_quality_gates.config.tool_tables import below, ini, lines, toml, truth, words

_TOML = ("pyproject.toml", "pytest.toml", ".pytest.toml")
FILES = tuple(
    dict.fromkeys(
        (
            *_TOML,
            *("pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", ".coveragerc"),
            *mypy_settings.FILES,
            *ruff_settings.FILES,
        )
    )
)

WIDENING = {
    "coverage omit": (("run", "omit"), ("report", "omit")),
    "coverage exclusions": (("report", "exclude_lines"), ("report", "exclude_also")),
    "coverage plugins": (("run", "plugins"),),
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

_ASKING = re.compile(
    r"^(?:--strict|--strict-markers|--strict-config|--doctest-modules|--doctest-glob.*|--cov-branch|"
    r"--quality-gates-complete|-Werror.*|(?:-W|--pythonwarnings) ?=?error.*)$"
)
"""What in `addopts` makes pytest or us ask for more."""
_TAKING_VALUE = frozenset(
    """
    -k -m -p -c -o -W --deselect --ignore --ignore-glob --maxfail --rootdir --confcutdir --config-file --override-ini
    --pythonwarnings --cov-config
    """.split()
)
_CLUSTER = re.compile(r"^-([qvsl]+)([kmpxcoW].*)$")
"""Several short options in one word: `-qk`."""
_DESELECTING = re.compile(
    r"^(?:-k|-m|-x|-p|-c|-o|--rootdir|--confcutdir|--config-file|--override-ini|--cov-config|--deselect|--ignore|--ignore-glob|--lf|--last-failed|--ff|--sw|--stepwise|--no-cov|--maxfail|"
    r"--noconftest|--exitfirst|--collect-only|--co|--no-quality-gates|--quality-gates-profile|--quality-gates-since|"
    r"--quality-gates-update-baseline|--quality-gates-bundle|--quality-gates-shard)(?:$|=|\s|(?<=^-[kmpco]).)"
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
    asking: dict[str, frozenset[str]]
    """By its name: checks that are asked for."""
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
    toml_ = toml(texts.get("pyproject.toml", ""))
    inis = {name: ini(text) for name, text in texts.items() if not name.endswith(".toml")}
    pytest = _pytest_toml(texts) or _pytest(toml_, inis)
    coverage = {
        name: frozenset(value for key in keys for value in _coverage(toml_, inis, *key))
        for name, keys in (WIDENING | NARROWING).items()
    }
    addopts = list(_options(words(pytest.get("addopts", ""))))
    warnings = _filters(pytest)
    strict = {name for name in ("strict", "xfail_strict", "strict_xfail") if truth(pytest.get(name, ""))}
    branch = any(map(truth, _coverage(toml_, inis, "run", "branch")))
    return ToolSettings(
        {name: coverage[name] for name in WIDENING}
        | {
            "norecursedirs": frozenset(words(pytest.get("norecursedirs", ""))),
            "filterwarnings": frozenset(each for each in warnings if not each.startswith("error")),
            "mypy": mypy_settings.allowed(texts),
            "ruff ignore": ruff_settings.ignored(texts),
            "ruff exclude": ruff_settings.excluded(texts),
        },
        {name: coverage[name] for name in NARROWING}
        | {
            name: frozenset(words(pytest.get(name, "")))
            for name in ("testpaths", "python_files", "python_functions", "python_classes")
        },
        tuple(option for option in addopts if _DESELECTING.match(option) and _switches_off(option)),
        {
            "pytest": frozenset(strict),
            "addopts": frozenset(filter(_ASKING.match, addopts)),
            "filterwarnings": frozenset(each for each in warnings if each.startswith("error")),
            "coverage": frozenset(["branch"] if branch else []),
            "mypy": mypy_settings.asked(texts),
            "ruff select": ruff_settings.selected(texts),
        },
        "--quality-gates" in addopts,
    )


def _options(given: list[str]) -> Iterator[str]:
    """The options, each with its value."""
    waiting = list(reversed(given))
    while waiting:
        word = waiting.pop()
        if cluster := _CLUSTER.match(word):
            word = f"-{cluster[2]}"
        value = f" {waiting.pop()}" if word in _TAKING_VALUE and waiting else ""
        yield f"{word}{value}"


def _switches_off(option: str) -> bool:
    """Whether `-p` is followed by `no:`; every other option that deselects does."""
    return not option.startswith("-p") or option.removeprefix("-p").lstrip().startswith("no:")


def _filters(pytest: Mapping[str, Any]) -> list[str]:
    """One filter of warnings a line; a comma in one belongs to its message."""
    value = pytest.get("filterwarnings", "")
    given = value if isinstance(value, list) else str(value or "").splitlines()
    return [str(each).strip() for each in given if str(each).strip()]


def _pytest_toml(texts: Mapping[str, str]) -> dict[str, Any]:
    """What pytest's own TOML file says; it is stronger than every other file."""
    return next((below(toml(texts[name]), "pytest") for name in _TOML[1:] if name in texts), {})


def _pytest(document: dict[str, Any], inis: Mapping[str, configparser.ConfigParser]) -> dict[str, Any]:
    """As pytest does, the first file that has settings of it."""
    for name in ("pytest.ini", ".pytest.ini"):
        if name in inis and inis[name].has_section("pytest"):
            return dict(inis[name]["pytest"])
    table = below(document, "tool", "pytest")
    if table:
        return dict(table.get("ini_options", table))
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        if name in inis and inis[name].has_section(section):
            return dict(inis[name][section])
    return {}


def _coverage(
    document: dict[str, Any], inis: Mapping[str, configparser.ConfigParser], section: str, key: str
) -> list[str]:
    found = below(document, "tool", "coverage", section).get(key, [])
    values = lines(found)
    for name, heading in (
        (".coveragerc", section),
        ("setup.cfg", f"coverage:{section}"),
        ("tox.ini", f"coverage:{section}"),
    ):
        if name in inis and inis[name].has_option(heading, key):
            values += lines(inis[name].get(heading, key) or "")
    return values
