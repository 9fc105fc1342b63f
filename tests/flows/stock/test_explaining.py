"""Any number that a channel is told is explained to the unit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from hub.flows.config.applying.setting_stock_rules import set_rules
from hub.flows.stock import explaining, stock_out
from hub.flows.stock.explaining import Explanation
from tests.kit.world import Merchant

SHOP = ("shipment", "stock_level")


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    """Sixty pieces in one warehouse, forty in another; nine reserved, five kept back."""
    made = new_merchant(shop_takes=SHOP, A=60)
    made.warehouse(f"{made.at_wh.code}-2", A=40)
    made.shop(f"{made.at_shop.code}-2", takes=SHOP)
    rules: dict[str, Any] = {
        "safety": [{"warehouse": made.at_wh.code, "sku": "A", "pieces": "5"}],
        "shares": [{"percent": 90, "channel": made.at_shop.code}],
    }
    with made.world.unit() as unit:
        set_rules(unit, made.code, rules, "ann")
    for number, pieces in ((1, 4), (2, 5)):
        made.order(number, lines=[("A", pieces)])
        made.world.run()
    publish(made)
    return made


def publish(acme: Merchant) -> None:
    with acme.world.unit() as unit:
        while stock_out.publish(unit):
            pass
    acme.world.run()


def explained(acme: Merchant, channel: str | None) -> Explanation:
    with acme.world.unit() as unit:
        made = explaining.explain(unit, acme.code, "A", channel)
    assert sum((step.quantity for step in made.steps), Decimal(0)) == made.published
    return made


def parts(made: Explanation) -> list[tuple[str, int, str | None]]:
    return [(step.name, int(step.quantity), step.of) for step in made.steps]


def test_the_parts_of_what_a_channel_was_told(acme: Merchant) -> None:
    wh, shop = acme.at_wh.code, acme.at_shop.code
    made = explained(acme, shop)
    assert (made.published, made.told.available, made.told.status) == (77, 77, "delivered")
    assert parts(made) == [
        ("on_hand", 60, wh),
        ("reserved", -9, wh),
        ("safety", -5, wh),
        ("on_hand", 40, f"{wh}-2"),
        ("other_channels", -9, None),
    ]
    reserved = made.steps[1]
    assert [(one.order_number, int(one.quantity)) for one in reserved.promises] == [
        ("#2", 5),
        ("#1", 4),
    ]
    assert (reserved.more, made.steps[0].moved_at is not None) == (0, True)
    assert explained(acme, f"{shop}-2").published == 86
    assert explained(acme, None).published == 86


def test_what_changed_since_a_channel_was_told_is_a_part_of_its_own(acme: Merchant) -> None:
    acme.order(3, lines=[("A", 10)])
    acme.world.run()
    made = explained(acme, acme.at_shop.code)
    assert (made.published, made.available) == (77, 68)
    assert parts(made)[-1] == ("not_told_yet", 9, acme.at_shop.code)
    publish(acme)
    assert explained(acme, acme.at_shop.code).published == 68


def test_promises_beyond_those_that_are_named_are_counted(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.stock.explained.MOST", 1)
    reserved = explained(acme, None).steps[1]
    assert ([int(one.quantity) for one in reserved.promises], reserved.more) == ([5], 4)
