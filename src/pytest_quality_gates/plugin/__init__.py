"""pytest's hooks, nothing else. Without `--quality-gates` only the options below are known and nothing is imported."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

_NOT_A_RUN = (
    "help",
    "version",
    "markers",
    "showfixtures",
    "show_fixtures_per_test",
    "cacheshow",
    "collectonly",
    "setupplan",
    "setuponly",
)
_BEGINNING = "--quality"
_REFINEMENTS = {
    "quality_gates_profile": "--quality-gates-profile",
    "quality_gates_complete": "--quality-gates-complete",
    "quality_gates_report": "--quality-gates-report",
    "quality_gates_since": "--quality-gates-since",
    "quality_gates_update_baseline": "--quality-gates-update-baseline",
    "quality_gates_bundle": "--quality-gates-bundle",
    "quality_gates_shard": "--quality-gates-shard",
}
_OPTIONS = ("--quality-gates", *_REFINEMENTS.values())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in a group of their own."""
    group = parser.getgroup("quality-gates", "quality gates")
    group.addoption(
        "--quality-gates",
        action="store_true",
        default=False,
        help="Judge the code when the tests have run; a missed gate fails the session. Default: off. "
        "Settings: [tool.quality-gates] in pyproject.toml.",
    )
    group.addoption(
        "--quality-gates-profile",
        metavar="NAME",
        default=None,
        help="The gate table to judge by: strict, development or one of your own. Default: strict. "
        "pyproject.toml: tool.quality-gates.profile.",
    )
    group.addoption(
        "--quality-gates-complete",
        action="store_true",
        default=None,
        help="Fail where an enforced gate could not be evaluated. Default: off, on where the environment variable CI "
        "is set. pyproject.toml: tool.quality-gates.complete.",
    )
    group.addoption(
        "--quality-gates-report",
        metavar="FORMAT:PATH",
        action="append",
        default=[],
        help="Write the result to a file as well: json:PATH. May be given more than once. Default: none. "
        "pyproject.toml: no key, it is a matter of the run.",
    )
    group.addoption(
        "--quality-gates-since",
        metavar="REF",
        default="",
        help="Judge only what changed since the commit that HEAD and REF (origin/main) have in common, uncommitted "
        "changes included. Default: everything. pyproject.toml: no key, it is a matter of the run.",
    )
    group.addoption(
        "--quality-gates-update-baseline",
        action="store_true",
        default=False,
        help="Accept what falls short today: write .quality-gates-baseline/entries, so that only what is new fails. "
        "pyproject.toml: no key, it is a matter of the run.",
    )
    group.addoption(
        "--quality-gates-bundle",
        metavar="DIR",
        default=None,
        help="Judge nothing: write what this part of the suite covered to a directory, for `quality-gates merge DIR...` "
        "to judge all parts at once. Default: off. pyproject.toml: no key, it is a matter of the run.",
    )
    group.addoption(
        "--quality-gates-shard",
        metavar="I/N",
        default=None,
        help="Which part of the suite a bundle is: 2/4. Default: CI_NODE_INDEX and CI_NODE_TOTAL where they are set, "
        "otherwise 1/1. pyproject.toml: no key, it is a matter of the run.",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let plugins and conftest files add gates and report formats."""
    from pytest_quality_gates import hookspecs  # noqa: PLC0415 - see the module's first line

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Start a gated run, before any conftest file imports the project: its import-time lines count as well."""
    _start(early_config)
    result = yield
    if any(argument.startswith(_BEGINNING) for argument in args):
        _refuse_unknown(parser, args)
    return result


def _start(early_config: pytest.Config) -> None:
    options = early_config.known_args_namespace
    if not options.quality_gates:
        _refuse_refinements(options)
    elif not any(getattr(options, name, False) for name in _NOT_A_RUN):
        began = time.perf_counter()
        from pytest_quality_gates.plugin.gated_run import GatedRun  # noqa: PLC0415 - see the module's first line

        early_config.pluginmanager.register(GatedRun(early_config, began), "quality-gates-run")


def _refuse_unknown(parser: pytest.Parser, args: list[str]) -> None:
    """Name the option that may have been meant; pytest itself names only the one that it does not know."""
    _, unknown = parser.parse_known_and_unknown_args(args)
    wrong = [argument.partition("=")[0] for argument in unknown if argument.startswith(_BEGINNING)]
    if wrong:
        from pytest_quality_gates.config.nearest import nearest  # noqa: PLC0415 - see the module's first line

        raise pytest.UsageError(f"{wrong[0]}: there is no such option{nearest(wrong[0], _OPTIONS)}")


def _refuse_refinements(options: argparse.Namespace) -> None:
    """An option that would do nothing is a mistake of the command line."""
    given = [text for name, text in _REFINEMENTS.items() if getattr(options, name)]
    if given:
        raise pytest.UsageError(
            f"{', '.join(given)} given without --quality-gates: add it, or leave the other out"
        )
