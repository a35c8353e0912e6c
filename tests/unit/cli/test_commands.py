"""The command `quality-gates`."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.made_environment import made_environment

from pytest_quality_gates.cli import main

CLIENT = """import requests


def price(sku: str) -> str:
    return requests.get(f"https://shop.example/{sku}").text


async def wait() -> None:
    import time

    time.sleep(1)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with one module, in which the command runs; not in CI."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "shop.py").write_text(CLIENT)
    return tmp_path


def run(*arguments: str) -> Result:
    """Run the command, its two streams apart."""
    apart: dict[str, Any] = (
        {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    )  # click before 8.2
    return CliRunner(**apart).invoke(main, arguments, catch_exceptions=False)


class TestFacts:
    """`facts PATH`."""

    def test_one_object_a_line(self, project: Path) -> None:
        """Each external call and each sleep is an object with everything that a scorer reads, by path and line."""
        found = run("facts", str(project), "--no-types")
        rows = [json.loads(line) for line in found.stdout.splitlines()]
        assert [("shop.py", 5, "http"), ("shop.py", 11, "sleep")] == [
            (row["path"], row["line"], row["kind"]) for row in rows
        ]
        read = {
            "path",
            "line",
            "end_line",
            "callee",
            "kind",
            "handled",
            "timeout",
            "breaker",
            "retry",
            "observed",
        }
        assert read | {"blocks_loop", "confidence", "explanation"} <= set(rows[0])

    def test_leaves_the_directory_alone(self, project: Path) -> None:
        """Nothing is written into what is looked at."""
        run("facts", str(project), "--no-types")
        assert ["shop.py"] == [path.name for path in project.iterdir()]

    @pytest.mark.parametrize("place", ["shop.py:11", "./shop.py:11"])
    def test_explain(self, project: Path, place: str) -> None:
        """The facts of one call are said in words, each with its reasons, below the source."""
        found = run("facts", str(project), "--no-types", "--explain", place).stdout.splitlines()
        assert ["shop.py:11: time.sleep() in wait (shop.py:8)", "    11 |     time.sleep(1)"] == found[:2]
        answer = found.index("  blocks loop  yes")
        assert found[answer + 1].startswith("               runs in the coroutine wait")

    def test_explain_a_chain_of_callers(self, project: Path) -> None:
        """The way from an entry point to the call has a line for each function."""
        (project / "shop.py").write_text(f"{CLIENT}\n\ndef shown(sku: str) -> str:\n    return price(sku)\n")
        found = run("facts", str(project), "--no-types", "--explain", "shop.py:5").stdout
        assert (
            "  handled      none\n"
            "               no handler for it on the way out:\n"
            "                 price (shop.py:4)\n"
            "                 <- shown (shop.py:14)\n"
        ) in found

    @pytest.mark.parametrize(
        ("place", "said"),
        [
            ("shop.py", "is not PATH:LINE"),
            ("shop.py:1", "known here; in this file there are some at lines 5, 11"),
            ("gone.py:5", "no sleep that is known here\n"),
        ],
    )
    def test_explain_nothing(self, project: Path, place: str, said: str) -> None:
        """A place that is none, or where nothing is known, is told."""
        found = run("facts", str(project), "--no-types", "--explain", place)
        assert found.exit_code > 0
        assert said in found.stderr

    def test_one_file(self, project: Path) -> None:
        """PATH may be a single file."""
        assert 2 == len(run("facts", str(project / "shop.py"), "--no-types").stdout.splitlines())

    def test_python(self, project: Path) -> None:
        """The calls are named with what is installed in the environment whose interpreter is given."""
        other = made_environment(project / "env")
        other.install(
            {
                "factory/py.typed": "",
                "factory/__init__.py": "import requests\n\ndef made() -> requests.Session: ...\n",
                "requests/py.typed": "",
                "requests/__init__.py": "from requests.sessions import Session as Session\n",
                "requests/sessions.py": "class Session:\n    def get(self, url: str) -> None: ...\n",
            }
        )
        (project / "shop.py").write_text("import factory\n\nfactory.made().get('https://shop.example')\n")
        assert "" == run("facts", str(project / "shop.py")).stdout
        found = run("facts", str(project / "shop.py"), "--python", other.python)
        assert "requests.sessions.Session.get" == json.loads(found.stdout)["callee"]

    def test_types_add(self, project: Path) -> None:
        """A call whose receiver only the type checker can tell is found with it, and not without."""
        (project / "shop.py").write_text(
            "import smtplib\nfrom typing import TypeVar\n\nT = TypeVar('T')\n\n\n"
            "def first(items: tuple[T, ...]) -> T:\n    return next(iter(items))\n\n\n"
            "def send(servers: tuple[smtplib.SMTP, ...]) -> None:\n    first(servers).sendmail('a', 'b', 'c')\n"
        )
        assert "" == run("facts", str(project), "--no-types").stdout
        found = json.loads(run("facts", str(project)).stdout)
        assert ("smtplib.SMTP.sendmail", "certain") == (found["callee"], found["confidence"])

    def test_python_that_is_not_there(self, project: Path) -> None:
        """An interpreter that is not there is a usage error."""
        found = run("facts", str(project), "--python", str(project / "gone"))
        assert (2, True) == (found.exit_code, "--python" in found.stderr)

    def test_missing_path(self, project: Path) -> None:
        """A path that is not there is a usage error."""
        assert 2 == run("facts", str(project / "gone")).exit_code


class TestCheck:
    """`check PATH`."""

    def test_failure(self, project: Path) -> None:
        """Findings end with status 1; the gates that need a test run are not in the table; the verdict is last."""
        found = run("check", str(project), "--report", "json:out.json")
        assert 1 == found.exit_code
        assert "shop.py:5: `requests.get()` can wait for ever: nothing bounds it" in found.stdout
        assert found.stdout.splitlines()[-1].startswith("quality gates: failed (")
        report = json.loads((project / "out.json").read_text())
        assert "tests" not in {gate["slug"] for gate in report["gates"]}

    def test_success(self, project: Path) -> None:
        """Code without anything to find passes with status 0."""
        (project / "shop.py").write_text("def one() -> int:\n    return 1\n")
        (project / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
        found = run("check")
        assert (0, "quality gates: passed") == (found.exit_code, found.stdout.splitlines()[-1])

    def test_wrong_configuration(self, project: Path) -> None:
        """A wrong configuration ends with status 4 and every problem, on the error stream."""
        (project / "pyproject.toml").write_text("[tool.quality-gates]\nprofil = 1\nsource = 2\n")
        found = run("check", "--profile", "nope")
        assert (4, "") == (found.exit_code, found.stdout)
        assert 3 == found.stderr.count("error: ")
        assert "--profile: there is no profile" in found.stderr

    def test_report_that_cannot_be_written(self, project: Path) -> None:
        """A report that cannot be written is told after the table."""
        (project / "shop.py").write_text("")
        found = run("check", str(project), "--report", "json:shop.py/x.json")
        assert 1 == found.exit_code
        assert "the report cannot be written" in found.stderr


class TestExplain:
    """`explain RULE`."""

    def test_rule(self) -> None:
        """A rule is explained with its gate, its reason and examples."""
        found = run("explain", "no-timeout")
        assert found.stdout.startswith("no-timeout (timeouts)\n")
        assert "bad:" in found.stdout
        assert "timeout=10" in found.stdout

    def test_gate(self) -> None:
        """The slug of a gate explains all its rules."""
        found = run("explain", "handlers")
        assert "raise-without-cause (handlers)" in found.stdout

    def test_list(self) -> None:
        """Without a rule, all are listed with their gates."""
        assert "no-breaker           circuit-breakers" in run("explain").stdout

    def test_unknown(self) -> None:
        """An unknown rule is told with the nearest one."""
        found = run("explain", "no-timeot")
        assert 2 == found.exit_code
        assert "did you mean `no-timeout`?" in found.stderr


class TestConfig:
    """`config`."""

    def test_values_and_origins(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every setting is printed with where it comes from."""
        (project / "pyproject.toml").write_text(
            "[tool.quality-gates]\nexclude = ['gen']\n[tool.quality-gates.tests]\nthreshold = 91\n"
        )
        monkeypatch.setenv("CI", "true")
        lines = [
            " ".join(line.split()) for line in run("config", "--profile", "development").stdout.splitlines()
        ]
        assert "profile development (--profile)" in lines
        assert "complete true (environment variable CI)" in lines
        assert "source shop.py (found in the project)" in lines
        assert "exclude gen (pyproject.toml:2)" in lines
        assert "tests.threshold ≥ 91 % (pyproject.toml:4)" in lines
        assert "observability.level report (profile development)" in lines
        assert not [line for line in lines if line.startswith("tests.kinds")]
