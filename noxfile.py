"""What `make test` and `make demo` do, one session each; `nox --list` shows them.

Only the Pythons that are found here are used. Environments are made with venv and pip, so that an index or a mirror set
in pip's own configuration works.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nox

ROOT = Path(__file__).parent
ORDERS = ROOT / "fixtures" / "projects" / "orders"
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
PASS_IN_BOTH = ("assertions", "integrity")
SLOW = "ecosystem or conformity"
LOWER_BOUND = re.compile(r"^([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)")


def _runs(program: str | None) -> bool:
    """Whether `program` starts: a version manager's shim may stand for a Python that is not selected."""
    if program is None:
        return False
    return subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode == 0  # noqa: S603


def _found_pythons() -> list[str]:
    """The supported Pythons on PATH or installed by pyenv; the latter are put on PATH for nox to find."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = []
    for version in SUPPORTED:
        name = f"python{version}"
        if not _runs(shutil.which(name)):
            installed = [folder for folder in pyenv.glob(f"{version}.*/bin") if _runs(str(folder / name))]
            if not installed:
                continue
            os.environ["PATH"] = f"{installed[-1]}{os.pathsep}{os.environ['PATH']}"
        found.append(version)
    return found


PYTHONS = _found_pythons()
if not PYTHONS:
    raise SystemExit(f"No Python of {', '.join(SUPPORTED)} was found on PATH or under pyenv.")
OLDEST, NEWEST = PYTHONS[0], PYTHONS[-1]

PARALLEL = (f"--numprocesses={min(4, os.cpu_count() or 1)}", "--dist=loadgroup")
"""For pytest: the tests wait for processes that they start, and a file of them may take half of the whole."""

PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
DEV = nox.project.dependency_groups(PROJECT, "dev")

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
between = [f"tests-{version}" for version in PYTHONS[1:-1]]
nox.options.sessions = ["erase", "lint", "lowest", *between, "gates", "coverage"]


def _demo_libraries() -> list[str]:
    """What the two demo projects need, from their own project files."""
    needed: set[str] = set()
    for name in ("before", "after"):
        project = nox.project.load_toml(ORDERS / name / "pyproject.toml")
        needed.update(project["project"]["dependencies"])
        needed.update(nox.project.dependency_groups(project, "dev"))
    return sorted(needed)


def _lower_bounds() -> list[str]:
    """Our run-time dependencies at the oldest release that we promise to work with."""
    return [
        f"{match[1]}=={match[2]}"
        for requirement in PROJECT["project"]["dependencies"]
        if (match := LOWER_BOUND.match(requirement))
    ]


@nox.session(python=False)
def erase(session: nox.Session) -> None:
    """Forget the coverage data of an earlier run."""
    for data in ROOT.glob(".coverage*"):
        session.log(f"removing {data.name}")
        data.unlink()


@nox.session(python=NEWEST)
def lint(session: nox.Session) -> None:
    """Ruff, mypy and the import contracts."""
    session.install("-e", ".", *DEV)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The quick tests against the built wheel and the newest dependencies."""
    session.install(".", *DEV)
    session.run("pytest", *PARALLEL, "-m", f"not ({SLOW})", *session.posargs)


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """The quick tests with the oldest dependencies that we promise to work with, on the oldest Python."""
    lowest_of_all = _lower_bounds()
    fixed = {bound.partition("==")[0] for bound in lowest_of_all}
    others = [tool for tool in DEV if LOWER_BOUND.sub(r"\1", tool).partition(";")[0].strip() not in fixed]
    session.install(".", *lowest_of_all, *others)
    session.run("pytest", *PARALLEL, "-m", f"not ({SLOW})", *session.posargs)


@nox.session(python=NEWEST)
def gates(session: nox.Session) -> None:
    """Every test on the newest Python, the slow ones too, measured, and this project before its own gates."""
    session.install("-e", ".", *DEV, *_demo_libraries())
    session.run("coverage", "run", "-m", "pytest", *PARALLEL, *session.posargs)
    session.run("quality-gates", "check", ".")


@nox.session(python=NEWEST)
def coverage(session: nox.Session) -> None:
    """Branch coverage of the session `gates`, held against the floor in pyproject.toml."""
    session.install(*[tool for tool in DEV if tool.startswith("coverage")])
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python=NEWEST)
def demo(session: nox.Session) -> None:
    """The gates on a service as it was found, which must fail, and put right, which must pass."""
    session.install(".", *_demo_libraries())
    reports = Path(session.create_tmp()).resolve()
    for name, expected in (("before", "failed"), ("after", "passed")):
        report = reports / f"{name}.json"
        session.chdir(ORDERS / name)
        session.run(
            "pytest",
            "--quality-gates",
            f"--quality-gates-report=json:{report}",
            success_codes=[1 if expected == "failed" else 0],
        )
        _expect(session, name, expected, json.loads(report.read_text(encoding="utf-8")))
    session.log(
        f"as it should be: every gate failed in before/ (but {' and '.join(PASS_IN_BOTH)}) and passed in after/"
    )


@nox.session(python=NEWEST)
def conformity(session: nox.Session) -> None:
    """Every file of the catalogue against the library it is about: 320 installations, which takes minutes."""
    session.install("-e", ".", *DEV)
    session.run("python", "-m", "tests.contract.conformity", *session.posargs)


@nox.session(python=NEWEST)
def accuracy(session: nox.Session) -> None:
    """The call-site facts of the labelled packages against their labels, written into the page."""
    session.install("-e", ".", *DEV)
    store = session.cache_dir / "accuracy"
    session.run("python", "-m", "tests.accuracy", f"--store={store}", "--write", *session.posargs)


@nox.session(python=NEWEST)
def bench(session: nox.Session) -> None:
    """What a gated run costs on real suites, how it grows with the project, and what the plugin costs unasked."""
    session.install("-e", ".", *DEV)
    store = session.cache_dir / "bench"
    session.run("python", "tests/benchmarks/start_up.py", success_codes=[0, 1])  # 1: over the budget
    session.run("python", "-m", "tests.benchmarks.suites", f"--store={store}", "--write", *session.posargs)
    session.run("python", "-m", "tests.benchmarks.growth", "--write")


def _expect(session: nox.Session, name: str, expected: str, report: dict[str, list[dict[str, str]]]) -> None:
    """Fail the session unless every gate of `report` that the demo is about has the expected verdict."""
    judged = [gate for gate in report["gates"] if gate["slug"] not in PASS_IN_BOTH]
    others = [f"{gate['slug']} {gate['verdict']}" for gate in judged if gate["verdict"] != expected]
    if others:
        session.error(f"{name}/: every gate should have {expected}, but: {', '.join(others)}")
