"""Findings stay what they are when real formatters lay the code out anew, and when git renames its files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.made_repository import Repository

from pytest_quality_gates import judgement, wiring
from pytest_quality_gates.config.settings import Overrides
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.model.finding import Finding

SOURCES = Path(__file__).parents[2] / "fixtures" / "source"
NOTHING = Unavailable("not_evaluated", "not asked for")
RUFF = ("ruff", "format", "--quiet", "--isolated", "--no-cache")
# Narrow lines and single quotes, then wide ones and double quotes.
LAYOUTS = {
    "ruff": (*RUFF, "--line-length=40", "--config=format.quote-style='single'"),
    "black": ("black", "--quiet", "--line-length=180", "--skip-magic-trailing-comma", "--preview"),
}


def facts(root: Path) -> FactSet:
    """What stands in the source."""
    settings = wiring.configure(root, Overrides())
    evidence = wiring.gather_static(root, settings, with_types=False, keeps_cache=False)
    return FactSet(source=evidence.source, coverage=NOTHING, types=NOTHING)


def findings(root: Path) -> list[Finding]:
    """All of them, as they count."""
    results = judgement.results(
        root, wiring.configure(root, Overrides()), facts(root), wiring.extensions().gates
    )
    return [finding for result in results for finding in result.findings]


def marks(root: Path) -> Counter[tuple[str, str, str]]:
    """Each finding's fingerprint, with what it is of."""
    return Counter((finding.fingerprint, finding.rule, finding.path) for finding in findings(root))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Many modules with many flaws."""
    for name in ("handlers", "names", "timeout"):
        shutil.copytree(SOURCES / name, tmp_path / "shop" / name)
    (tmp_path / "pyproject.toml").write_text('[tool.quality-gates]\nsource = ["shop"]\n', encoding="utf-8")
    return tmp_path


def reformat(root: Path, layout: str) -> int:
    """Lay the code out anew; how many files are other now."""
    before = {path: path.read_bytes() for path in root.rglob("*.py")}
    command = [sys.executable, "-m", *LAYOUTS[layout], "shop"]
    subprocess.run(command, cwd=root, check=True)
    return sum(path.read_bytes() != text for path, text in before.items())


def test_in_every_layout(project: Path) -> None:
    """No finding comes or goes, and each keeps its fingerprint, from one formatter to the next."""
    known = marks(project)
    assert known.total() > 100
    for layout in LAYOUTS:
        assert reformat(project, layout) > 10
        assert known == marks(project), layout


def test_renamed_by_git_and_reformatted(project: Path) -> None:
    """The baseline knows them in renamed files, whether the rename is committed or not, reformatted as well."""
    repository = Repository(project)
    settings = wiring.configure(project, Overrides())
    judgement.write_baseline(project, settings, facts(project), wiring.extensions().gates)
    repository.commit()
    repository.git("mv", "shop/handlers", "shop/treatments")
    repository.git("mv", "shop/timeout", "shop/limits")
    assert {"baseline"} == {finding.state for finding in findings(project)}
    repository.commit()
    reformat(project, "ruff")
    repository.commit()
    found = findings(project)
    assert {"baseline"} == {finding.state for finding in found}
    assert any(finding.path.startswith("shop/limits/") for finding in found)
