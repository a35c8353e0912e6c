"""Which assertions can make a test fail."""

from __future__ import annotations

import ast

import pytest

from pytest_quality_gates.source.effective_asserts import effective_asserts

TRY = "try:\n    assert x == 1\nexcept {}:\n    {}\n"
NEVER = (
    "assert True",
    "assert 'text'",
    "assert not False",
    "assert x == 1 or True",
    "assert (x == 1, 'message')",
    "assert x == x",
    TRY.format("AssertionError", "pass"),
    TRY.format("(ValueError, Exception)", "print('no')"),
    "with contextlib.suppress(AssertionError):\n    assert x == 1\n",
    "if x:\n    raise ValueError\n",
    "if False:\n    raise AssertionError\n",
)
SOMETIMES = (
    "assert x",
    "assert ()",
    "assert x == 1 or y",
    "assert x == 1 and True",
    "assert x() == x()",
    "if x != 1:\n    raise AssertionError('x')\n",
    TRY.format("AssertionError", "raise"),
    TRY.format("AssertionError as e", "pytest.fail(str(e))"),
    TRY.format("ValueError", "pass"),
    "with contextlib.suppress(KeyError):\n    assert x == 1\n",
    "while True:\n    try:\n        assert x == 1\n        break\n    except AssertionError:\n        sleep(1)\n",
)


@pytest.mark.parametrize("text", NEVER)
def test_never_fails(text: str) -> None:
    """What is always true, or caught and dropped, is no assertion."""
    assert [] == list(effective_asserts(ast.parse(text)))


@pytest.mark.parametrize("text", SOMETIMES)
def test_may_fail(text: str) -> None:
    """What can fail, and shows, is one; a caught one in a loop is tried again."""
    assert 1 == len(list(effective_asserts(ast.parse(text))))
