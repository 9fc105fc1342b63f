"""One stored value that does not open is one row's trouble: lists show it as such, the rest whole,
on the Open API and in the console.
"""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from tests.admin.seeds import working_day
from tests.kit.world.console import Console
from tests.kit.world.gateway import Gateway

SEALED = ("sales_order", "fulfilment_order", "shipment", "refund")


@pytest.fixture
def key(console: Console) -> str:
    gateway = Gateway(console.world)
    gateway.close()
    return gateway.key("all")


def spoil(console: Console, table: str, column: str = "document", *, what: str = "altered") -> int:
    """Spoil the oldest value: one bit of it, or the key that it names."""
    at = 20 if what == "altered" else 0
    with console.world.store.database.begin() as db:
        found = db.execute(
            sa.text(
                f"""UPDATE {table} SET {column} = set_byte({column}, {at},
                  get_byte({column}, {at}) # 1)
                WHERE id = (SELECT id FROM {table} WHERE {column} IS NOT NULL
                  ORDER BY id LIMIT 1)"""  # noqa: S608  # our own tables
            )
        )
        return found.rowcount


@pytest.mark.parametrize("what", ["altered", "of another key"])
def test_lists_of_the_open_api_show_it_as_sealed_and_the_rest_whole(
    console: Console, key: str, what: str
) -> None:
    working_day(console.world)
    gateway = Gateway(console.world)
    whole = {path: gateway.call("GET", path, key).json["items"] for path in LISTS}
    for table in SEALED:
        spoil(console, table, what=what)
    for path, before in whole.items():
        answer = gateway.call("GET", path, key)
        assert answer.status_code == 200, path
        after = answer.json["items"]
        assert [one["id"] for one in after] == [one["id"] for one in before]
        sealed = [one for one in after if one.get("sealed")]
        assert len(sealed) == 1, path
        assert [one for one in after if not one.get("sealed")] == [
            one for one in before if one["id"] != sealed[0]["id"]
        ]
        for name in ("id", "status", "merchant"):
            (same,) = (one for one in before if one["id"] == sealed[0]["id"])
            assert sealed[0][name] == same[name]
        assert "Ada" not in json.dumps(sealed)
    gateway.close()


LISTS = ("orders", "fulfilment-orders")


def test_one_order_whose_parts_do_not_open_is_shown_with_what_is_in_clear(
    console: Console, key: str
) -> None:
    seeded = working_day(console.world)
    gateway = Gateway(console.world)
    for table in SEALED:
        spoil(console, table)
    found: Any = gateway.call("GET", f"orders/{seeded.shipped}", key).json
    assert (found["sealed"], found["order_number"], found["status"]) == (True, "#1001", "completed")
    assert [one["sealed"] for one in found["fulfilment_orders"]] == [True]
    assert [one["sku"] for one in found["fulfilment_orders"][0]["lines"]] == ["A", "B"]
    assert [one["sealed"] for one in found["shipments"]] == [True]
    page = console.person("operator").get(f"/orders/{seeded.shipped}")
    assert page.status_code == 200
    assert "does not open" in page.text
    gateway.close()


def test_a_message_whose_attempt_does_not_open_is_shown_with_its_others(
    console: Console, key: str
) -> None:
    working_day(console.world)
    gateway = Gateway(console.world)
    assert spoil(console, "attempt", "exchange") == 1
    (row,) = console.world.sql("SELECT message_id FROM attempt WHERE exchange IS NOT NULL LIMIT 1")
    answer = gateway.call("GET", f"messages/{row.message_id}", key)
    assert answer.status_code == 200
    assert console.person("operator").get(f"/messages/{row.message_id}").status_code == 200
    spoil(console, "message", "payload")
    lists = ("messages", "/messages", "/orders", "/waiting", "/stock", "/connections", "/")
    person = console.person("integrator")
    assert gateway.call("GET", lists[0], key).status_code == 200
    assert {person.get(path).status_code for path in lists[1:]} == {200}
    first = console.world.sql("SELECT id FROM message WHERE payload IS NOT NULL ORDER BY id")[0].id
    told = gateway.call("GET", f"messages/{first}", key)
    assert (told.status_code, told.json["errors"][0]["code"]) == (409, "sealed")
    gateway.close()
