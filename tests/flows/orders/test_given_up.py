"""What the hub gives up of an order is told to its channel, and stays given up."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from hub.flows.orders import order_requests
from hub.model.errors import IllegalTransition
from hub.store.config import snapshot
from sandbox.shopify import Shop
from tests.adapters.shopify.shop import adapter
from tests.kit.catalogue import DAY, shipment, status
from tests.kit.world import Merchant

TAKES = ("shipment", "order_cancellation")


@pytest.fixture
def selling(new_merchant: Callable[..., Merchant]) -> Merchant:
    return new_merchant(shop_takes=TAKES)


def cancel(acme: Merchant, number: int = 1001) -> str:
    with acme.world.unit() as unit:
        found = order_requests.cancel(unit, acme.row(number).id, "ann", "asked by phone")
    acme.world.run()
    return found


def heard(acme: Merchant) -> list[tuple[bool, list[tuple[str, int]]]]:
    """What the shop heard that we gave up: whether all of it, and the pieces."""
    return [
        (document.whole, [(line.sku, int(line.quantity)) for line in document.lines])
        for kind, _, document in acme.at_shop.told
        if kind == "order_cancellation"
    ]


def events(acme: Merchant, name: str) -> list[dict[str, Any]]:
    rows = acme.rows(
        "SELECT detail FROM timeline WHERE merchant_id = :merchant AND event = :name ORDER BY id",
        name=name,
    )
    return [row[0] for row in rows]


def booked(acme: Merchant) -> list[str]:
    return [one.state for kind, _, one in acme.at_erp.told if kind == "sales_order"]


def test_an_order_cancelled_here_before_a_warehouse_knew_is_told_to_its_channel(
    selling: Merchant,
) -> None:
    selling.order(payment_state="pending")
    selling.world.run()
    assert cancel(selling) == "cancelled"
    assert heard(selling) == [(True, [("A", 2), ("B", 1)])]
    assert booked(selling) == ["cancelled"]


def test_a_warehouse_that_packs_what_the_hub_has_not_told_it_is_asked_to_let_go(
    selling: Merchant,
) -> None:
    """It cannot be reached, and somebody read the order to it over the phone."""
    selling.rows(
        """INSERT INTO partner_state (connection, breaker, blocked_until)
        SELECT code, '{}', now() + interval '1 hour' FROM connection
        WHERE merchant_id = :merchant AND kind = 'warehouse'"""
    )
    selling.order()
    selling.world.run()
    selling.says(status(selling.number(), "packed"))
    selling.world.run()
    selling.order(state="cancelled", cancelled_at=f"{DAY}T10:30:00Z", minute=30)
    selling.world.run()
    assert selling.fulfilment() == ["cancel_requested"]
    selling.world.later(3600)
    selling.world.run()
    assert selling.at_wh.topics() == ["fulfilment_cancellation"]
    selling.says(status(selling.number(), "cancelled"))
    selling.world.run()
    assert (selling.row().status, selling.fulfilment()) == ("cancelled", ["cancelled"])
    assert selling.stock() == {"A": (10, 0), "B": (10, 0), "C": (10, 0)}


def test_an_order_that_its_warehouse_let_go_of_is_told_once_to_channel_and_books(
    selling: Merchant,
) -> None:
    number = selling.notify()
    assert cancel(selling) == "cancel_requested"
    assert heard(selling) == []
    selling.says(status(number, "cancelled"))
    selling.world.run()
    assert selling.row().status == "cancelled"
    assert heard(selling) == [(True, [("A", 2), ("B", 1)])]
    assert booked(selling) == ["open", "cancelled"]


RETURNS = "SELECT status FROM incident WHERE merchant_id = :merchant AND kind = 'return_proposed'"


def returns(acme: Merchant) -> list[str]:
    """Where the proposals stand to have something sent back."""
    return [row.status for row in acme.rows(RETURNS)]


@pytest.mark.parametrize("who", ["the channel", "a person"])
def test_no_return_is_proposed_any_more_once_the_warehouse_lets_go_after_all(
    selling: Merchant, who: str
) -> None:
    number = selling.notify()
    if who == "the channel":
        selling.order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
        selling.world.run()
    else:
        cancel(selling)
    selling.says(status(number, "cancel_refused"))
    selling.world.run()
    assert returns(selling) == ["open"]
    selling.says(status(number, "cancelled"))
    selling.world.run()
    assert returns(selling) == ["closed"]
    assert selling.row().status == ("cancelled" if who == "the channel" else "open")


def test_a_return_stays_proposed_of_what_left_although_the_rest_is_let_go(
    selling: Merchant,
) -> None:
    number = selling.notify()
    cancel(selling)
    selling.says(status(number, "cancel_refused"))
    selling.says(shipment(number, lines=[(1, 1)], complete=False))
    selling.says(status(number, "cancelled"))
    selling.world.run()
    assert returns(selling) == ["open"]


def test_pieces_that_were_not_shipped_are_given_up_and_an_older_word_brings_none_back(
    selling: Merchant,
) -> None:
    number = selling.notify()
    part = shipment(number, lines=[(1, 1)], complete=False)
    selling.says(part)
    selling.world.run()
    cancel(selling)
    selling.says(status(number, "cancelled"))
    selling.world.run()
    assert selling.row().status == "completed"
    assert heard(selling) == [(False, [("A", 1), ("B", 1)])]
    selling.order(minute=9, note="the shop had not heard of it yet")
    selling.world.run()
    assert selling.row().status == "completed"
    assert selling.at_wh.topics().count("fulfilment_order") == 1
    assert len(heard(selling)) == 1
    last = [one for kind, _, one in selling.at_erp.told if kind == "sales_order"][-1]
    assert [(line.sku, int(line.cancelled_quantity)) for line in last.lines] == [("A", 1), ("B", 1)]


def test_an_order_that_waits_for_stock_after_a_part_was_shipped_is_done_with_that(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(shop_takes=TAKES, A=1, B=1)
    acme.world.sql(
        "INSERT INTO routing (merchant_id, rules) VALUES (:m, CAST(:rules AS jsonb))",
        m=acme.code,
        rules='[{"fallback": "backorder"}]',
    )
    with acme.world.store.database.begin() as db:
        snapshot.changed(db)
    number = acme.notify()
    acme.says(shipment(number))
    acme.world.run()
    assert acme.row().status == "open"
    assert cancel(acme) == "completed"
    assert heard(acme) == [(False, [("A", 1)])]
    with pytest.raises(IllegalTransition):
        cancel(acme)


def test_what_the_channel_itself_cancelled_is_not_told_back(selling: Merchant) -> None:
    number = selling.notify()
    selling.order(minute=5, state="cancelled", cancelled_at="2026-11-24T10:05:00Z")
    selling.world.run()
    selling.says(status(number, "cancelled"))
    selling.world.run()
    assert selling.row().status == "cancelled"
    assert heard(selling) == []
    assert events(selling, "not_told") == []


def test_what_a_channel_cannot_be_told_stands_on_the_order(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant()
    acme.order(payment_state="pending")
    acme.world.run()
    cancel(acme)
    assert heard(acme) == []
    assert events(acme, "not_told") == [
        {
            "partner": acme.at_shop.code,
            "document": "order_cancellation",
            "cancelled": "2 of A, 1 of B",
        }
    ]


def order_of(shop: Shop, number: int) -> bytes:
    return json.dumps(shop.order(number)).encode()


def test_a_shop_has_what_was_given_up_taken_out_and_its_echo_changes_nothing(
    selling: Merchant,
) -> None:
    world, line = selling.world, {"price": "10.00", "requires_shipping": True}
    body = {
        "id": 5001,
        "name": "#5001",
        "created_at": "2026-05-04T10:00:00Z",
        "updated_at": "2026-05-04T10:00:00Z",
        "currency": "EUR",
        "financial_status": "paid",
        "total_price": "30.00",
        "shipping_address": {"name": "Ada", "address1": "Keizersgracht 1", "zip": "1015",
                             "city": "Amsterdam", "country_code": "NL"},
        "line_items": [
            {"id": 11, "sku": "A", "title": "A", "quantity": 2, "fulfillable_quantity": 2, **line},
            {"id": 12, "sku": "B", "title": "B", "quantity": 1, "fulfillable_quantity": 1, **line},
        ],
    }  # fmt: skip
    with Shop(token="t0ken", secret="hush") as shop:
        world.adapters.made[selling.at_shop.code] = adapter(shop.url)  # type: ignore[assignment]
        shop.place(body)
        world.tell_raw(selling.at_shop.code, "orders/create", order_of(shop, 5001), key="5001")
        world.run()
        selling.says(shipment(selling.number(), lines=[(1, 1)], complete=False))
        world.run()
        with world.unit() as unit:
            order_requests.cancel(unit, selling.row(5001).id, "ann", "nothing more")
        world.run()
        selling.says(status(selling.number(), "cancelled"))
        world.run()
        kinds = [one["kind"] for one in shop.record]
        assert kinds == ["fulfilment", "refund"]
        shown = {one["id"]: one["current_quantity"] for one in shop.order(5001)["line_items"]}
        assert shown == {11: 1, 12: 0}
        world.tell_raw(selling.at_shop.code, "orders/updated", order_of(shop, 5001), key="5001")
        world.run()
        assert [one["kind"] for one in shop.record] == kinds
    assert selling.row(5001).status == "completed"
    assert selling.at_wh.topics().count("fulfilment_order") == 1
    assert selling.stock() == {"A": (9, 0), "B": (10, 0), "C": (10, 0)}
