"""[tool.quality-gates] -> what the user's file says, with every problem of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, get_args

from msgspec import Struct

from pytest_quality_gates.config import values
from pytest_quality_gates.config.document import TABLE, Document
from pytest_quality_gates.config.nearest import nearest
from pytest_quality_gates.config.profiles import BUILT_IN_PROFILES, STRICT, Profile, ProfileRow
from pytest_quality_gates.config.settings import Approval, TypeChecker
from pytest_quality_gates.model.gate import GateSpec

PLAIN_KEYS = (
    "approved",
    "catalogue",
    "complete",
    "exclude",
    "paths",
    "profile",
    "profiles",
    "source",
    "suite",
    "type-checker",
)
"""The keys of the table itself; every other one is the slug of a gate."""

_Value = TypeVar("_Value")


class PathTable(Struct, frozen=True, kw_only=True):
    """One `[[tool.quality-gates.paths]]`, as it was written."""

    patterns: tuple[str, ...]
    profile: str = ""
    """Empty for the general table."""
    rows: dict[str, ProfileRow] = {}


class FileSettings(Struct, frozen=True, kw_only=True):
    """What pyproject.toml says; None and empty where it says nothing."""

    profile: str | None = None
    complete: bool | None = None
    source: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    suite: tuple[str, ...] = ()
    type_checker: TypeChecker | None = None
    catalogue: tuple[dict[str, Any], ...] = ()
    approved: tuple[Approval, ...] = ()
    paths: tuple[PathTable, ...] = ()
    gates: dict[str, ProfileRow] = {}
    profiles: dict[str, Profile] = {}
    """The built-in ones and the user's, by name."""


def parse(document: Document, specs: Iterable[GateSpec]) -> tuple[FileSettings, list[str]]:
    """Read the table.

    Args:
        document: The table and its lines.
        specs: Of the gates of this run: their slugs and options are the keys that there are.

    Returns:
        What could be read, and every problem, each with its file, line and key.
    """
    parser = _Parser(document, {spec.slug: spec for spec in specs})
    return parser.settings(), parser.problems


class _Parser:
    """Reads one document and keeps its problems."""

    def __init__(self, document: Document, specs: Mapping[str, GateSpec]) -> None:
        self.problems: list[str] = []
        self._document = document
        self._specs = specs

    def settings(self) -> FileSettings:
        table = self._document.table
        for key in table:
            if key not in PLAIN_KEYS and key not in self._specs:
                what = "there is no such key or gate"
                self._problem((key,), f"{what}{nearest(key, (*PLAIN_KEYS, *self._specs))}")
        profiles = self._profiles()
        return FileSettings(
            profile=self._value(table, ("profile",), lambda value: values.choice(value, profiles, "profile")),
            complete=self._value(table, ("complete",), values.flag),
            source=self._value(table, ("source",), values.texts) or (),
            exclude=self._value(table, ("exclude",), values.texts) or (),
            suite=self._value(table, ("suite",), values.texts) or (),
            type_checker=self._value(table, ("type-checker",), _type_checker),
            catalogue=self._value(table, ("catalogue",), _tables) or (),
            approved=tuple(
                self._approval(table)
                for table in self._value(self._document.table, ("approved",), _tables_of_approvals) or ()
            ),
            paths=self._paths(profiles),
            gates={slug: self._row(table[slug], (slug,)) for slug in self._specs if slug in table},
            profiles=profiles,
        )

    def _profiles(self) -> dict[str, Profile]:
        known = {profile.name: profile for profile in BUILT_IN_PROFILES}
        table = self._document.table.get("profiles", {})
        if not isinstance(table, dict):
            self._problem(
                ("profiles",), "must hold a table for each profile, `[tool.quality-gates.profiles.NAME]`"
            )
            return known
        own = {name: self._profile(name, table[name], {*known, *table}) for name in table}
        own = {name: profile for name, profile in own.items() if name not in known}
        for name in own:
            self._check_circle(name, own)
        return known | own

    def _profile(self, name: str, table: object, names: set[str]) -> Profile:
        keys = ("profiles", name)
        if any(name == profile.name for profile in BUILT_IN_PROFILES):
            self._problem(
                keys, f"`{name}` comes with the package; choose another name, and extend it if you like"
            )
        if not isinstance(table, dict):
            self._problem(keys, f"must be a table, not {values.shown(table)}")
            return Profile(name=name)
        for key in table:
            if key != "extends" and key not in self._specs:
                what = "there is no such key or gate"
                self._problem((*keys, key), f"{what}{nearest(key, ('extends', *self._specs))}")
        extends = self._value(table, (*keys, "extends"), lambda value: values.choice(value, names, "profile"))
        rows = {slug: self._row(table[slug], (*keys, slug)) for slug in self._specs if slug in table}
        return Profile(name=name, extends=extends or STRICT, rows=rows)

    def _paths(self, profiles: Mapping[str, Profile]) -> tuple[PathTable, ...]:
        tables = self._value(self._document.table, ("paths",), _tables_of_paths) or ()
        found = [self._path_table(table, profiles) for table in tables]
        names = [table.patterns[0] for table in found if table.patterns]
        for name in {name for name in names if names.count(name) > 1}:
            self._problem(("paths",), f'two tables begin with the pattern "{name}"; bring them together')
        return tuple(table for table in found if table.patterns)

    def _path_table(self, table: dict[str, Any], profiles: Mapping[str, Profile]) -> PathTable:
        known = ("patterns", "profile", *self._specs)
        for key in table:
            if key not in known:
                self._problem(("paths", key), f"there is no such key or gate{nearest(key, known)}")
        if "patterns" not in table:
            self._problem(("paths",), 'each table needs its files: `patterns = ["src/legacy/"]`')
        return PathTable(
            patterns=self._value(table, ("paths", "patterns"), values.patterns) or (),
            profile=self._value(
                table, ("paths", "profile"), lambda value: values.choice(value, profiles, "profile")
            )
            or "",
            rows={slug: self._row(table[slug], ("paths", slug)) for slug in self._specs if slug in table},
        )

    def _approval(self, table: dict[str, Any]) -> Approval:
        known = ("rule", "subject", "reason")
        for key in table:
            if key not in known:
                self._problem(("approved", key), f"there is no such key{nearest(key, known)}")
        found = {key: self._value(table, ("approved", key), values.text) or "" for key in known}
        missing = [key for key in known if not found[key].strip()]
        if missing:
            self._problem(("approved",), f"an approval needs {', '.join(f'`{key}`' for key in missing)}")
        return Approval(**found)

    def _check_circle(self, name: str, profiles: Mapping[str, Profile]) -> None:
        seen = [name]
        while (after := profiles[seen[-1]].extends) in profiles:
            if after == name:
                circle = " -> ".join((*seen, name))
                self._problem(
                    ("profiles", name, "extends"), f"the profiles extend each other in a circle: {circle}"
                )
            if after in seen:
                return
            seen.append(after)

    def _row(self, table: object, keys: tuple[str, ...]) -> ProfileRow:
        spec = self._specs[keys[-1]]
        if not isinstance(table, dict):
            self._problem(
                keys, f"must be a table, `[{'.'.join((*TABLE, *keys))}]`, not {values.shown(table)}"
            )
            return ProfileRow()
        names = values.option_names(spec)
        for key in table:
            if key not in {"level", "threshold", *names}:
                self._problem(
                    (*keys, key), f"there is no such key{nearest(key, ('level', 'threshold', *names))}"
                )
        options = {name: self._option(table, (*keys, name), spec) for name in names if name in table}
        return ProfileRow(
            level=self._value(table, (*keys, "level"), values.level),
            threshold=self._value(
                table, (*keys, "threshold"), lambda value: values.threshold(value, spec.threshold)
            ),
            options={name: value for name, value in options.items() if value is not None},
            origins={key: self._document.place((*keys, key)) for key in table},
        )

    def _option(self, table: Mapping[str, Any], keys: tuple[str, ...], spec: GateSpec) -> object:
        return self._value(table, keys, lambda value: values.option(spec, keys[-1], value))

    def _value(
        self, table: Mapping[str, Any], keys: tuple[str, ...], read: Callable[[Any], _Value]
    ) -> _Value | None:
        """The value of the last key, read; None where it is missing or wrong."""
        if keys[-1] not in table:
            return None
        try:
            return read(table[keys[-1]])
        except values.BadValueError as error:
            self._problem(keys, str(error))
            return None

    def _problem(self, keys: tuple[str, ...], what: str) -> None:
        self.problems.append(f"{self._document.where(keys)}: {what}")


def _type_checker(value: object) -> TypeChecker:
    values.choice(value, get_args(TypeChecker), "type checker")
    return "mypy"


def _tables_of_paths(value: object) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise values.BadValueError("must be an array of tables, `[[tool.quality-gates.paths]]`")
    return tuple(value)


def _tables_of_approvals(value: object) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise values.BadValueError("must be an array of tables, `[[tool.quality-gates.approved]]`")
    return tuple(value)


def _tables(value: object) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise values.BadValueError("must be an array of tables, `[[tool.quality-gates.catalogue]]`")
    return tuple(value)
