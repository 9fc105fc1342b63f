"""What partners say freely, of whomever it speaks: sealed at rest, masked where it is shown."""

import json
from collections.abc import Iterator

import pytest

from adapters.kit.http import wire_tap
from hub.model.errors import BadData, OutcomeUnknown, Rejected, TryLater
from tests.kit.catalogue import sales_order, status
from tests.kit.world.console import Console
from tests.kit.world.gateway import Gateway

SAID = (
    "Mrs. Grace Hopper (+1 202 555 0143, grace.hopper@navy.example) of 17 Harbour Street has the"
    " parcel of this order, ask Howard Aiken; reference WMS-4711, 张三丰"
)
NAMED = ("Grace", "Hopper", "555 0143", "navy.example", "Harbour", "Howard", "Aiken")
AT_REST = (*NAMED, "WMS-4711", "张三丰")
"""Of these nothing stands in clear, whether it looks personal or not."""
FATES = (Rejected, TryLater, OutcomeUnknown, BadData)


def everything(console: Console) -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    tables = console.world.sql(
        """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND relnamespace = 'public'::regnamespace AND relname <> 'scope_key'"""
    )
    for (table,) in tables:
        for (row,) in console.world.sql(f"SELECT t::text FROM {table} AS t"):  # noqa: S608
            yield table, row


@pytest.fixture
def told(console: Console) -> Console:
    """Partners have spoken of people that no order names: in refusals and in their own reports."""
    world = console.world
    warehouse, books = world.at("wh"), world.at("erp")
    warehouse.before = lambda _: wire_tap.feed(
        wire_tap.Exchange("POST", "http://wh", response_body=b"x")
    )
    for at, fate in enumerate(FATES):
        warehouse.answers, books.answers = [fate(SAID)], [fate(SAID)]
        warehouse.finds = [TryLater(SAID)]
        world.tell("shop", sales_order(1001 + at), key=str(1001 + at))
        world.run()
    warehouse.answers = []
    world.tell("shop", sales_order(1010), key="1010")
    world.run()
    number = warehouse.told[-1][2].fulfilment_order_id
    world.tell("wh", status(number, "exception", message=SAID), key=number)
    world.tell("wh", status(number, "rejected", message=SAID), key=number)
    world.run()
    return console


def test_nothing_of_it_stands_in_clear_in_the_database(told: Console) -> None:
    found = {(table, one) for table, row in everything(told) for one in AT_REST if one in row}
    assert found == set()
    kept = told.world.sql("SELECT count(*) FROM message WHERE error IS NOT NULL")[0][0]
    assert kept >= len(FATES)


def test_the_open_api_and_the_console_show_it_without_who_is_named(told: Console) -> None:
    gateway = Gateway(told.world)
    key = gateway.key("orders:read", "messages:read", "fulfilment:read")
    listed = gateway.call("GET", "messages?limit=200", key).json["items"]
    errors = [one["error"]["message"] for one in listed if one["error"]]
    assert any("reference WMS-4711" in one for one in errors)
    pages = [json.dumps(listed, ensure_ascii=False)]
    pages += [gateway.call("GET", f"messages/{one['id']}", key).text for one in listed]
    for order in gateway.call("GET", "orders", key).json["items"]:
        pages.append(gateway.call("GET", f"orders/{order['id']}", key).text)
    pages.append(gateway.call("GET", "fulfilment-orders", key).text)
    person = told.person("integrator")
    pages += [person.get(path).text for path in ("/messages", "/waiting", "/incidents", "/")]
    pages += [person.get(f"/messages/{one['id']}").text for one in listed]
    gateway.close()
    assert {name for page in pages for name in NAMED if name in page} == set()
