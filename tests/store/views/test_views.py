"""The read queries that the Open API and the console share, on rows that the real flows wrote."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from hub.store.base.ids import new_id
from hub.store.views import (
    connections,
    fulfilment,
    incidents,
    message_view,
    messages,
    order_view,
    orders,
    stock,
)
from hub.store.views.running import traffic
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import World


@pytest.fixture
def world(db_url: str, tmp_path: Path) -> Iterator[World]:
    """One order on its way, a message that is parked, one that waits behind it."""
    world = World(db_url, tmp_path)
    world.merchant().shop().warehouse(takes=("fulfilment_order",), A=10, B=10)
    world.tell("shop", sales_order(1001), key="1001")
    world.tell("shop", {"type": "sales_order"}, key="1002")
    world.tell("shop", sales_order(1002), key="1002")
    world.run()
    yield world
    world.close()


def test_messages_are_shown_as_they_stand(world: World) -> None:
    with world.store.database.begin() as db:
        everything = messages.messages(db, world.store.vault, messages.Wanted())
        shown = [(row.direction, row.topic, row.status) for row in everything.items]
        parked = messages.messages(db, world.store.vault, messages.Wanted(status="parked")).items
        behind = messages.messages(db, world.store.vault, messages.Wanted(status="behind")).items
        assert [row.key for row in parked] == [row.key for row in behind] == ["1002"]
        assert message_view.count_behind(db, parked[0]) == 1
        assert message_view.count_behind(db, behind[0]) == 1
    assert ("in", "sales_order", "done") in shown
    assert ("out", "fulfilment_order", "delivered") in shown
    assert everything.after is None
    assert [row.id for row in everything.items] == sorted(
        (row.id for row in everything.items), reverse=True
    )
    assert parked[0].error is not None
    assert parked[0].error["code"] != ""


def test_a_message_is_found_by_whatever_names_it(world: World) -> None:
    with world.store.database.begin() as db:
        (done,) = messages.messages(db, world.store.vault, messages.Wanted(status="done")).items
        for text in (str(done.id), "1001", "#1001", str(done.order_id)):
            found = messages.messages(db, world.store.vault, messages.Wanted(q=text)).items
            assert done.id in {row.id for row in found}, text
        assert messages.messages(db, world.store.vault, messages.Wanted(q="nothing")).items == []
        about = messages.of_order(
            db, world.store.vault, done.order_id or new_id(), [done.correlation_id]
        )
        assert [row.direction for row in about] == ["in", "out"]


def test_a_message_is_shown_with_its_bytes_and_attempts(world: World) -> None:
    vault = world.store.vault
    with world.store.database.begin() as db:
        (done,) = messages.messages(db, world.store.vault, messages.Wanted(status="done")).items
        assert json.loads(message_view.payload(db, vault, done))["channel_order_id"] == "1001"
        (attempt,) = message_view.attempts(db, vault, done.id)
        assert (attempt.number, attempt.fate) == (1, "done")
        assert message_view.versions(db, done.id) == []
        assert messages.one(db, world.store.vault, new_id()) is None


def test_what_stands_still_is_grouped_by_its_cause(world: World) -> None:
    with world.store.database.begin() as db:
        (cause,) = traffic.causes(db)
        chosen = messages.selected(db, messages.Wanted(status="parked", code=cause.code), 10)
    assert (cause.connection, cause.status, cause.count) == ("shop", "parked", 1)
    assert len(chosen) == 1


def test_an_order_is_shown_with_everything_that_hangs_on_it(world: World) -> None:
    vault = world.store.vault
    with world.store.database.begin() as db:
        (item,) = fulfilment.fulfilment_orders(db, vault, fulfilment.Wanted()).items
    world.tell("wh", status(item.number, "accepted"), key=item.number)
    world.tell("wh", shipment(item.number), key=item.number)
    world.run()
    with world.store.database.begin() as db:
        found = order_view.of(db, vault, item.order_id)
        assert found is not None
        assert order_view.of(db, vault, new_id()) is None
        assert orders.find(db, "#1001") == orders.find(db, item.number) == [item.order_id]
    assert found.order.status == "completed"
    assert found.order.document is not None
    assert found.order.document.customer is not None
    assert [(line.sku, line.shipped) for line in found.fulfilment_orders[0].lines] == [
        ("A", 2),
        ("B", 1),
    ]
    assert [one.fulfilment_order_id for one in found.shipments] == [item.number]
    assert len(found.routing) == 1
    assert [one.event for one in found.timeline].count("completed") == 1
    assert {row.topic for row in found.messages} >= {"sales_order", "fulfilment_order", "shipment"}


def test_a_list_of_orders_costs_as_many_queries_however_long_it_is(world: World) -> None:
    counted: list[str] = []
    engine = world.store.database._engine

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    sa.event.listen(engine, "before_cursor_execute", count)
    with world.store.database.begin() as db:
        plain = orders.orders(db, orders.Wanted(status="open"))
        whole = orders.orders(db, orders.Wanted(status="open"), vault=world.store.vault)
        fulfilment.fulfilment_orders(db, world.store.vault, fulfilment.Wanted())
    sa.event.remove(engine, "before_cursor_execute", count)
    assert len(counted) == 9  # each list, what stands open about its orders, what leaves together
    assert plain.items[0].document is None
    assert whole.items[0].document is not None


def test_held_orders_are_counted_by_reason(world: World) -> None:
    world.tell("shop", sales_order(1003, payment_state="pending"), key="1003")
    world.run()
    with world.store.database.begin() as db:
        assert orders.by_status(db) == {"open": 1, "held": 1}
        assert orders.by_hold(db) == {"awaiting_payment": 1}
        held = orders.orders(db, orders.Wanted(hold="awaiting_payment")).items
        assert [one.channel_order_id for one in held] == ["1003"]


def test_pages_follow_by_key_in_every_list(world: World) -> None:
    vault = world.store.vault
    with world.store.database.begin() as db:
        lists: list[Any] = [
            lambda after: messages.messages(
                db, world.store.vault, messages.Wanted(), after=after, limit=1
            ),
            lambda after: stock.levels(db, stock.Wanted(), after=after, limit=1),
            lambda after: stock.ledger(db, stock.Wanted(), after=after, limit=1),
            lambda after: stock.products(db, stock.Wanted(), after=after, limit=1),
            lambda after: orders.orders(db, orders.Wanted(), after=after, limit=1),
            lambda after: fulfilment.fulfilment_orders(
                db, vault, fulfilment.Wanted(), after=after, limit=1
            ),
            lambda after: incidents.incidents(db, after=after, limit=1),
        ]
        lengths = []
        for one in lists:
            seen, after = [], None
            while True:
                page = one(after)
                seen += page.items
                after = page.after
                if after is None:
                    break
            assert len(seen) == len(set(map(str, seen)))
            lengths.append(len(seen))
    assert lengths == [4, 2, 2, 2, 1, 1, 0]


def test_levels_say_what_may_be_promised(world: World) -> None:
    with world.store.database.begin() as db:
        found = {row.sku: row for row in stock.levels(db, stock.Wanted(warehouse="wh")).items}
        (product,) = stock.products(db, stock.Wanted(q="A")).items
    assert (found["A"].on_hand, found["A"].reserved, found["A"].available) == (10, 2, 8)
    assert product.sku == "A"


def test_a_percent_sign_is_no_wildcard(world: World) -> None:
    with world.store.database.begin() as db:
        for text in ("%", "_", "\\"):
            assert stock.products(db, stock.Wanted(q=text)).items == []


def test_connections_show_what_waits_at_them(world: World) -> None:
    with world.store.database.begin() as db:
        shop, warehouse = connections.connections(db)
        assert connections.connections(db, "shop") == [shop]
        rows = connections.backlog(db)
    assert (shop.code, shop.parked, shop.waiting_in) == ("shop", 1, 1)
    assert (warehouse.code, warehouse.parked, warehouse.waiting_out) == ("wh", 0, 0)
    assert sorted((row.connection, row.status, row.count) for row in rows) == [
        ("shop", "behind", 1),
        ("shop", "parked", 1),
    ]
    assert all(row.oldest_s >= 0 for row in rows)


def test_G28_a_view_shows_what_its_scope_holds(world: World) -> None:
    with world.store.doors.begin(("beta",)) as db:
        assert messages.messages(db, world.store.vault, messages.Wanted()).items == []
        assert orders.orders(db, orders.Wanted()).items == []
        assert stock.levels(db, stock.Wanted()).items == []
        assert connections.connections(db) == []
    with world.store.doors.begin(("acme",)) as db:
        assert len(orders.orders(db, orders.Wanted()).items) == 1
        assert isinstance(orders.orders(db, orders.Wanted()).items[0].id, UUID)
