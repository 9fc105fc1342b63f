"""What the shop sends: signed as Shopify signs, repeated under the first id, order shuffled."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

from adapters.kit.testing.scripted_partner import SILENCE, Told
from sandbox.orders import generate
from tests.kit.fixtures import SHARED


def test_the_signature_is_the_published_one(shop):
    headers, raw = shop.webhook("orders/create", b'"my secret message"', secret="hush")
    assert raw == b'"my secret message"'
    assert headers["X-Shopify-Hmac-SHA256"] == "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI="


def test_the_signatures_agree_with_the_shared_known_answers(shop):
    known = SHARED / "channels/signatures/known-answers.json"
    if not known.exists():
        return  # the published vector above is our own sample of it
    vectors = json.loads(known.read_text())["vectors"]
    mine = [it for it in vectors if (it["channel"], it["what"]) == ("shopify", "webhook")]
    assert mine
    for it in mine:
        headers, _ = shop.webhook("t", it["body"].encode(), secret=it["secret"])
        assert headers["X-Shopify-Hmac-SHA256"] == it["expected"]


def test_a_delivery_bears_what_shopify_sends(shop):
    at = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
    headers, raw = shop.webhook(
        "orders/paid", {"id": 1, "name": "Zoë"}, webhook_id="w", event_id="e", triggered_at=at,
        headers={"X-Shopify-Test": "true"},
    )  # fmt: skip
    assert json.loads(raw) == {"id": 1, "name": "Zoë"}
    assert headers["X-Shopify-Topic"] == "orders/paid"
    assert headers["X-Shopify-Shop-Domain"] == "demo-shop.myshopify.com"
    assert (headers["X-Shopify-Webhook-Id"], headers["X-Shopify-Event-Id"]) == ("w", "e")
    assert headers["X-Shopify-Triggered-At"] == "2026-11-22T10:00:00.123456000Z"
    assert headers["X-Shopify-Test"] == "true"


def test_sending_posts_the_signed_bytes_and_notes_the_answer(shop, hub):
    body = next(generate(1, seed=1))
    assert shop.send(hub.door, "orders/create", body) == 200
    (request,) = hub.asked
    digest = hmac.new(b"sandbox-secret", request.body, hashlib.sha256).digest()
    assert request.headers["x-shopify-hmac-sha256"] == base64.b64encode(digest).decode()
    assert json.loads(request.body) == body
    (sent,) = shop.sent
    assert (sent["kind"], sent["key"]) == ("orders/create", str(body["id"]))
    assert sent["document"]["status"] == 200


def test_a_refused_delivery_is_sent_again_with_the_same_bytes_and_ids(shop, hub):
    hub.answers = [Told(503), SILENCE]
    assert shop.send(hub.door, "orders/create", {"id": 1}, tries=4) == 200
    assert len(hub.asked) >= 3
    assert len({it.headers["x-shopify-webhook-id"] for it in hub.asked}) == 1
    assert {it.body for it in hub.asked} == {b'{"id": 1}'}


def test_a_hub_that_is_away_gives_status_nought(shop):
    assert shop.send("http://127.0.0.1:9/in/test", "orders/create", {"id": 1}) == 0


def test_deliver_posts_each_three_times_shuffled_by_its_seed(shop, hub):
    deliveries = [("orders/create", {"id": n}) for n in range(8)]
    statuses = shop.deliver(hub.door, deliveries, times=3, seed=5, threads=1)
    first = [json.loads(it.body)["id"] for it in hub.asked]
    ids = {(json.loads(it.body)["id"], it.headers["x-shopify-webhook-id"]) for it in hub.asked}
    assert statuses == [200] * 24
    assert sorted(first) == sorted(list(range(8)) * 3)
    assert first[:8] != list(range(8))
    assert len(ids) == 8  # every repeat under its first webhook id
    hub.asked.clear()
    shop.deliver(hub.door, deliveries, times=3, seed=5, threads=1)
    assert [json.loads(it.body)["id"] for it in hub.asked] == first


def test_deliver_uses_several_connections_at_once(shop, hub):
    deliveries = [("orders/create", {"id": n}) for n in range(40)]
    assert shop.deliver(hub.door, deliveries, times=1, threads=8) == [200] * 40
    assert sorted(json.loads(it.body)["id"] for it in hub.asked) == list(range(40))
