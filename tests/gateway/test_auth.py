"""Who may knock at the Open API, and how others are turned away."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from hub.doors.guessing import Strangers
from hub.doors.limits import Buckets, InFlight, Seldom
from hub.model.errors import BadData
from hub.store.people import api_keys
from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import SECRET, signed_call


def test_S19_a_key_is_kept_as_its_digest_and_shown_once(gateway: Gateway) -> None:
    text = gateway.key("orders:read")
    assert text.startswith("ohk_")
    assert len(text) == 47
    (row,) = gateway.world.sql("SELECT digest, prefix, scopes FROM api_key")
    assert bytes(row.digest) == sha256(text.encode()).digest()
    assert text.startswith(row.prefix)
    assert len(row.prefix) == 10
    dump = str(gateway.world.sql("SELECT * FROM api_key"))
    assert text not in dump


def test_a_key_that_ended_is_refused(gateway: Gateway) -> None:
    text = gateway.key("orders:read")
    assert gateway.call("GET", "orders", text).status_code == 200
    assert gateway.world.sql("SELECT last_used_at IS NOT NULL FROM api_key")[0][0] is True
    gateway.world.sql("UPDATE api_key SET expires_at = now() - interval '1 s'")
    assert gateway.call("GET", "orders", text).status_code == 401
    gateway.world.sql("UPDATE api_key SET expires_at = NULL")
    with gateway.store.database.begin() as db:
        (key,) = api_keys.listed(db)
        assert api_keys.revoke(db, key.id) is True
        assert api_keys.revoke(db, key.id) is False
    assert gateway.call("GET", "orders", text).status_code == 401


def test_a_scope_that_does_not_exist_is_refused_with_those_that_do(gateway: Gateway) -> None:
    with gateway.store.database.begin() as db, pytest.raises(BadData, match="orders:read"):
        api_keys.make(db, "x", ["orders:everything"], owner="user:x")
    with gateway.store.database.begin() as db, pytest.raises(BadData):
        api_keys.make(db, "x", [], owner="user:x")


def test_a_key_reaches_what_its_scopes_say(gateway: Gateway) -> None:
    text = gateway.key("orders:read")
    assert gateway.call("GET", "orders", text).status_code == 200
    answer = gateway.call("GET", "messages", text)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (403, "missing_scope")
    assert "messages:read" in answer.json["detail"]


UNKNOWN = "ohk_" + "A" * 43
BAD = {
    "none": {},
    "empty": {"Authorization": ""},
    "another scheme": {"Authorization": f"Basic {UNKNOWN}"},
    "unknown": {"Authorization": f"Bearer {UNKNOWN}"},
    "too short": {"Authorization": "Bearer ohk_x"},
    "a quote": {"Authorization": "Bearer ohk_' OR '1'='1"},
    "two": {"Authorization": f"Bearer {UNKNOWN},Bearer {UNKNOWN}"},
    "key and signature": {"Authorization": f"Bearer {UNKNOWN}", "webhook-signature": "v1,x"},
    "a signature of nobody": {"webhook-signature": "v1,x", "webhook-connection": "nobody"},
    "a signature of a partner without": {"webhook-signature": "v1,x", "webhook-connection": "wh-q"},
}


@pytest.mark.parametrize("name", BAD)
def test_G26_who_does_not_prove_himself_is_refused_alike(
    gateway: Gateway, log: list[Any], name: str
) -> None:
    answer = gateway.call("GET", "orders", headers=BAD[name])
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["detail"] == "an API key or a connection's signature is expected"
    assert "not_authentic" in [event["event"] for event in log]
    assert UNKNOWN not in str(log)


@pytest.mark.parametrize("name", ["key", "api_key", "access_token", "q"])
def test_a_key_in_the_query_is_refused_and_not_logged(
    gateway: Gateway, log: list[Any], name: str
) -> None:
    text = gateway.key("all")
    answer = gateway.call("GET", f"orders?{name}={text}", text)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (401, "key_in_query")
    assert text not in str(log)
    assert text not in answer.text


def test_a_signature_of_a_connection_is_as_good_as_a_key(gateway: Gateway) -> None:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    body = json.dumps(order()).encode()
    headers = signed_call("POST", "orders", "shop-a", body, delivery="d-1")
    first = gateway.client.post("/api/v1/orders", data=body, headers=headers)
    assert first.status_code == 201
    again = gateway.client.post("/api/v1/orders", data=body, headers=headers)
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    cancel = f"orders/{first.json['id']}/cancel"
    moved = gateway.client.post(f"/api/v1/{cancel}", data=body, headers=headers)
    assert (moved.status_code, moved.json["errors"][0]["code"]) == (401, "bad_signature")
    reused = signed_call("POST", cancel, "shop-a", body, delivery="d-1")
    answer = gateway.client.post(f"/api/v1/{cancel}", data=body, headers=reused)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "key_reused")
    long_ago = datetime.now(UTC) - timedelta(seconds=301)
    late = signed_call("POST", "orders", "shop-a", body, at=long_ago)
    assert gateway.client.post("/api/v1/orders", data=body, headers=late).status_code == 401
    other = signed_call("POST", "orders", "shop-b", body)
    assert gateway.client.post("/api/v1/orders", data=body, headers=other).status_code == 422


def test_S32_what_a_stranger_says_of_forwarding_changes_nothing(
    gateway: Gateway, log: list[Any]
) -> None:
    for at in range(8):
        headers = {"X-Forwarded-For": f"10.0.0.{at}", "X-Real-Ip": f"10.0.0.{at}"}
        answer = gateway.client.get(
            "/api/v1/orders",
            headers={**headers, "Authorization": f"Bearer {UNKNOWN}"},
            environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
        )
    assert answer.status_code == 429
    assert {event["address"] for event in log if "address" in event} == {"203.0.113.7"}


def test_S21_guessing_is_slowed_down_and_the_owner_still_gets_in(gateway: Gateway) -> None:
    good = gateway.key("orders:read")
    answers = [gateway.call("GET", "orders", f"ohk_{at:043d}") for at in range(60)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 55
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert gateway.call("GET", "orders", good).status_code == 200


def test_a_fresh_key_works_at_once_where_others_have_failed_and_forgives_them_nothing(
    gateway: Gateway,
) -> None:
    for at in range(17):
        gateway.call("GET", "orders", f"ohk_{at:043d}")
    for _ in range(4):
        assert gateway.call("GET", "orders", gateway.key("orders:read")).status_code == 200
        assert gateway.call("GET", "orders", UNKNOWN).status_code == 429


def test_a_forged_signature_takes_nothing_from_a_connection_that_signs_rightly(
    gateway: Gateway,
) -> None:
    def ask(secret: str) -> int:
        headers = signed_call("GET", "orders", "shop-a", secret=secret)
        return gateway.call("GET", "orders", headers=headers).status_code

    assert ask(SECRET) == 200
    assert [ask("whsec_Zm9yZ2Vk") for _ in range(30)][-1] == 429
    assert [ask(SECRET) for _ in range(3)] == [200] * 3


def test_S21_of_ten_thousand_wrong_keys_from_a_hundred_addresses_few_are_told_what_is_wrong() -> (
    None
):
    now = 0.0
    strangers = Strangers(clock=lambda: now)
    told = 0
    for guess in range(10_000):
        now = guess / 100
        told += not strangers.count(f"203.0.113.{guess % 100}")
    assert told <= 200


def test_strangers_wait_double_up_to_a_quarter_of_an_hour() -> None:
    now, waits = 0.0, []
    strangers = Strangers(clock=lambda: now)
    while len(waits) < 12:
        wait = strangers.count("2001:db8::1")
        if wait:
            waits.append(wait)
            assert strangers.count("2001:db8::ffff") == wait  # one network is one stranger
            assert strangers.count(f"10.0.0.{len(waits)}") == 0
        now += wait
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_what_is_said_seldom_is_said_once_a_minute_with_how_often_it_was_kept_back() -> None:
    now = 0.0
    seldom = Seldom(clock=lambda: now)
    assert [seldom.due("a") for _ in range(4)] == [0, None, None, None]
    assert seldom.due("b") == 0
    now = 60.0
    assert [seldom.due("a"), seldom.due("a")] == [3, None]


def test_a_bucket_fills_again() -> None:
    now = 0.0
    buckets = Buckets(per_second=2, burst=3, clock=lambda: now)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    now = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]


def test_room_is_given_back() -> None:
    room = InFlight(most=1)
    with room.enter("a") as first, room.enter("a") as second, room.enter("b") as other:
        assert (first, second, other) == (True, False, True)
    with room.enter("a") as again:
        assert again is True


def test_S30_a_caller_that_is_too_fast_hears_429(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.gateway.serving.PER_SECOND", 0.1)
    monkeypatch.setattr("hub.gateway.serving.BURST", 2)
    text, gateway = gateway.key("orders:read"), Gateway(gateway.world)
    answers = [gateway.call("GET", "orders", text) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "10"
    other = gateway.key("orders:read")  # what a caller may not do counts as what it may
    answers = [gateway.call("GET", "messages", other) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
