"""Command line, pyproject.toml and profile, brought together."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from pytest_quality_gates.config.load import load
from pytest_quality_gates.config.settings import Overrides, ReportRequest, Settings
from pytest_quality_gates.errors import ConfigurationError
from pytest_quality_gates.gates.builtin import pytest_quality_gates_gates
from pytest_quality_gates.model.gate import Level, Threshold

SPECS = [gate.spec for gate in pytest_quality_gates_gates()]


def settings(root: Path, text: str = "", overrides: Overrides | None = None) -> Settings:
    """The settings of a project whose pyproject.toml holds `text`."""
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return load(root, overrides or Overrides(), SPECS, ["json"])


def problems(root: Path, text: str, overrides: Overrides | None = None) -> list[str]:
    """What is wrong with such a project's settings."""
    with pytest.raises(ConfigurationError) as caught:
        settings(root, text, overrides)
    return caught.value.problems


def _is_too_early(slug: str) -> bool:
    """Whether this Python cannot measure the gate."""
    return any(spec.slug == slug and sys.version_info < spec.first_python for spec in SPECS)


class TestPrecedence:
    """Who wins where several say something."""

    def test_nothing_said_is_strict(self, tmp_path: Path) -> None:
        """Without any file, each gate is as its own specification says, where this Python can measure it."""
        found = load(tmp_path, Overrides(), SPECS, ["json"])
        assert found.profile == "strict"
        assert [(spec.slug, spec.level, spec.threshold) for spec in SPECS] == [
            (row.slug, Level.ENFORCE if _is_too_early(row.slug) else row.level, row.threshold)
            for row in found.gates
        ]

    def test_python_that_cannot_measure(self, tmp_path: Path) -> None:
        """What cannot be measured on this Python only reports by default, and is enforced where the file says so."""
        first = replace(SPECS[0], first_python=(99, 1))
        found = load(tmp_path, Overrides(), [first, *SPECS[1:]], [])
        assert (Level.REPORT, "measured from Python 99.1 on") == (
            found.gate(first.slug).level,
            found.origins[f"gates.{first.slug}.level"],
        )
        (tmp_path / "pyproject.toml").write_text(f'[tool.quality-gates.{first.slug}]\nlevel = "enforce"\n')
        assert Level.ENFORCE == load(tmp_path, Overrides(), [first, *SPECS[1:]], []).gate(first.slug).level

    def test_development_is_milder(self, tmp_path: Path) -> None:
        """The profile `development` asks 70 % of the tests, and only reports breakers and observability."""
        found = settings(tmp_path, overrides=Overrides(profile="development"))
        assert Threshold("at_least_percent", 7000) == found.gate("tests").threshold
        assert Level.REPORT == found.gate("circuit-breakers").level
        assert Level.REPORT == found.gate("observability").level
        assert Level.ENFORCE == found.gate("timeouts").level

    def test_file_wins_over_profile(self, tmp_path: Path) -> None:
        """What the file says of a gate stands, whatever the profile; the rest of the row is the profile's."""
        text = '[tool.quality-gates]\nprofile = "development"\n[tool.quality-gates.tests]\nthreshold = 72.5\n'
        found = settings(tmp_path, text)
        assert Threshold("at_least_percent", 7250) == found.gate("tests").threshold
        assert Level.REPORT == found.gate("observability").level

    def test_command_line_wins_over_file(self, tmp_path: Path) -> None:
        """The profile and completeness of the command line replace those of the file."""
        text = '[tool.quality-gates]\nprofile = "development"\ncomplete = false\n'
        found = settings(tmp_path, text, Overrides(profile="strict", complete=True))
        assert ("strict", True) == (found.profile, found.complete)

    @pytest.mark.parametrize(
        ("text", "in_ci", "expected"),
        [
            ("", False, False),
            ("", True, True),
            ("[tool.quality-gates]\ncomplete = false\n", True, False),
            ("[tool.quality-gates]\ncomplete = true\n", False, True),
        ],
    )
    def test_complete_by_default_in_ci(self, tmp_path: Path, text: str, in_ci: bool, expected: bool) -> None:
        """A run under CI must be complete unless the file says otherwise."""
        assert expected == settings(tmp_path, text, Overrides(in_ci=in_ci)).complete

    def test_own_profile_extends_another(self, tmp_path: Path) -> None:
        """A profile of the user's differs from the one it extends only in what it says."""
        text = """
[tool.quality-gates]
profile = "legacy"
[tool.quality-gates.profiles.legacy]
extends = "development"
tests.threshold = 40
[tool.quality-gates.profiles.legacy.timeouts]
level = "off"
kinds = ["http", "rpc"]
"""
        found = settings(tmp_path, text)
        assert Threshold("at_least_percent", 4000) == found.gate("tests").threshold
        assert Level.OFF == found.gate("timeouts").level
        assert frozenset({"http", "rpc"}) == found.gate("timeouts").options.kinds
        assert Level.REPORT == found.gate("circuit-breakers").level

    def test_origins_name_line_and_profile(self, tmp_path: Path) -> None:
        """Every value that is not a default says where it was written."""
        text = '[tool.quality-gates]\nexclude = ["gen/"]\n\n[tool.quality-gates.tests]\nthreshold = 90\n'
        found = settings(tmp_path, text, Overrides(profile="development"))
        assert "pyproject.toml:5" == found.origins["gates.tests.threshold"]
        assert "pyproject.toml:2" == found.origins["exclude"]
        assert "profile development" == found.origins["gates.observability.level"]
        assert "--quality-gates-profile" == found.origins["profile"]


class TestValues:
    """What is read from the file."""

    def test_everything_of_the_table(self, tmp_path: Path) -> None:
        """Source, exclusions, type checker and catalogue come through."""
        text = """
[tool.quality-gates]
source = ["src/shop"]
exclude = ["*_gen.py"]
type-checker = "mypy"
[[tool.quality-gates.catalogue]]
library.name = "ours"
"""
        found = settings(tmp_path, text)
        assert ("src/shop",) == found.source
        assert ("*_gen.py",) == found.exclude
        assert "mypy" == found.type_checker
        assert ({"library": {"name": "ours"}},) == found.catalogue

    @pytest.mark.parametrize(
        ("written", "expected"), [("0", 0), ("100", 10000), ("79.99", 7999), ("99.9", 9990)]
    )
    def test_percentages_are_exact(self, tmp_path: Path, written: str, expected: int) -> None:
        """A percentage with up to two decimals is kept as a whole number of hundredths."""
        found = settings(tmp_path, f"[tool.quality-gates.tests]\nthreshold = {written}\n")
        assert expected == found.gate("tests").threshold.value

    def test_report_requests(self, tmp_path: Path) -> None:
        """`FORMAT:PATH` is read; a path may hold colons of its own."""
        found = settings(tmp_path, overrides=Overrides(reports=("json:out/a.json", "json:C:/b.json")))
        assert (ReportRequest("json", "out/a.json"), ReportRequest("json", "C:/b.json")) == found.reports

    def test_unknown_gate_is_no_row(self, tmp_path: Path) -> None:
        """Asking for the row of a gate that there is not is a mistake of the caller's."""
        with pytest.raises(KeyError, match="nothing"):
            settings(tmp_path).gate("nothing")

    def test_bom_is_no_problem(self, tmp_path: Path) -> None:
        """A file that begins with a byte order mark is read."""
        (tmp_path / "pyproject.toml").write_bytes(b"\xef\xbb\xbf[tool.quality-gates]\ncomplete = true\n")
        assert load(tmp_path, Overrides(), SPECS, ["json"]).complete


class TestProblems:
    """What is said about wrong settings."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "[tool.quality-gates]\nprofil = 1\n",
                "pyproject.toml:2: [tool.quality-gates] profil: there is no such key or gate; did you mean `profile`?",
            ),
            (
                "[tool.quality-gates.timeout]\nlevel = 'off'\n",
                "pyproject.toml:1: [tool.quality-gates] timeout: there is no such key or gate; did you mean `timeouts`?",
            ),
            (
                "[tool.quality-gates.tests]\ntreshold = 1\n",
                "pyproject.toml:2: [tool.quality-gates.tests] treshold: there is no such key; did you mean `threshold`?",
            ),
            (
                "[tool.quality-gates]\nprofile = 'strct'\n",
                'pyproject.toml:2: [tool.quality-gates] profile: there is no profile "strct"; did you mean `strict`?',
            ),
            (
                "[tool.quality-gates.tests]\nlevel = 'enforced'\n",
                (
                    'pyproject.toml:2: [tool.quality-gates.tests] level: there is no level "enforced"; '
                    "did you mean `enforce`?"
                ),
            ),
            (
                "[tool.quality-gates.timeouts]\nkinds = ['http', 'emial']\n",
                'pyproject.toml:2: [tool.quality-gates.timeouts] kinds: there is no kind "emial"; did you mean `mail`?',
            ),
            (
                "[tool.quality-gates.timeouts]\nkinds = ['sleep']\n",
                'pyproject.toml:2: [tool.quality-gates.timeouts] kinds: there is no kind "sleep"',
            ),
            (
                "[tool.quality-gates.timeouts]\nconfidence = ['sure']\n",
                (
                    'pyproject.toml:2: [tool.quality-gates.timeouts] confidence: there is no confidence "sure"; there are '
                    "`certain`, `likely`, `possible`"
                ),
            ),
            (
                "[tool.quality-gates.tests]\nthreshold = 100.01\n",
                "pyproject.toml:2: [tool.quality-gates.tests] threshold: must be a percentage from 0 to 100, not 100.01",
            ),
            (
                "[tool.quality-gates.tests]\nthreshold = -1\n",
                "pyproject.toml:2: [tool.quality-gates.tests] threshold: must be a percentage from 0 to 100, not -1",
            ),
            (
                "[tool.quality-gates.tests]\nthreshold = nan\n",
                "pyproject.toml:2: [tool.quality-gates.tests] threshold: must be a percentage from 0 to 100, not NaN",
            ),
            (
                "[tool.quality-gates.tests]\nthreshold = true\n",
                (
                    "pyproject.toml:2: [tool.quality-gates.tests] threshold: must be a percentage, a number from 0 to 100, "
                    "not true"
                ),
            ),
            (
                "[tool.quality-gates.tests]\nthreshold = 80.125\n",
                "pyproject.toml:2: [tool.quality-gates.tests] threshold: may have two decimals at most, not 80.125",
            ),
            (
                "[tool.quality-gates.handlers]\nthreshold = 0.5\n",
                (
                    "pyproject.toml:2: [tool.quality-gates.handlers] threshold: must be a whole number, 0 or more (how many "
                    "findings are allowed), not 0.5"
                ),
            ),
            (
                "[tool.quality-gates.handlers]\nkinds = ['http']\n",
                (
                    "pyproject.toml:2: [tool.quality-gates.handlers] kinds: there is no such key; there are `level`, "
                    "`threshold`"
                ),
            ),
            (
                "[tool.quality-gates.tests]\nlevel = 3\n",
                'pyproject.toml:2: [tool.quality-gates.tests] level: must be "enforce", "report" or "off", not 3',
            ),
            (
                "[tool.quality-gates]\ntests = 80\n",
                "pyproject.toml:2: [tool.quality-gates] tests: must be a table, `[tool.quality-gates.tests]`, not 80",
            ),
            (
                "[tool.quality-gates]\ncomplete = 'yes'\n",
                'pyproject.toml:2: [tool.quality-gates] complete: must be true or false, not "yes"',
            ),
            (
                "[tool.quality-gates]\nsource = 'src'\n",
                'pyproject.toml:2: [tool.quality-gates] source: must be a list of texts in quotes, not "src"',
            ),
            (
                "[tool.quality-gates]\nexclude = ['a', 3]\n",
                "pyproject.toml:2: [tool.quality-gates] exclude: must be a list of texts in quotes; 3 in it is none",
            ),
            (
                "[tool.quality-gates]\ntype-checker = 'pytype'\n",
                (
                    'pyproject.toml:2: [tool.quality-gates] type-checker: there is no type checker "pytype"; there is '
                    "`mypy`"
                ),
            ),
            (
                "[tool.quality-gates]\ntype-checker = 1\n",
                "pyproject.toml:2: [tool.quality-gates] type-checker: must be the name of a type checker in quotes, not 1",
            ),
            (
                "[tool.quality-gates]\ncatalogue = ['x']\n",
                (
                    "pyproject.toml:2: [tool.quality-gates] catalogue: must be an array of tables, "
                    "`[[tool.quality-gates.catalogue]]`"
                ),
            ),
            (
                "[tool.quality-gates]\nprofiles = 1\n",
                (
                    "pyproject.toml:2: [tool.quality-gates] profiles: must hold a table for each profile, "
                    "`[tool.quality-gates.profiles.NAME]`"
                ),
            ),
            (
                "[tool.quality-gates.profiles]\nours = 1\n",
                "pyproject.toml:2: [tool.quality-gates.profiles] ours: must be a table, not 1",
            ),
            (
                "[tool.quality-gates.profiles.ours]\nextend = 'strict'\n",
                (
                    "pyproject.toml:2: [tool.quality-gates.profiles.ours] extend: there is no such key or gate; did you mean "
                    "`extends`?"
                ),
            ),
            (
                "[tool.quality-gates.profiles.strict]\ntests.threshold = 1\n",
                (
                    "pyproject.toml:1: [tool.quality-gates.profiles] strict: `strict` comes with the package; choose another "
                    "name, and extend it if you like"
                ),
            ),
            (
                "[tool.quality-gates.profiles.a]\nextends = 'a'\n",
                (
                    "pyproject.toml:2: [tool.quality-gates.profiles.a] extends: the profiles extend each other in a circle: "
                    "a -> a"
                ),
            ),
        ],
    )
    def test_names_place_fault_and_remedy(self, tmp_path: Path, text: str, expected: str) -> None:
        """Each mistake gives one problem with its file, line, key, what is wrong and what there is."""
        (found,) = problems(tmp_path, text)
        assert found.startswith(expected)

    def test_all_in_one(self, tmp_path: Path) -> None:
        """Every problem of the file and of the command line is told at once."""
        text = "[tool.quality-gates]\nwrong = 1\n[tool.quality-gates.tests]\nthreshold = 101\nlevel = 'x'\n"
        found = problems(tmp_path, text, Overrides(profile="nope", reports=("jsn:x", "json")))
        assert 6 == len(found)
        assert found[-3:] == [
            '--quality-gates-profile: there is no profile "nope"; there are `development`, `strict`',
            '--quality-gates-report: there is no report format "jsn"; did you mean `json`?',
            '--quality-gates-report: "json" names no file; write json:PATH',
        ]

    def test_broken_toml_names_the_line(self, tmp_path: Path) -> None:
        """A file that is not TOML is named with the line of the fault."""
        (found,) = problems(tmp_path, "[tool]\nx = = 1\n")
        assert found.startswith(f"{tmp_path / 'pyproject.toml'}:2: is not valid TOML: ")

    def test_wrong_encoding(self, tmp_path: Path) -> None:
        """A file that is not UTF-8 is named with the place of the fault."""
        (tmp_path / "pyproject.toml").write_bytes(b"a = '\xff'\n")
        with pytest.raises(ConfigurationError, match="is not UTF-8: invalid start byte at byte 5"):
            load(tmp_path, Overrides(), SPECS, [])

    def test_unreadable(self, tmp_path: Path) -> None:
        """A directory of that name is told as what it is."""
        (tmp_path / "pyproject.toml").mkdir()
        with pytest.raises(ConfigurationError, match="cannot be read: "):
            load(tmp_path, Overrides(), SPECS, [])

    def test_table_that_is_none(self, tmp_path: Path) -> None:
        """`quality-gates = 1` in [tool] is told as such."""
        (found,) = problems(tmp_path, "[tool]\nquality-gates = 1\n")
        assert found.endswith("[tool] quality-gates: must be a table, `[tool.quality-gates]`")
