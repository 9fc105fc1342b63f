"""The manners of the Open API: methods, types, parameters, idempotency, correlation."""

import threading
from typing import Any

import pytest

from hub.gateway.api import ROUTES
from hub.gateway.http.body import LIMIT
from hub.store.base.failures import DatabaseAway
from hub.store.people import idempotency
from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway


@pytest.fixture
def key(gateway: Gateway) -> str:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    return gateway.key("all")


def code_of(answer: Any) -> str:
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "errors", "correlation_id"}
    assert answer.json["status"] == answer.status_code
    assert answer.headers["X-Correlation-Id"] == answer.json["correlation_id"]
    return str(answer.json["errors"][0]["code"])


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/orders/", "/api/v1//orders", "/", "/x"]
)
def test_an_address_that_is_none_is_not_found(gateway: Gateway, key: str, path: str) -> None:
    answer = gateway.client.get(path, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
def test_a_method_that_is_none_is_refused(gateway: Gateway, key: str, method: str) -> None:
    answer = gateway.call(method, "orders", key)
    assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_a_method_cannot_be_overridden(gateway: Gateway, key: str) -> None:
    headers = {"X-HTTP-Method-Override": "POST"}
    assert gateway.call("GET", "orders", key, headers=headers).json["items"] == []


def test_what_is_accepted_must_be_json(gateway: Gateway, key: str) -> None:
    for accept in ("text/html", "application/xml", "image/*"):
        answer = gateway.call("GET", "orders", key, headers={"Accept": accept})
        assert (answer.status_code, code_of(answer)) == (406, "not_acceptable")
    for accept in ("*/*", "application/json;q=0.9, text/html", "application/*", ""):
        assert gateway.call("GET", "orders", key, headers={"Accept": accept}).status_code == 200


def test_a_body_must_be_json_by_its_type(gateway: Gateway, key: str) -> None:
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", ""):
        answer = gateway.call("POST", "orders", key, order(), headers={"Content-Type": kind})
        assert (answer.status_code, code_of(answer)) == (415, "wrong_type")
    utf8 = {"Content-Type": "application/json; charset=utf-8"}
    assert gateway.call("POST", "orders", key, order(), headers=utf8).status_code == 201


def test_a_body_over_the_limit_is_refused(gateway: Gateway, key: str) -> None:
    answer = gateway.call("POST", "orders", key, b" " * (LIMIT + 1))
    assert (answer.status_code, code_of(answer)) == (413, "too_large")


PARAMETERS = {
    "limit=0": "limit",
    "limit=201": "limit",
    "limit=1000000000": "limit",
    "limit=-1": "limit",
    "limit=x": "limit",
    "limit=%D9%A1": "limit",
    "limit=": "limit",
    "limit=1&limit=2": "limit",
    "colour=red": "colour",
    "status=lost": "status",
    "channel=": "channel",
    "channel=%00": "channel",
    "order_number=" + "x" * 201: "order_number",
}


@pytest.mark.parametrize("query", PARAMETERS)
def test_a_parameter_that_is_unknown_or_wrong_is_named(
    gateway: Gateway, key: str, query: str
) -> None:
    answer = gateway.call("GET", f"orders?{query}", key)
    code_of(answer)
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, PARAMETERS[query])


def test_the_correlation_id_is_the_callers_own_and_reaches_what_is_told(
    gateway: Gateway, key: str
) -> None:
    own = "0190b6f0-7b0e-7c3d-9a55-000000000009"
    answer = gateway.call("POST", "orders", key, order(), headers={"X-Correlation-Id": own})
    assert answer.headers["X-Correlation-Id"] == own
    rows = gateway.world.sql("SELECT DISTINCT correlation_id::text FROM message")
    assert [row[0] for row in rows] == [own]


def test_every_answer_is_protected(gateway: Gateway, key: str) -> None:
    for path in ("/api/v1/orders", "/api/v1/docs", "/api/v1/openapi.json", "/healthz", "/nothing"):
        answer = gateway.client.get(path, headers={"Authorization": f"Bearer {key}"})
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(answer.headers["X-Correlation-Id"]) == 36


# --- idempotency


def post(gateway: Gateway, key: str, body: Any, idempotency_key: str) -> Any:
    return gateway.call("POST", "orders", key, body, headers={"Idempotency-Key": idempotency_key})


def test_G12_the_same_key_and_body_get_the_same_answer(gateway: Gateway, key: str) -> None:
    first, again = (post(gateway, key, order(), "k-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert gateway.world.sql("SELECT count(*) FROM message WHERE direction = 'in'")[0][0] == 1


def test_G12_also_the_same_refusal(gateway: Gateway, key: str) -> None:
    bad = order(currency=None)
    first, again = (post(gateway, key, bad, "k-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (422, 422)
    assert first.data == again.data
    gone = gateway.call(
        "POST", "orders/nothing/cancel", key, {"reason": "x"}, {"Idempotency-Key": "c"}
    )
    assert gone.status_code == 404


def test_G12_another_body_under_the_same_key_is_refused(gateway: Gateway, key: str) -> None:
    post(gateway, key, order(), "k-1")
    answer = post(gateway, key, order(1002), "k-1")
    assert (answer.status_code, code_of(answer)) == (422, "key_reused")
    other = gateway.call("POST", "routing/what-if", key, order(), {"Idempotency-Key": "k-1"})
    assert other.status_code == 422
    assert gateway.world.count("sales_order") == 1


def test_G12_also_where_a_partner_is_called(gateway: Gateway, key: str) -> None:
    headers = {"Idempotency-Key": "t-1"}
    first, again = (
        gateway.call("POST", "connections/wh-a/test", key, headers=headers) for _ in range(2)
    )
    assert (first.status_code, first.data) == (200, again.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = gateway.call("POST", "connections/wh-b/test", key, headers=headers)
    assert (other.status_code, code_of(other)) == (422, "key_reused")


def test_G12_keys_of_different_callers_are_different(gateway: Gateway, key: str) -> None:
    post(gateway, key, order(), "k-1")
    assert post(gateway, gateway.key("all"), order(1002), "k-1").status_code == 201


def test_G12_while_the_first_runs_the_second_waits_its_turn(gateway: Gateway, key: str) -> None:
    with gateway.store.database.begin() as db:
        (caller,) = [f"key:{row.id}" for row in gateway.world.sql("SELECT id FROM api_key")]
        assert idempotency.earlier(db, gateway.store.vault, caller, "k-1", b"x") is None
        answer = post(gateway, key, order(), "k-1")
        assert (answer.status_code, code_of(answer)) == (409, "still_running")
        assert answer.headers["Retry-After"] == "1"
    assert post(gateway, key, order(), "k-1").status_code == 201


def test_G12_an_answer_is_kept_for_48_hours(gateway: Gateway, key: str) -> None:
    post(gateway, key, order(), "k-1")
    gateway.world.sql("UPDATE idempotency SET at = now() - interval '47 h'")
    assert "Idempotent-Replayed" in post(gateway, key, order(), "k-1").headers
    gateway.world.sql("UPDATE idempotency SET at = now() - interval '49 h'")
    later = post(gateway, key, order(), "k-1")
    assert (later.status_code, later.json["verdict"]["code"]) == (200, "unchanged")
    gateway.world.sql("UPDATE idempotency SET at = now() - interval '49 h'")
    with gateway.store.database.begin() as db:
        assert idempotency.forget_old(db) == 1


def test_G12_twenty_at_once_have_one_effect(gateway: Gateway, key: str) -> None:
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(post(gateway, key, order(), "k-1")))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.data for answer in done}) == 1
    assert gateway.world.sql("SELECT count(*) FROM message WHERE direction = 'in'")[0][0] == 1


def test_without_a_key_the_same_order_at_once_is_one_order(gateway: Gateway, key: str) -> None:
    answers: list[Any] = []

    def one() -> None:
        answers.append(gateway.call("POST", "orders", key, order()))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert gateway.world.count("sales_order") == 1


@pytest.mark.parametrize("bad", ["", " ", "x" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(gateway: Gateway, key: str, bad: str) -> None:
    answer = gateway.call("POST", "orders", key, order(), headers={"Idempotency-Key": bad})
    assert (answer.status_code, code_of(answer)) == (400, "bad_idempotency_key")


def test_an_answer_is_kept_sealed(gateway: Gateway, key: str) -> None:
    post(gateway, key, order(), "k-1")
    assert b"Ada" not in bytes(gateway.world.sql("SELECT answer FROM idempotency")[0][0])


# --- trouble of ours


TROUBLE = (DatabaseAway("gone"), ZeroDivisionError("Ada Bakker"), MemoryError(), KeyError("x"))


@pytest.mark.parametrize("error", TROUBLE, ids=lambda error: type(error).__name__)
def test_S31_every_kind_of_trouble_is_told_as_a_problem_in_every_route(
    gateway: Gateway, key: str, log: list[Any], error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("hub.gateway.serving._answer", fail)
    for route in ROUTES:
        path = route.path.replace("{id}", "x").replace("{code}", "shop-a")
        answer = gateway.call(route.method, path, key, {} if route.body else None)
        away = isinstance(error, DatabaseAway)
        assert answer.status_code == (503 if away else 500)
        assert code_of(answer) == ("database_away" if away else "internal_error")
        assert ("Retry-After" in answer.headers) is away
        assert "Ada" not in answer.text
    assert "Ada" not in str(log)
