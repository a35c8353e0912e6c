"""Which releases of the libraries a project runs with, by what is installed and by what it declares."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence import process

NO_UPPER_BOUND = "9999"
"""The release to assume where a requirement allows every later one."""

_ASKED = "import json, sys; print(json.dumps(sys.path[1:]))"
_PATIENCE_S = 60.0
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def installed_version(distribution: str) -> str | None:
    """The release that is installed where this runs; None where it is not."""
    try:
        return importlib.metadata.version(distribution)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def installed_with(python: str) -> Callable[[str], str | None]:
    """What `installed_version` is for another interpreter.

    Args:
        python: The interpreter; it is started once, with the directory it runs in left out of what it imports from.

    Raises:
        EvidenceError: It cannot be started, or does not say where its packages are.
    """
    answer = process.run([python, "-c", _ASKED], cwd=Path(python).parent, timeout=_PATIENCE_S)
    if answer.returncode:
        raise EvidenceError(f"{python} does not say where its packages are: {answer.stderr.strip()[-200:]}")
    path = json.loads(answer.stdout.splitlines()[-1])

    def version(distribution: str) -> str | None:
        if not distribution:  # which would stand for any of them
            return None
        found = next(iter(importlib.metadata.distributions(name=distribution, path=path)), None)
        return found.version if found else None

    return version


def versions(
    root: Path, distributions: Iterable[str], installed: Callable[[str], str | None] = installed_version
) -> dict[str, str]:
    """The release in use of each distribution, where it is known.

    That is the installed one if the project's own requirement allows it, otherwise the highest that the requirement
    allows. A distribution that is neither declared nor installed is left out.

    Args:
        root: The project, or the directory that wheels were unpacked into.
        distributions: Names as on the package index.
        installed: Gives the installed release of a distribution.
    """
    declared = requirements(root)
    beside = {name: version for name, version, _ in _metadata(root)}
    found = {}
    for distribution in distributions:
        name = canonicalize_name(distribution)
        version = beside.get(name) or _in_use(declared.get(name), installed(distribution))
        if version is not None:
            found[distribution] = version
    return found


def requirements(root: Path) -> dict[str, SpecifierSet]:
    """What the project declares, by normalised name: pyproject.toml, requirements*.txt, metadata of unpacked wheels."""
    found: dict[str, SpecifierSet] = {}
    for text in _declared(root):
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if _applies(requirement):
            name = canonicalize_name(requirement.name)
            found[name] = found.get(name, SpecifierSet()) & requirement.specifier
    return found


def highest(specifiers: SpecifierSet) -> str:
    """The highest release that the specifiers allow, judged by their upper bounds: `5.999` for `>=4.2,<6`."""
    bounds = [bound for bound in map(_upper_bound, specifiers) if bound is not None]
    return str(min(bounds)) if bounds else NO_UPPER_BOUND


def _in_use(declared: SpecifierSet | None, version: str | None) -> str | None:
    if declared is None:
        return version
    try:
        if version is not None and declared.contains(version, prereleases=True):
            return version
    except InvalidVersion:
        return highest(declared)
    return highest(declared)


def _applies(requirement: Requirement) -> bool:
    """Whether the marker holds here, whatever extras are wanted."""
    if requirement.marker is None:
        return True
    extras = _EXTRA.findall(str(requirement.marker)) or [""]
    return any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


def _upper_bound(specifier: Specifier) -> Version | None:
    """The highest release that one specifier allows; None where it has no upper bound."""
    try:
        release = Version(specifier.version.removesuffix(".*")).release
    except InvalidVersion:
        return None
    match specifier.operator:
        case "==" if specifier.version.endswith(".*"):
            return _last_of(release)
        case "==" | "===" | "<=":
            return Version(specifier.version)
        case "~=":
            return _last_of(release[:-1])
        case "<":
            return _before(release)
        case _:
            return None


def _last_of(release: tuple[int, ...]) -> Version:
    return Version(".".join(map(str, (*release, 999))))


def _before(release: tuple[int, ...]) -> Version:
    """The last release before this one: `5.999` before 6, 6.0 and 6.0.0, `6.1.999` before 6.2."""
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    return _last_of((*release[:-1], max(0, release[-1] - 1)))


def _declared(root: Path) -> Iterator[str]:
    yield from _from_pyproject(root / "pyproject.toml")
    for path in sorted(root.glob("requirements*.txt")):
        yield from _lines(path)
    for _, _, required in _metadata(root):
        yield from required


def _from_pyproject(path: Path) -> Iterator[str]:
    try:
        table: Any = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return
    project = _table(table.get("project"))
    lists = [project.get("dependencies"), *_table(project.get("optional-dependencies")).values()]
    for items in lists:
        yield from (item for item in items if isinstance(item, str)) if isinstance(items, list) else ()
    poetry = _table(_table(table.get("tool")).get("poetry"))
    for name, wanted in _table(poetry.get("dependencies")).items():
        constraint = wanted.get("version", "") if isinstance(wanted, dict) else wanted
        yield f"{name}{from_poetry(str(constraint))}"


def from_poetry(constraint: str) -> str:
    """Poetry's `^1.2` and `~1.2` as specifiers; what is one already stays."""
    match = re.fullmatch(r"([\^~])\s*(\d+(?:\.\d+)*)", constraint.strip())
    if match is None:
        return "" if constraint.strip() == "*" else _pinned(constraint.strip())
    parts = [int(part) for part in match[2].split(".")]
    if match[1] == "~":
        kept = min(2, len(parts))
    else:
        kept = next((index + 1 for index, part in enumerate(parts) if part), len(parts))
    upper = [*parts[: kept - 1], parts[kept - 1] + 1]
    return f">={match[2]},<{'.'.join(map(str, upper))}"


def _pinned(constraint: str) -> str:
    return f"=={constraint}" if constraint[:1].isdigit() else constraint


def _lines(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return
    for line in text.splitlines():
        requirement = re.split(r"\s+#|\s+--hash|\s*\\$", line.strip())[0].strip()
        if requirement and not requirement.startswith(("#", "-")):
            yield requirement


def _metadata(root: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Name, version and requirements of each distribution that was unpacked in `root` or one level below."""
    if not root.is_dir():
        return
    for path in sorted((*root.glob("*.dist-info/METADATA"), *root.glob("*/*.dist-info/METADATA"))):
        try:
            message = HeaderParser().parsestr(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            continue
        yield (
            canonicalize_name(str(message["Name"])),
            str(message["Version"]),
            message.get_all("Requires-Dist", []),
        )


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
