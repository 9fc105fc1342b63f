"""`make levels`: run what shows how far each adapter is, and keep it beside the adapter.

Its conformance, its tests that read recorded payloads, and those that talk to the real system.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from adapters.kit import registry
from adapters.kit.conformance import score
from adapters.kit.conformance.level import Evidence, write
from tests.kit.fixtures import ROOT, SHARED
from tests.mappings.published import partner_of

_ROOMS = ("tests/adapters", "tests/mappings")
_RECORDED = "tests/mappings/test_recorded.py"
_PUBLISHED = "tests/mappings/test_published_reports.py"
_OF_ALL = re.compile(rf"{_RECORDED}::\w+\[(\w+):.*\]")
"""A test of all partners, and whose turn it is."""
_REPORT = re.compile(rf"{_PUBLISHED}::\w+\[([\w.]+/[\w.]+).*\]")
"""Likewise, and which file is read."""


class Passed:
    """Counts what passed, by adapter and marker."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        file = Path(report.nodeid.partition("::")[0])
        if file.name == "test_contract.py":  # what we ask is no sample of what the partner says
            return
        name = _whose(report.nodeid) or file.parent.name
        for marker in ("peer", "collection"):
            self.counts[name, marker] += marker in report.keywords


def _whose(nodeid: str) -> str | None:
    """Whose turn it is in a test of many partners."""
    if told := _OF_ALL.fullmatch(nodeid):
        return told[1]
    file = _REPORT.fullmatch(nodeid)
    return partner_of(file[1]) if file else None


def main() -> int:
    passed, names = Passed(), sorted(registry.entries())
    rooms = [f"{room}/{name}" for room in _ROOMS for name in names if (ROOT / room / name).is_dir()]
    code = pytest.main(
        [
            "-q",
            "-p",
            "no:randomly",
            "--long",
            "-m",
            "peer or collection",
            *rooms,
            _RECORDED,
            _PUBLISHED,
        ],
        [passed],
    )
    for name in names:
        evidence = Evidence(
            score(name, SHARED / "schemas"),
            real_samples=passed.counts[name, "collection"],
            real_system=passed.counts[name, "peer"],
        )
        write(registry.entry(name).folder(), evidence)
        sys.stdout.write(f"{name}: {evidence.level}\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
