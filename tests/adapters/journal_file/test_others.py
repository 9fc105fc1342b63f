"""Journals that others wrote are read whole, and each transaction in them balances."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from mappings.journal import beancount, hledger
from tests.kit.fixtures import SHARED

FOLDER = SHARED / "backoffice/plaintext_accounting"
READERS = {".beancount": beancount.read, ".journal": hledger.read}
FILES = sorted(it for it in FOLDER.glob("*") if it.suffix in READERS)
_DIRECTIVES = re.compile(
    r"^\S+\s+(open|close|balance|pad|note|document|event|price|commodity|query|custom)\b"
)


@pytest.mark.parametrize("file", FILES, ids=lambda it: it.name)
def test_every_transaction_is_read_and_balances(file: Path) -> None:
    text = file.read_text("utf-8")
    begins = [it for it in text.splitlines() if re.match(r"\d{4}[-/]\d\d?[-/]\d\d?(\s|$)", it)]
    expected = [it for it in begins if file.suffix == ".journal" or not _DIRECTIVES.match(it)]
    booked = READERS[file.suffix](file.read_bytes())
    assert len(booked) == len(expected)
    assert all(len(it.postings) >= 2 for it in booked)
    for one in booked:
        assert all(abs(left) < Decimal("0.01") for left in one.sums().values()), one


def test_what_others_write_beside_an_amount_counts_where_it_balances() -> None:
    (one,) = beancount.read(
        b'2026-05-08 * "Shop" "Ten shares" ^l #t ; why\n'
        b"  Assets:Shares   10 ACME {12.50 USD}\n"
        b"  ! Assets:Cash  -125.00 USD ; paid\n"
    )
    assert (one.text, one.sums()) == ("Shop Ten shares", {"USD": Decimal(0)})
    (one,) = hledger.read(
        b"Y2026\n5/8 ! (7) Ten shares  ; k:v, w:x y\n"
        b"    assets:shares one    10 ACME @@ $125.00\n    assets:cash  $-125.00 = $3\n"
    )
    assert (one.text, str(one.day), one.meta) == (
        "Ten shares",
        "2026-05-08",
        {"k": "v", "w": "x y"},
    )
    assert one.postings[0].account == "assets:shares one"
    assert one.sums() == {"$": Decimal(0)}
