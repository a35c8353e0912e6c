"""What surrounds the scorer: reading wheels, starting linters, writing the page."""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile
from pathlib import Path

import pytest
from tests.accuracy import peers
from tests.accuracy.environments import dependencies
from tests.accuracy.made_rows import PATH, SOURCE, label
from tests.accuracy.page import BEGIN, END, Measured, Row, inserted
from tests.accuracy.peers import CONTROL, PEERS, Peer, PeerError, PeerScore
from tests.accuracy.rows import Labels, read_labels
from tests.accuracy.sources import DATA, ROOT, FetchError, Source, _platform, read_sources, unpack
from tests.accuracy.tally import Score

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the made linter is a script with a #! line")
LINTER = """#!{python}
import sys
from pathlib import Path

for name in sys.argv[1:]:
    for number, line in enumerate(Path(name).read_text().splitlines(), 1):
        if "{wanted}" in line:
            print(f"{{name}}:{{number}}:1: X100 found")
"""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment with two linters: one that reports every `requests.get`, and one that reports nothing."""
    programs = tmp_path / "environment" / "bin"
    programs.mkdir(parents=True)
    for name, wanted in (("eager", "requests.get"), ("idle", "no such text")):
        program = programs / name
        program.write_text(LINTER.format(python=sys.executable, wanted=wanted), encoding="utf-8")
        program.chmod(0o755)
    return programs.parent


def test_linter_is_compared_by_place(environment: Path, tmp_path: Path) -> None:
    """A report on a labelled finding is right, any other is one besides; other files are not looked at."""
    tree = tmp_path / "tree"
    (tree / PATH).parent.mkdir(parents=True)
    calls = ["requests.get(a)", "requests.get(b)", "session.get(c)"]
    (tree / PATH).write_text("\n".join(calls), encoding="utf-8")
    (tree / "shop" / "other.py").write_text(calls[0], encoding="utf-8")
    rows = (
        label(line=1, end_line=1),
        label(line=2, end_line=2, timeout="client"),
        label(line=3, end_line=3),
        label(line=3, end_line=3, external=False),
        label(line=3, end_line=3, sure=False),
    )
    peer = Peer("eager", "no-timeout", ("eager",))
    found = peers.measure(
        peer, environment, Labels({(SOURCE, PATH): rows}), {SOURCE: (tree, Path(sys.executable))}
    )
    assert PeerScore(peer, right=1, of=2, others=1) == found


def test_linter_must_find_its_textbook_case(environment: Path, tmp_path: Path) -> None:
    """A linter that finds nothing in code that has what its rules are about was started wrongly: an error."""
    peers.check_control(Peer("eager", "no-timeout", ("eager",)), environment, tmp_path / "control")
    with pytest.raises(PeerError, match="idle finds nothing in its textbook case"):
        peers.check_control(Peer("idle", "no-timeout", ("idle",)), environment, tmp_path / "control")
    compile(CONTROL, "control.py", "exec")


def test_dependencies_of_a_wheel(tmp_path: Path) -> None:
    """What the metadata asks for on this Python; extras and other Pythons' needs are left out."""
    (tmp_path / "shop-1.0.dist-info").mkdir()
    (tmp_path / "shop-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\nRequires-Dist: requests>=2\n"
        'Requires-Dist: tomli; python_version < "3"\nRequires-Dist: redis; extra == "cache"\n\nRequires-Dist: text\n',
        encoding="utf-8",
    )
    assert ["requests>=2"] == [str(item) for item in dependencies(tmp_path)]


def test_wheel_of_another_platform() -> None:
    """A wheel for one platform is asked for by its tags; one for all is not."""
    assert [] == _platform("rq-2.12.0-py3-none-any.whl")
    options = _platform("shop-1.0-cp310-abi3-manylinux_2_28_x86_64.whl")
    assert (
        "--implementation cp --python-version 3.10 --abi abi3 --platform manylinux_2_28_x86_64"
        == " ".join(options)
    )


def test_tree_is_unpacked_once(tmp_path: Path) -> None:
    """A wheel that was fetched and unpacked is used again."""
    source = Source("shop==1.0", "shop-1.0-py3-none-any.whl", hashlib.sha256(b"").hexdigest())
    tree = tmp_path / "trees" / "shop__1.0"
    tree.mkdir(parents=True)
    (tmp_path / "trees" / "shop__1.0.unpacked").touch()
    assert tree == unpack(source, tmp_path)
    assert [] == list(tree.iterdir())


@pytest.mark.ecosystem
def test_fetches_and_unpacks_a_source(tmp_path: Path) -> None:
    """A source of the list comes from the package index, with the digest that the list gives."""
    source = next(source for source in read_sources() if source.wheel.startswith("arq-"))
    try:
        tree = unpack(source, tmp_path)
    except FetchError as error:
        if "Retrying" not in str(error):
            raise
        pytest.skip(f"the package index cannot be reached: {error}")
    with zipfile.ZipFile(tmp_path / "wheels" / source.wheel) as wheel:
        assert {name for name in wheel.namelist() if name.endswith(".py")} == {
            path.relative_to(tree).as_posix() for path in tree.rglob("*.py")
        }


def measured() -> Measured:
    """A run with nothing in it."""
    row = Row("shop==1.0", 1234, 2, 3.4, 1.2, "")
    return Measured(Score(), Score(), [row], [PeerScore(PEERS[0], 0, 89, 1)], "CPython 3.13 and mypy 2.4")


def test_page_keeps_what_is_around_the_tables() -> None:
    """Only the measured part is written anew, and twice gives the same."""
    once = inserted(f"# Head\n\n{BEGIN}old{END}\n\ntail\n", measured())
    assert once.startswith(f"# Head\n\n{BEGIN}\n\nMeasured: CPython 3.13 and mypy 2.4.")
    assert once.endswith(f"{END}\n\ntail\n")
    assert "old" not in once
    assert "| shop==1.0 | 1,234 | 2 | 3 | 1 |  |" in once
    assert "| `no-timeout` | ruff S113 | 0 of 89 | 1 |" in once
    assert once == inserted(once, measured())


def test_page_without_marks_is_refused() -> None:
    """A page that does not say where the tables go is left alone."""
    with pytest.raises(ValueError, match="no part between"):
        inserted(f"# Head\n\n{BEGIN}\n", measured())


def test_product_knows_no_labelled_source() -> None:
    """No package or path of the labelled sources is named in the code: what helps only these ten is worth nothing.

    The catalogue does describe those of them that are libraries, as it does any other; it has no path either.
    """
    paths = {path for _, path in read_labels(DATA / "labels.jsonl").by_module}
    packages = {path.partition("/")[0] for path in paths}
    a_path = re.compile("|".join(map(re.escape, sorted(paths))))
    a_package = re.compile(rf"\b({'|'.join(sorted(packages))})\b")
    product = ROOT / "src"
    code = {file: file.read_text(encoding="utf-8") for file in product.rglob("*.py")}
    data = {file: file.read_text(encoding="utf-8") for file in product.rglob("*.toml")}
    assert [] == [file.name for file, text in code.items() if a_package.search(text)]
    assert [] == [file.name for file, text in {**code, **data}.items() if a_path.search(text)]
    assert a_package.search("from arq import jobs")
