"""mypy in a child: the user's errors, every call's name, and every way in which it cannot run."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from mypy.options import Options
from mypy.plugin import Plugin

from pytest_quality_gates.evidence import process, type_check
from pytest_quality_gates.facts.fact_set import Unavailable
from pytest_quality_gates.facts.type_check import TypeFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

LIBRARY = {
    "weblib/__init__.py": "from weblib._client import AsyncClient as AsyncClient, Client as Client, fetch as fetch\n",
    "weblib/_client.py": """
        from typing import Self

        class Base:
            def close(self) -> None: ...

        class Client(Base):
            def __init__(self, timeout: float = 5) -> None: ...
            def get(self, url: str) -> bytes: return b""
            @classmethod
            def default(cls) -> Self: return cls()

        class AsyncClient(Base):
            async def get(self, url: str) -> bytes: return b""
            async def __aenter__(self) -> Self: return self
            async def __aexit__(self, *args: object) -> None: ...

        def fetch(url: str) -> bytes: return b""
        """,
}


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests, so that the standard library's stubs are read once."""
    return tmp_path_factory.mktemp("mypy-cache")


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files, each text without its common indentation."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def check(
    root: Path, cache: Path | None, *files: str, roots: tuple[str, ...] = (), libraries: tuple[str, ...] = ()
) -> TypeFacts | Unavailable:
    """Check files of a project."""
    return type_check.check(
        root, files, python=sys.executable, cache_dir=cache, roots=roots, libraries=libraries
    )


def facts(answer: TypeFacts | Unavailable) -> TypeFacts:
    """What must have run."""
    assert isinstance(answer, TypeFacts), answer
    return answer


def reason(answer: TypeFacts | Unavailable) -> str:
    """Why it could not run."""
    assert isinstance(answer, Unavailable)
    assert "could_not_run" == answer.state
    return answer.reason


def problems(answer: TypeFacts | Unavailable) -> list[tuple[str, int, str]]:
    """Path, line and code of each error."""
    return [(problem.path, problem.line, problem.code) for problem in facts(answer).problems]


def names(answer: TypeFacts | Unavailable, root: Path, path: str = "app.py") -> dict[str, list[str]]:
    """The names of each call, by its callee's text; every position must be that of a call as `ast` has it."""
    calls = {
        (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset): ast.unparse(node.func)
        for node in ast.walk(ast.parse((root / path).read_bytes()))
        if isinstance(node, ast.Call)
    }
    found: dict[str, list[str]] = {}
    for callee in facts(answer).callees[path]:
        text = calls[callee.line, callee.column, callee.end_line, callee.end_column]
        found.setdefault(text, []).append(callee.name)
    return found


def test_receivers_are_named_by_type(tmp_path: Path, shared_cache: Path) -> None:
    """Annotations, attributes, factories, context managers, unions, aliases and partials all lead to the name."""
    write(
        tmp_path,
        LIBRARY
        | {
            "app.py": """
        import functools
        import weblib
        from weblib import AsyncClient, Client

        def build() -> Client:
            return Client(timeout=3)

        class Gateway:
            fetcher = staticmethod(weblib.fetch)

            def __init__(self) -> None:
                self.client = build()
                self.borrowed = weblib.fetch

            def run(self, given: Client | AsyncClient, kind: type[Client]) -> None:
                self.client.get("a")
                given.get("b")
                self.borrowed("c")
                kind()
                kind.default().get("d")
                build().get("e")
                alias = weblib.fetch
                alias("f")
                later = functools.partial(weblib.fetch, "g")
                later()
                bound = self.client.get
                bound("h")

        async def main() -> None:
            async with AsyncClient() as web:
                await web.get("i")

        class Mine(Client):
            def get(self, url: str) -> bytes:
                return super().get(url)

        class Plain(Client): ...

        Plain().get("j")
        Mine().get("k")
        """
        },
    )
    answer = check(tmp_path, shared_cache, "app.py")
    client, web = "weblib._client.Client", "weblib._client.AsyncClient"
    expected = {
        "staticmethod": ["builtins.staticmethod"],
        "Client": [client],
        "build": ["app.build", "app.build"],
        "self.client.get": [f"{client}.get"],
        "given.get": [f"{web}.get", f"{client}.get"],
        "self.borrowed": ["weblib._client.fetch"],
        "kind": [client],
        "kind.default": [f"{client}.default"],
        "kind.default().get": [f"{client}.get"],
        "build().get": [f"{client}.get"],
        "alias": ["weblib._client.fetch"],
        "functools.partial": ["functools.partial"],
        "later": ["weblib._client.fetch"],
        "bound": [f"{client}.get"],
        "AsyncClient": [web],
        "web.get": [f"{web}.get"],
        "super().get": [f"{client}.get"],
        "Plain": ["app.Plain"],
        "Plain().get": ["app.Plain.get"],
        "Mine": ["app.Mine"],
        "Mine().get": ["app.Mine.get"],
    }
    assert expected == names(answer, tmp_path)
    also = {callee.name: callee.also for callee in facts(answer).callees["app.py"]}
    assert (client,) == also["app.Plain"]
    assert (f"{client}.get",) == also["app.Plain.get"]
    assert () == also["app.Mine.get"]
    assert "app.Gateway.borrowed" in also["weblib._client.fetch"] or () == also["weblib._client.fetch"]


def test_untyped_functions_are_named_and_their_errors_left_out(tmp_path: Path, shared_cache: Path) -> None:
    """Mypy's default keeps the errors of functions without annotations out; their calls are named all the same."""
    write(
        tmp_path,
        LIBRARY
        | {
            "app.py": """
        from weblib import Client

        def work(anything):
            client = Client()
            client.get(1)
            anything.get(2)

        def typed() -> int:
            return ""
        """
        },
    )
    answer = check(tmp_path, shared_cache, "app.py")
    assert [("app.py", 9, "return-value")] == problems(answer)
    expected = {"Client": ["weblib._client.Client"], "client.get": ["weblib._client.Client.get"]}
    assert expected == names(answer, tmp_path)


def test_positions_with_other_letters_and_f_strings(tmp_path: Path, shared_cache: Path) -> None:
    """Columns count UTF-8 bytes, as `ast` does, also behind wide letters and inside f-strings."""
    write(
        tmp_path,
        {
            "app.py": """
        def f(x: object) -> str: return "é█😀" + str(x) + repr("█") + ascii(f"é {len('█')} {hex(3)!r:>{oct(4)}}")
        """
        },
    )
    answer = check(tmp_path, shared_cache, "app.py")
    expected = {name: [f"builtins.{name}"] for name in ("repr", "ascii", "len", "hex", "oct")}
    expected |= {"str": ["builtins.str"]}
    assert expected == names(answer, tmp_path)


@pytest.mark.skipif(
    not hasattr(Plugin, "get_additional_indirect_deps"), reason="this mypy shows no copies of functions"
)
def test_a_type_variable_of_several_values_gives_each(tmp_path: Path, shared_cache: Path) -> None:
    """A function that mypy checks once for each value of a type variable has the names of all."""
    source = "from typing import AnyStr\n\ndef g(x: AnyStr) -> AnyStr:\n    return x.strip()\n"
    write(tmp_path, {"app.py": source})
    expected = {"x.strip": ["builtins.bytes.strip", "builtins.str.strip"]}
    assert expected == names(check(tmp_path, shared_cache, "app.py"), tmp_path)


def test_the_users_configuration_is_respected(tmp_path: Path, shared_cache: Path) -> None:
    """Options, options of single modules and excludes decide which errors there are, and hide no names."""
    broken = "def f():\n    return len(3)\n\ndef g() -> int:\n    return ''\n"
    write(
        tmp_path,
        {
            "app/__init__.py": "",
            "app/plain.py": broken,
            "app/ignored.py": broken,
            "app/generated.py": broken,
            "pyproject.toml": """
        [tool.mypy]
        disallow_untyped_defs = true
        exclude = ["generated"]
        pretty = true
        show_absolute_path = true
        [[tool.mypy.overrides]]
        module = "app.ignored"
        ignore_errors = true
        """,
        },
    )
    files = ["app/__init__.py", "app/generated.py", "app/ignored.py", "app/plain.py"]
    answer = check(tmp_path, shared_cache, *files)
    assert [("app/plain.py", 1, "no-untyped-def"), ("app/plain.py", 5, "return-value")] == problems(answer)
    assert set(files[1:]) == set(facts(answer).callees)
    assert 3 == facts(answer).files


@pytest.mark.parametrize("name", ["mypy.ini", ".mypy.ini", "setup.cfg"])
def test_every_configuration_file_counts(tmp_path: Path, shared_cache: Path, name: str) -> None:
    """Mypy's other configuration files are found in the root as well."""
    write(tmp_path, {"app.py": "def f(): ...\n", name: "[mypy]\ndisallow_untyped_defs = True\n"})
    assert [("app.py", 1, "no-untyped-def")] == problems(check(tmp_path, shared_cache, "app.py"))


def test_errors_elsewhere_are_counted(tmp_path: Path, shared_cache: Path) -> None:
    """An error in a file that is imported but not judged is no problem of the judged files; notes are no errors.

    Where a stub stands beside a module, mypy reads that and not the module; so it is here.
    """
    write(
        tmp_path,
        {
            "app.py": "import helper\nimport nowhere_to_be_found\nreveal_type(helper.x)\nimport stubbed\nstubbed.x.upper()\n",
            "helper.py": "x: int = ''\n",
            "stubbed.py": "x: int = ''\n",
            "stubbed.pyi": "x: str\n",
        },
    )
    answer = check(tmp_path, shared_cache, "app.py", "stubbed.py")
    assert [("app.py", 2, "import-not-found")] == problems(answer)
    assert 1 == facts(answer).problems_elsewhere


@pytest.mark.skipif(not hasattr(Options(), "follow_untyped_imports"), reason="this mypy cannot follow them")
def test_untyped_libraries_are_followed_for_names(tmp_path: Path, shared_cache: Path) -> None:
    """A library without type hints is an error of the user's, but its classes are known where its calls matter."""
    site = tmp_path / "site"
    write(tmp_path, {"app.py": "import rawlib\n\nrawlib.Producer().send(1)\n"})
    write(site, {"rawlib/__init__.py": "class Producer:\n    def send(self, x):\n        pass\n"})
    # What mypy holds for installed it has from the interpreter; a wrapper adds a directory to its answer.
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="{site}" exec "{sys.executable}" "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)

    def run(libraries: tuple[str, ...]) -> TypeFacts:
        return facts(
            type_check.check(
                tmp_path, ["app.py"], python=str(wrapper), cache_dir=shared_cache, libraries=libraries
            )
        )

    without, followed = run(()), run(("rawlib",))
    assert [("app.py", 1, "import-untyped")] == problems(followed)
    assert {} == without.callees
    expected = {"rawlib.Producer": ["rawlib.Producer"], "rawlib.Producer().send": ["rawlib.Producer.send"]}
    assert expected == names(followed, tmp_path)


def test_a_warm_run_gives_the_same_and_follows_changes(tmp_path: Path, shared_cache: Path) -> None:
    """Names of modules that mypy reads from its cache are kept; a change in what they import renews them."""
    cache = tmp_path / "cache"
    root = tmp_path / "project"
    write(
        root,
        LIBRARY
        | {
            "factory.py": "from weblib import Client\n\ndef make() -> Client:\n    return Client()\n",
            "app.py": "from factory import make\n\ndef work(x):\n    return make().get('u')\n",
        },
    )
    warmed = facts(check(root, shared_cache, "app.py", "factory.py"))
    shutil.copytree(shared_cache, cache)
    assert warmed == check(root, cache, "app.py", "factory.py")
    stored = {name: (cache / name).read_bytes() for name in ("errors.json", "names.json")}
    assert warmed == check(root, cache, "app.py", "factory.py")
    assert stored == {name: (cache / name).read_bytes() for name in stored}

    text = (root / "factory.py").read_text(encoding="utf-8")
    (root / "factory.py").write_text(text.replace("Client", "AsyncClient"), encoding="utf-8")
    changed = check(root, cache, "app.py", "factory.py")
    assert ["weblib._client.AsyncClient.get"] == names(changed, root)["make().get"]
    assert changed == check(root, cache, "app.py", "factory.py")


@pytest.mark.parametrize("damage", ["missing", "broken", "other version"])
def test_a_damaged_store_is_a_miss(tmp_path: Path, shared_cache: Path, damage: str) -> None:
    """Without the stored names, modules that mypy holds fresh are looked at again."""
    cache = tmp_path / "cache"
    write(tmp_path, {"app.py": "def f(x):\n    return sorted(x)\n"})
    before = facts(check(tmp_path, shared_cache, "app.py"))
    assert ["app.py"] == list(before.callees)
    shutil.copytree(shared_cache, cache)
    for name in ("errors.json", "names.json"):
        if damage == "missing":
            (cache / name).unlink()
        elif damage == "broken":
            (cache / name).write_bytes(b'{"version": [1')
        else:
            stored = msgspec.json.decode((cache / name).read_bytes())
            (cache / name).write_bytes(msgspec.json.encode(stored | {"version": [0, "0"]}))
    assert before == check(tmp_path, cache, "app.py")


def test_a_private_cache_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cache directory the run is cold and no file stays, in the project or in the temporary directory."""
    private = tmp_path / "tmp"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))
    root = tmp_path / "mit Leerzeichen und é"
    write(root, {"päckchen/__init__.py": "", "päckchen/app.py": "x: int = ''\nprint(x)\n"})
    answer = check(root, None, "päckchen/__init__.py", "päckchen/app.py")
    assert [("päckchen/app.py", 1, "assignment")] == problems(answer)
    assert {"print": ["builtins.print"]} == names(answer, root, "päckchen/app.py")
    assert [] == list(private.iterdir())
    assert ["päckchen"] == [path.name for path in root.iterdir()]


@pytest.mark.parametrize("name", ["shop/odd.py", "shop/__init__.py"])
@pytest.mark.parametrize(
    "content",
    [b"x = 1\ndef f(:\n", b"x = 1\0\n", b"x = '\xff'\n", b"# coding: no-such-thing\n", b"x = " + b"(" * 300],
    ids=["syntax", "null byte", "encoding", "cookie", "nested"],
)
def test_files_that_do_not_parse(tmp_path: Path, shared_cache: Path, name: str, content: bytes) -> None:
    """They are errors themselves, and leave the others to be checked, those that import them as well."""
    write(tmp_path, {"shop/__init__.py": "", "shop/odd.py": "", "shop/worse.py": "def g(:\n"})
    (tmp_path / name).write_bytes(content)
    write(tmp_path, {"shop/fine.py": "import shop.odd\n\nx: int = ''\nshop.odd.f(len(''))\n"})
    files = ["shop/__init__.py", "shop/fine.py", "shop/odd.py", "shop/worse.py"]
    answer = facts(check(tmp_path, shared_cache, *files))
    assert {name: "syntax", "shop/worse.py": "syntax", "shop/fine.py": "assignment"} == {
        problem.path: problem.code for problem in answer.problems
    }
    assert {"len": ["builtins.len"]} == {
        text: found for text, found in names(answer, tmp_path, "shop/fine.py").items() if text == "len"
    }
    assert (4, 0) == (answer.files, answer.problems_elsewhere)


def test_no_file_that_parses(tmp_path: Path, shared_cache: Path) -> None:
    """Where nothing is left to check, the errors are those of the files."""
    write(tmp_path, {"app.py": "def f(:\n"})
    answer = facts(check(tmp_path, shared_cache, "app.py"))
    assert [("app.py", 1, "syntax")] == [(item.path, item.line, item.code) for item in answer.problems]
    assert 1 == answer.files


def test_syntax_of_a_later_python(tmp_path: Path, shared_cache: Path) -> None:
    """What only mypy refuses, for the version that the user sets, is an error of that file."""
    write(
        tmp_path,
        {"mypy.ini": "[mypy]\npython_version = 3.11\n", "app.py": "type A = int\n", "b.py": "x: int = ''\n"},
    )
    answer = facts(check(tmp_path, shared_cache, "app.py", "b.py"))
    assert [("app.py", "syntax"), ("b.py", "assignment")] == [
        (item.path, item.code) for item in answer.problems
    ]


PLUGIN = """
    from mypy.plugin import Plugin

    class Bad(Plugin):
        def get_function_hook(self, fullname):
            raise RuntimeError("the plugin is broken")

    def plugin(version):
        return Bad
    """


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"bad_plugin.py": PLUGIN, "mypy.ini": "[mypy]\nplugins = bad_plugin.py\n"}, "the plugin is broken"),
        ({"mypy.ini": "[mypy]\nplugins = not_there.py\n"}, "not_there.py"),
        (
            {"mypy.ini": "[mypy]\nnamespace_packages = False\nexplicit_package_bases = True\n"},
            "explicit-package-bases",
        ),
    ],
    ids=["plugin crashes", "plugin is missing", "options contradict"],
)
def test_mypy_cannot_run(tmp_path: Path, shared_cache: Path, files: dict[str, str], words: str) -> None:
    """A crash or a refusal is told in one line with the cause; it is never a pass."""
    write(tmp_path, {"app.py": "print(len(''))\n"} | files)
    said = reason(check(tmp_path, shared_cache, "app.py"))
    assert words in said
    assert "\n" not in said


def test_mypy_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mypy the reason names the interpreter that lacks it."""
    write(tmp_path, {"app.py": "", "hidden/mypy.py": "raise ImportError('No module named mypy')\n"})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"), prepend=os.pathsep)
    said = reason(check(tmp_path, tmp_path / "cache", "app.py"))
    assert f"mypy cannot be imported in {sys.executable}: No module named mypy" == said


def test_only_modules_with_stubs(tmp_path: Path) -> None:
    """Of these mypy would read none."""
    write(tmp_path, {"app.py": "x: int = ''\n", "app.pyi": "x: str\n"})
    answer = check(tmp_path, None, "app.py")
    assert isinstance(answer, Unavailable)
    assert ("not_evaluated", "beside every source file stands a stub") == (answer.state, answer.reason)


def test_nothing_to_check(tmp_path: Path) -> None:
    """No file is no evidence, not a clean bill."""
    expected = Unavailable("not_evaluated", "there is no source file to check")
    assert expected == check(tmp_path, None)


def test_an_unknown_checker_is_refused(tmp_path: Path) -> None:
    """A checker that is not known here is named, with those that are."""
    answer = type_check.check(tmp_path, ["app.py"], python=sys.executable, cache_dir=None, checker="mipy")
    assert "mipy is not a type checker that is known here; known: mypy" == reason(answer)


def test_namespace_packages(tmp_path: Path, shared_cache: Path) -> None:
    """A package below a directory without `__init__.py` that imports itself by its full name is checked once."""
    write(
        tmp_path,
        {
            "src/space/name/__init__.py": "",
            "src/space/name/one.py": "from space.name.two import two\n\ntwo('')\n",
            "src/space/name/two.py": "def two(x: int) -> None: ...\n",
        },
    )
    files = [f"src/space/name/{name}.py" for name in ("__init__", "one", "two")]
    answer = check(tmp_path, shared_cache, *files)
    assert [(files[1], 3, "arg-type")] == problems(answer)
    assert {"two": ["space.name.two.two"]} == names(answer, tmp_path, files[1])


def test_a_file_named_as_a_module_of_the_standard_library(tmp_path: Path, shared_cache: Path) -> None:
    """Below a directory without `__init__.py` a file may have such a name: it is `plugs.types`, not `types`."""
    write(
        tmp_path,
        {
            "app/__init__.py": "from plugs.types import made\n\nmade('')\n",
            "plugs/types.py": "def made(x: int) -> None: ...\n",
        },
    )
    answer = check(tmp_path, shared_cache, "app/__init__.py", "plugs/types.py")
    assert [("app/__init__.py", 3, "arg-type")] == problems(answer)
    assert {"made": ["plugs.types.made"]} == names(answer, tmp_path, "app/__init__.py")


def test_two_files_of_one_module_name(tmp_path: Path, shared_cache: Path) -> None:
    """Scripts of one name in several directories are all checked, each for itself."""
    write(
        tmp_path,
        {f"job-{job}/main.py": f"x{job}: int = ''\nprint(x{job})\n" for job in (1, 2, 3)},
    )
    files = [f"job-{job}/main.py" for job in (1, 2, 3)]
    answer = check(tmp_path, shared_cache, *files)
    assert [(path, 1, "assignment") for path in files] == problems(answer)
    assert {"print": ["builtins.print"]} == names(answer, tmp_path, files[2])
    assert 3 == facts(answer).files


def test_several_packages_side_by_side(tmp_path: Path, shared_cache: Path) -> None:
    """An unpacked wheel has packages and modules side by side; no configuration is needed."""
    write(
        tmp_path,
        {
            "one/__init__.py": "def first() -> int: return 1\n",
            "two/__init__.py": "import one\nimport three\n\none.first(2)\nthree.third()\n",
            "three.py": "def third() -> None: ...\n",
        },
    )
    answer = check(tmp_path, shared_cache, "one/__init__.py", "three.py", "two/__init__.py")
    assert [("two/__init__.py", 4, "call-arg")] == problems(answer)
    expected = {"one.first": ["one.first"], "three.third": ["three.third"]}
    assert expected == names(answer, tmp_path, "two/__init__.py")


def test_killing_a_running_check(tmp_path: Path, shared_cache: Path) -> None:
    """A killed check says so, at once and every time; killing what has ended changes nothing."""
    write(tmp_path, {"app.py": "x = 1\n"})
    running = type_check.start(tmp_path, ["app.py"], python=sys.executable, cache_dir=shared_cache)
    assert running.is_running()
    running.kill()
    assert not running.is_running()
    assert "mypy was killed by signal 9" in reason(running.join())
    running.kill()
    assert running.join() is running.join()


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_the_child_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """A parent that ends without a word, as `os._exit` and SIGKILL do, takes the child along."""
    write(tmp_path, {f"app{number}.py": "import asyncio, email, http.server\n" for number in range(9)})
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from pytest_quality_gates.evidence import type_check\n"
        "root = Path(sys.argv[1])\n"
        "files = [path.name for path in root.glob('*.py')]\n"
        "running = type_check.start(root, files, python=sys.executable, cache_dir=root / 'cache')\n"
        "print(running._child.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    completed = process.run([sys.executable, "-c", code, str(tmp_path)], cwd=tmp_path)
    pid = int(completed.stdout)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and _is_alive(pid):
        time.sleep(0.02)
    if _is_alive(pid):
        os.kill(pid, signal.SIGKILL)
        pytest.fail("the child outlived its parent")
    assert not (tmp_path / "cache" / "errors.json").exists()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or ") Z " not in state.read_text(encoding="utf-8")


def clean(found: object) -> TypeFacts:
    """The facts, which must be there."""
    assert isinstance(found, TypeFacts), found
    return found


def test_cache_that_cannot_be_used(tmp_path: Path) -> None:
    """Where mypy's cache cannot be written or is damaged, it begins anew."""
    write(tmp_path, {"app.py": "x: int = ''\n"})
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "errors").write_text("no directory")
    first = clean(type_check.check(tmp_path, ["app.py"], python=sys.executable, cache_dir=cache))
    assert 1 == len(first.problems)
    (cache / "errors").unlink(missing_ok=True)
    assert first == type_check.check(tmp_path, ["app.py"], python=sys.executable, cache_dir=cache)
    for path in cache.rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged" * 500)
    for _ in range(2):
        assert first == type_check.check(tmp_path, ["app.py"], python=sys.executable, cache_dir=cache)


def test_cache_that_is_read_only(tmp_path: Path) -> None:
    """A cache that must not be written is read: it is as it was, and the names of calls come from it."""
    write(tmp_path, {"app.py": "import json\n\njson.dumps('')\n"})
    cache = tmp_path / "cache"
    first = clean(type_check.check(tmp_path, ["app.py"], python=sys.executable, cache_dir=cache))
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    seed = type_check.start(tmp_path, ["app.py"], python=sys.executable, cache_dir=None, seed=cache)
    assert first == seed.join()
    assert before == {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
