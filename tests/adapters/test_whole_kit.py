"""A kit, and two orders in one parcel, on their whole way between real adapters: a shop sells, a
warehouse that speaks Qimen is told parts and confirms them, the shop and the books hear of kits.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from hub.model.fulfilment import Shipment
from hub.store.config import snapshot
from sandbox.qimen import Arrival
from sandbox.qimen import Way as Work
from tests.adapters.shopify.shop import body
from tests.adapters.test_whole_return import PLACE, Way, opened
from tests.flows.fulfilment.test_kits_shipped import teach
from tests.flows.orders.test_going_on import rules
from tests.kit.world.world import World

MERGE = {"merge": "same_recipient"}


PLAIN = Work()


@pytest.fixture
def way(shared: World) -> Iterator[Way]:
    """Sets of two A and a B are made to order; the books hear of what leaves."""
    with opened(shared) as it:
        shared.sql(
            "UPDATE connection SET takes = takes || 'shipment'::text WHERE code = :erp",
            erp=it.counter.acme.at_erp.code,
        )
        with shared.store.database.begin() as db:
            snapshot.changed(db)
        teach(it.counter.acme, SET={"A": 2, "B": 1})
        yield it


def order(number: int, **pieces: int) -> dict[str, Any]:
    """What one buyer ordered at ten each, as the shop posts it."""
    ada = {"id": 81, "email": "ada@example.com"}
    total = f"{10 * sum(pieces.values())}.00"
    own = {"shipping_address": PLACE, "customer": ada, "email": ada["email"], "total_price": total}
    lines = [
        {"id": number * 10 + at, "sku": sku, "title": sku, "price": "10.00", "quantity": n,
         "fulfillable_quantity": n, "requires_shipping": True}
        for at, (sku, n) in enumerate(pieces.items(), start=1)
    ]  # fmt: skip
    return {**body(number), **own, "line_items": lines}


def asked(way: Way) -> dict[str, list[tuple[str, str, str, str]]]:
    """Each delivery order as it stood on the wire: line, item, pieces and the shop's order."""
    return {
        it["key"]: [
            (line["orderLineNo"], line["itemCode"], line["planQty"], line["sourceOrderCode"])
            for line in it["document"]["orderLines"]
        ]
        for it in way.warehouse.record
        if it["kind"] == "delivery_order"
    }


def works(way: Way, number: str, work: Work) -> None:
    way.says(lambda url: way.warehouse.work(number, work, url))


def shipped(way: Way) -> list[tuple[str, dict[str, int], list[str]]]:
    """What the shop has as sent: order, pieces by line, tracking numbers."""
    return [
        (it["key"], {one["line_item_id"]: one["quantity"] for one in it["document"]["lines"]},
         it["document"]["numbers"])
        for it in way.shop.record
        if it["kind"] == "fulfilment"
    ]  # fmt: skip


def booked(way: Way) -> list[list[tuple[int, str | None, int]]]:
    """What the books were told has left: line, SKU and pieces."""
    told = [it for _, _, it in way.counter.acme.at_erp.told if isinstance(it, Shipment)]
    return [
        [(x.line_no, x.sku, int(x.quantity)) for x in it.order.lines] for it in told if it.order
    ]


def test_a_kit_from_the_shop_to_the_warehouse_and_back_to_shop_and_books(way: Way) -> None:
    sold = order(5001, SET=1, C=1)
    way.shop.place(sold)
    way.posts("orders/create", sold)
    ((number, lines),) = asked(way).items()
    assert lines == [
        ("3", "A", "2", "5001"),
        ("4", "B", "1", "5001"),
        ("2", "C", "1", "5001"),
    ]
    assert way.counter.acme.stock() == {"A": (50, 2), "B": (50, 1), "C": (50, 1)}
    works(way, number, PLAIN)
    ((key, pieces, parcels),) = shipped(way)
    assert (key, pieces, len(parcels)) == ("5001", {"50011": 1, "50012": 1}, 1)
    assert booked(way) == [[(2, "C", 1), (1, "SET", 1)]]
    assert way.counter.acme.row(5001).status == "completed"
    assert way.counter.acme.stock() == {"A": (48, 0), "B": (49, 0), "C": (49, 0)}
    assert way.warehouse.stock == {"A": {"ZP": 48}, "B": {"ZP": 49}, "C": {"ZP": 49}}
    way.counter.check()


def test_a_kit_that_leaves_in_two_parcels_is_one_fulfilment_there(way: Way) -> None:
    sold = order(5001, SET=1)
    way.shop.place(sold)
    way.posts("orders/create", sold)
    (number,) = asked(way)
    works(way, number, Work(partial=True, duplicate=True))
    ((_, pieces, parcels),) = shipped(way)
    assert (pieces, len(set(parcels))) == ({"50011": 1}, 2)
    assert booked(way) == [[(1, "SET", 1)]]
    assert way.counter.acme.stock() == {"A": (48, 0), "B": (49, 0), "C": (50, 0)}
    way.counter.check()


def test_a_kit_goes_back_as_its_parts_and_the_shop_pays_its_share(way: Way) -> None:
    sold = order(5001, SET=2)
    way.shop.place(sold)
    way.posts("orders/create", sold)
    (number,) = asked(way)
    works(way, number, PLAIN)
    way.posts("returns/request", way.shop.ask_return(5001, {50011: 1}))
    way.counter.approve()
    way.world.run()
    (notice,) = [it for it in way.warehouse.record if it["kind"] == "return_order"]
    told = [
        (it["orderLineNo"], it["itemCode"], it["planQty"])
        for it in notice["document"]["orderLines"]
    ]
    assert told == [("1", "A", "2"), ("2", "B", "1")]
    came = Arrival(defective={"A": 1})
    way.says(lambda url: way.warehouse.receive(way.counter.row().number, came, url))
    assert (way.counter.levels("A"), way.counter.levels("B")) == (
        {"good": 47, "defective": 1},
        {"good": 49},
    )
    way.counter.does("confirm", None)
    assert way.counter.pays() == Decimal("10.00")
    way.world.run()
    (paid,) = way.kept("refund")
    assert [(it["line_item_id"], it["quantity"]) for it in paid["lines"]] == [(50011, 1)]
    way.counter.check()


def test_only_part_of_a_kit_is_paid_there_as_an_amount(way: Way) -> None:
    sold = order(5001, SET=1)
    way.shop.place(sold)
    way.posts("orders/create", sold)
    (number,) = asked(way)
    works(way, number, PLAIN)
    way.posts("returns/request", way.shop.ask_return(5001, {50011: 1}))
    way.counter.approve()
    way.counter.came(pieces={("A", "good"): 2})
    way.counter.does("confirm", None)
    assert way.counter.pays() == Decimal("6.67")
    way.world.run()
    (paid,) = way.kept("refund")
    assert ([it["amount"] for it in paid["transactions"]], paid["lines"]) == (["6.67"], [])
    way.counter.check()


def test_two_orders_in_one_delivery_order_are_confirmed_each_to_its_own(way: Way) -> None:
    """The second holds a kit: its parts stand beside the first's goods, under its own number."""
    rules(way.world, MERGE, merchant=way.counter.acme.code)
    lanes = way.world.sql(
        "SELECT id FROM lane WHERE connection = :shop AND direction = 'in'", shop=way.counter.shop
    )
    for sold in (order(5001, C=2), order(5002, C=1, SET=1)):
        way.shop.place(sold)
        way.world.tell_raw(
            way.counter.shop, "orders/create", json.dumps(sold).encode(), str(sold["id"])
        )
        for lane in lanes:
            way.world.hurry(way.world.engine, lane.id)
    way.world.run()
    ((number, lines),) = asked(way).items()
    assert lines == [
        ("1", "C", "2", "5001"),
        ("2", "C", "1", "5002"),
        ("4", "A", "2", "5002"),
        ("5", "B", "1", "5002"),
    ]
    works(way, number, PLAIN)
    sent = {key: (pieces, parcels) for key, pieces, parcels in shipped(way)}
    assert {key: pieces for key, (pieces, _) in sent.items()} == {
        "5001": {"50011": 2},
        "5002": {"50021": 1, "50022": 1},
    }
    assert sent["5001"][1] == sent["5002"][1]
    assert sorted(booked(way)) == [[(1, "C", 1), (2, "SET", 1)], [(1, "C", 2)]]
    assert [way.counter.acme.row(it).status for it in (5001, 5002)] == ["completed"] * 2
    assert way.counter.acme.stock() == {"A": (48, 0), "B": (49, 0), "C": (47, 0)}
    way.counter.check()
