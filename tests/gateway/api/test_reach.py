"""Whose rows a caller reaches: two merchants against every route, and every scope against it."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from hub.gateway.api import ROUTES
from hub.gateway.routes import Route
from hub.store.people import api_keys
from tests.gateway.api.test_orders import order
from tests.gateway.api.test_rest import park
from tests.kit.world import World
from tests.kit.world.gateway import Gateway, two_merchants
from tests.kit.world.handed_on import Databases

PLANTED = ("beta", "#77009001", "77009001", "Berta", "SECRET-SKU", "wh-b", "shop-b")
"""Longer than the fraction of a second, so that no timestamp of an answer can contain one."""


@dataclass(frozen=True)
class Planted:
    """A gateway before two merchants, and the ids of what beta has, by kind."""

    gateway: Gateway
    theirs: dict[str, str]


@pytest.fixture(scope="module")
def both(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """One for all tests that ask as acme: each sees to it that nothing of beta's changes."""
    home = tmp_path_factory.mktemp("both")
    with databases.open() as url, closing(World(url, home)) as world:
        two_merchants(world)
        with closing(Gateway(world)) as gateway:
            yield Planted(gateway, plant(gateway))


@pytest.fixture
def planted(both: Planted) -> Iterator[Planted]:
    """What acme may call as beta's is called, it does not have for the next test."""
    yield both
    both.gateway.world.sql("DELETE FROM product WHERE merchant_id = 'acme' AND sku = 'SECRET-SKU'")


def plant(gateway: Gateway) -> dict[str, str]:
    """An order, a fulfilment order, stock, a message, a job, a stocktake of beta's."""
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    gateway.world.stock("wh-b", "beta", **{"SECRET-SKU": 7})
    operator, beta = gateway.key("all"), gateway.key("all", merchant="beta")
    body = order(77009001, "shop-b", lines=[("SECRET-SKU", 1)])
    body["customer"] = {"name": "Berta"}
    posted = gateway.call("POST", "orders", beta, body)
    assert posted.status_code == 201, posted.text
    (parked,) = park(gateway)
    gateway.world.sql("UPDATE message SET merchant_id = merchant_id")
    (fulfilment,) = gateway.call("GET", "fulfilment-orders", beta).json["items"]
    told = json.dumps(order(77009002, "shop-b")).encode()
    message = gateway.post_in("shop-b", told).json["id"]
    gateway.world.sql("UPDATE work SET status = 'parked' WHERE id = :id", id=message)
    job = gateway.call("POST", "messages/replay", beta, {"connection": "shop-b", "reason": "x"})
    gateway.world.sql("UPDATE work SET status = 'parked' WHERE id = :id", id=message)
    taking = {"merchant": "beta", "warehouse": "wh-b"}
    stocktake = gateway.call("POST", "stocktakes", operator, taking)
    return {
        "orders": posted.json["id"],
        "fulfilment-orders": fulfilment["id"],
        "messages": message,
        "jobs": job.json["id"],
        "stocktakes": stocktake.json["id"],
        "connections": "shop-b",
        "parked": parked,
    }


BODIES: dict[str, Any] = {
    "orders": order(77009001, "shop-b"),
    "routing/what-if": order(77009001, "shop-b"),
    "routing/what-if/past": {
        "merchant": "beta",
        "from": "2026-11-20T00:00:00Z",
        "until": "2026-11-27T00:00:00Z",
    },
    "orders/{id}/release": {"waive": []},
    "fulfilment-orders/{id}/shipments": {"shipped_at": "2026-11-24T12:00:00Z"},
    "stock/reports": {"warehouse": "wh-b", "at": "2026-11-24T12:00:00Z", "report_id": "r"},
    "stock/adjustments": {
        "warehouse": "wh-b",
        "at": "2026-11-24T12:00:00Z",
        "change_id": "c",
        "reason": "damage",
        "lines": [{"sku": "SECRET-SKU", "delta": "-1"}],
    },
    "return-terms": {"warehouses": [{"warehouse": "wh-b"}]},
    "stock/rules": {"safety": [{"warehouse": "wh-b", "pieces": "3"}]},
    "products": {"sku": "SECRET-SKU", "title": "mine now"},
    "messages/replay": {"connection": "shop-b", "reason": "x"},
    "messages/{id}/edit": {"payload": "{}", "reason": "x"},
    "orders/{id}/cancel": {"reason": "x"},
    "orders/{id}/refunds": {
        "refund_id": "r",
        "channel_order_id": "1001",
        "created_at": "2026-11-24T13:00:00Z",
        "currency": "EUR",
        "amount": "1.00",
    },
    "orders/{id}/hold": {"reason": "x"},
    "stocktakes": {"merchant": "beta", "warehouse": "wh-b"},
    "stocktakes/{id}/counts": {"lines": [{"sku": "SECRET-SKU", "counted": "1"}]},
    "stocktakes/{id}/recount": {"lines": [1], "note": "x"},
    "stocktakes/{id}/cancel": {"reason": "x"},
    "messages/{id}/replay": {"reason": "x"},
    "messages/{id}/discard": {"reason": "x"},
}
"""What is posted to each route; the others take an empty object."""

_STATE = (
    "SELECT id, status, version FROM sales_order",
    "SELECT id, status FROM fulfilment_order",
    "SELECT warehouse, sku, on_hand, reserved FROM stock_level",
    "SELECT merchant_id, sku, title FROM product",
    "SELECT id, status FROM work",
    "SELECT id, version, status FROM message",
    "SELECT code, status FROM connection",
    "SELECT id FROM ledger",
    "SELECT merchant_id, sku, warehouse, pieces FROM safety_stock",
    "SELECT merchant_id, policy FROM return_policy",
    "SELECT id, status, counted_by FROM stocktake",
    "SELECT stocktake_id, sku, round FROM stocktake_line",
    "SELECT id, counted FROM stocktake_count",
)


def state(gateway: Gateway, merchant: str) -> list[Any]:
    """All that a merchant has."""
    with gateway.store.doors.begin((merchant,)) as db:
        return [sorted(map(str, db.exec_driver_sql(query))) for query in _STATE]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_G28_no_route_shows_or_changes_what_another_merchant_has(
    planted: Planted, route: Route
) -> None:
    gateway, theirs = planted.gateway, planted.theirs
    before = state(gateway, "beta")
    acme = gateway.key("all", merchant="acme")
    kind = route.path.partition("/")[0]
    path = route.path.replace("{id}", theirs.get(kind, "")).replace("{code}", "shop-b")
    path = path.replace("{sku}", "SECRET-SKU")
    body = BODIES.get(route.path, {}) if route.body else None
    answer = gateway.call(route.method, path, acme, body)
    if "{" in route.path:
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (404, "not_found")
    assert state(gateway, "beta") == before
    asked = json.dumps(body)
    for word in PLANTED:
        assert word in asked or word not in answer.text


FILTERS = (
    "orders?merchant=beta",
    "orders?channel=shop-b",
    "orders?order_number=%2377009001",
    "fulfilment-orders?warehouse=wh-b",
    "stock?merchant=beta",
    "stock?sku=SECRET-SKU",
    "stock/ledger?warehouse=wh-b",
    "products?merchant=beta",
    "products?q=SECRET",
    "messages?connection=shop-b",
    "messages?q=77009001",
    "stocktakes?merchant=beta",
)


@pytest.mark.parametrize("query", FILTERS)
def test_G28_no_filter_finds_what_another_merchant_has(planted: Planted, query: str) -> None:
    gateway = planted.gateway
    acme, beta = gateway.key("all", merchant="acme"), gateway.key("all", merchant="beta")
    assert gateway.call("GET", query, acme).json["items"] == []
    assert gateway.call("GET", query, beta).json["items"] != []


def test_S17_foreign_and_unknown_are_told_alike(planted: Planted) -> None:
    gateway, theirs = planted.gateway, planted.theirs
    acme = gateway.key("all", merchant="acme")
    own = "0190b6f0-7b0e-7c3d-9a55-000000000009"
    for kind in ("orders", "messages", "jobs"):
        foreign, unknown = (
            gateway.call("GET", f"{kind}/{one}", acme, headers={"X-Correlation-Id": own})
            for one in (theirs[kind], own)
        )
        assert (foreign.status_code, foreign.data) == (unknown.status_code, unknown.data)


def test_S16_sessions_of_the_doors_see_nothing_until_a_scope_is_set(
    planted: Planted,
) -> None:
    with planted.gateway.store.doors.begin() as db:
        for query in _STATE:
            assert list(db.exec_driver_sql(query)) == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_S18_every_route_needs_its_own_scope(gateway: Gateway, route: Route) -> None:
    path = route.path.replace("{id}", "x").replace("{code}", "nowhere")
    others = gateway.key(*(scope for scope in api_keys.SCOPES if scope != route.scope))
    body = {} if route.body else None
    refused = gateway.call(route.method, path, others, body)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (403, "missing_scope")
    assert gateway.call(route.method, path, gateway.key(route.scope), body).status_code != 403
    assert gateway.call(route.method, path, None, body).status_code == 401
