"""The real projects, each pinned and run as its own developers do."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "ecosystem"


class Project(NamedTuple):
    """A source distribution that carries its own tests."""

    name: str
    """As the package index knows it, and of its directory in `fixtures/ecosystem/`."""
    version: str
    sha256: str
    """Of the source distribution."""
    coverage: str
    """The argument that makes pytest-cov measure the same files as we do."""
    arguments: tuple[str, ...] = ()
    """For pytest, in every run: what keeps the output the same, and `-rA` to see what passing tests print as well."""
    folder: str = ""
    """Where the tests are that need no server; all of them by default."""
    outside: tuple[str, ...] = ()
    """The tests that need the network, by name; deselected in every run."""

    @property
    def is_partial(self) -> bool:
        """Whether some of its tests are left out."""
        return bool(self.folder or self.outside)

    @property
    def requirements(self) -> Path:
        """What its tests and we need, pinned."""
        return FIXTURES / self.name / "requirements.txt"

    @property
    def findings(self) -> Path:
        """What the gates say of it."""
        return FIXTURES / self.name / "findings.txt"


PROJECTS = (
    Project(
        name="twine",
        version="7.0.0",
        sha256="85cdb29c518efef867360ae4acd4b0dfd61c8654a22fca08e6f8539f05022177",
        coverage="--cov=twine",
        arguments=("-rA",),
    ),
    Project(
        name="gidgethub",
        version="6.0.0",
        sha256="4e6ef8acdb45571222ea6f7ec90ec8ca93df847391daac9502562780f1988369",
        coverage="--cov=gidgethub",
        arguments=("-rA",),
        outside=(
            "tests/test_aiohttp.py::test__request",
            "tests/test_aiohttp.py::test_get",
            "tests/test_httpx.py::test__request",
            "tests/test_httpx.py::test_get",
            "tests/test_tornado.py::TornadoTestCase::test__request",
            "tests/test_tornado.py::TornadoTestCase::test__request_with_body",
            "tests/test_tornado.py::TornadoTestCase::test_get",
        ),
    ),
    Project(
        name="aiosmtplib",
        version="5.1.3",
        sha256="ac2b418d3260ba62d9cfd0fe7359726e9dc009a4e8e8d9909fdfae332f522a7c",
        coverage="--cov",
        # Its tests log what took long, which differs from run to run: no `-rA`.
        arguments=("--hypothesis-seed=0",),
    ),
    Project(
        name="python-gitlab",
        version="8.6.0",
        sha256="d1602164fb58ab280ceef460faf015cec6e7d83bb2d9cbae44ba448adb5568ef",
        coverage="--cov=gitlab",
        arguments=("-rA",),
        folder="tests/unit",
    ),
)
