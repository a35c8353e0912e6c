"""Reading settings of other tools, from TOML and INI: what cannot be read says nothing."""

from __future__ import annotations

import configparser
import shlex
import tomllib
from typing import Any


def toml(text: str) -> dict[str, Any]:
    """The document; empty where it is none."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def ini(text: str) -> configparser.ConfigParser:
    """The document; empty where it is none."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser()
    return parser


def below(table: Any, *keys: str) -> dict[str, Any]:  # noqa: ANN401 - whatever TOML holds
    """The table at the end of these keys; empty where there is none."""
    for key in keys:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def lines(value: object) -> list[str]:
    """A list, or a text with one item a line or between commas."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return [line.strip() for line in str(value or "").replace(",", "\n").splitlines() if line.strip()]


def words(value: object) -> list[str]:
    """A list, or a text as a shell splits it."""
    if isinstance(value, list):
        return [str(item) for item in value]
    try:
        return shlex.split(str(value or ""))
    except ValueError:
        return str(value).split()


def truth(value: object) -> bool:
    """Whether a switch is on, as INI files write it."""
    return value is True or str(value).strip().lower() in {"1", "true", "yes", "on"}
