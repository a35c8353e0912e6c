"""The pages agree with themselves and with the code."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pytest_quality_gates.config import load
from pytest_quality_gates.config.profiles import BUILT_IN_PROFILES
from pytest_quality_gates.config.settings import Overrides, Settings
from pytest_quality_gates.gates.builtin import pytest_quality_gates_gates
from pytest_quality_gates.model.gate import GateSpec
from pytest_quality_gates.model.origin import Run, Tree
from pytest_quality_gates.policy.comparison import threshold_text
from pytest_quality_gates.reports.json_report import JsonFinding, JsonGate, JsonReport, JsonTable

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SPECS = [gate.spec for gate in pytest_quality_gates_gates()]
HEADINGS = [
    "What it measures",
    "Why it matters",
    "Counting rules",
    "Example",
    "Options",
    "Known limits",
]
SURENESS = ("certain", "likely", "possible")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
RULE_ROW = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)


def _id(value: Path | GateSpec) -> str:
    return value.slug if isinstance(value, GateSpec) else value.relative_to(ROOT).as_posix()


def _prose(page: Path) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def _headings(page: Path, level: str = "#+") -> list[str]:
    return re.findall(rf"^{level} (.+)$", _prose(page), re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of the headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _headings(page)}


def _gate_page(spec: GateSpec) -> str:
    return (ROOT / "docs" / "gates" / f"{spec.slug}.md").read_text(encoding="utf-8")


def _settings(root: Path, profile: str) -> Settings:
    return load.load(root, Overrides(profile=profile), SPECS, ["json"])


def _toml_blocks(page: Path) -> Iterator[str]:
    for language, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "toml":
            yield text


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file of the project names one that is there, and every anchor a heading of it."""
    dead = []
    for link in LINK.findall(_prose(page)):
        if link.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    assert [] == dead


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_configuration_examples_are_valid(page: Path, tmp_path: Path) -> None:
    """Every TOML block parses, and what it says for the plugin is accepted by the plugin."""
    for text in _toml_blocks(page):
        tomllib.loads(text)
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        assert load.load(tmp_path, Overrides(), SPECS, ["json"]).gates


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_code_examples_are_python(page: Path) -> None:
    """Every Python block compiles."""
    for language, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            compile(text, str(page), "exec", dont_inherit=True)


def test_every_page_can_be_reached() -> None:
    """From the index, by links, one comes to every page under docs/."""
    reached: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        names = [link.partition("#")[0] for link in LINK.findall(_prose(page)) if "://" not in link]
        waiting += [(page.parent / name).resolve() for name in names if name]
    assert set() == set(ROOT.glob("docs/**/*.md")) - reached


def test_every_gate_has_a_page_and_every_page_a_gate() -> None:
    """The pages of docs/gates are the built-in gates."""
    pages = {page.stem for page in ROOT.glob("docs/gates/*.md")} - {"index"}
    assert {spec.slug for spec in SPECS} == pages


@pytest.mark.parametrize("spec", SPECS, ids=_id)
def test_a_gate_page_has_its_headings(spec: GateSpec) -> None:
    """Each gate's page has the same headings in the same order, below the gate's name."""
    page = ROOT / "docs" / "gates" / f"{spec.slug}.md"
    assert [f"`{spec.slug}`"] == _headings(page, "#")
    assert HEADINGS == _headings(page, "##")


@pytest.mark.parametrize("spec", SPECS, ids=_id)
def test_a_gate_page_states_what_the_code_does(spec: GateSpec, tmp_path: Path) -> None:
    """Thresholds and levels by profile, kinds and confidence stand on the page as the code has them."""
    if sys.version_info < spec.first_python:
        pytest.skip("the page has the level of the Pythons where the gate can be measured")
    rows = {profile.name: _settings(tmp_path, profile.name).gate(spec.slug) for profile in BUILT_IN_PROFILES}
    thresholds = ", ".join(f"{threshold_text(row.threshold)} (`{name}`)" for name, row in rows.items())
    levels = ", ".join(f"`{row.level.value}` (`{name}`)" for name, row in rows.items())
    expected = [f"Default threshold: {thresholds}.", f"Default level: {levels}."]
    if spec.options.kinds is not None:
        kinds = ", ".join(f"`{kind}`" for kind in sorted(spec.options.kinds))
        sureness = ", ".join(f"`{value}`" for value in SURENESS if value in spec.options.confidence)
        expected += [f"Default kinds: {kinds}.", f"Default confidence: {sureness}."]
    lines = [line.strip() for line in _gate_page(spec).splitlines() if line.startswith("Default ")]
    assert expected == lines


@pytest.mark.parametrize("spec", SPECS, ids=_id)
def test_a_gate_page_lists_its_rules_with_their_examples(spec: GateSpec) -> None:
    """The rules of a gate stand on its page, and the examples are those that `explain` prints."""
    page = _gate_page(spec)
    blocks = [text.strip("\n") for language, text in FENCE.findall(page) if language == "python"]
    examples = [
        example.strip("\n")
        for rule in spec.rule_texts
        if rule.rule != "syntax-error"
        for example in (rule.bad, rule.good)
    ]
    assert list(spec.rules) == RULE_ROW.findall(page)
    assert examples == blocks


@pytest.mark.parametrize("page", [ROOT / "docs" / "gates" / "index.md", ROOT / "README.md"], ids=_id)
def test_the_gate_table_is_the_codes(page: Path) -> None:
    """The table of gates lists every gate in order, with its threshold in `strict`."""
    rows = re.findall(r"^\| \[`([a-z-]+)`\]\([^)]+\) \| .+? \| ([≥≤] [^|,]+?) \|", _prose(page), re.MULTILINE)
    assert [(spec.slug, threshold_text(spec.threshold)) for spec in SPECS] == rows


def test_every_dependency_is_explained() -> None:
    """The page on dependencies has a row for each that is installed at run time, and no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[<>=!~\[; ]", requirement)[0] for requirement in project["dependencies"]}
    page = _prose(ROOT / "docs" / "explanation" / "dependencies.md")
    assert needed == set(re.findall(r"^\| ([a-z][a-z0-9-]*) \|", page, re.MULTILINE)) - {"package"}


def test_the_json_report_is_described_key_by_key() -> None:
    """The page on the JSON report has every key of the report, of a gate and of a finding, in order."""
    page = _prose(ROOT / "docs" / "reference" / "json-report.md")
    expected = [
        field.encode_name
        for part in (JsonReport, Run, Tree, JsonTable, JsonGate, JsonFinding)
        for field in msgspec.structs.fields(part)
    ]
    assert expected == re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)
