"""Statements that open by the clock: the first one as soon as something is booked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hub.flows.settlement import contracts
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.terms import Terms
from hub.store.settlement import entries
from tests.kit.world import Merchant, World
from workers.schedule.settlement import open_first_statements, open_statements

_DAY = timedelta(days=1)


def test_the_first_statement_opens_once_something_is_booked_and_the_next_by_the_clock(
    acme: Merchant,
) -> None:
    world, bell, now = acme.world, acme.world.engine.bell, datetime.now(UTC)
    with world.unit() as unit:
        monthly = Terms.model_validate({"currency": "EUR", "period": "month"})
        contracts.agree(unit, acme.code, monthly, now - 400 * _DAY, "ann")

    open_first_statements(world.store, bell)
    assert _periods(world, acme) == []

    _book(world, acme, now - 35 * _DAY)
    open_first_statements(world.store, bell)
    (first,) = _periods(world, acme)
    assert first[0] <= now - 35 * _DAY < first[1] < now

    open_first_statements(world.store, bell)
    assert _periods(world, acme) == [first]
    open_statements(world.store, bell)
    periods = _periods(world, acme)
    assert len(periods) == 2
    assert all(one[1] == following[0] for one, following in pairwise(periods))


def _book(world: World, acme: Merchant, at: datetime) -> None:
    items = [ChargeItem("sale", {"channel": "shop"}, "1", Decimal(1), Decimal("10.00"))]
    entry = Entry(
        acme.code, "order:1", "sale:1", "EUR", at, at, postings.turnover(items), items=items
    )
    with world.store.database.begin() as db:
        entries.book(db, [entry])


def _periods(world: World, acme: Merchant) -> list[tuple[datetime, datetime]]:
    rows = world.sql(
        "SELECT period_from, period_to FROM statement WHERE merchant_id = :of ORDER BY 1",
        of=acme.code,
    )
    return [(row.period_from, row.period_to) for row in rows]
