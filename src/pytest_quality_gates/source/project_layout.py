"""What a project says of itself: where its own packages are."""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_quality_gates.source.tree import NEVER_ENTERED, OUTPUT_DIRECTORIES

NOT_JUDGED_AT_TOP = frozenset(
    {
        "benchmark", "benchmarks", "bench", "ci", "demo", "demos", "doc", "docs", "example", "examples", "fixtures",
        "sample", "samples", "script", "scripts", "test", "testing", "tests", "tool", "tools",
    }
)  # fmt: skip
"""Directories at the top level that are beside the product."""
_WORKING = frozenset({"ci", "script", "scripts", "tool", "tools"})
"""Those of them that do work all the same, and are the product of a project that has nothing else."""
NOT_JUDGED_MODULES = frozenset(
    {
        "conftest.py",
        "noxfile.py",
        "setup.py",
        "toxfile.py",
        "versioneer.py",
        "ez_setup.py",
        "tasks.py",
        "fabfile.py",
    }
)


def judged_roots(root: Path) -> tuple[str, ...]:
    """The packages, modules and directories to judge, relative to `root`, by the first that says something.

    The project's coverage settings, its build backend's packages, `src/`, the packages and modules at the top level,
    directories there that are no packages, as `scripts` and `my-function`.
    """
    pyproject = _toml(root / "pyproject.toml")
    ways: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: _resolved(root, coverage_source(root, pyproject)),
        lambda: _resolved(root, backend_packages(root, pyproject)),
        lambda: _importable(root, "src"),
        lambda: _importable(root, ""),
        lambda: _other_directories(root),
    )
    for way in ways:
        found = tuple(dict.fromkeys(path for path in way() if not _is_test_path(path)))
        if found:
            return found
    return ()


def resolve_source(root: Path, name: str) -> str | None:
    """Where the directory, file or package `name` is, relative to `root`; None where there is nothing."""
    dotted = name.replace(".", "/") if re.fullmatch(r"\w+(\.\w+)*", name) else name
    for candidate in dict.fromkeys((name, dotted, f"src/{dotted}", f"{dotted}.py", f"src/{dotted}.py")):
        path = os.path.normpath(os.path.join(root, candidate))  # noqa: PTH118 - without resolving links
        relative = os.path.relpath(path, root).replace(os.sep, "/")
        if not relative.startswith("..") and Path(path).exists():
            return relative
    return None


def coverage_source(root: Path, pyproject: Mapping[str, Any]) -> list[str]:
    """`source` and `source_pkgs` of the project's coverage settings, from the file that coverage.py would read."""
    for name, section in ((".coveragerc", "run"), ("setup.cfg", "coverage:run"), ("tox.ini", "coverage:run")):
        parser = _ini(root / name)
        if any(
            found.startswith(section.removesuffix("run")) or name == ".coveragerc"
            for found in parser.sections()
        ):
            return [
                item
                for key in ("source", "source_pkgs", "source_dirs")
                for item in _listed(parser.get(section, key, fallback=""))
            ]
    run = _at(pyproject, "tool", "coverage", "run")
    return [item for key in ("source", "source_pkgs", "source_dirs") for item in _listed(run.get(key))]


def backend_packages(root: Path, pyproject: Mapping[str, Any]) -> list[str]:
    """What the build backend packs, as paths or names; empty where its settings do not say."""
    tool = _at(pyproject, "tool")
    return [
        *_setuptools(root, _at(tool, "setuptools")),
        *_listed(_at(tool, "hatch", "build", "targets", "wheel").get("packages")),
        *_listed(_at(tool, "hatch", "build", "targets", "wheel").get("only-include")),
        *_poetry(tool, pyproject),
        *_listed(_at(tool, "flit", "module").get("name")),
        *_listed(_at(tool, "pdm", "build").get("includes")),
        *_uv(tool),
        *_listed(_at(tool, "maturin").get("python-source")),
    ] or _project_name(pyproject)


def _setuptools(root: Path, table: Mapping[str, Any]) -> list[str]:
    directories = table.get("package-dir")
    base = directories.get("", "") if isinstance(directories, dict) else ""
    packages = table.get("packages")
    if isinstance(packages, list):
        return [*_top_packages(packages, base), *_listed(table.get("py-modules"))]
    if isinstance(packages, dict):
        where = _listed(_at(packages, "find").get("where")) or [base or "."]
        return [path for place in where for path in _importable(root, place)]
    own = [*_listed(table.get("py-modules")), *([base] if base else [])]
    return own or _setup_cfg(root)


def _setup_cfg(root: Path) -> list[str]:
    parser = _ini(root / "setup.cfg")
    packages = parser.get("options", "packages", fallback="").strip()
    bases = re.search(r"=\s*(\S+)", parser.get("options", "package_dir", fallback=""))
    base = bases[1] if bases else ""
    if packages.startswith(("find:", "find_namespace:")):
        place = parser.get("options.packages.find", "where", fallback=base).strip()
        return list(_importable(root, place if place != "." else ""))
    modules = _listed(parser.get("options", "py_modules", fallback=""))
    return [*_top_packages(_listed(packages), base), *modules]


def _top_packages(packages: Iterable[Any], base: str) -> list[str]:
    """The packages that are in no other one of them, as paths."""
    names = [name for name in packages if isinstance(name, str)]
    tops = [name for name in names if not any(name.startswith(f"{other}.") for other in names)]
    return [f"{base}/{name.replace('.', '/')}".lstrip("/") for name in tops]


def _poetry(tool: Mapping[str, Any], pyproject: Mapping[str, Any]) -> list[str]:
    poetry = _at(tool, "poetry")
    packages = poetry.get("packages")
    if isinstance(packages, list):
        items = [item for item in packages if isinstance(item, dict)]
        return [
            f"{item.get('from', '')}/{str(item.get('include', '')).partition('/')[0]}".lstrip("/")
            for item in items
        ]
    name = poetry.get("name")
    return _project_name({"project": {"name": name}}) if poetry and not pyproject.get("project") else []


def _uv(tool: Mapping[str, Any]) -> list[str]:
    backend = _at(tool, "uv", "build-backend")
    base = backend.get("module-root", "src")
    names = _listed(backend.get("module-name"))
    return [f"{base}/{name.replace('.', '/')}".lstrip("/") for name in names]


def _project_name(pyproject: Mapping[str, Any]) -> list[str]:
    """The package of the project's own name, which most backends take without being told."""
    name = _at(pyproject, "project").get("name")
    return [re.sub(r"[-_.]+", "_", name)] if isinstance(name, str) else []


def _importable(root: Path, place: str) -> tuple[str, ...]:
    """The packages and modules directly in the directory `place`; the directory itself where it is a package."""
    directory = root / place if place not in {"", "."} else root
    prefix = "" if directory == root else f"{place.rstrip('/')}/"
    if prefix and (directory / "__init__.py").is_file():
        return (prefix.rstrip("/"),)
    try:
        with os.scandir(directory) as entries:
            found = sorted(entry.name for entry in entries if _is_importable(entry, at_top=not prefix))
    except OSError:
        return ()
    return tuple(prefix + name for name in found)


def _other_directories(root: Path) -> list[str]:
    """What has Python files at the top level under a name that no import has, or beside products as a rule."""
    left_alone = NEVER_ENTERED | (NOT_JUDGED_AT_TOP - _WORKING)
    try:
        with os.scandir(root) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_dir()
                and not entry.name.startswith(".")
                and entry.name not in left_alone
                and not _is_output(entry)
                and _has_python(entry.path)
            )
    except OSError:
        return []


def _is_importable(entry: os.DirEntry[str], *, at_top: bool) -> bool:
    name = entry.name
    if name.startswith("."):
        return False
    try:
        if entry.is_dir():
            is_beside = (at_top and name in NOT_JUDGED_AT_TOP) or _is_output(entry)
            return name.isidentifier() and not is_beside and _has_python(entry.path)
        is_own = (
            name not in NOT_JUDGED_MODULES and not name.startswith("test_") and not name.endswith("_test.py")
        )
        return name.endswith(".py") and is_own and entry.is_file()
    except OSError:
        return False


def _is_output(entry: os.DirEntry[str]) -> bool:
    """Whether a directory is what a build left (`build/lib/shop` is a copy), or a virtual environment."""
    directory = Path(entry.path)
    if (directory / "pyvenv.cfg").is_file():
        return True
    return entry.name in OUTPUT_DIRECTORIES and not (directory / "__init__.py").is_file()


def _has_python(directory: str, depth: int = 3) -> bool:
    """Whether there is a Python file in the directory, or in one near below it (a namespace package)."""
    below = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    return True
                if entry.is_dir(follow_symlinks=False) and entry.name.isidentifier():
                    below.append(entry.path)
    except OSError:
        return False
    return depth > 1 and any(_has_python(path, depth - 1) for path in below)


def _resolved(root: Path, names: Iterable[str]) -> list[str]:
    found = (resolve_source(root, name) for name in names)
    return [path for path in found if path is not None]


def _is_test_path(path: str) -> bool:
    return not {"tests", "test"}.isdisjoint(path.split("/"))


def _toml(path: Path) -> dict[str, Any]:
    """The file's content; nothing where it is missing or broken, which reading the settings reports."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}


def _ini(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8-sig")
    except (OSError, ValueError, configparser.Error):
        return configparser.ConfigParser(interpolation=None)
    return parser


def _at(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table at `keys`; an empty one where there is none."""
    for key in keys:
        inner = table.get(key)
        table = inner if isinstance(inner, dict) else {}
    return table


def _listed(value: object) -> list[str]:
    """The texts in a list, or in a text with commas or line ends between them."""
    if isinstance(value, str):
        return [item.strip() for item in re.split(r"[,\n]", value) if item.strip()]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
