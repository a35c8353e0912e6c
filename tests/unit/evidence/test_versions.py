"""Which releases of the libraries are in use."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from tests.made_environment import made_environment

from pytest_quality_gates.errors import EvidenceError
from pytest_quality_gates.evidence.versions import (
    NO_UPPER_BOUND,
    from_poetry,
    highest,
    installed_version,
    installed_with,
    versions,
)


def found(root: Path, installed: dict[str, str], *names: str) -> dict[str, str]:
    """The releases in use where these are installed."""
    return versions(root, names, installed.get)


def test_installed_and_allowed(tmp_path: Path) -> None:
    """The installed release is in use where the project allows it, or says nothing."""
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['Redis>=4,<6']\n")
    assert {"redis": "5.2", "httpx": "0.27"} == found(
        tmp_path, {"redis": "5.2", "httpx": "0.27"}, "redis", "httpx", "gone"
    )


def test_installed_and_not_allowed(tmp_path: Path) -> None:
    """Where the installed release is not one that the project allows, its highest one is assumed."""
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['redis>=4.2,<6']\n")
    assert {"redis": "5.999"} == found(tmp_path, {"redis": "7.0"}, "redis")
    assert {"redis": "5.999"} == found(tmp_path, {"redis": "broken"}, "redis")


def test_declared_only(tmp_path: Path) -> None:
    """Extras, requirements files and Poetry's tables declare as well."""
    (tmp_path / "pyproject.toml").write_text(
        "[project]\noptional-dependencies = {a = ['httpx<1']}\n[tool.poetry.dependencies]\nredis = '^4.2'\n"
        "requests = {version = '~2.31'}\npython = '*'\n"
    )
    (tmp_path / "requirements-dev.txt").write_text(
        "-r other.txt\n# no\nboto3==1.34.5 --hash=sha256:0\npymongo>=4 ; python_version < '3'\n./local\n"
    )
    names = ("httpx", "redis", "requests", "boto3", "pymongo")
    assert {"httpx": "0.999", "redis": "4.999", "requests": "2.31.999", "boto3": "1.34.5"} == found(
        tmp_path, {}, *names
    )


def test_unpacked_wheels(tmp_path: Path) -> None:
    """The metadata beside unpacked packages declare, and an unpacked library is in use itself."""
    ours, theirs = tmp_path / "ours-1.dist-info", tmp_path / "redis-5.0.dist-info"
    ours.mkdir()
    theirs.mkdir()
    (ours / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ours\nVersion: 1\nRequires-Dist: redis>=4\nRequires-Dist: httpx<0.20; "
        'extra == "http"\n'
    )
    (theirs / "METADATA").write_text("Metadata-Version: 2.1\nName: redis\nVersion: 5.0\n")
    assert {"redis": "5.0", "httpx": "0.19.999"} == found(
        tmp_path, {"redis": "7", "httpx": "0.27"}, "redis", "httpx"
    )


def test_broken_files_say_nothing(tmp_path: Path) -> None:
    """Files that cannot be read declare nothing."""
    (tmp_path / "pyproject.toml").write_text("not toml")
    (tmp_path / "requirements.txt").write_bytes(b"redis<6 \xff\n")
    assert {} == found(tmp_path / "pyproject.toml", {}, "redis")
    assert {} == found(tmp_path, {}, "redis")


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        (">=4.2,<6", "5.999"),
        ("<6.0.0", "5.999"),
        ("<6.2", "6.1.999"),
        ("<=5.1", "5.1"),
        ("==5.0.1", "5.0.1"),
        ("==5.*", "5.999"),
        ("~=4.2", "4.999"),
        ("~=4.2.1", "4.2.999"),
        ("<7,<6,!=5", "5.999"),
        (">=4", NO_UPPER_BOUND),
        ("", NO_UPPER_BOUND),
        ("===wild", NO_UPPER_BOUND),
    ],
)
def test_highest(specifier: str, expected: str) -> None:
    """The highest release is read off the upper bounds."""
    assert expected == highest(SpecifierSet(specifier))


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0", ">=0.0,<0.1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("*", ""),
        ("1.2", "==1.2"),
        (">=1,<3", ">=1,<3"),
    ],
)
def test_from_poetry(constraint: str, expected: str) -> None:
    """Poetry's own constraints become specifiers."""
    assert expected == from_poetry(constraint)


def test_installed_with_another_interpreter(tmp_path: Path) -> None:
    """The packages of another interpreter count, and not those that are installed where this runs."""
    other = made_environment(tmp_path)
    other.install({"redis-5.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: redis\nVersion: 5.0\n"})
    installed = installed_with(other.python)
    assert ["5.0", None, None] == [installed("redis"), installed("msgspec"), installed("")]
    assert installed_version("msgspec") == installed_with(sys.executable)("msgspec")


@pytest.mark.skipif(sys.platform == "win32", reason="writes a shell script")
def test_interpreter_that_is_none(tmp_path: Path) -> None:
    """A program that is no Python, or is not there, is told by its path."""
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho no such thing >&2; exit 3\n")
    script.chmod(0o755)
    with pytest.raises(EvidenceError, match=r"python does not say where its packages are: no such thing"):
        installed_with(str(script))
    with pytest.raises(EvidenceError, match="gone cannot be started"):
        installed_with(str(tmp_path / "gone"))
