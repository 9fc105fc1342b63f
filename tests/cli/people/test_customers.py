"""Whoever is to be forgotten must be one whom the merchant knows."""

from tests.cli.conftest import Run


def test_nobody_is_erased_who_is_not_known(on_database: Run) -> None:
    done = on_database("erase", "ada@example.com", "--merchant", "acme", "--yes")
    assert done.code == 65
    assert "acme has no such customer" in done.err
