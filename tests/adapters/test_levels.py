"""A level is computed from what was run, and no file says more than tests could have shown."""

import re
import tomllib

import pytest

from adapters.kit import registry
from adapters.kit.conformance.level import Evidence
from tests.kit.fixtures import ROOT
from tests.kit.readers import reads_collection
from tests.mappings.published import PUBLISHED
from tests.mappings.recorded import RECORDED

NAMES = sorted(registry.entries())
_TALKS = re.compile(r"mark\.peer\(\"(\w+)\"\)")
GOOD = {"a check": "passed"}


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        (Evidence({}, 1, 1), "draft"),
        (Evidence({"a check": "it does not hold"}, 1, 1), "draft"),
        (Evidence(GOOD), "bronze"),
        (Evidence(GOOD, real_samples=3), "silver"),
        (Evidence(GOOD, real_system=1), "gold"),
    ],
)
def test_a_level_is_what_was_run(evidence: Evidence, level: str) -> None:
    assert evidence.level == level
    assert tomllib.loads(evidence.toml())["level"] == level


@pytest.mark.parametrize("name", NAMES)
def test_there_are_tests_that_could_have_shown_it(name: str) -> None:
    kept = tomllib.loads((registry.entry(name).folder() / "level.toml").read_text("utf-8"))
    folders = (ROOT / "tests" / room / name for room in ("adapters", "mappings"))
    files = [
        file
        for folder in folders
        for file in folder.rglob("test_*.py")
        if file.name != "test_contract.py"  # what we ask is no sample of what the partner says
    ]
    peers = {peer for file in files for peer in _TALKS.findall(file.read_text("utf-8"))}
    talks = any(f"{name}_".startswith(f"{peer}_") for peer in peers)  # a part of a system as well
    assert bool(kept["tests_with_the_real_system"]) == talks
    of_all = {it.partner for it in RECORDED} | PUBLISHED
    reads = name in of_all or any(map(reads_collection, files))
    assert bool(kept["tests_with_real_samples"]) == reads
