"""`python -m tests.audit --store DIR [--write]`: draw findings at random and tell which are judged.

Fetches the packages of fixtures/audit, runs every gate on each, draws 25 findings a gate with a fixed seed, and looks up
what was said about each. A finding that nobody judged yet is printed as a line for the file of judgements.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from tests.accuracy.sources import FetchError
from tests.audit.findings import CheckError, Finding, check
from tests.audit.judgements import judged, read_judgements, suffices, tally
from tests.audit.own_tests import run
from tests.audit.packages import read_packages
from tests.audit.page import PAGE, table, written
from tests.audit.sample import SIZE, draw


def main(arguments: Sequence[str]) -> int:
    """Draw and print; 0 where all are judged and at most one a gate is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.audit", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--store", type=Path, required=True, help="where packages and environments are kept")
    parser.add_argument("--seed", type=int, help="another draw")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    options = parser.parse_args(arguments)
    try:
        findings = _findings(options.store.resolve())
    except (FetchError, CheckError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    drawn = draw(findings, options.seed)
    rows = judged((finding for gate in drawn.values() for finding in gate), read_judgements())
    waiting = [row for row in rows if row.verdict is None]
    for row in waiting:
        sys.stdout.write(f"{msgspec.json.encode(row).decode()}\n")
    tallies = tally(rows)
    sys.stdout.write(f"{table(tallies)}\n{len(waiting)} of {len(rows)} wait for a reader\n")
    if options.write:
        PAGE.write_text(written(tallies), encoding="utf-8")
    return 0 if suffices(tallies, SIZE) else 1


def _findings(store: Path) -> list[Finding]:
    found: list[Finding] = []
    for package in read_packages():
        sys.stderr.write(f"checking {package.requirement}\n")
        found += check(package, store)
        if package.tests is not None:
            sys.stderr.write(f"running the tests of {package.requirement}\n")
            found += run(package, package.tests, store)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
