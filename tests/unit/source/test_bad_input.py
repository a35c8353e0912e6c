"""Source that is broken, hostile or just very large: a fact with the reason, and the other files judged all the same."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.read_source import facts_below, facts_of

from pytest_quality_gates.facts.source import ModuleFact, SourceFacts

GOOD = "import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n"


def module(facts: SourceFacts, path: str) -> ModuleFact:
    """What was noted of one file."""
    (found,) = [fact for fact in facts.modules if fact.path == path]
    return found


def lines(facts: SourceFacts, path: str = "odd.py") -> list[int]:
    """The lines of the call sites in one file."""
    return [site.line for site in facts.call_sites if site.path == path]


class TestUnreadable:
    """A file that cannot be read or parsed names itself and its line, and hides no other."""

    @pytest.mark.parametrize(
        ("content", "reason", "line"),
        [
            (b"def broken(:\n    pass\n", "invalid syntax", 1),
            (b"a = 1\nb = (\n", "never closed", 2),
            (b"a = 1\n  b = 2\n", "unexpected indent", 2),
            (b"a = 1\nb = '\xff\xfe'\n", "utf-8", 2),
            (b"# -*- coding: no-such-thing -*-\na = 1\n", "no-such-thing", 1),
            (b"# -*- coding: ascii -*-\na = 1\nb = '\xc3\xa9'\n", "ascii", 3),
            (b"print 'hello'\n", "print", 1),
            ("a = 1\n".encode("utf-16-le"), "null bytes", 1),
        ],
        ids=[
            "syntax",
            "open bracket",
            "indent",
            "bytes that are no UTF-8",
            "unknown cookie",
            "not as its cookie says",
            "Python 2",
            "UTF-16",
        ],
    )
    def test_with_the_reason(self, tmp_path: Path, content: bytes, reason: str, line: int) -> None:
        """The parser's own words, at its line where it tells one."""
        facts = facts_of(tmp_path, {"odd.py": content, "good.py": GOOD})
        odd = module(facts, "odd.py")
        assert "unparsed" == odd.role
        assert reason in odd.error
        assert odd.error_line in {line, 1}
        assert [5] == lines(facts, "good.py")
        assert ["fetch"] == [function.name for function in facts.functions]

    def test_null_bytes(self, tmp_path: Path) -> None:
        """A null byte is no source, wherever it stands."""
        facts = facts_of(tmp_path, {"odd.py": b"a = 1\nb = 2\0\n", "good.py": GOOD})
        assert "null bytes" in module(facts, "odd.py").error
        assert [5] == lines(facts, "good.py")

    def test_a_binary_file(self, tmp_path: Path) -> None:
        """A compiled module that is called `.py` is no source."""
        facts = facts_of(tmp_path, {"odd.py": bytes(range(256)) * 40, "good.py": GOOD})
        assert "unparsed" == module(facts, "odd.py").role
        assert [5] == lines(facts, "good.py")

    def test_a_file_that_is_gone(self, tmp_path: Path) -> None:
        """Between the walk and the reading a file can vanish."""
        facts_of(tmp_path, {"good.py": GOOD})
        facts = facts_below(tmp_path, ["good.py", "gone.py"])
        assert "No such file or directory" == module(facts, "gone.py").error
        assert [5] == lines(facts, "good.py")

    def test_a_directory_in_its_place(self, tmp_path: Path) -> None:
        """What is called `.py` need not be a file."""
        facts_of(tmp_path, {"good.py": GOOD})
        (tmp_path / "odd.py").mkdir()
        facts = facts_below(tmp_path, ["good.py", "odd.py"])
        assert module(facts, "odd.py").error
        assert [5] == lines(facts, "good.py")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_a_file_without_permission(self, tmp_path: Path) -> None:
        """A file that may not be read says so."""
        facts_of(tmp_path, {"good.py": GOOD, "odd.py": GOOD})
        (tmp_path / "odd.py").chmod(0)
        facts = facts_below(tmp_path, ["good.py", "odd.py"])
        assert "Permission denied" == module(facts, "odd.py").error
        assert [5] == lines(facts, "good.py")

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        """A loop of links is unreadable, not a hang."""
        facts_of(tmp_path, {"good.py": GOOD})
        (tmp_path / "odd.py").symlink_to(tmp_path / "odd.py")
        facts = facts_below(tmp_path, ["good.py", "odd.py"])
        assert module(facts, "odd.py").error
        assert [5] == lines(facts, "good.py")


class TestEncodings:
    """What the interpreter can read is read."""

    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbf" + GOOD.encode(),
            b"# -*- coding: latin-1 -*-\n" + GOOD.replace("fetch", "f\xe9tch").encode("latin-1"),
            b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nA = '\x80'\n" + GOOD.encode(),
            GOOD.replace("\n", "\r\n").encode(),
            GOOD.replace("\n", "\r").encode(),
            GOOD.rstrip("\n").encode(),
            b"\x0c\n" + GOOD.encode(),
        ],
        ids=["BOM", "Latin-1", "cp1252 on line 2", "CRLF", "CR", "no newline at the end", "form feed"],
    )
    def test_is_read(self, tmp_path: Path, content: bytes) -> None:
        """Marks, cookies and line ends do not hide a call."""
        facts = facts_of(tmp_path, {"odd.py": content})
        assert "source" == module(facts, "odd.py").role
        assert ["requests.get"] == [site.callee for site in facts.call_sites]

    def test_columns_are_bytes(self, tmp_path: Path) -> None:
        """Columns count UTF-8 bytes, as the parser and the type checker do, whatever the file's own encoding."""
        text = "# -*- coding: latin-1 -*-\nimport requests\nx = 'é', requests.get('u')\n"
        facts = facts_of(tmp_path, {"odd.py": text.encode("latin-1")})
        (site,) = facts.call_sites
        assert "x = 'é', ".encode().__len__() == site.column

    @pytest.mark.parametrize("content", [b"", b"\n", b"# nothing\n", b"pass", b"\xef\xbb\xbf"])
    def test_nothing_in_it(self, tmp_path: Path, content: bytes) -> None:
        """An empty file is source with nothing to judge."""
        facts = facts_of(tmp_path, {"odd.py": content})
        assert "source" == module(facts, "odd.py").role
        assert [] == [*facts.call_sites, *facts.functions, *facts.handlers]

    def test_invalid_escapes_warn_nobody(self, tmp_path: Path) -> None:
        """The parser's warnings are the linter's business; here each warning would be an error."""
        facts = facts_of(tmp_path, {"odd.py": "import re\nre.compile('\\d')\nassert (1, 'x')\n1 is 1\n"})
        assert "source" == module(facts, "odd.py").role


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    """`inner` in `depth` pairs of `opening` and `closing`."""
    return opening * depth + inner + closing * depth


def blocks(head: str, depth: int, body: Iterable[str]) -> str:
    """`depth` blocks that begin with `head`, one in the other, and `body` in the innermost."""
    text = "".join(" " * level + head + "\n" for level in range(depth))
    return text + "".join(" " * depth + line + "\n" for line in body)


CALL = "requests.get('u')"


class TestDepth:
    """What is nested deeply is read, or named as too deep: no crash, no hang."""

    @pytest.mark.parametrize(
        "text",
        [
            "x = " + " + ".join([CALL] * 400),
            "x = " + " and ".join([CALL] * 400),
            "x = " + " if y else ".join([CALL] * 90),
            "x = " + nested("[", CALL, "]", 80),
            "x = " + nested("f(", CALL, ")", 80),
            "x = " + nested("(lambda: ", CALL, ")()", 30),
            "x = " + nested("not ", CALL, "", 400),
            "x = " + CALL + ".a" * 400,
            "x = " + CALL + ".f()" * 200,
            "x = " + CALL + "[0]" * 400,
            blocks("if x:", 95, [CALL]),
            blocks("for x in y:", 95, [CALL]),
            blocks("with x:", 95, [CALL]),
            blocks("def f():", 30, [CALL]),
            blocks("async def f():", 30, [f"await {CALL}"]),
            blocks("class A:", 95, [CALL]),
            "".join(" " * n + "try:\n" for n in range(90))
            + " " * 90
            + CALL
            + "\n"
            + "".join(" " * n + "except E:\n" + " " * n + " pass\n" for n in reversed(range(90))),
        ],
        ids=[
            "sums",
            "and",
            "if-else expressions",
            "brackets",
            "calls in calls",
            "lambdas",
            "not",
            "attributes",
            "methods",
            "items",
            "if",
            "for",
            "with",
            "functions",
            "coroutines",
            "classes",
            "try",
        ],
    )
    def test_deep(self, tmp_path: Path, text: str) -> None:
        """As deep as people and generators write: every call is found."""
        facts = facts_of(tmp_path, {"odd.py": f"import requests\n{text}\n"})
        assert "" == module(facts, "odd.py").error
        assert text.count(CALL) == len(facts.call_sites)

    @pytest.mark.parametrize(
        "text",
        [
            "x = " + " + ".join(["y"] * 50_000),
            "x = " + nested("(", "y", ")", 5_000),
            "x = " + nested("-", "y", "", 50_000),
            "x = y" + ".a" * 50_000,
            "x = y" + ".f()" * 50_000,
            "x = y" + "[0]" * 50_000,
            "x = " + " if y else ".join(["y"] * 20_000),
            "x = " + nested("lambda: ", "y", "", 20_000),
            "".join(f"{'if' if n == 0 else 'elif'} x == {n}:\n    y = {n}\n" for n in range(5_000)),
            "x: " + nested("list[", "int", "]", 5_000),
            "f'" + nested("{x:", "", "}", 500) + "'",
        ],
        ids=[
            "sums",
            "brackets",
            "minus",
            "attributes",
            "methods",
            "items",
            "if-else expressions",
            "lambdas",
            "elif",
            "annotations",
            "f-strings",
        ],
    )
    def test_deeper_than_anybody_writes(self, tmp_path: Path, text: str) -> None:
        """Read, or `unparsed` with a reason; the other file is judged in both cases."""
        facts = facts_of(tmp_path, {"odd.py": text + "\n", "good.py": GOOD})
        odd = module(facts, "odd.py")
        assert (odd.role == "unparsed") == bool(odd.error)
        assert [5] == lines(facts, "good.py")

    def test_a_long_elif_chain_is_read(self, tmp_path: Path) -> None:
        """A chain of thousands of branches is flat to people, whatever the tree says."""
        branches = "".join(
            f"    {'if' if n == 0 else 'elif'} x == {n}:\n        requests.get('u')\n" for n in range(2_000)
        )
        facts = facts_of(tmp_path, {"odd.py": f"import requests\n\n\ndef f(x):\n{branches}"})
        assert "" == module(facts, "odd.py").error
        assert 2_000 == len(facts.call_sites)


class TestSize:
    """Large modules end in bounded time."""

    def test_fifty_thousand_lines(self, tmp_path: Path) -> None:
        """A generated module of 50,000 lines, with calls, handlers, classes and a table."""
        quarter, _ = self._analysed(tmp_path / "quarter", clients=1_000, rows=2_500)
        whole, facts = self._analysed(tmp_path / "whole", clients=4_000, rows=10_000)
        assert 8_000 == len(facts.call_sites)
        assert 4_000 == len(facts.handlers)
        assert module(facts, "odd.py").lines > 50_000
        assert (
            whole < 9 * quarter
        )  # in proportion it is 4, with the square 16; how slow the machine is does not matter

    @staticmethod
    def _analysed(root: Path, clients: int, rows: int) -> tuple[float, SourceFacts]:
        """The CPU seconds that a module of so many classes takes, and its facts."""
        part = (
            "class Client{n}(Base):\n"
            "    def fetch(self, url):\n"
            "        try:\n"
            "            return self.session.get(url + str({n}))\n"
            "        except requests.RequestException:\n"
            "            return load{n}(url)\n"
            "\n\n"
            "def load{n}(url):\n"
            "    return requests.get(url)\n"
        )
        head = "import requests\n\n\nclass Base:\n    def __init__(self):\n        self.session = requests.Session()\n"
        table = "TABLE = [\n" + "".join(f"    ({n}, 'row {n}', None),\n" for n in range(rows)) + "]\n"
        root.mkdir()
        start = time.process_time()
        facts = facts_of(root, {"odd.py": head + "".join(part.format(n=n) for n in range(clients)) + table})
        return time.process_time() - start, facts

    def test_one_long_line(self, tmp_path: Path) -> None:
        """A table on one line of half a megabyte."""
        facts = facts_of(tmp_path, {"odd.py": "T = [" + "'x' * 3, " * 50_000 + "]\n", "good.py": GOOD})
        assert "source" == module(facts, "odd.py").role
        assert [5] == lines(facts, "good.py")

    def test_ten_thousand_branches(self, tmp_path: Path) -> None:
        """A function that decides 10,000 times between two clients."""
        branches = "".join(
            f"    if x == {n}:\n        client = requests.Session()\n    else:\n        client = other(client)\n"
            for n in range(2_500)
        )
        text = f"import requests\n\n\ndef other(x):\n    return x\n\n\ndef f(x):\n    client = None\n{branches}    client.get('u')\n"
        start = time.process_time()
        facts = facts_of(tmp_path, {"odd.py": text})
        assert 1 == len(facts.call_sites)
        assert time.process_time() - start < 20

    def test_everybody_calls_everybody(self, tmp_path: Path) -> None:
        """A dense call graph: 25 functions that all call each other."""
        names = [f"f{n}" for n in range(25)]
        calls = "".join(f"    {name}(url)\n" for name in names)
        text = "import requests\n" + "".join(
            f"\n\ndef {name}(url):\n{calls}    requests.get(url)\n" for name in names
        )
        start = time.process_time()
        facts = facts_of(tmp_path, {"odd.py": text})
        assert 25 == len(facts.call_sites)
        assert {"none"} == {site.handled for site in facts.call_sites}
        assert time.process_time() - start < 30

    def test_a_long_chain_of_callers(self, tmp_path: Path) -> None:
        """The guard stands 300 calls up."""
        steps = "".join(f"\n\ndef f{n}(url):\n    return f{n + 1}(url)\n" for n in range(300))
        text = (
            "import requests\n\n\ndef top(url):\n    try:\n        f0(url)\n    except OSError:\n        return None\n"
            f"{steps}\n\ndef f300(url):\n    return requests.get(url)\n"
        )
        (site,) = facts_of(tmp_path, {"odd.py": text}).call_sites
        assert "caller" == site.handled


class TestCircles:
    """Names, classes, calls and modules that lead back to themselves."""

    @pytest.mark.parametrize(
        "text",
        [
            "x = x\nx.get('u')",
            "x = y\ny = x\nx.get('u')",
            "x = x.get\nx()",
            "x = [x]\nx[0].get('u')",
            "x = x()\nx.get('u')",
            "x = x or y\ny = x and y\nx.get('u')",
            "class A(A): pass\nA().get('u')",
            "class A(B): pass\nclass B(A): pass\nA().get('u')",
            "class A(B): x = 1\nclass B(C): y = A\nclass C(A): z = B\nC().z().y().get('u')",
            "class M(type): pass\nclass A(metaclass=M): pass\nA.get('u')",
            "class A(metaclass=A): pass\nA.get('u')",
            "class A:\n    a = property(lambda self: self.a)\nA().a.get('u')",
            "class A:\n    @property\n    def a(self): return self.a\nA().a.get('u')",
            "class A:\n    def __init__(self): self.a = self\nA().a.a.a.get('u')",
            "class A:\n    def __init__(self): self.a = self.b\n    def f(self): self.b = self.a\nA().a.get('u')",
            "def f(): return f()\nf().get('u')",
            "def f(): return g()\ndef g(): return f()\nf().get('u')",
            "def f(x): return f(x)\nf(f).get('u')",
            "def f(x): return x(f)\nf(f)(f).get('u')",
            "def f(*a, **k): return f(*a, **k)\nf(**f()).get('u')",
            "def d(f): return d(f)\n@d\ndef f(): f()\nf().get('u')",
            "@f\ndef f(): f()\nf().get('u')",
            "def f(x=f): return x\nf().get('u')",
            "def f(x: 'f') -> 'f': return x\nf(f).get('u')",
            "f = lambda: f()\nf().get('u')",
            "def f():\n    with f() as x: x.get('u')\n    for x in f(): x.get('u')",
            "try:\n    x = 1\nexcept x:\n    pass\nexcept (x, (x, x)):\n    x.get('u')",
            "k = {**k}\nf(**k)\nk.update(k)\nk['a'] = k",
            "import odd\nodd.odd.odd.get('u')",
            "from odd import *\nfrom odd import x\nx.get('u')",
            "from . import odd\nfrom .odd import x\nfrom ... import y\ny.get('u')",
            "from functools import partial\np = partial(p)\np()\nq = partial(partial, q)\nq()()",
            "import functools\nsuper().x.get('u')\nclass A:\n    def f(self): return super().f().get('u')",
            "def g():\n    yield from g()\nfor x in g(): x.get('u')",
            "T = 'T'\ndef f(x: T, y: 'list[T]', z: 'T | None'): x.get('u')",
            "type X = X | list[X]\ndef f(x: X): x.get('u')" if sys.version_info >= (3, 12) else "x = 1",
            "global x\nx = 1\ndef f():\n    global x\n    x = x\n    def g():\n        nonlocal y\n    x.get('u')",
        ],
    )
    def test_end(self, tmp_path: Path, text: str) -> None:
        """Nothing that is defined by itself hangs the index, crashes it or becomes an external call."""
        facts = facts_of(tmp_path, {"odd.py": text + "\n", "good.py": GOOD})
        assert [] == lines(facts)
        assert [5] == lines(facts, "good.py")

    def test_imports_in_a_circle(self, tmp_path: Path) -> None:
        """Modules that import each other, by name and by star; what is really there is found."""
        facts = facts_of(
            tmp_path,
            {
                "a.py": "from b import *\nfrom b import session\nfrom c import gone\nsession.get('u')\ngone.get('u')\n",
                "b.py": "from a import *\nimport requests\nsession = requests.Session()\nfrom c import session as other\n",
                "c.py": "from a import gone\nfrom b import other as session\nsession.get('u')\n",
            },
        )
        assert [4] == lines(facts, "a.py")
        assert [] == [site for site in facts.call_sites if site.path == "b.py"]


class TestNames:
    """Module names that are not what one would think."""

    def test_two_copies_of_one_name(self, tmp_path: Path) -> None:
        """Both are judged, each by its own text."""
        copy = "import httpx\n\n\ndef fetch(url):\n    return httpx.get(url)\n"
        facts = facts_of(tmp_path, {"a/src/shop/api.py": GOOD, "b/src/shop/api.py": copy})
        assert ["requests.get", "httpx.get"] == [site.callee for site in facts.call_sites]

    def test_a_module_and_a_package_of_one_name(self, tmp_path: Path) -> None:
        """`shop.py` beside `shop/__init__.py`: both are judged."""
        facts = facts_of(tmp_path, {"shop.py": GOOD, "shop/__init__.py": GOOD})
        assert ["shop.py", "shop/__init__.py"] == [site.path for site in facts.call_sites]

    def test_namespace_packages(self, tmp_path: Path) -> None:
        """Packages without `__init__.py` import from each other."""
        facts = facts_of(
            tmp_path,
            {
                "shop/web/clients.py": "import requests\nsession = requests.Session()\n",
                "shop/jobs/nightly.py": "from shop.web.clients import session\nimport shop.web.clients\n"
                "session.get('u')\nshop.web.clients.session.get('u')\n",
                "shop/jobs/relative.py": "from ..web.clients import session\nsession.get('u')\n",
            },
        )
        assert [3, 4] == lines(facts, "shop/jobs/nightly.py")
        assert [2] == lines(facts, "shop/jobs/relative.py")

    def test_a_module_called_like_a_library(self, tmp_path: Path) -> None:
        """The project's own `requests` hides the library."""
        facts = facts_of(
            tmp_path,
            {
                "requests.py": "def get(url):\n    return url\n",
                "odd.py": "import requests\nrequests.get('u')\n",
            },
        )
        assert () == facts.call_sites

    def test_relative_imports_that_lead_nowhere(self, tmp_path: Path) -> None:
        """More dots than there are packages."""
        facts = facts_of(
            tmp_path,
            {"odd.py": "from ..... import x\nfrom .....y import z\nx.get('u')\nz()\n", "good.py": GOOD},
        )
        assert [] == lines(facts)

    def test_letters_of_all_kinds(self, tmp_path: Path) -> None:
        """Identifiers that are not ASCII are names like others."""
        facts = facts_of(tmp_path, {"größe.py": "import requests as ネット\nネット.get('u')\n"})
        assert [2] == lines(facts, "größe.py")


@pytest.mark.timeout(60)
def test_properties_that_lead_to_one_another_are_read_in_bounded_time(tmp_path: Path) -> None:
    """Each property gives another's attributes on a few paths: asked anew on each path, they would take for ever."""
    count = 24
    properties = (
        "".join(
            f"    @property\n    def p{number}(self):\n"
            + "".join(
                f"        if self.{step}:\n            return self.p{(number + step) % count}\n"
                for step in (1, 2, 3)
            )
            for number in range(count)
        )
        .replace("self.1", "self.a")
        .replace("self.2", "self.b")
        .replace("self.3", "self.c")
    )
    text = f"import requests\n\n\nclass Ring:\n{properties}\n    def fetch(self, url):\n        self.p0.go()\n        requests.get(url)\n"
    assert len(lines(facts_of(tmp_path, {"odd.py": text}))) == 1
