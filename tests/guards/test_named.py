"""Each of these guards is taken away, and a named test goes red for what the guard is there for."""

import os
import subprocess
import sys

import pytest

from tests.kit.fixtures import ROOT

pytestmark = pytest.mark.slow

NAMED = {
    "no_signature": ("tests/gateway/intake/test_webhooks.py", "S01_one_bit", "assert"),
    "read_then_write": ("tests/flows/stock/test_stock.py", "G18_sixteen_writers", "assert"),
    "float_money": ("tests/model/test_money.py", "G19_shares_sum_to_the_whole", "assert"),
    "no_scope": ("tests/safety/test_rows.py", "G28_without_a_scope_there_are_no_rows", "assert"),
}
"""What is broken -> the tests that must see it, and what they say then."""


@pytest.mark.parametrize("broken", NAMED)
def test_a_named_test_misses(broken: str) -> None:
    where, which, says = NAMED[broken]
    red = _run("-x", "-p", "tests.guards.broken", where, "-k", which, ORDERHUB_BROKEN=broken)
    assert red.returncode == 1, red.stdout
    assert says in red.stdout
    assert "error during" not in red.stdout


def test_with_all_guards_in_place_none_of_them_misses() -> None:
    files = [where for where, _, _ in NAMED.values()]
    names = " or ".join(which for _, which, _ in NAMED.values())
    green = _run("-p", "tests.guards.broken", *files, "-k", names)
    assert green.returncode == 0, green.stdout
    assert " passed" in green.stdout


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own interpreter
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
