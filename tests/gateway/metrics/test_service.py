"""Health, readiness and metrics: true, cheap, and without a word about the business."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.doors import watch
from hub.doors.ops import Ops
from hub.rules.ops import disk
from hub.settings.values import Bind
from hub.store.base.failures import DatabaseAway
from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed


def ops(gateway: Gateway) -> Ops:
    """What the gateway shows to whoever watches it."""
    bind = Bind("127.0.0.1", 9)
    return Ops(bind, "gateway", [gateway.app.metrics.whole], gateway.app.watch.health)


def metrics(gateway: Gateway) -> str:
    """The metrics of a gateway."""
    return ops(gateway).answer("/metrics")[2].decode()


def series(gateway: Gateway) -> set[str]:
    """The names and labels of all series."""
    lines = [line for line in metrics(gateway).splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0] for line in lines}


def test_it_lives_and_is_ready(gateway: Gateway) -> None:
    assert gateway.client.get("/healthz").json == {"status": "ok"}
    ready = gateway.client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ready"})
    assert ops(gateway).answer("/readyz") == (
        200,
        "application/json",
        b'{"status": "ready", "service": "gateway", "checks": {"database": "ok", "disk": "ok"}}',
    )
    assert gateway.client.get("/metrics").status_code == 404


def test_without_a_database_it_lives_and_is_not_ready(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("gone")

    monkeypatch.setattr(type(gateway.store.database), "begin", away)
    assert gateway.client.get("/healthz").status_code == 200
    ready = gateway.client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"status": "not ready"})
    assert b'"database": "away"' in ops(gateway).answer("/readyz")[2]
    assert "orderhub_database_up 0.0" in metrics(gateway)


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
    assert disk.judged(free, whole) == word


def test_a_full_disk_is_not_ready_and_a_low_one_is(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "free_space", lambda _: (300_000_000, 10**12))
    assert gateway.client.get("/readyz").json == {"status": "ready"}
    assert b'"disk": "low"' in ops(gateway).answer("/readyz")[2]
    monkeypatch.setattr(watch, "free_space", lambda _: (100_000_000, 10**12))
    full = Gateway(gateway.world).client.get("/readyz")
    assert (full.status_code, full.json) == (503, {"status": "not ready"})


def test_deliveries_requests_and_backlog_are_counted(gateway: Gateway) -> None:
    body = json.dumps(order()).encode()
    headers = signed(body)
    for _ in range(2):
        gateway.post_in("shop-a", body, headers)
    gateway.post_in("shop-a", body, {})
    gateway.post_in("nobody", body)
    gateway.call("GET", "orders", gateway.key("orders:read"))
    shown = metrics(gateway)
    for line in (
        'orderhub_intake_total{connection="shop-a",outcome="stored"} 1.0',
        'orderhub_intake_total{connection="shop-a",outcome="repeated"} 1.0',
        'orderhub_intake_total{connection="shop-a",outcome="missing_signature"} 1.0',
        'orderhub_intake_total{connection="-",outcome="not_found"} 1.0',
        'orderhub_api_requests_total{method="GET",route="/api/v1/orders",status="200"} 1.0',
        "orderhub_database_up 1.0",
    ):
        assert line in shown
    assert 'orderhub_backlog{connection="shop-a",direction="in",shard="' in shown


def test_S36_metrics_and_health_say_nothing_of_the_business(gateway: Gateway) -> None:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all", merchant="acme")
    posted = gateway.call("POST", "orders", key, order(4711)).json
    gateway.call("GET", f"orders/{posted['id']}", key)
    answers = [gateway.client.get(path).text for path in ("/metrics", "/healthz", "/readyz")]
    answers += [
        ops(gateway).answer(path)[2].decode() for path in ("/metrics", "/healthz", "/readyz")
    ]
    for said in answers:
        for word in ("acme", "4711", "Ada", posted["id"], key):
            assert word not in said


word = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1)


def test_no_label_of_a_metric_takes_what_a_caller_makes_up(gateway: Gateway) -> None:
    key = gateway.key("all")

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        method=st.sampled_from(["GET", "POST", "TRACE"]) | word.map(str.upper),
        path=st.sampled_from(["/api/v1/orders/{}", "/in/{}", "/in/shop-a", "/{}", "/api/v1/{}?{}"]),
        said=word,
    )
    def ask(method: str, path: str, said: str) -> None:
        made_up = quote(f"zq{said}", safe="")
        headers = {"Authorization": f"Bearer {key}" if len(said) % 2 else made_up}
        url = path.replace("{}", made_up)
        gateway.client.open(url, method=f"ZQ{method}" if len(said) % 3 else method, headers=headers)

    ask()
    found = series(gateway)
    assert [name for name in found if "zq" in name.lower()] == []
    assert len([name for name in found if name.startswith("orderhub_api_requests_total")]) < 40
    assert len([name for name in found if name.startswith("orderhub_intake_total")]) < 40
