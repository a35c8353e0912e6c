"""What is less strict than in the base, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.made_repository import Repository

from pytest_quality_gates import compared_base, loosening, wiring
from pytest_quality_gates.cli.check import static_gates
from pytest_quality_gates.compared_base import VERIFIED
from pytest_quality_gates.config.settings import Overrides
from pytest_quality_gates.errors import ConfigurationError, EvidenceError
from pytest_quality_gates.evidence.git import Git
from pytest_quality_gates.facts.baseline import Baseline, Entry, Floor
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.loosening import Loosenings
from pytest_quality_gates.gates.integrity_rules import LOOSENINGS
from pytest_quality_gates.store import verified_file
from pytest_quality_gates.store.baseline_file import FILE, text_of
from pytest_quality_gates.store.verified_file import VerifiedState

NOTHING = Unavailable("not_evaluated", "not asked for")
SETTINGS = """\
[tool.quality-gates]
source = ["shop"]
complete = true

[tool.quality-gates.tests]
threshold = 85
changed-lines = 90

[tool.quality-gates.timeouts]
kinds = ["http", "database"]

[tool.pytest.ini_options]
addopts = ["-q", "--quality-gates"]
testpaths = ["tests", "more"]

[tool.coverage.run]
source = ["shop", "lib"]
omit = ["shop/made.py"]
"""
TESTS = """\
import pytest


def test_total():
    assert total([1]) == 1


class TestCart:
    def test_empty(self):
        with pytest.raises(ValueError):
            total([])
"""
CODE = "def total(prices: list[int]) -> int:\n    return sum(prices)\n"
MOVED = ["shop/test_shop.py", "shop/migrations/0002_first.py", "shop/db/versions/b2_first.py"]
ENTRY = Entry("a" * 24, "types", "missing-annotation", "shop/a.py", "f")
BASELINE = Baseline((ENTRY,), (Floor("tests", 80, 100),))
BASE = {"pyproject.toml": SETTINGS, "tests/test_a.py": TESTS, "shop/a.py": CODE, FILE: text_of(BASELINE)}


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """The base with one text in one file replaced."""
    assert old in BASE[name]
    return {name: BASE[name].replace(old, new)}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A project on a branch of its own."""
    for name in compared_base.CI_TARGETS:
        monkeypatch.delenv(name, raising=False)
    repository = Repository(tmp_path)
    repository.commit({**BASE, ".gitignore": ".quality-gates/\n"})
    repository.git("checkout", "-q", "-b", "work")
    return repository


def found(root: Path) -> Loosenings:
    """What is less strict."""
    known = wiring.extensions()
    settings = wiring.configure(root, Overrides(), known)
    source = wiring.gather_static(root, settings, with_types=False).source
    facts = FactSet(source=source, coverage=NOTHING, types=NOTHING)
    answer = wiring._loosenings(root, settings, facts, known.gates)
    assert isinstance(answer, Loosenings)
    return answer


def write(root: Path, files: dict[str, str]) -> None:
    """Write files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


def keep(root: Path) -> None:
    """As `verify` does where a report stands."""
    selection = wiring.select(root, wiring.configure(root, Overrides()))
    assert wiring.keep_verified(root, wiring.tree_of(root, selection))


def unknown(root: Path) -> str:
    """Why that cannot be said."""
    known = wiring.extensions()
    settings = wiring.configure(root, Overrides(), known)
    facts = FactSet(source=NOTHING, coverage=NOTHING, types=NOTHING)
    answer = loosening.loosenings(root, settings, facts, [gate.spec for gate in known.gates])
    assert isinstance(answer, Unavailable)
    return answer.reason


LOOSER = {
    "threshold": (changed("pyproject.toml", "85", "80"), [("lowered-threshold", "tests.threshold")]),
    "profile": (
        changed("pyproject.toml", "complete", 'profile = "development"\ncomplete'),
        [("lowered-level", "circuit-breakers.level"), ("lowered-level", "observability.level")],
    ),
    "off": (
        changed("pyproject.toml", "kinds", 'level = "off"\nkinds'),
        [("lowered-level", "timeouts.level")],
    ),
    "kinds": (changed("pyproject.toml", ', "database"', ""), [("judged-less", "timeouts.kinds")]),
    "exclude": (
        changed("pyproject.toml", "complete", 'exclude = ["x/"]\ncomplete'),
        [("judged-less", "exclude")],
    ),
    "source": (changed("pyproject.toml", '["shop"]\nc', '["shop/a.py"]\nc'), [("judged-less", "source")]),
    "complete": (changed("pyproject.toml", "= true", "= false"), [("judged-less", "complete")]),
    "table of files": (
        {
            "pyproject.toml": f'{SETTINGS}\n[[tool.quality-gates.paths]]\npatterns = ["shop/"]\ntests = {{ threshold = 1 }}\n'
        },
        [("lowered-threshold", "tests [shop/].threshold")],
    ),
    "addopts": (changed("pyproject.toml", '"-q"', '"-q", "-k", "not slow"'), [("tested-less", "addopts")]),
    "no plugin": (changed("pyproject.toml", '"-q"', '"-p", "no:cov"'), [("tested-less", "addopts")]),
    "gates gone": (changed("pyproject.toml", ', "--quality-gates"', ""), [("tested-less", "addopts")]),
    "testpaths": (changed("pyproject.toml", ', "more"', ""), [("tested-less", "testpaths")]),
    "pytest.ini": (
        {
            "pytest.ini": "[pytest]\naddopts = --quality-gates --deselect tests/test_a.py\ntestpaths = tests more\n"
        },
        [("tested-less", "addopts")],
    ),
    "omit": (
        changed("pyproject.toml", "omit = [", 'omit = ["shop/a.py", '),
        [("judged-less", "coverage omit")],
    ),
    "coverage source": (changed("pyproject.toml", ', "lib"', ""), [("judged-less", "coverage source")]),
    "coveragerc": (
        {".coveragerc": "[report]\nexclude_also =\n    def \n"},
        [("judged-less", "coverage exclusions")],
    ),
    "baseline": (
        {
            FILE: text_of(
                Baseline(
                    (ENTRY, Entry("b" * 24, "types", "missing-annotation", "shop/a.py")),
                    (Floor("tests", 79, 100),),
                )
            )
        },
        [("grown-baseline", "missing-annotation shop/a.py"), ("grown-baseline", "tests")],
    ),
    "deleted test": (
        changed("tests/test_a.py", "def test_total", "def no_total"),
        [("deleted-test", "tests/test_a.py::test_total")],
    ),
    "renamed and emptied": (
        changed(
            "tests/test_a.py", "test_total():\n    assert total([1]) == 1", "test_sum():\n    total([1])"
        ),
        [("deleted-test", "tests/test_a.py::test_total")],
    ),
    "renamed and other": (
        changed("tests/test_a.py", "test_total():\n    assert total([1])", "test_sum():\n    assert int(1)"),
        [("deleted-test", "tests/test_a.py::test_total")],
    ),
    "another in its place": (
        changed(
            "tests/test_a.py",
            """    def test_empty(self):
        with pytest.raises(ValueError):
            total([])
""",
            """    def test_none(self):
        with pytest.raises(ValueError):
            int("")
""",
        ),
        [("deleted-test", "tests/test_a.py::TestCart::test_empty")],
    ),
    "renamed away from pytest": (
        changed("tests/test_a.py", "class TestCart", "class Cart"),
        [("deleted-test", "tests/test_a.py::TestCart::test_empty")],
    ),
    "moved where nobody looks": (
        {
            "tests/test_a.py": "import pytest\n" + TESTS.partition("class")[2].join(["class", ""]),
            "tests/helpers.py": TESTS.partition("class")[0],
        },
        [("deleted-test", "tests/test_a.py::test_total")],
    ),
    "moved and emptied": (
        {
            "tests/test_a.py": "import pytest\n\n\nclass" + TESTS.partition("class")[2],
            "tests/test_b.py": "def test_total():\n    total([1])\n",
        },
        [("emptied-test", "tests/test_b.py::test_total")],
    ),
    "not to be collected": (
        changed("tests/test_a.py", "import pytest\n", "import pytest\n\n__test__ = False\n"),
        [("new-skip", "tests/test_a.py __test__")],
    ),
    "emptied tests": (
        changed("tests/test_a.py", "assert total([1]) == 1", "assert True"),
        [("emptied-test", "tests/test_a.py::test_total")],
    ),
    "emptied raises": (
        changed("tests/test_a.py", "with pytest.raises(ValueError):", "if 1:"),
        [("emptied-test", "tests/test_a.py::TestCart::test_empty")],
    ),
    "skip": (
        changed("tests/test_a.py", "class", "@pytest.mark.skip\nclass"),
        [("new-skip", "tests/test_a.py skip")],
    ),
    "xfail": (
        changed("tests/test_a.py", "class", "@pytest.mark.xfail(strict=False)\nclass"),
        [("new-skip", "tests/test_a.py xfail")],
    ),
    "budget": (
        {"pyproject.toml": SETTINGS + "\n[tool.quality-gates.integrity]\nno-cover = 5\n"},
        [("lowered-threshold", "integrity.no-cover")],
    ),
    "changed lines": (
        changed("pyproject.toml", "lines = 90", "lines = 80"),
        [("lowered-threshold", "tests.changed-lines")],
    ),
    "changed lines not asked": (
        changed("pyproject.toml", "changed-lines = 90\n", ""),
        [("lowered-threshold", "tests.changed-lines")],
    ),
    "own catalogue": (
        {
            "pyproject.toml": f"{SETTINGS}\n[[tool.quality-gates.catalogue]]\nlibrary = {{ name = 'x', modules = ['x'] }}\n"
            "function = [{ names = ['requests.get'], io = false }]\n"
        },
        [("judged-less", "catalogue"), ("judged-less", "catalogue")],
    ),
    "said to be generated": (
        {"shop/a.py": "# generated by hand\n" + CODE},
        [("judged-less", "shop/a.py")],
    ),
    "assertion dropped": (
        changed(
            "tests/test_a.py",
            "    assert total([1]) == 1",
            "    try:\n        assert total([1]) == 1\n    except AssertionError:\n        pass",
        ),
        [("emptied-test", "tests/test_a.py::test_total")],
    ),
    "pytest.toml": (
        {"pytest.toml": '[pytest]\naddopts = ["--quality-gates", "-x"]\ntestpaths = ["tests", "more"]\n'},
        [("tested-less", "addopts")],
    ),
    "skipTest": (
        changed("tests/test_a.py", "class", "raise SkipTest\n\n\nclass"),
        [("new-skip", "tests/test_a.py SkipTest")],
    ),
    "pragma without a colon": (
        changed("shop/a.py", ":\n    return", ":  # pragma no cover\n    return"),
        [("new-ignore", "shop/a.py no-cover")],
    ),
    "pragma": (
        changed("shop/a.py", ":\n    return", ":  # pragma: no cover\n    return"),
        [("new-ignore", "shop/a.py no-cover")],
    ),
    "noqa in a new file": ({"shop/b.py": "import os  # noqa: F401\n"}, [("new-ignore", "shop/b.py noqa")]),
    "type ignore": (
        changed("shop/a.py", "sum(prices)", "sum(prices)  # type: ignore"),
        [("new-ignore", "shop/a.py type-ignore")],
    ),
}


@pytest.mark.parametrize("name", LOOSER)
def test_each_loosening(made: Repository, name: str) -> None:
    """Each is found, committed or not, and nothing else is."""
    files, expected = LOOSER[name]
    made.write(files)
    assert expected == sorted((item.rule, item.subject) for item in found(made.root).found)
    made.commit()
    assert expected == sorted((item.rule, item.subject) for item in found(made.root).found)


OTHER_TESTS = ("renamed", "moved", "another")


@pytest.mark.parametrize("name", [name for name in LOOSER if not name.startswith(OTHER_TESTS)])
def test_each_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What was loosened and is strict again is no loosening."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write(tmp_path, BASE)
    loose = {path: text.encode() for path, text in (BASE | LOOSER[name][0]).items()}
    assert verified_file.write(tmp_path, VerifiedState("", loose))
    known = wiring.extensions()
    facts = FactSet(source=NOTHING, coverage=NOTHING, types=NOTHING)
    answer = wiring._loosenings(tmp_path, wiring.configure(tmp_path, Overrides(), known), facts, known.gates)
    assert isinstance(answer, Loosenings)
    assert (VERIFIED, ()) == (answer.base, answer.found)


def test_every_rule_is_tried() -> None:
    """Each rule has a change above that it finds."""
    assert set(LOOSENINGS) == {rule for _, expected in LOOSER.values() for rule, _ in expected}


@pytest.mark.parametrize(
    "files",
    [
        changed("pyproject.toml", "85", "90"),
        changed("pyproject.toml", "lines = 90", "lines = 95"),
        changed("pyproject.toml", 'omit = ["shop/made.py"]', "omit = []"),
        {FILE: text_of(Baseline((), (Floor("tests", 81, 100),)))},
        changed(
            "tests/test_a.py",
            "def test_total",
            "def test_more():\n    assert total([2]) == 2\n\n\ndef test_total",
        ),
        {
            "tests/test_a.py": "import pytest\n" + TESTS.partition("def test_total")[0],
            "tests/test_b.py": TESTS,
        },
        changed("shop/a.py", "sum(prices)", "sum(prices, 0)  # quality-gates: ignore[bare] it is not one"),
        {"pyproject.toml": SETTINGS + "\n[tool.quality-gates.integrity]\nsuppressions = 1\n"},
        {"pytest.toml": '[pytest]\naddopts = ["--quality-gates"]\ntestpaths = ["tests", "more", "third"]\n'},
        changed("tests/test_a.py", "    assert", "    if not total([]):\n        assert"),
        changed("tests/test_a.py", "test_total():", 'test_sum():\n    """The sum."""'),
        changed("tests/test_a.py", "TestCart", "TestBasket"),
        {"shop/b.py": "# generated by hand\n" + CODE},
        changed("tests/test_a.py", "test_total():\n", "test_sum():\n    assert not total([])\n"),
        {
            "tests/test_a.py": "import pytest\n" + TESTS.partition("def test_total")[0],
            "tests/test_b.py": TESTS.replace("test_total", "test_sum").replace("test_empty", "test_nothing"),
        },
    ],
    ids=[
        "higher",
        "higher for changed lines",
        "measures more",
        "fixed",
        "more tests",
        "moved tests",
        "within the budget",
        "a smaller budget",
        "another file",
        "nested",
        "a renamed test",
        "a renamed class",
        "new generated file",
        "renamed, and checks more",
        "moved and renamed tests",
    ],
)
def test_stricter_or_other(made: Repository, files: dict[str, str]) -> None:
    """What asks more, or the same elsewhere, is no loosening."""
    made.commit(files)
    assert () == found(made.root).found


def test_whole_file_deleted_or_renamed(made: Repository) -> None:
    """The tests of a deleted file are gone; those of a renamed one are not."""
    made.git("mv", "tests/test_a.py", "tests/test_z.py")
    assert () == found(made.root).found
    made.git("rm", "-qf", "tests/test_z.py")
    assert {
        ("deleted-test", "tests/test_a.py::test_total"),
        ("deleted-test", "tests/test_a.py::TestCart::test_empty"),
    } == {(item.rule, item.subject) for item in found(made.root).found}


def test_approved(made: Repository) -> None:
    """An approval with its reason takes a loosening out, and it is told; one without a reason is no setting."""
    approval = (
        '\n[[tool.quality-gates.approved]]\nrule = "lowered-threshold"\nsubject = "tests.*"\nreason = "{}"\n'
    )
    lowered = SETTINGS.replace("85", "80")
    made.write({"pyproject.toml": lowered + approval.format("generated clients")})
    answer = found(made.root)
    assert ((), ("the threshold of tests was ≥ 85 %, now ≥ 80 %: generated clients",)) == (
        answer.found,
        answer.approved,
    )
    made.write({"pyproject.toml": lowered + approval.format(" ")})
    with pytest.raises(ConfigurationError, match="an approval needs `reason`"):
        found(made.root)


class TestBase:
    """What is compared with."""

    def test_target_of_the_ci(self, made: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        """The branch that the CI names is the base, whatever else there is."""
        made.commit(changed("pyproject.toml", "85", "80"))
        made.git("branch", "release")
        assert 1 == len(found(made.root).found)
        monkeypatch.setenv("GITHUB_BASE_REF", "release")
        assert () == found(made.root).found

    def test_target_that_is_not_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A clone without the target, as a CI makes it, cannot say what was loosened, and says what to fetch."""
        origin = Repository(tmp_path / "origin")
        origin.commit({**BASE, ".gitignore": ".quality-gates/\n"})
        origin.git("checkout", "-q", "-b", "work")
        origin.commit(changed("pyproject.toml", "85", "80"))
        clone = Repository(tmp_path / "clone")
        clone.git("fetch", "-q", "--depth=1", origin.root.as_uri(), "work")
        clone.git("checkout", "-q", "FETCH_HEAD")
        for name in compared_base.CI_TARGETS:
            monkeypatch.delenv(name, raising=False)
        assert "git fetch --unshallow origin +main:" in unknown(clone.root)
        monkeypatch.setenv("GITHUB_BASE_REF", "release")
        assert "git fetch --unshallow origin +release:" in unknown(clone.root)
        clone.git("remote", "add", "origin", origin.root.as_uri())
        clone.git("fetch", "-q", "--unshallow", "origin", "+main:refs/remotes/origin/main")
        monkeypatch.delenv("GITHUB_BASE_REF")
        assert ["lowered-threshold"] == [item.rule for item in found(clone.root).found]

    @pytest.mark.parametrize("command", ["diff", "ls-files", "rev-parse"])
    def test_git_that_fails_midway(
        self, made: Repository, monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        """Whichever question git does not answer, what was loosened cannot be known, and the run says why."""
        ask = Git.ask

        def refuse(git: Git, *arguments: str) -> str:
            if command in arguments and (command != "rev-parse" or "HEAD" in arguments):
                raise EvidenceError(f"git {command}: failed")
            return ask(git, *arguments)

        monkeypatch.setattr(Git, "ask", refuse)
        assert f"what was loosened cannot be known: git {command}: failed" == unknown(made.root)

    def test_replaced_commit(self, made: Repository) -> None:
        """A commit that git shows as another one (`git replace`) is compared as what it is."""
        base = made.git("rev-parse", "HEAD")
        now = made.commit(changed("pyproject.toml", "85", "80"))
        made.git("replace", "-f", base, now)
        assert ["lowered-threshold"] == [item.rule for item in found(made.root).found]

    def test_no_gates_there(self, made: Repository) -> None:
        """A project that adopts the gates has lowered nothing."""
        made.git("checkout", "-q", "main")
        made.commit({"pyproject.toml": "[project]\nname = 'shop'\n"})
        made.git("checkout", "-q", "-B", "work")
        made.commit(
            {"pyproject.toml": "[tool.quality-gates.tests]\nthreshold = 10\n", FILE: text_of(BASELINE)}
        )
        assert () == found(made.root).found

    def test_last_verified_report(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Outside of git, what `verify` let pass is the base: of settings, tests, comments and the baseline."""
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        write(tmp_path, BASE)
        keep(tmp_path)
        assert () == found(tmp_path).found
        write(
            tmp_path,
            changed("pyproject.toml", "85", "80") | changed("shop/a.py", "(prices)\n", "(prices)  # noqa\n"),
        )
        (tmp_path / "tests/test_a.py").rename(tmp_path / "tests/test_z.py")
        answer = found(tmp_path)
        assert "the last verified report" == answer.base
        assert [("lowered-threshold", 1), ("new-ignore", 2)] == [
            (item.rule, item.line) for item in answer.found
        ]
        (tmp_path / "tests/test_z.py").unlink()
        assert 2 == sum(item.rule == "deleted-test" for item in found(tmp_path).found)
        keep(tmp_path)
        assert () == found(tmp_path).found
        (tmp_path / verified_file.FILE).write_bytes(b"torn")
        assert Loosenings(base="") == found(tmp_path)

    def test_last_verified_report_on_the_target(self, made: Repository) -> None:
        """On the target branch, later commits are compared with it; on a branch that it is no past of, it says nothing."""
        made.git("checkout", "-q", "main")
        keep(made.root)
        made.commit(changed("pyproject.toml", "85", "80"))
        assert ["lowered-threshold"] == [item.rule for item in found(made.root).found]
        keep(made.root)
        assert () == found(made.root).found
        made.git("reset", "-q", "--hard", "HEAD~1")
        made.write(changed("tests/test_a.py", "def test_total", "def no_total"))
        assert ["deleted-test"] == [item.rule for item in found(made.root).found]

    def test_state_that_changes_under_the_hands(self, made: Repository) -> None:
        """What is not as it was verified is not kept."""
        made.write({"shop/b.py": "B = 1\n"})
        selection = wiring.select(made.root, wiring.configure(made.root, Overrides()))
        tree = wiring.tree_of(made.root, selection)
        made.write({"shop/b.py": "B = 2\n"})
        assert not wiring.keep_verified(made.root, tree)

    def test_judged_file_that_moved(self, made: Repository) -> None:
        """Into a directory of vendored code it is a loosening, to the tests it is none."""
        (made.root / "shop/vendor").mkdir()
        made.git("mv", "shop/a.py", "shop/vendor/a.py")
        assert [("judged-less", "shop/vendor/a.py")] == [(i.rule, i.subject) for i in found(made.root).found]
        made.git("mv", "shop/vendor/a.py", "tests/a.py")
        made.write({"shop/c.py": "C = 1\n"})
        assert () == found(made.root).found

    def test_files_that_their_place_makes_tests_or_generated(self, made: Repository) -> None:
        """They were no judged files before; editing them changes nothing, and a header that says so does."""
        files = [
            "shop/tests.py",
            "shop/migrations/0001_first.py",
            "shop/db/versions/a1_first.py",
            "shop/models.py",
        ]
        made.git("checkout", "-q", "main")
        made.commit({**dict.fromkeys(files, CODE), "shop/db/script.py.mako": ""})
        made.git("checkout", "-q", "-B", "work")
        made.write(dict.fromkeys(files, CODE + "\n\nMORE = 1\n"))
        assert () == found(made.root).found
        for old, new in zip(files, MOVED, strict=False):
            made.git("mv", old, new)
        assert () == found(made.root).found
        for old, new in zip(files, MOVED, strict=False):
            made.git("mv", new, old)
        made.write(dict.fromkeys(files, "# Generated by hand\n" + CODE))
        assert "shop/models.py" in {item.subject for item in found(made.root).found}
        assert "shop/tests.py" not in {item.subject for item in found(made.root).found}

    def test_run_without_tests(self, made: Repository) -> None:
        """The gates of a run without tests know of settings of the others, and are compared as well."""
        known = wiring.extensions()
        settings = wiring.configure(made.root, Overrides(), known)
        facts = FactSet(source=NOTHING, coverage=NOTHING, types=NOTHING)
        made.write(changed("pyproject.toml", ', "database"', ""))
        answer = wiring._loosenings(made.root, settings, facts, static_gates(known).gates)
        assert isinstance(answer, Loosenings)
        assert ["timeouts.kinds"] == [item.subject for item in answer.found]

    def test_outside_of_git(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a repository there is no base, and nothing is found."""
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop" / "a.py").write_text(CODE)
        assert Loosenings(base="") == found(tmp_path)
