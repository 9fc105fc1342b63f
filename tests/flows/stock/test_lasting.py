"""Channels that ask for goods that last longer than others must: what they are told, and given."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub import flows
from hub.flows.config.applying.setting_stock_rules import set_rules
from hub.flows.orders import reconsider
from hub.flows.stock import explaining, stock_out
from hub.flows.unit import Told
from hub.gateway.api import stock_explained
from hub.model.catalogue import read
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentOrder
from hub.store.base.ids import new_id
from hub.store.stock import levels_touched
from tests.kit.catalogue import sales_order, stock_report
from tests.kit.world import Merchant

TODAY = datetime.now(UTC).date()
TAKES = ("shipment", "stock_level")


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    """Four pieces that expire in ten days, six in ninety; the market wants sixty days."""
    made = new_merchant(shop_takes=TAKES, A=0)
    made.shop(market(made), takes=TAKES)
    set_shares(
        made, {"min_shelf_life_days": 5}, {"min_shelf_life_days": 60, "channel": market(made)}
    )
    count(made, "1", (2, "L0", 2), (4, "L1", 10), (6, "L2", 90))
    return made


def market(acme: Merchant) -> str:
    return f"market-{acme.code}"


def set_shares(acme: Merchant, *rules: dict[str, Any]) -> None:
    with acme.world.unit() as unit:
        set_rules(unit, acme.code, {"shares": list(rules)}, "ann")


def count(acme: Merchant, number: str, *lines: tuple[int, str, int]) -> None:
    """A count of A: pieces, batch, days until it expires."""
    said = [
        {
            "sku": "A",
            "on_hand": str(pieces),
            "batch": batch,
            "expires_on": (TODAY + timedelta(days=days)).isoformat(),
        }
        for pieces, batch, days in lines
    ]
    at = f"2026-11-25T{int(number):02}:00:00Z"
    tree = stock_report(number, warehouse=acme.at_wh.code, lines=said, at=at)
    partner = acme.world.store.directory().connections[acme.at_wh.code]
    with acme.world.unit() as unit:
        flows.take(unit, [Told(read(tree["type"], tree), partner, new_id(), new_id())])


def order(acme: Merchant, number: int, channel: str, pieces: int) -> None:
    tree = sales_order(number, channel=channel, lines=[("A", pieces)])
    acme.world.tell(channel, tree, key=str(number))
    acme.world.run()


def told(acme: Merchant) -> dict[str, int]:
    with acme.world.unit() as unit:
        levels_touched.touch_all(unit.db, acme.code)
        while stock_out.publish(unit):
            pass
    rows = acme.rows("SELECT connection, available FROM level_told WHERE merchant_id = :merchant")
    return {row.connection: int(row.available) for row in rows}


def notices(acme: Merchant) -> list[tuple[int, str | None, str | None]]:
    """Pieces, batch and note of what the warehouse was told."""
    orders = [it for _, _, it in acme.at_wh.told if isinstance(it, FulfilmentOrder)]
    return [(int(one.lines[0].quantity), one.lines[0].batch, one.note) for one in orders]


def test_each_channel_is_told_what_lasts_long_enough_for_it(acme: Merchant) -> None:
    assert told(acme) == {acme.at_shop.code: 10, market(acme): 6}
    order(acme, 1, acme.at_shop.code, 3)
    assert told(acme) == {acme.at_shop.code: 7, market(acme): 3}
    set_shares(acme, {"min_shelf_life_days": 5})
    assert told(acme) == {acme.at_shop.code: 7, market(acme): 7}


def test_the_number_of_such_a_channel_is_explained(acme: Merchant) -> None:
    told(acme)
    with acme.world.unit() as unit:
        made = explaining.explain(unit, acme.code, "A", market(acme))
        plain = explaining.explain(unit, acme.code, "A", acme.at_shop.code)
    wh = acme.at_wh.code
    assert [
        (it["name"], it["quantity"], it["of"]) for it in stock_explained.shown(made)["parts"]
    ] == [
        ("on_hand", "12", wh),
        ("expiring", "-2", wh),
        ("lasts_too_short", "-4", wh),
    ]
    assert [int(it) for it in (made.published, made.available, plain.published)] == [6, 6, 10]


def test_its_orders_wish_for_what_lasts_and_are_held_where_too_little_does(acme: Merchant) -> None:
    order(acme, 1, market(acme), 7)
    assert (acme.row(1).status, notices(acme)) == ("held", [])
    order(acme, 2, market(acme), 6)
    assert (acme.row(2).status, notices(acme)) == ("open", [(6, "L2", None)])
    order(acme, 3, acme.at_shop.code, 4)
    assert acme.row(3).status == "open"
    acme.world.check_books()


def test_an_order_that_waits_goes_on_when_its_channel_asks_for_less(acme: Merchant) -> None:
    order(acme, 1, market(acme), 7)
    assert acme.row(1).status == "held"
    set_shares(acme, {"min_shelf_life_days": 5})
    with acme.world.unit() as unit:
        unit.at = unit.at + timedelta(seconds=10)
        while reconsider.look_again(unit):
            pass
    assert acme.row(1).status == "open"


def test_others_are_sent_what_expires_first(acme: Merchant) -> None:
    set_shares(acme, {"min_shelf_life_days": 60, "channel": market(acme)})
    assert told(acme) == {acme.at_shop.code: 12, market(acme): 6}
    order(acme, 1, acme.at_shop.code, 2)
    order(acme, 2, market(acme), 4)
    assert notices(acme) == [(2, "L0", None), (4, "L2", None)]


def test_a_channel_that_is_none_is_refused(acme: Merchant) -> None:
    with pytest.raises(BadData, match="has no channel"):
        set_shares(acme, {"min_shelf_life_days": 60, "channel": acme.at_wh.code})
