"""Settings of other tools, loosened and tightened."""

from __future__ import annotations

from typing import cast

import pytest
from msgspec.structs import replace

from pytest_quality_gates.config import mypy_settings
from pytest_quality_gates.config.settings import Settings, TypeChecker
from pytest_quality_gates.config.tool_settings import tool_settings
from pytest_quality_gates.policy.loosened_settings import scope_loosenings, tool_loosenings

MYPY = "[tool.mypy]\n"
RUFF = "[tool.ruff.lint]\n"
PYTEST = "[tool.pytest.ini_options]\n"
FAILING = PYTEST + 'addopts = "-W error"'
COVERAGE = "[tool.coverage.run]\n"
SAFE = '[tool.ruff.lint]\nextend-select = ["S"]\n'
IN_FILES = "[tool.ruff.lint.per-file-ignores]\n"
WIDE_OVERRIDE = '[[tool.mypy.overrides]]\nmodule = "shop.*"\n'
OVERRIDE = '[[tool.mypy.overrides]]\nmodule = "shop.api"\n'


def found(before: str | dict[str, str], now: str | dict[str, str]) -> list[tuple[str, str, str]]:
    """What the second state asks less; a text is one of pyproject.toml."""
    states = ({"pyproject.toml": each} if isinstance(each, str) else each for each in (before, now))
    old, new = map(tool_settings, states)
    return [
        (item.rule, item.subject, item.message.partition("`")[2].partition("`")[0])
        for item in tool_loosenings(old, new)
    ]


@pytest.mark.parametrize(
    ("strict", "loose", "subject", "what"),
    [
        (MYPY + "warn_unreachable = true", MYPY, "mypy", "warn_unreachable"),
        (MYPY + "warn_unreachable = true", "", "mypy", "warn_unreachable"),
        (MYPY + "strict = true", MYPY + "strict = true\ndisallow_any_generics = false", "mypy", "disallow_any_generics"),
        (MYPY + "strict = true", MYPY + "strict = true\nallow_untyped_defs = true", "mypy", "disallow_untyped_defs"),
        (MYPY + "strict = true", MYPY + "strict = true\nimplicit_reexport = true", "mypy", "no_implicit_reexport"),
        ("", MYPY + "strict_optional = false", "mypy", "strict_optional"),
        ("", MYPY + "no_strict_optional = true", "mypy", "strict_optional"),
        (MYPY, MYPY + "ignore_errors = true", "mypy", "ignore_errors"),
        (MYPY, MYPY + 'exclude = ["shop/api.py"]', "mypy", "exclude shop/api.py"),
        (MYPY, MYPY + 'disable_error_code = ["arg-type"]', "mypy", "disable_error_code arg-type"),
        (MYPY + 'enable_error_code = ["truthy-bool"]', MYPY, "mypy", "enable_error_code truthy-bool"),
        (MYPY, MYPY + 'follow_imports = "skip"', "mypy", "follow_imports = skip"),
        (MYPY, MYPY + OVERRIDE + "ignore_errors = true", "mypy", "shop.api: ignore_errors"),
        (MYPY + OVERRIDE + "warn_unreachable = true", MYPY, "mypy", "shop.api: warn_unreachable"),
        (
            MYPY + "warn_unreachable = true",
            MYPY + "warn_unreachable = true\n" + OVERRIDE + "warn_unreachable = false",
            "mypy",
            "shop.api: warn_unreachable = false",
        ),
        (RUFF + 'select = ["E", "S"]', RUFF + 'select = ["E"]', "ruff select", "S"),
        (RUFF + 'select = ["ALL"]', RUFF + 'select = ["E", "F"]', "ruff select", "ALL"),
        (RUFF + 'extend-select = ["S"]', RUFF, "ruff select", "S"),
        (RUFF + 'select = ["S", "SIM"]', RUFF + 'select = ["S"]', "ruff select", "SIM"),
        (RUFF + 'select = ["F", "FBT"]', RUFF + 'select = ["F"]', "ruff select", "FBT"),
        (SAFE, SAFE + 'ignore = ["S"]', "ruff ignore", "S"),
        (RUFF, RUFF + 'ignore = ["F401"]', "ruff ignore", "F401"),
        (RUFF + 'select = ["S101"]\n', RUFF + 'select = ["S101"]\nignore = ["S"]', "ruff ignore", "S"),
        (SAFE, SAFE + IN_FILES + '"shop/*" = ["S101"]', "ruff ignore", "shop/*: S101"),
        (SAFE + IN_FILES + '"tests/unit/*" = ["S101"]', SAFE + IN_FILES + '"tests/*" = ["S101"]', "ruff ignore", "tests/*: S101"),
        (MYPY + OVERRIDE + "ignore_errors = true", MYPY + WIDE_OVERRIDE + "ignore_errors = true", "mypy", "shop.*: ignore_errors"),
        (MYPY + WIDE_OVERRIDE + "warn_unreachable = true", MYPY + OVERRIDE + "warn_unreachable = true", "mypy", "shop.*: warn_unreachable"),
        ("[tool.ruff]", '[tool.ruff]\nextend-exclude = ["shop/api.py"]', "ruff exclude", "shop/api.py"),
        (COVERAGE + "branch = true", COVERAGE, "coverage", "branch"),
        (COVERAGE, COVERAGE + 'plugins = ["kind"]', "coverage plugins", "kind"),
        (PYTEST + "xfail_strict = true", PYTEST, "pytest", "xfail_strict"),
        (PYTEST + 'filterwarnings = ["error"]', PYTEST, "filterwarnings", "error"),
        (PYTEST + 'filterwarnings = ["error"]', PYTEST + 'filterwarnings = ["error", "ignore::UserWarning"]', "filterwarnings", "ignore::UserWarning"),
        (FAILING, FAILING + '\nfilterwarnings = ["default::UserWarning"]', "filterwarnings", "default::UserWarning"),
        (MYPY, MYPY + "exclude = 'shop/a{1,2}.py'", "mypy", "exclude shop/a{1,2}.py"),
        (PYTEST, PYTEST + 'addopts = "-o xfail_strict=false"', "addopts", "addopts"),
        (PYTEST, PYTEST + 'addopts = "-c other.ini"', "addopts", "addopts"),
        (PYTEST, PYTEST + 'addopts = ["--rootdir", "tests"]', "addopts", "addopts"),
        (PYTEST, PYTEST + 'addopts = ["--rootdir=tests"]', "addopts", "addopts"),
        (PYTEST, PYTEST + 'addopts = "-qk total"', "addopts", "addopts"),
        (PYTEST, PYTEST + 'addopts = "-ktotal"', "addopts", "addopts"),
        (PYTEST, PYTEST + 'addopts = "-qvx"', "addopts", "addopts"),
        (PYTEST + 'addopts = "--strict-markers -W error"', PYTEST + 'addopts = "-W error"', "addopts", "--strict-markers"),
        (PYTEST + 'addopts = "-W error"', PYTEST, "addopts", "-W error"),
    ],
)  # fmt: skip
def test_each_setting(strict: str, loose: str, subject: str, what: str) -> None:
    """Each is one finding when it is loosened, and none when it is tightened or stays."""
    rule = "judged-less" if subject.startswith(("coverage", "mypy", "ruff")) else "tested-less"
    assert [(rule, subject, what)] == found(strict, loose)
    assert [] == found(loose, strict)
    assert [] == found(loose, loose)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (MYPY + "strict = true", MYPY + "".join(f"{name} = true\n" for name in sorted(mypy_settings.OF_STRICT))),
        (MYPY + OVERRIDE + "warn_unreachable = true", MYPY + "warn_unreachable = true"),
        (MYPY + "ignore_errors = true", MYPY + OVERRIDE + "ignore_errors = true"),
        (MYPY, MYPY + '[[tool.mypy.overrides]]\nmodule = ["boto3.*"]\nignore_missing_imports = true'),
        (MYPY, MYPY + OVERRIDE + "warn_unreachable = false"),
        (MYPY + WIDE_OVERRIDE + "ignore_errors = true", MYPY + OVERRIDE.replace("shop.api", "shop") + "ignore_errors = true"),
        (RUFF + 'select = ["E501", "S"]', RUFF + 'select = ["ALL"]'),
        (RUFF + 'select = ["PLR", "PLC0415"]', RUFF + 'select = ["PL"]'),
        (RUFF + 'ignore = ["S"]', RUFF + 'ignore = ["S101"]'),
        (RUFF + 'ignore = ["S101"]', RUFF + '[tool.ruff.lint.per-file-ignores]\n"tests/*" = ["S101"]'),
        (RUFF, RUFF + 'select = ["E4", "E7", "E9", "F"]'),
        (RUFF, RUFF + 'ignore = ["S"]'),
        (PYTEST, PYTEST + 'filterwarnings = ["ignore::UserWarning"]'),
        (MYPY + "exclude = ['a{1,2}', 'b']", {"mypy.ini": "[mypy]\nexclude = a{1,2}\n"}),
        (RUFF, SAFE + IN_FILES + '"tests/*" = ["S101"]'),
        ("", SAFE + 'ignore = ["E501"]\n[tool.ruff]\nextend-exclude = ["shop/made.py"]'),
        (PYTEST + 'addopts = "-k total"', PYTEST + 'addopts = ["-q", "-k", "total"]'),
        (PYTEST, PYTEST + 'addopts = ["-p", "xdist", "-ra", "-vv"]'),
        (PYTEST + 'filterwarnings = ["error"]', {"pytest.ini": "[pytest]\nfilterwarnings =\n    error\n"}),
        (MYPY + "strict = true", {"mypy.ini": "[mypy]\nstrict = True\n[mypy-shop.*]\nwarn_unreachable = True\n"}),
        ({"setup.cfg": "[mypy]\nstrict = yes\n"}, MYPY + "strict = true"),
        (RUFF + 'select = ["S"]', {"ruff.toml": '[lint]\nselect = ["S"]\n'}),
    ],
)  # fmt: skip
def test_the_same_in_other_words(before: str | dict[str, str], now: str | dict[str, str]) -> None:
    """What asks as much or more in another way, or in another file, is no loosening."""
    assert [] == found(before, now)


@pytest.mark.parametrize(("earlier", "later"), [("!shop/*", "!shop/api/*"), ("shop/?.py", "shop/*.py")])
def test_patterns_that_are_not_compared(earlier: str, later: str) -> None:
    """Of all files but some, and with other signs than a star, the later pattern may hold for more."""
    before, now = (f'{SAFE}{IN_FILES}"{each}" = ["S101"]' for each in (earlier, later))
    assert [("judged-less", "ruff ignore", f"{later}: S101")] == found(before, now)


def test_settings_that_cannot_be_read() -> None:
    """They ask for nothing."""
    broken = {"pyproject.toml": "[", "setup.cfg": "]", "mypy.ini": "[", "ruff.toml": "["}
    assert ("judged-less", "mypy", "warn_unreachable") in found(MYPY + "warn_unreachable = true", broken)
    assert [] == found(MYPY + 'overrides = "none"', MYPY + "overrides = [1]")


def test_strict_is_what_mypy_says() -> None:
    """The checks of `strict` are those of the installed mypy, as far as this list goes."""
    main = pytest.importorskip("mypy.main")
    if not hasattr(main, "define_options"):
        pytest.skip("this mypy does not list its options")
    _, names, _ = main.define_options()
    assert {f"--{name.replace('_', '-')}" for name in mypy_settings.OF_STRICT} <= set(names)


def test_type_checker() -> None:
    """Another type checker has other errors."""
    before = Settings(profile="strict", complete=True, gates=())
    now = replace(before, type_checker=cast("TypeChecker", "another"))
    assert ["type-checker"] == [item.subject for item in scope_loosenings(before, now)]
    assert [] == list(scope_loosenings(before, before))
