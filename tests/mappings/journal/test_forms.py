"""What is written in a form is read back as it was, and the form's own program agrees."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.errors import BadData
from hub.model.settlement import JournalEntry
from mappings.journal import EXPORTS, FORMS, Client, Terms, export, one_sided, totals
from mappings.journal.paths import path
from tests.mappings.journal import AT, entries, entry, programs

JOURNALS = st.lists(entries(), max_size=6, unique_by=lambda it: it.entry_id)
HALF = entry(("bank", "10.00"), ("revenue", "-8.40"), ("output_tax", "-1.60"))


def _same(entry: JournalEntry) -> dict[str, Any]:
    return one_sided(entry).model_dump(exclude={"source"})


@pytest.mark.parametrize("form", FORMS)
@given(journal=JOURNALS)
@settings(max_examples=25)
def test_a_journal_is_read_back_as_it_was_written(form: str, journal: list[JournalEntry]) -> None:
    raw = export(form, journal, Client()).raw
    assert [*map(_same, FORMS[form].read(raw, AT))] == [*map(_same, journal)]


@pytest.mark.parametrize("form", FORMS)
@given(journal=JOURNALS)
@settings(max_examples=25)
def test_an_entry_that_was_appended_is_found_and_no_other(
    form: str, journal: list[JournalEntry]
) -> None:
    it = FORMS[form]
    raw = it.head + b"".join(it.appended(one, Terms()) for one in journal[1:])
    for one in journal[1:]:
        found = it.find(raw, one.entry_id, AT)
        assert found
        assert _same(found) == _same(one)
    assert all(it.find(raw, one.entry_id, AT) is None for one in journal[:1])


@pytest.mark.parametrize("form", FORMS)
def test_text_that_looks_like_an_entry_is_none(form: str) -> None:
    """Whoever names a thing at a shop may write what he likes."""
    it = FORMS[form]
    hostile = '\nsale:2,2026-01-01,\n  event: "sale:2"\n    ; event:sale:2\n'
    raw = it.head + it.appended(HALF.model_copy(update={"description": f"a{hostile}b"}), Terms())
    assert it.find(raw, "sale:2", AT) is None


def test_a_text_in_a_table_is_no_formula() -> None:
    raw = FORMS["csv"].write([HALF.model_copy(update={"description": "=1+1"})], Terms())
    assert b",'=1+1," in raw


@pytest.mark.parametrize(
    ("account", "where"),
    [
        ("receivable:channel", "Assets:Receivable:Channel"),
        ("Liabilities:Card", "Liabilities:Card"),
        ("output_tax", "Liabilities:Output-tax"),
        ("merchant.fees:commission", "Expenses:Merchant:Fees:Commission"),
        ("4000", "Equity:Unsorted:4000"),
    ],
)
def test_an_account_stands_below_the_root_that_its_first_word_names(
    account: str, where: str
) -> None:
    assert path(account, Terms()) == where


def test_names_that_could_be_taken_for_each_other_stand_apart() -> None:
    names = [
        "fees:card",
        "merchant.fees",
        "merchant:fees",
        "fees.card",
        "Fees:card",
        "fees/card",
        "fees card",
        "fees:cárd",
    ]
    assert len({path(name, Terms()) for name in names}) == len(names)


def test_an_account_stands_where_the_books_want_it() -> None:
    assert path("bank", Terms(accounts={"bank": "Assets:DE:Giro"})) == "Assets:DE:Giro"


@pytest.mark.parametrize(("form", "raw"), [("csv", b"a,b\r\n"), ("hledger", b"2026-13-01 x\n")])
def test_a_file_of_another_form_is_said_to_be_so(form: str, raw: bytes) -> None:
    with pytest.raises(BadData):
        FORMS[form].read(raw, AT)


def _month() -> list[JournalEntry]:
    """A month of many small sales, refunds and payouts; half of it of texts that hurt."""
    found = []
    for n in range(1, 200):
        gross = Decimal(n * 37 % 9973 + 1).scaleb(-2)
        tax = (gross * Decimal("0.19")).quantize(Decimal("0.01"))
        lines = (
            ("receivable:shop", str(gross)),
            ("revenue", str(tax - gross)),
            ("output_tax", str(-tax)),
        )
        found.append(
            entry(*lines, entry_id=f"sale:{n}", on=f"2026-05-{n % 28 + 1:02}").model_copy(
                update={"description": 'a "b" ; c | d' if n % 2 else None}
            )
        )
    return found


@pytest.mark.parametrize("form", programs.PROGRAMS)
def test_plain_text_books_have_the_hubs_totals(form: str, tmp_path: Path) -> None:
    """The programs themselves check and add up what is exported, and what was appended."""
    if not programs.is_there(form):
        pytest.skip(f"{form} is not installed")
    journal, it = _month(), FORMS[form]
    whole = tmp_path / f"whole.{it.suffix}"
    whole.write_bytes(export(form, journal, Client()).raw)
    grown = tmp_path / f"grown.{it.suffix}"
    grown.write_bytes(it.head + b"".join(it.appended(one, Terms()) for one in journal))
    told = {path(name, Terms()): it for (name, _), it in totals(journal).items()}
    assert programs.balances(form, whole) == told
    assert programs.balances(form, grown) == told


@pytest.mark.parametrize("form", EXPORTS)
def test_a_journal_is_the_same_bytes_each_time(form: str) -> None:
    client = Client(accounts={"bank": "1200", "revenue": "8400", "output_tax": "1776"})
    assert export(form, [HALF], client) == export(form, [HALF], client)
    assert export(form, [], client) == export(form, [], client)
