"""What goes into the index besides source: roles, the type checker's names, releases, explanations."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest
from tests.read_source import catalogue, facts_of

from pytest_quality_gates.facts.type_check import CalleeName
from pytest_quality_gates.source import index
from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.project import Function
from pytest_quality_gates.source.read_module import UnreadableSourceError, read_module
from pytest_quality_gates.source.selection import SelectedFile, Selection
from pytest_quality_gates.source.summary import Binding

CALL = "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n"


class TestRoles:
    """Only source is read."""

    def test_what_is_no_source_is_counted_and_not_read(self, tmp_path: Path) -> None:
        """Tests, generated and vendored files are there by name; not even their syntax matters."""
        (tmp_path / "api.py").write_text(CALL)
        (tmp_path / "test_api.py").write_text("import requests\nrequests.get('u')\ndef broken(:\n")
        files = (
            SelectedFile("api.py", "api", "source"),
            SelectedFile("test_api.py", "test_api", "test"),
            SelectedFile("api_pb2.py", "api_pb2", "generated"),
        )
        facts = index.build(tmp_path, Selection(files=files, roots=(".",)), {}, catalogue(), {})
        assert [("api.py", "source"), ("api_pb2.py", "generated"), ("test_api.py", "test")] == [
            (fact.path, fact.role) for fact in facts.modules
        ]
        assert ["api.py"] == [site.path for site in facts.call_sites]
        assert ["", "", ""] == [fact.error for fact in facts.modules]


class TestTypes:
    """Names of the type checker belong to one place in one file."""

    def test_a_name_for_another_place_says_nothing(self, tmp_path: Path) -> None:
        """Names that fit no call, as after an edit, are left out."""
        text = "def fetch(client, url):\n    return client.get(url)\n"
        name = "requests.sessions.Session.get"
        for place in [(2, 11, 2, 26), (2, 12, 2, 26), (9, 11, 9, 26)]:
            facts = facts_of(tmp_path, {"api.py": text}, {"api.py": (CalleeName(*place, name, ()),)})
            assert (place == (2, 11, 2, 26)) == bool(facts.call_sites)

    def test_a_name_for_another_file_says_nothing(self, tmp_path: Path) -> None:
        """Names are kept by path."""
        text = "def fetch(client, url):\n    return client.get(url)\n"
        callees = {"other.py": (CalleeName(2, 11, 2, 26, "requests.sessions.Session.get", ()),)}
        assert () == facts_of(tmp_path, {"api.py": text}, callees).call_sites

    def test_letters_before_the_call(self, tmp_path: Path) -> None:
        """The type checker counts bytes, and so does the reader."""
        text = "def fetch(client, url):\n    return 'größe', client.get(url)\n"
        start = len("    return 'größe', ".encode())
        callees = {
            "api.py": (CalleeName(2, start, 2, start + 15, "requests.sessions.Session.get", ()),),
        }
        (site,) = facts_of(tmp_path, {"api.py": text}, callees).call_sites
        assert (start, start + 15) == (site.column, site.end_column)


class TestPlaces:
    """Where a call site is reported."""

    @pytest.mark.parametrize(
        ("text", "line", "end_line", "written"),
        [
            ("requests.get('u')", 2, 2, "requests.get"),
            ("requests.get(\n    'u',\n)", 2, 4, "requests.get"),
            ("x = (\n    requests\n    .get('u')\n)", 4, 4, "requests.get"),
            pytest.param(
                "x = (\n    requests.Session()\n    .get('u')\n    .json()\n)",
                4,
                4,
                "requests.Session().get",
                marks=pytest.mark.xfail(reason="the text of a chain loses its head", strict=True),
            ),
            ("x = [\n    1,\n    requests.get('u'),\n]", 4, 4, "requests.get"),
        ],
        ids=[
            "one line",
            "arguments over lines",
            "attribute on its own line",
            "chain over lines",
            "in a list",
        ],
    )
    def test_lines(self, tmp_path: Path, text: str, line: int, end_line: int, written: str) -> None:
        """The link of a chain that does the I/O, from its own line on."""
        (site,) = facts_of(tmp_path, {"api.py": f"import requests\n{text}\n"}).call_sites
        assert (line, end_line, written) == (site.line, site.end_line, site.text)

    def test_the_function_around_it(self, tmp_path: Path) -> None:
        """Classes, nested functions, lambdas and the module itself."""
        text = (
            "import requests\n"
            "class A:\n"
            "    def f(self):\n"
            "        def g():\n"
            "            requests.get('u')\n"
            "        return lambda: requests.get('u')\n"
            "requests.get('u')\n"
        )
        sites = facts_of(tmp_path, {"api.py": text}).call_sites
        assert [("A.f.g", 4), ("<module>", 1)] == [
            (site.function, site.function_line) for site in sites if "lambda" not in site.function
        ]
        assert 3 == len(sites)

    def test_the_module_is_named(self, tmp_path: Path) -> None:
        """By its dotted name, packages without `__init__`."""
        facts = facts_of(tmp_path, {"shop/__init__.py": CALL, "shop/web/api.py": CALL})
        assert ["shop", "shop.web.api"] == [site.module for site in facts.call_sites]


class TestExplanations:
    """Each answer names where it comes from."""

    def test_every_question_that_was_answered_has_a_reason(self, tmp_path: Path) -> None:
        """Name, guard, timeout, retry, breaker, report and the way to the loop."""
        text = (
            "import logging\n"
            "import httpx\n"
            "import requests\n"
            "import tenacity\n"
            "from circuitbreaker import circuit\n"
            "\n"
            "client = httpx.Client(timeout=5)\n"
            "\n"
            "\n"
            "@circuit\n"
            "@tenacity.retry\n"
            "def fetch(url):\n"
            "    logging.info('asking')\n"
            "    return client.get(url)\n"
            "\n"
            "\n"
            "async def main(url):\n"
            "    try:\n"
            "        return fetch(url)\n"
            "    except httpx.HTTPError:\n"
            "        return None\n"
        )
        (site,) = facts_of(tmp_path, {"api.py": text}).call_sites
        said = site.explanation
        assert ("caller", "client", True, True, "function", True) == (
            site.handled,
            site.timeout,
            site.breaker,
            site.retry,
            site.observed,
            site.blocks_loop,
        )
        assert "httpx._client.Client" in " ".join(said.name)
        assert "api.py:7" in " ".join(said.name)
        assert "api.py:19" in " ".join(said.handled)
        assert "except httpx.HTTPError" in " ".join(said.handled)
        assert "api.py:7" in " ".join(said.timeout)
        assert "decorator" in " ".join(said.breaker)
        assert "decorator" in " ".join(said.retry)
        assert "api.py:13" in " ".join(said.observed)
        assert "main" in " ".join(said.blocks_loop)
        assert "api.py:19" in " ".join(said.blocks_loop)

    def test_the_way_out_is_shown(self, tmp_path: Path) -> None:
        """An unguarded call names the functions that its failure leaves by."""
        text = (
            CALL + "\n\ndef middle(url):\n    return fetch(url)\n\n\ndef top(url):\n    return middle(url)\n"
        )
        (site,) = facts_of(tmp_path, {"api.py": text}).call_sites
        said = " ".join(site.explanation.handled)
        assert said.index("fetch") < said.index("middle") < said.index("top")

    def test_a_circle_of_callers_is_said_once(self, tmp_path: Path) -> None:
        """Functions that call each other do not make an endless chain."""
        text = "import requests\n\n\ndef a(url):\n    requests.get(url)\n    b(url)\n\n\ndef b(url):\n    a(url)\n"
        (site,) = facts_of(tmp_path, {"api.py": text}).call_sites
        assert "none" == site.handled
        assert len(site.explanation.handled) < 5


class TestTypeStatement:
    """`type` names a type, from Python 3.12 on."""

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="a syntax error before")
    def test_its_name_stands_for_the_type(self, tmp_path: Path) -> None:
        """As an assignment would."""
        text = """
        import redis

        type Store = redis.Redis | None

        def read(store: Store):
            return store.get("key")
        """
        facts = facts_of(tmp_path, {"api.py": dedent(text)})
        assert ["redis.client.Redis.get"] == [site.callee for site in facts.call_sites]


class TestReadModule:
    """The reader by itself."""

    def test_error_carries_reason_and_line(self) -> None:
        """For the finding `syntax-error`."""
        with pytest.raises(UnreadableSourceError) as caught:
            read_module(b"a = 1\nb = )\n", "api.py")
        assert 2 == caught.value.line
        assert caught.value.reason in str(caught.value)

    @pytest.mark.parametrize(("text", "lines"), [(b"a = 1", 1), (b"a = 1\nb = 2", 2)])
    def test_lines_are_counted(self, text: bytes, lines: int) -> None:
        """The last line counts without a newline too."""
        assert lines == read_module(text, "api.py").lines

    @pytest.mark.xfail(reason="the newline at the end counts as a line", strict=True)
    @pytest.mark.parametrize(("text", "lines"), [(b"a = 1\n", 1), (b"\n\n\n", 3)])
    def test_a_newline_at_the_end_is_no_line(self, text: bytes, lines: int) -> None:
        """As every tool counts lines."""
        assert lines == read_module(text, "api.py").lines

    def test_nothing_is_run(self, tmp_path: Path) -> None:
        """Reading never imports or runs what is read."""
        mark = tmp_path / "ran"
        facts_of(tmp_path, {"api.py": f"open({str(mark)!r}, 'w').close()\nraise SystemExit(1)\n"})
        assert not mark.exists()


class TestWork:
    """What is worked out once."""

    @pytest.mark.parametrize("functions", [3, 30])
    def test_where_a_name_is_bound_is_looked_up_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, functions: int
    ) -> None:
        """A list that many functions add to is not gone through for each of their loops again."""
        asked: list[str] = []
        bindings = Evaluator.bindings

        def counted(self: Evaluator, name: str, at: Function) -> list[tuple[Binding, Function]]:
            asked.append(name)
            return bindings(self, name, at)

        monkeypatch.setattr(Evaluator, "bindings", counted)
        body = "def f{0}():\n    shelf.append(requests.Session())\n    for item in shelf:\n        item.get('u')\n        f{1}()\n"
        text = "".join(body.format(number, (number + 1) % functions) for number in range(functions))
        facts = facts_of(tmp_path, {"api.py": f"import requests\n\nshelf = []\n{text}"})
        assert functions == len(facts.call_sites)
        assert ["shelf"] == asked
