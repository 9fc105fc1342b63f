"""Goods are sold before they are there: offered, waited for with a day, and sent as they come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hub.flows.products import learn
from hub.flows.stock import explaining, promising, stock_out
from hub.model.catalogue import read
from hub.model.product import Product
from tests.flows.inbound.goods import Dock
from tests.kit.catalogue import product
from tests.kit.world import Bells
from workers.schedule.stock import end_preorders

MAY, JUNE = "2027-05-04T00:00:00Z", "2027-06-01T00:00:00Z"


@pytest.fixture
def dock(new_dock: Callable[..., Dock]) -> Dock:
    """Two of A are there; four come in May, ten in June; it may be sold ahead."""
    made = new_dock(A=2)
    allow(made, {})
    made.announce("PO-1", lines=[("A", 10)], expected_at=JUNE)
    made.announce("PO-2", lines=[("A", 4)], expected_at=MAY)
    made.announce("PO-3", lines=[("A", 99)], expected_at=None)
    return made


def allow(dock: Dock, preorder: dict[str, str] | None) -> None:
    document = read("product", product("A", channel=dock.acme.at_shop.code, preorder=preorder))
    assert isinstance(document, Product)
    with dock.world.unit() as unit:
        learn.upsert(unit, [(dock.acme.code, document)], None)


def offered(dock: Dock) -> int:
    """What all channels together may sell, once the sweep has looked."""
    with dock.world.unit() as unit:
        while stock_out.publish(unit):
            pass
        made = explaining.explain(unit, dock.acme.code, "A", None)
    assert sum(step.quantity for step in made.steps) == made.published
    return int(made.available)


def is_touched(dock: Dock) -> bool:
    return bool(dock.acme.rows("SELECT FROM stock_dirty WHERE merchant_id = :merchant"))


def order(dock: Dock, number: int, pieces: int) -> UUID:
    dock.acme.order(number, lines=[("A", pieces)])
    dock.world.run()
    return UUID(str(dock.acme.row(number).id))


def day(dock: Dock, order_id: UUID) -> list[tuple[int, str | None]]:
    with dock.world.unit() as unit:
        promised = promising.of_order(unit.db, order_id)
    return [(int(it.pieces), it.at.date().isoformat() if it.at else None) for it in promised]


def test_what_comes_with_a_date_is_offered_less_what_orders_wait_for(dock: Dock) -> None:
    assert is_touched(dock)
    assert offered(dock) == 16
    order(dock, 1, 5)
    assert is_touched(dock)
    assert offered(dock) == 11
    allow(dock, {"limit": "8"})
    assert is_touched(dock)
    assert offered(dock) == 5
    allow(dock, None)
    assert offered(dock) == 2


def test_each_order_has_the_day_of_the_notice_that_covers_it(dock: Dock) -> None:
    first, second, third = order(dock, 1, 5), order(dock, 2, 9), order(dock, 3, 4)
    assert day(dock, first) == [(5, "2027-05-04")]
    assert day(dock, second) == [(9, "2027-06-01")]
    assert day(dock, third) == [(4, None)]


def test_goods_that_come_go_to_who_waits_oldest_first_and_nobody_is_asked(dock: Dock) -> None:
    first, second = order(dock, 1, 5), order(dock, 2, 5)
    assert [dock.acme.row(n).status for n in (1, 2)] == ["held", "held"]
    dock.receive("g1", "PO-2", pieces={"A": 4})
    dock.world.run()
    assert [dock.acme.row(n).status for n in (1, 2)] == ["open", "held"]
    assert (day(dock, first), day(dock, second)) == ([], [(5, "2027-06-01")])
    assert offered(dock) == 6


def test_an_order_that_is_cancelled_waits_for_nothing_more(dock: Dock) -> None:
    order(dock, 1, 5)
    assert offered(dock) == 11
    dock.acme.order(
        1, lines=[("A", 5)], minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z"
    )
    dock.world.run()
    assert dock.acme.row(1).status == "cancelled"
    assert offered(dock) == 16


def test_an_explanation_names_what_is_expected_and_from_when(dock: Dock) -> None:
    order(dock, 1, 5)
    with dock.world.unit() as unit:
        steps = explaining.explain(unit, dock.acme.code, "A", None).steps
    named = {step.name: (int(step.quantity), step.arrives_at) for step in steps}
    assert named["waiting"] == (-5, None)
    assert named["expected"][0] == 14
    assert named["expected"][1] is not None
    assert named["expected"][1].date().isoformat() == "2027-05-04"


def test_it_is_sold_ahead_until_its_last_day_and_channels_hear_of_the_end(dock: Dock) -> None:
    today = datetime.now(UTC).date()
    allow(dock, {"until": today.isoformat()})
    assert offered(dock) == 16
    allow(dock, {"until": (today - timedelta(days=1)).isoformat()})
    assert offered(dock) == 2
    assert not is_touched(dock)
    end_preorders(dock.world.store, Bells())
    assert is_touched(dock)
