"""Northdock: it holds what every adapter must hold, and what is its own."""

import pytest

from adapters.kit.conformance import checks, conformance_of

CHECKS = checks()


@pytest.mark.parametrize("check", CHECKS)
def test_it_conforms(check: str) -> None:
    blanks = conformance_of("northdock")
    assert blanks is not None
    CHECKS[check](blanks)
