"""Who may knock at the Open API, and how others are turned away."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from hub.gateway.limits import Buckets, Guessing, InFlight
from hub.model.errors import BadData
from hub.store import keys
from tests.gateway.test_api_orders import order
from tests.gateway.town import Town, signed


def test_S19_a_key_is_kept_as_its_digest_and_shown_once(town: Town) -> None:
    text = town.key("orders:read")
    assert text.startswith("ohk_")
    assert len(text) == 47
    (row,) = town.sql("SELECT digest, prefix, scopes FROM api_key")
    assert bytes(row.digest) == sha256(text.encode()).digest()
    assert text.startswith(row.prefix)
    assert len(row.prefix) == 10
    dump = str(town.sql("SELECT * FROM api_key"))
    assert text not in dump


def test_a_key_that_ended_is_refused(town: Town) -> None:
    text = town.key("orders:read")
    assert town.call("GET", "orders", text).status_code == 200
    assert town.sql("SELECT last_used_at IS NOT NULL FROM api_key")[0][0] is True
    town.sql("UPDATE api_key SET expires_at = now() - interval '1 s'")
    assert town.call("GET", "orders", text).status_code == 401
    town.sql("UPDATE api_key SET expires_at = NULL")
    with town.store.database.begin() as db:
        (key,) = keys.listed(db)
        assert keys.revoke(db, key.id) is True
        assert keys.revoke(db, key.id) is False
    assert town.call("GET", "orders", text).status_code == 401


def test_a_scope_that_does_not_exist_is_refused_with_those_that_do(town: Town) -> None:
    with town.store.database.begin() as db, pytest.raises(BadData, match="orders:read"):
        keys.make(db, "x", ["orders:everything"])
    with town.store.database.begin() as db, pytest.raises(BadData):
        keys.make(db, "x", [])


def test_a_key_reaches_what_its_scopes_say(town: Town) -> None:
    text = town.key("orders:read")
    assert town.call("GET", "orders", text).status_code == 200
    answer = town.call("GET", "messages", text)
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
    town: Town, log: list[Any], name: str
) -> None:
    answer = town.call("GET", "orders", headers=BAD[name])
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["detail"] == "an API key or a connection's signature is expected"
    assert "not_authentic" in [event["event"] for event in log]
    assert UNKNOWN not in str(log)


@pytest.mark.parametrize("name", ["key", "api_key", "access_token", "q"])
def test_a_key_in_the_query_is_refused_and_not_logged(
    town: Town, log: list[Any], name: str
) -> None:
    text = town.key("all")
    answer = town.call("GET", f"orders?{name}={text}", text)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (401, "key_in_query")
    assert text not in str(log)
    assert text not in answer.text


def test_a_signature_of_a_connection_is_as_good_as_a_key(town: Town) -> None:
    town.fill("acme", "wh-a", A=10, B=10)
    body = json.dumps(order()).encode()
    headers = {**signed(body, delivery="d-1"), "webhook-connection": "shop-a"}
    first = town.client.post("/api/v1/orders", data=body, headers=headers)
    assert first.status_code == 201
    again = town.client.post("/api/v1/orders", data=body, headers=headers)
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    elsewhere = f"/api/v1/orders/{first.json['id']}/cancel"
    moved = town.client.post(elsewhere, data=body, headers=headers)
    assert (moved.status_code, moved.json["errors"][0]["code"]) == (422, "key_reused")
    stale = signed(body, at=datetime.now(UTC) - timedelta(seconds=301))
    late = {**stale, "webhook-connection": "shop-a"}
    assert town.client.post("/api/v1/orders", data=body, headers=late).status_code == 401
    other = {**signed(body), "webhook-connection": "shop-b"}
    assert town.client.post("/api/v1/orders", data=body, headers=other).status_code == 422


def test_S32_what_a_stranger_says_of_forwarding_changes_nothing(town: Town, log: list[Any]) -> None:
    for at in range(8):
        headers = {"X-Forwarded-For": f"10.0.0.{at}", "X-Real-Ip": f"10.0.0.{at}"}
        answer = town.client.get(
            "/api/v1/orders",
            headers={**headers, "Authorization": f"Bearer {UNKNOWN}"},
            environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
        )
    assert answer.status_code == 429
    assert {event["address"] for event in log if "address" in event} == {"203.0.113.7"}


def test_S21_guessing_is_slowed_down_and_the_owner_still_gets_in(town: Town) -> None:
    good = town.key("orders:read")
    assert town.call("GET", "orders", good).status_code == 200
    answers = [town.call("GET", "orders", f"ohk_{at:043d}") for at in range(60)]
    tried = [answer for answer in answers if answer.status_code == 401]
    assert len(tried) == 6
    assert {answer.status_code for answer in answers[6:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert town.call("GET", "orders", good).status_code == 200


def test_guessing_waits_double_up_to_a_quarter_of_an_hour() -> None:
    now = 0.0
    guessing = Guessing(clock=lambda: now)
    waits = []
    for _ in range(20):
        guessing.failed("a", b"x")
        waits.append(guessing.wait("a", b"y"))
    assert waits[:5] == [0, 0, 0, 0, 0]
    assert waits[5:9] == [1, 2, 4, 8]
    assert waits[-1] == 900
    assert guessing.wait("b", b"y") == 0
    guessing.proved("b", b"good")
    assert guessing.wait("a", b"good") == 0
    guessing.proved("a", b"good")
    assert guessing.wait("a", b"y") == 0


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
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.gateway.serving.Buckets", lambda: Buckets(per_second=0.1, burst=2))
    text, town = town.key("orders:read"), Town(town.store)
    answers = [town.call("GET", "orders", text) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "10"
