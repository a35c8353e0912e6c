"""The runs of the real projects."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from tests.ecosystem.installation import UnreachableError, install
from tests.ecosystem.projects import PROJECTS, Project
from tests.ecosystem.runs import Runs


@pytest.fixture(scope="session")
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Project], Runs | str]:
    """Install a project once in a session; the reason where the package index cannot be reached."""
    cache_plugin: pytest.Cache | None = getattr(request.config, "cache", None)
    store = cache_plugin.mkdir("ecosystem") if cache_plugin else tmp_path_factory.mktemp("ecosystem")

    @cache
    def installed(project: Project) -> Runs | str:
        try:
            installation = install(project, store)
        except UnreachableError as error:
            return str(error)
        return Runs(project, installation, tmp_path_factory.mktemp(project.name))

    return installed


# The tests of one project stay on one worker of xdist (`--dist=loadgroup`), where it is installed and run once.
@pytest.fixture(
    params=[
        pytest.param(project, id=project.name, marks=pytest.mark.xdist_group(project.name))
        for project in PROJECTS
    ]
)
def runs(request: pytest.FixtureRequest, installed: Callable[[Project], Runs | str]) -> Runs:
    """The runs of each project in turn."""
    runs = installed(request.param)
    if isinstance(runs, str):
        pytest.skip(f"the package index cannot be reached: {runs}")
    return runs
