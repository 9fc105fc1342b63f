"""Health, readiness and metrics: true, cheap, and without a word about the business."""

import json

import pytest

from hub.gateway import watch
from hub.store.database import DatabaseAway
from tests.gateway.test_api_orders import order
from tests.gateway.town import Town, signed


def test_it_lives_and_is_ready(town: Town) -> None:
    assert town.client.get("/healthz").json == {"status": "ok"}
    ready = town.client.get("/readyz")
    assert (ready.status_code, ready.json["status"]) == (200, "ready")
    assert set(ready.json["checks"]) == {"database", "disk"}


def test_without_a_database_it_lives_and_is_not_ready(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("gone")

    monkeypatch.setattr(type(town.store.database), "begin", away)
    assert town.client.get("/healthz").status_code == 200
    ready = town.client.get("/readyz")
    assert (ready.status_code, ready.json["checks"]["database"]) == (503, "away")
    assert "orderhub_database_up 0.0" in town.client.get("/metrics").text


@pytest.mark.parametrize(
    ("free", "whole", "word"),
    [
        (199_999_999, 10**12, "full"),
        (200_000_000, 10**9, "low"),
        (499_999_999, 10**9, "low"),
        (600_000_000, 10**10, "low"),
        (10**9 + 1, 10**10, "ok"),
    ],
)
def test_a_disk_is_judged_by_what_is_left(free: int, whole: int, word: str) -> None:
    assert watch.judged(free, whole) == word


def test_a_full_disk_is_not_ready_and_a_low_one_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "free_space", lambda _: (300_000_000, 10**12))
    low = town.client.get("/readyz")
    assert (low.status_code, low.json["checks"]["disk"]) == (200, "low")
    monkeypatch.setattr(watch, "free_space", lambda _: (100_000_000, 10**12))
    full = Town(town.store).client.get("/readyz")
    assert (full.status_code, full.json["checks"]["disk"]) == (503, "full")


def test_deliveries_requests_and_backlog_are_counted(town: Town) -> None:
    body = json.dumps(order()).encode()
    headers = signed(body)
    for _ in range(2):
        town.post_in("shop-a", body, headers)
    town.post_in("shop-a", body, {})
    town.post_in("nobody", body)
    town.call("GET", "orders", town.key("orders:read"))
    shown = town.client.get("/metrics")
    assert shown.content_type.startswith("text/plain")
    for line in (
        'orderhub_intake_total{connection="shop-a",outcome="stored"} 1.0',
        'orderhub_intake_total{connection="shop-a",outcome="repeated"} 1.0',
        'orderhub_intake_total{connection="shop-a",outcome="missing_signature"} 1.0',
        'orderhub_intake_total{connection="-",outcome="not_found"} 1.0',
        'orderhub_api_requests_total{method="GET",route="/api/v1/orders",status="200"} 1.0',
        "orderhub_database_up 1.0",
    ):
        assert line in shown.text
    assert 'orderhub_backlog{connection="shop-a",direction="in",shard="' in shown.text


def test_S36_metrics_and_health_say_nothing_of_the_business(town: Town) -> None:
    town.fill("acme", "wh-a", A=10, B=10)
    key = town.key("all", merchant="acme")
    posted = town.call("POST", "orders", key, order(4711)).json
    town.call("GET", f"orders/{posted['id']}", key)
    for path in ("/metrics", "/healthz", "/readyz"):
        said = town.client.get(path).text
        for word in ("acme", "4711", "Ada", posted["id"], key):
            assert word not in said
