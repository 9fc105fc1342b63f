"""Booking batches as DATEV takes them, and what they come to."""

import io
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.errors import BadData, UnknownCode
from hub.model.settlement import JournalEntry
from mappings.journal import Client, datev, export, totals
from mappings.kit import Context
from tests.kit.fixtures import SHARED
from tests.mappings.journal import AT, entries, entry

MADE_AT = datetime(2026, 6, 1, 9, 30, 15, 123000, tzinfo=UTC)
NUMBERS = st.sampled_from(("1200", "1400", "8400", "1776", "10001"))
JOURNALS = st.lists(entries(NUMBERS), max_size=6, unique_by=lambda it: it.entry_id)
SALE = entry(("1400", "119.00"), ("8400", "-100.00"), ("1776", "-19.00"))


@given(journal=JOURNALS, clearing=st.sampled_from(("", "1590")))
@settings(max_examples=40)
def test_each_account_has_what_was_booked_on_it(journal: list[JournalEntry], clearing: str) -> None:
    files = datev.batches(journal, Client(clearing=clearing), MADE_AT)
    back = [it for raw in files for it in datev.read(raw, AT)]
    assert _worth(back) == _worth(journal)
    moved = {it.entry_id for it in journal if _worth([it])}
    assert {it.entry_id for it in back} == moved


def test_what_only_passes_through_the_clearing_account_is_no_entry() -> None:
    there_and_back = (("1200", "-0.01"), ("1200", "-0.01"), ("1200", "0.01"), ("1200", "0.01"))
    files = datev.batches([entry(*there_and_back)], Client(clearing="1590"), MADE_AT)
    assert [datev.read(raw, AT) for raw in files] == [[]]


def _worth(journal: list[JournalEntry]) -> dict[tuple[str, str], object]:
    return {at: it for at, it in totals(journal).items() if it}


def test_a_batch_begins_as_datev_wants_it() -> None:
    (raw,) = datev.batches([SALE], Client(consultant=29098, number=55003), MADE_AT)
    head, columns, first, second, rest = raw.decode("cp1252").split("\r\n")
    assert head.startswith(
        '"EXTF";700;21;"Buchungsstapel";9;20260601093015123;;"OH";"";"";29098;55003;20260101;4;'
        '20260508;20260508;"Order Hub";"";1;0;0;"EUR";'
    )
    assert head.count(";") == 30
    assert columns.count(";") == 115
    assert first.startswith('100,00;"S";"EUR";;;"";1400;8400;"";0805;"sale-1-')
    assert second.startswith('19,00;"S";"EUR";;;"";1400;1776;"";0805;"sale-1-')
    assert rest == ""


def test_a_fiscal_year_need_not_be_that_of_the_calendar() -> None:
    client = Client(year_begins=(7, 1), zone=ZoneInfo("Europe/Berlin"))
    days = "2026-06-30", "2026-07-01", "2027-06-30"
    journal = [entry(("1200", "1.00"), ("8400", "-1.00"), entry_id=day, on=day) for day in days]
    files = datev.batches(journal, client, MADE_AT)
    assert [raw.split(b";")[12] for raw in files] == [b"20250701", b"20260701"]
    at = Context("books", zone=client.zone)
    back = [it for raw in files for it in datev.read(raw, at)]
    assert [f"{it.date.astimezone(client.zone):%Y-%m-%d}" for it in back] == [*days]


def test_no_file_has_more_lines_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datev, "MOST_ROWS", 3)
    journal = [SALE.model_copy(update={"entry_id": f"s-{n}"}) for n in range(3)]
    files = datev.batches(journal, Client(), MADE_AT)
    assert [len(raw.splitlines()) - 2 for raw in files] == [2, 2, 2]
    packed = export("datev", journal, Client())
    assert packed.media_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.raw)) as archive:
        assert len(archive.namelist()) == 3


def test_a_number_that_datev_has_no_signs_for_stays_a_number_of_its_own() -> None:
    numbers = [datev.number_of(SALE.model_copy(update={"entry_id": it})) for it in
               ("RE-2026/135", "sale:A-1", "sale:A.1", "x" * 40, "x" * 41)]  # fmt: skip
    assert numbers[0] == "RE-2026/135"
    assert len(set(numbers)) == 5
    assert all(len(it) <= 36 for it in numbers)


def test_leading_zeros_of_an_account_are_cut() -> None:
    (raw,) = datev.batches([entry(("0400", "1.00"), ("8400", "-1.00"))], Client(), MADE_AT)
    assert ";400;8400;" in raw.decode("cp1252")


@pytest.mark.parametrize("name", ["revenue", "840001", "84 0"])
def test_an_account_without_a_number_is_asked_for(name: str) -> None:
    with pytest.raises(UnknownCode, match=name):
        datev.batches([entry((name, "1.00"), ("8400", "-1.00"))], Client(), MADE_AT)


def test_parts_of_a_cent_are_refused() -> None:
    with pytest.raises(BadData, match="two decimals"):
        datev.batches([entry(("1200", "0.005"), ("8400", "-0.005"))], Client(), MADE_AT)


def test_a_batch_of_somebody_else_is_read() -> None:
    file = SHARED / "backoffice/datev/EXTF_Buchungsstapel.csv"
    if not file.exists():
        pytest.skip("it is not there")
    back = datev.read(file.read_bytes(), AT)
    assert [(it.entry_id, f"{it.date:%Y-%m-%d}", it.lines[0].account) for it in back] == [
        ("line 3", "2018-02-21", "1200"),
        ("RE201802-135", "2018-02-22", "10000"),
    ]
    assert _worth(back) == {
        ("1200", "EUR"): -back[0].lines[1].debit,
        ("4940", "EUR"): back[0].lines[1].debit,
        ("10000", "EUR"): back[1].lines[0].debit,
        ("8400", "EUR"): -back[1].lines[0].debit,
    }


@pytest.mark.parametrize("name", ["EXTF_Kontenbeschriftungen.csv", "EXTF_Stammdaten.csv"])
def test_what_is_no_booking_batch_is_said_to_be_none(name: str) -> None:
    file = SHARED / "backoffice/datev" / name
    if not file.exists():
        pytest.skip("it is not there")
    with pytest.raises(BadData, match="booking batch"):
        datev.read(file.read_bytes(), AT)
