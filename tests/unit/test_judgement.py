"""Facts to results: what is accepted, and what makes a finding the same one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pytest_quality_gates import judgement, wiring
from pytest_quality_gates.config.settings import Overrides
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.gates.integrity_rules import RULE_TEXTS
from pytest_quality_gates.model.finding import Finding
from pytest_quality_gates.model.report import Report
from pytest_quality_gates.model.rule import RuleText
from pytest_quality_gates.store import baseline_file

NOTHING = Unavailable("not_evaluated", "not asked for")
SHOP = """\
import requests


class Client:
    def fetch(self, url: str, name: str) -> str:
        found = requests.get(url, params={"name": name})
        return found.text
"""


def findings(root: Path, text: str, path: str = "shop.py", today: date | None = None) -> list[Finding]:
    """The findings of all gates that read the source, in a project of one module."""
    for old in root.glob("*.py"):
        old.unlink()
    (root / path).write_text(text, encoding="utf-8")
    settings = wiring.configure(root, Overrides())
    evidence = wiring.gather_static(root, settings, with_types=False)
    facts = FactSet(source=evidence.source, coverage=NOTHING, types=NOTHING)
    found = judgement.results(root, settings, facts, wiring.extensions().gates, today)
    return [finding for result in found for finding in result.findings]


def marks(root: Path, text: str) -> set[str]:
    """The fingerprints."""
    return {finding.fingerprint for finding in findings(root, text)}


class TestFingerprints:
    """When a finding stays the same."""

    @pytest.mark.parametrize(
        "text",
        [
            f'"""A shop."""\n\nimport os\n{SHOP}',
            SHOP.replace(
                'url, params={"name": name}',
                "\n            url,\n            params={'name': name},\n        ",
            ),
            SHOP.replace(
                "        return found.text",
                "        if not found.ok:\n            return ''\n        return found.text",
            ),
            SHOP.replace("found", "answer"),
            SHOP.replace("\n", "\r\n"),
        ],
        ids=["moved", "reformatted", "edited elsewhere", "renamed result", "line ends"],
    )
    def test_survives(self, tmp_path: Path, text: str) -> None:
        """Moved lines, another layout and edits elsewhere in the function leave every finding what it is."""
        known = marks(tmp_path, SHOP)
        assert len(known) > 2
        assert known == marks(tmp_path, text)

    @pytest.mark.parametrize(
        "text", ['params={"name": url}', "params={}", 'params={"name": name}, verify=False']
    )
    def test_changes_with_the_expression(self, tmp_path: Path, text: str) -> None:
        """Another argument in the flawed call makes all of its findings others."""
        assert not marks(tmp_path, SHOP) & marks(tmp_path, SHOP.replace('params={"name": name}', text))


class TestSuppressions:
    """Comments, from the file to the result."""

    def states(self, root: Path, comment: str, today: date | None = None) -> dict[str, str]:
        """The state of each finding by its rule."""
        text = SHOP.replace("name})", f"name}})  # quality-gates: {comment}")
        return {finding.rule: finding.state for finding in findings(root, text, today=today)}

    def test_followed(self, tmp_path: Path) -> None:
        """The named rule is taken out of the count, the others stay."""
        states = self.states(tmp_path, "ignore[no-timeout] the proxy does")
        assert "suppressed" == states.pop("no-timeout")
        assert {"new"} == set(states.values())
        assert not {text.rule for text in RULE_TEXTS} & set(states)

    def test_expired(self, tmp_path: Path) -> None:
        """Past its day both the finding and the comment count."""
        comment = "ignore[no-timeout] the proxy does (until 2026-01-31)"
        states = self.states(tmp_path, comment, date(2026, 2, 1))
        assert ("new", "new") == (states["no-timeout"], states["expired-suppression"])

    def test_integrity_cannot_be_suppressed(self, tmp_path: Path) -> None:
        """A suppression of the judge of suppressions is refused."""
        states = self.states(tmp_path, "ignore[unused-suppression] be quiet")
        assert "new" == states["refused-suppression"]


class TestTables:
    """Other thresholds for some files."""

    TABLES = """
[tool.quality-gates.types]
threshold = 90

[[tool.quality-gates.paths]]
patterns = ["shop/"]
profile = "development"
types = { level = "report" }

[[tool.quality-gates.paths]]
patterns = ["shop/core/"]
types = { threshold = 50 }

[[tool.quality-gates.paths]]
patterns = ["nowhere/"]
"""

    def report(self, root: Path, since: str = "") -> Report:
        """The report of a project with a flaw in each table."""
        for name in ("shop/__init__.py", "shop/core/__init__.py"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(
                "def flawed(x):\n    return x\n\n\ndef good(x: int) -> int:\n    return x\n"
            )
        (root / "other.py").write_text("def flawed(x):\n    return x\n")
        (root / "pyproject.toml").write_text(
            f'[tool.quality-gates]\nsource = ["shop", "other.py"]\n{self.TABLES}'
        )
        settings = wiring.configure(root, Overrides(since=since))
        evidence = wiring.gather_static(root, settings, with_types=False)
        facts = FactSet(source=evidence.source, coverage=NOTHING, types=NOTHING)
        return wiring.judge(root, settings, facts)

    def test_each_is_held_against_its_own(self, tmp_path: Path) -> None:
        """A row for each table with files: its own figure, threshold and level; the deepest directory holds."""
        report = self.report(tmp_path)
        rows = [
            (
                each.paths,
                each.measured,
                each.total,
                each.threshold.value,
                each.level.value,
                each.verdict.value,
            )
            for each in report.gates
            if each.slug == "types"
        ]
        assert [
            ("", 0, 1, 9_000, "enforce", "failed"),
            ("shop/", 1, 2, 10_000, "report", "failed"),
            ("shop/core/", 1, 2, 5_000, "enforce", "passed"),
        ] == rows
        assert ["integrity"] == [each.slug for each in report.gates if each.slug == "integrity"]

    def test_every_file_is_in_one(self, tmp_path: Path) -> None:
        """The report says which files each table is for; a table without files has none."""
        assert [
            ("", "strict", ("other.py",)),
            ("shop/", "development", ("shop/__init__.py",)),
            ("shop/core/", "strict", ("shop/core/__init__.py",)),
            ("nowhere/", "strict", ()),
        ] == [(table.name, table.profile, table.files) for table in self.report(tmp_path).tables]

    def test_baseline(self, tmp_path: Path) -> None:
        """What falls short in one table is accepted there, and what reaches its own threshold needs no entry."""
        self.report(tmp_path)
        settings = wiring.configure(tmp_path, Overrides())
        evidence = wiring.gather_static(tmp_path, settings, with_types=False)
        facts = FactSet(source=evidence.source, coverage=NOTHING, types=NOTHING)
        wiring.update_baseline(tmp_path, settings, facts)
        found = baseline_file.read(tmp_path)
        assert found is not None
        assert {"other.py", "shop/__init__.py"} == {entry.path for entry in found.entries}
        rows = [each for each in wiring.judge(tmp_path, settings, facts).gates if each.slug == "types"]
        assert ["passed"] * 3 == [each.verdict.value for each in rows]


@pytest.mark.parametrize("text", RULE_TEXTS[:3], ids=[text.rule for text in RULE_TEXTS[:3]])
def test_examples(text: RuleText, tmp_path: Path) -> None:
    """What `explain` shows of suppressions is true."""
    rules = {other.rule for other in RULE_TEXTS}
    assert {text.rule} == rules & {finding.rule for finding in findings(tmp_path, text.bad)}
    assert not rules & {finding.rule for finding in findings(tmp_path, text.good)}
