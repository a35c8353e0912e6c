"""Code that ran and was not judged."""

from __future__ import annotations

from pytest_quality_gates.policy.unjudged import unjudged


def test_what_ran_and_is_not_judged() -> None:
    """Judged files and those of the tests are left out; what is known as something else, or not at all, stays."""
    roles = {
        "shop/a.py": "source",
        "shop/b_pb2.py": "generated",
        "shop/test_c.py": "test",
        "tests/d.py": "test",
    }
    ran = [*roles, "beside.py", "conftest.py", "spec_e.py"]
    assert ("beside.py", "shop/b_pb2.py", "shop/test_c.py") == unjudged(ran, roles, {"spec_e.py"})
