"""Everything brought together, without pytest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pluggy
import pytest

from pytest_quality_gates import hookspecs, sharding, wiring
from pytest_quality_gates.config.settings import Overrides, Settings
from pytest_quality_gates.errors import CatalogueError, ConfigurationError, StoreError
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import SourceFacts
from pytest_quality_gates.hookspecs import hookimpl
from pytest_quality_gates.model.gate import Gate, GateOptions, GateSpec, Threshold
from pytest_quality_gates.model.outcome import Measured, Outcome
from pytest_quality_gates.model.verdict import Verdict
from pytest_quality_gates.static import source_index

NOTHING = Unavailable("not_evaluated", "not asked for")
FACTS = FactSet(source=NOTHING, coverage=NOTHING, types=NOTHING)


class Strange:
    """A gate of a stranger's."""

    spec = GateSpec(
        slug="strange",
        title="Strange",
        unit="things",
        summary="Nothing is strange.",
        needs=(),
        rules=("odd",),
        threshold=Threshold("at_most", 0),
    )

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Find nothing."""
        return Measured(measured=1, total=1)


class Broken(Strange):
    """A gate that breaks."""

    def evaluate(self, facts: FactSet, options: GateOptions) -> Outcome:
        """Break."""
        raise ZeroDivisionError("by nought")


class Plugin:
    """A plugin that adds gates and catalogue files."""

    def __init__(self, gates: tuple[Gate, ...], catalogue: tuple[Path, ...]) -> None:
        self._gates = gates
        self._catalogue = catalogue

    @hookimpl
    def pytest_quality_gates_gates(self) -> tuple[Gate, ...]:
        """The gates."""
        return self._gates

    @hookimpl
    def pytest_quality_gates_catalogue(self) -> tuple[Path, ...]:
        """The catalogue files."""
        return self._catalogue


def known_with(*gates: Gate, catalogue: tuple[Path, ...] = ()) -> wiring.Extensions:
    """The built-in gates and these."""
    manager = wiring.plugin_manager()
    manager.register(Plugin(gates, catalogue))
    return wiring.extensions(manager)


def project(root: Path, configuration: str = "") -> Path:
    """A project with one module."""
    (root / "shop.py").write_text("import time\n\n\nasync def wait():\n    time.sleep(1)\n")
    (root / "pyproject.toml").write_text(configuration)
    return root


class TestExtensions:
    """How gates and formats enter."""

    def test_built_in_first(self) -> None:
        """A stranger's gate stands below the built-in ones and is a key of the settings."""
        known = known_with(Strange())
        assert ["tests", "types"] == [gate.spec.slug for gate in known.gates[:2]]
        assert "strange" == known.gates[-1].spec.slug
        assert ["json", "in-toto"] == [format_.name for format_ in known.reports]

    def test_its_table_is_read(self, tmp_path: Path) -> None:
        """The settings know the table of a stranger's gate, and only where it is there."""
        project(tmp_path, "[tool.quality-gates.strange]\nthreshold = 3\n")
        settings = wiring.configure(tmp_path, Overrides(), known_with(Strange()))
        assert Threshold("at_most", 3) == settings.gate("strange").threshold
        with pytest.raises(ConfigurationError, match="strange: there is no such key or gate"):
            wiring.configure(tmp_path, Overrides())

    def test_two_of_one_name(self) -> None:
        """Two gates with one slug are a mistake in the configuration."""
        with pytest.raises(ConfigurationError, match="two plugins add a gate `strange`"):
            known_with(Strange(), Strange())

    def test_registering_twice_is_harmless(self) -> None:
        """Built-ins are registered once, with whatever manager."""
        manager = pluggy.PluginManager("pytest")
        manager.add_hookspecs(hookspecs)
        wiring.register(manager)
        wiring.register(manager)
        assert len(wiring.extensions().gates) == len(wiring.extensions(manager).gates)

    def test_plugin_that_cannot_be_loaded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An entry point that breaks is told as a wrong configuration."""

        def broken(_manager: pluggy.PluginManager, group: str) -> int:
            raise ImportError(f"no module for {group}")

        monkeypatch.setattr(pluggy.PluginManager, "load_setuptools_entrypoints", broken)
        with pytest.raises(ConfigurationError, match="entry point group `quality_gates` cannot be loaded"):
            wiring.plugin_manager()


class TestCatalogue:
    """Catalogue files of plugins and of the user."""

    def write(self, path: Path, kind: str) -> Path:
        """A file that says of which kind the calls of one library are."""
        path.write_text(
            f"[library]\nname = 'parcels'\nmodules = ['parcels']\nkind = '{kind}'\n"
            "[[function]]\nnames = ['parcels.track']\n"
        )
        return path

    def kinds(self, root: Path, known: wiring.Extensions) -> list[str]:
        """The kinds of the calls of a module that calls that library."""
        (root / "shop.py").write_text("import parcels\n\nparcels.track()\n")
        found = wiring.gather_static(
            root, wiring.configure(root, Overrides(), known), known=known, with_types=False
        )
        assert isinstance(found.source, SourceFacts)
        return [site.kind for site in found.source.call_sites]

    def test_a_plugin_describes_a_library(self, tmp_path: Path) -> None:
        """The calls of a library that a plugin describes are facts, and what the user says is stronger."""
        known = known_with(catalogue=(self.write(tmp_path / "parcels.toml", "rpc"),))
        assert ["rpc"] == self.kinds(tmp_path, known)
        (tmp_path / "pyproject.toml").write_text(
            "[[tool.quality-gates.catalogue]]\nlibrary = {name = 'own', modules = ['parcels'], kind = 'mail'}\n"
            "function = [{names = ['parcels.track']}]\n"
        )
        assert ["mail"] == self.kinds(tmp_path, known)

    def test_every_wrong_file_is_told(self, tmp_path: Path) -> None:
        """Each mistake of each file of a plugin is told with its file and line."""
        wrong, gone = self.write(tmp_path / "wrong.toml", "htp"), tmp_path / "gone.toml"
        with pytest.raises(ConfigurationError) as caught:
            known_with(catalogue=(wrong, gone))
        assert [f"{wrong}:4: library.kind", f"{gone}: cannot be read"] == [
            ": ".join(problem.split(": ")[:2]) for problem in caught.value.problems
        ]

    def test_every_wrong_table_is_told(self, tmp_path: Path) -> None:
        """Each mistake of each table of the user's is told before anything runs, with its line."""
        table = "[[tool.quality-gates.catalogue]]\n[tool.quality-gates.catalogue.library]\nnme = 'x'\n"
        project(tmp_path, table + table)
        with pytest.raises(CatalogueError) as caught:
            wiring.configure(tmp_path, Overrides())
        place = "tool.quality-gates.catalogue"
        assert [f"pyproject.toml:3: {place}[0].library.nme", f"pyproject.toml:6: {place}[1].library.nme"] == [
            problem.rpartition(": ")[0] for problem in caught.value.problems
        ]


class TestJudge:
    """From facts to the report."""

    def settings(
        self, root: Path, known: wiring.Extensions, text: str = "", *, complete: bool = False
    ) -> Settings:
        """The settings of the project."""
        return wiring.configure(project(root, text), Overrides(complete=complete), known)

    def test_nothing_known(self, tmp_path: Path) -> None:
        """Without any evidence no gate is evaluated; that fails the run only where it must be complete."""
        known = wiring.extensions()
        report = wiring.judge(
            tmp_path, self.settings(tmp_path, known), FACTS, known=known, judged=("shop.py",)
        )
        assert Verdict.NOT_EVALUATED == report.verdict
        assert {Verdict.NOT_EVALUATED} == {gate.verdict for gate in report.gates}
        assert ("strict", ("shop.py",), 11) == (report.profile, report.judged, len(report.gates))
        complete = self.settings(tmp_path, known, complete=True)
        assert Verdict.FAILED == wiring.judge(tmp_path, complete, FACTS, known=known).verdict

    def test_gate_that_is_off(self, tmp_path: Path) -> None:
        """A gate that is off is not evaluated, and does not fail the run."""
        off = "".join(
            f"[tool.quality-gates.{gate.spec.slug}]\nlevel = 'off'\n" for gate in wiring.extensions().gates
        )
        known = known_with(Strange())
        report = wiring.judge(
            tmp_path, self.settings(tmp_path, known, off, complete=True), FACTS, known=known
        )
        assert Verdict.PASSED == report.verdict
        assert {"the gate is off", ""} == {gate.reason for gate in report.gates}

    def test_gate_that_breaks(self, tmp_path: Path) -> None:
        """A gate that raises could not run; the others are judged."""
        known = wiring.Extensions((Broken(),), ())
        report = wiring.judge(tmp_path, self.settings(tmp_path, known), FACTS, known=known)
        assert Verdict.COULD_NOT_RUN == report.verdict
        assert "the gate broke: ZeroDivisionError: by nought" == report.gates[0].reason

    def test_reports_are_written(self, tmp_path: Path) -> None:
        """Each report that was asked for is written, relative to where the run was started."""
        known = wiring.extensions()
        settings = wiring.configure(project(tmp_path), Overrides(reports=("json:out/a.json",)), known)
        report = wiring.judge(tmp_path, settings, FACTS, known=known)
        wiring.write_reports(report, settings, tmp_path, known)
        assert "not_evaluated" == json.loads((tmp_path / "out/a.json").read_text())["verdict"]
        with pytest.raises(StoreError):
            wiring.write_reports(report, settings, tmp_path / "shop.py")


class TestEvidence:
    """What is gathered without running a test."""

    def test_source_without_types(self, tmp_path: Path) -> None:
        """The source facts stand by themselves where the type checker is not asked."""
        settings = wiring.configure(project(tmp_path), Overrides())
        found = wiring.gather_static(tmp_path, settings, with_types=False)
        assert isinstance(found.source, SourceFacts)
        assert isinstance(found.types, Unavailable)
        assert [("time.sleep", True)] == [(site.callee, site.blocks_loop) for site in found.source.call_sites]
        assert ("shop.py",) == found.judged

    def test_index_that_breaks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever happens while the source is read, there is a reason and no traceback."""

        def broken(*_: object) -> SourceFacts:
            raise RecursionError("too deep")

        monkeypatch.setattr(source_index, "analyse", broken)
        settings = wiring.configure(project(tmp_path), Overrides())
        found = wiring.gather_static(tmp_path, settings, with_types=False)
        assert (
            Unavailable("could_not_run", "the source could not be read: RecursionError: too deep")
            == found.source
        )

    def test_killed(self, tmp_path: Path) -> None:
        """A run that is given up leaves no type checker behind."""
        settings = wiring.configure(project(tmp_path), Overrides())
        running = wiring.start_static(tmp_path, settings)
        running.kill()
        types = running.join().types
        assert isinstance(types, Unavailable)
        assert "could_not_run" == types.state


class TestDigests:
    """What parts of a suite are compared by."""

    def digest(self, root: Path, text: str, **overrides: object) -> str:
        """That of the settings in a text."""
        settings = wiring.configure(project(root, text), Overrides(**overrides))  # type: ignore[arg-type] # any
        return sharding.settings_digest(settings)

    def test_settings(self, tmp_path: Path) -> None:
        """What alters a verdict alters the digest; how the result is told does not."""
        plain = self.digest(tmp_path, "")
        assert plain == self.digest(tmp_path, "# a comment\n", complete=True, reports=("json:a.json",))
        others = {
            self.digest(tmp_path, "[tool.quality-gates.tests]\nthreshold = 81\n"),
            self.digest(tmp_path, "[tool.quality-gates]\nexclude = ['a.py']\n"),
            self.digest(tmp_path, "[tool.quality-gates.timeouts]\nkinds = ['http', 'dns', 'mail']\n"),
            self.digest(tmp_path, "", profile="development"),
            plain,
        }
        assert 5 == len(others)

    def test_sets_have_one_order(self, tmp_path: Path) -> None:
        """Another process, with another seed for hashes, comes to the same digest."""
        program = (
            "from pathlib import Path\nfrom pytest_quality_gates import sharding, wiring\n"
            "from pytest_quality_gates.config.settings import Overrides\n"
            "print(sharding.settings_digest(wiring.configure(Path(), Overrides())))"
        )
        project(tmp_path)
        found = {
            subprocess.run(
                [sys.executable, "-c", program],
                cwd=tmp_path,
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert 1 == len(found)

    def test_tree(self, tmp_path: Path) -> None:
        """Content and names count, line ends and times do not."""
        settings = wiring.configure(project(tmp_path), Overrides())

        def digest() -> str:
            return sharding.tree_digest(tmp_path, wiring.select(tmp_path, settings))

        before = digest()
        (tmp_path / "shop.py").write_bytes((tmp_path / "shop.py").read_bytes().replace(b"\n", b"\r\n"))
        assert before == digest()
        (tmp_path / "shop.py").rename(tmp_path / "store.py")
        assert before != digest()


def test_every_rule_has_a_text() -> None:
    """Each rule of each gate can be explained, and a rule that several gates share says so."""
    texts = wiring.rule_texts()
    for gate in wiring.extensions().gates:
        assert set(gate.spec.rules) == {text.rule for text in gate.spec.rule_texts}
        assert all(
            gate.spec.slug in {other.spec.slug for other in texts[rule][1]} for rule in gate.spec.rules
        )
