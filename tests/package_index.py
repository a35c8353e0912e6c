"""Installing with uv from the package index that pip is told to use."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache


@cache
def _pip_settings() -> dict[str, str]:
    """What pip is told on this machine, by the option's own name; uv does not read it."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    pairs = (line.partition("=") for line in run.stdout.splitlines() if "=" in line)
    return {key.rpartition(".")[2]: value.strip("'\"") for key, _, value in pairs}


def install(*arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run `uv pip install` with these arguments.

    Args:
        arguments: Where to, and what.
        timeout: How many seconds it may take.

    Returns:
        The finished process; what went wrong is in its `stderr`.
    """
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", *_index(), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, env=_environment()
    )


def _index() -> list[str]:
    """The options that send uv to the package index that pip uses."""
    given = _pip_settings().get("index-url")
    return ["--index-url", given] if given else []


def _environment() -> dict[str, str]:
    """The environment, with the certificates that pip trusts."""
    certificate = _pip_settings().get("cert")
    return {**os.environ, **({"SSL_CERT_FILE": certificate} if certificate else {})}
