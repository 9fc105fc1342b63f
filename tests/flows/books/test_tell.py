"""The books hear of each entry of the ledger once, by entry or by day, on a day that is open."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.flows.books import tell
from hub.store import invariants
from hub.store.books import locks
from hub.store.settlement import entries
from hub.store.settlement.entries import Entry, Line
from mappings.journal import totals
from tests.kit.world import Scripted, World

DAY = datetime(2026, 11, 20, 10, tzinfo=UTC)
CHART = {"since": "2026-01-01", "accounts": {"merchant.revenue": "8400", "merchant.fees": "4970"}}


def books(world: World, code: str = "books", merchant: str = "acme", **said: Any) -> Scripted:
    takes, options = ("journal_entry",), {"books": said} if said else {}
    return world.connect(code, "finance", merchant=merchant, takes=takes, options=options)


def sale(number: int, gross: str = "11.90", at: datetime = DAY, **more: Any) -> Entry:
    """A sale in the books of both, with a fee."""
    total, fee = Decimal(gross), Decimal("1.00")
    return Entry(
        "acme", f"order:{number}", "sale:1", "EUR", at, at,
        (
            Line("merchant.receivable", debit=total - fee),
            Line("merchant.fees:card", debit=fee),
            Line("merchant.revenue", credit=total, tax_code="0.19"),
            Line("operator.receivable", debit=total),
            Line("operator.payable", credit=total),
        ),
        detail={"order": f"#{number}"}, **more,
    )  # fmt: skip


def book(world: World, *wanted: Entry) -> None:
    with world.store.database.begin() as db:
        entries.book(db, wanted)


def run(world: World) -> None:
    """All that is to be told now, told."""
    while True:
        with world.unit() as unit:
            more = tell.tell(unit, margin_s=-60)
        if not more:
            break
    world.run()


def told(partner: Scripted) -> list[Any]:
    return [document for _, _, document in partner.told]


def broken(world: World) -> list[str]:
    with world.store.database.begin() as db:
        return [line for it in invariants.look(db, at_rest=True) for line in it.broken]


def test_each_entry_is_told_once_under_the_accounts_of_the_books(world: World) -> None:
    partner = books(world, charts=[CHART])
    book(world, sale(1), sale(2))
    run(world)
    run(world)
    first, second = told(partner)
    assert [(it.account, it.debit, it.credit) for it in first.lines] == [
        ("merchant.receivable", Decimal("10.90"), 0),
        ("4970", Decimal("1.00"), 0),
        ("8400", 0, Decimal("11.90")),
    ]
    assert (first.document, first.description, first.date) == ("order:1", "sale:1 #1", DAY)
    assert first.entry_id != second.entry_id
    assert {line.merchant for line in first.lines} == {"acme"}
    assert broken(world) == []


def test_the_number_that_the_books_gave_is_kept(world: World) -> None:
    partner = books(world)
    book(world, sale(1))
    run(world)
    (row,) = world.sql("SELECT number, reference, booked_at, total FROM book_telling")
    (document,) = told(partner)
    assert row.number == document.entry_id
    assert row.reference
    assert row.booked_at
    assert row.total == Decimal("11.90")


def test_the_operators_books_have_the_other_half_of_each_merchants(world: World) -> None:
    partner = books(world, merchant="operator")
    book(world, sale(1), Entry("acme", "order:9", "x", "EUR", DAY, DAY, sale(1).lines[:0]))
    run(world)
    (document,) = told(partner)
    assert [it.account for it in document.lines] == ["operator.receivable", "operator.payable"]
    assert {it.merchant for it in document.lines} == {"acme"}
    assert broken(world) == []


def test_what_is_of_a_day_is_one_entry_when_the_day_is_over(world: World) -> None:
    partner = books(world, each="day")
    today = datetime.now(UTC)
    journal = [sale(1), sale(2, "20.00"), sale(3, at=today), sale(4, at=DAY - timedelta(days=1))]
    book(world, *journal)
    run(world)
    found = told(partner)
    assert sorted(it.description for it in found) == ["2 entries of 2026-11-20", "sale:1 #4"]
    (summed,) = (it for it in found if it.document is None)
    assert totals([summed]) == {
        ("merchant.receivable", "EUR"): Decimal("29.90"),
        ("merchant.fees:card", "EUR"): Decimal("2.00"),
        ("merchant.revenue", "EUR"): Decimal("-31.90"),
    }
    book(world, sale(5))
    run(world)
    assert [it.description for it in told(partner)][2:] == ["sale:1 #5"]
    assert broken(world) == []


def test_what_comes_for_a_closed_day_is_booked_on_the_first_open_one(world: World) -> None:
    partner = books(world)
    with world.store.database.begin() as db:
        assert locks.close(db, "acme", locks.ALL, date(2026, 11, 30), "ann")
        assert not locks.close(db, "acme", locks.ALL, date(2026, 11, 1), "ann")
    book(world, sale(1), sale(2))
    run(world)
    first, second = told(partner)
    assert {f"{it.date:%Y-%m-%d %H}" for it in (first, second)} == {"2026-12-01 12"}
    assert first.description == "sale:1 #1 (of 2026-11-20, closed)"
    (incident,) = world.sql("SELECT kind, subject FROM incident WHERE kind = 'books_closed'")
    assert incident.subject == "books:2026-11-20"
    assert broken(world) == []


def test_books_that_begin_later_hear_of_what_happened_since(world: World) -> None:
    partner = books(world, since="2026-11-21")
    book(world, sale(1), sale(2, at=DAY + timedelta(days=1)))
    run(world)
    assert [it.document for it in told(partner)] == ["order:2"]
    assert broken(world) == []


@pytest.mark.parametrize("spoil", ["total = total + 1", "entries = 7"])
def test_books_that_were_told_something_else_are_found(world: World, spoil: str) -> None:
    books(world)
    book(world, sale(1))
    run(world)
    world.sql(f"UPDATE book_telling SET {spoil}")  # noqa: S608
    assert len(broken(world)) == 1


def test_an_entry_that_nobody_told_is_found(world: World) -> None:
    books(world)
    book(world, sale(1))
    assert len(broken(world)) == 1
    run(world)
    assert broken(world) == []
