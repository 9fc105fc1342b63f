"""Entries: each once, balanced, and never changed again."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from hub.store.settlement import entries
from hub.store.settlement.entries import Entry, Line

AT = datetime(2026, 11, 24, tzinfo=UTC)
TEN = Decimal(10)
SALE = Entry(
    "acme", "order:1", "sale:1", "EUR", AT, AT,
    (Line("merchant.receivable", debit=TEN), Line("merchant.revenue", credit=TEN)),
)  # fmt: skip


def book(world, *wanted):
    with world.store.database.begin() as db:
        return entries.book(db, wanted)


def test_an_entry_is_booked_once_balances_and_stays(world):
    new = book(world, SALE, replace(SALE, reason="sale:2"))
    assert len(new) == 2
    assert book(world, SALE) == {}
    with world.store.database.begin() as db:
        found = entries.between(db, merchant="acme")
        assert [one.entry for one in found] == [SALE, replace(SALE, reason="sale:2")]
        assert entries.known(db, [SALE.key, ("acme", "order:1", "sale:9")]) == {SALE.key}
        assert entries.balances(db, "acme") == {
            ("EUR", "merchant.receivable"): 20,
            ("EUR", "merchant.revenue"): -20,
        }
        assert entries.between(db, after=found[0].id)[0].id == found[1].id


@pytest.mark.parametrize(
    "lines",
    [
        (Line("a", debit=TEN), Line("b", credit=Decimal("9.99"))),
        (Line("a", debit=TEN),),
        (Line("a", debit=TEN, credit=TEN),),
        (Line("a", debit=-TEN), Line("b", credit=-TEN)),
    ],
)
def test_what_does_not_balance_is_refused_by_the_database(world, lines):
    with pytest.raises(sa.exc.IntegrityError):
        book(world, replace(SALE, lines=lines))
    assert world.count("entry") == 0


@pytest.mark.parametrize(
    "change",
    ["UPDATE entry_line SET account = 'x'", "DELETE FROM entry", "TRUNCATE entry_line",
     "UPDATE charge_item SET amount = 0"],
)  # fmt: skip
def test_nobody_changes_what_is_booked(world, change):
    book(world, SALE)
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        world.sql(change)
    owner = sa.create_engine(world.url, poolclass=sa.NullPool)
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), owner.begin() as db:
        db.execute(sa.text(change))
