"""The intake path: what is kept, what is refused, and in which words."""

import base64
import functools
import gzip
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from hub.gateway.http.body import LIMIT
from hub.gateway.intake import repeats
from hub.store.base.failures import DatabaseAway
from tests.kit.catalogue import sales_order
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import SECRET, qimen_query, signed

BODY = json.dumps(sales_order()).encode()


def code_of(answer: TestResponse) -> str:
    """The code of a problem document."""
    assert answer.content_type == "application/problem+json"
    return str(answer.json["errors"][0]["code"])


def test_G01_a_2xx_means_that_the_bytes_are_stored(gateway: Gateway) -> None:
    answer = gateway.post_in("shop-a", BODY)
    assert answer.status_code == 200
    (row,) = gateway.world.sql("SELECT id, merchant_id, topic, key, payload, status FROM message")
    assert answer.json == {"status": "stored", "id": str(row.id), "repeated": False}
    assert (row.merchant_id, row.topic, row.key, row.status) == (
        "acme",
        "sales_order",
        "1001",
        None,
    )
    assert gateway.store.vault.open(row.payload, "message.payload", "acme", row.id) == BODY
    assert [(lane[0], lane[1]) for lane in gateway.rung] == [("in", "shop-a")]


def test_G07_the_same_delivery_again_is_answered_and_kept_once(gateway: Gateway) -> None:
    headers = signed(BODY, delivery="d-1")
    answers = [gateway.post_in("shop-a", BODY, headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json["repeated"] for answer in answers] == [False, True, True]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert (gateway.world.count("message"), gateway.world.count("work")) == (1, 1)
    assert len(gateway.rung) == 1


def test_the_callers_correlation_id_goes_through_if_it_is_one(gateway: Gateway) -> None:
    own = "0190b6f0-7b0e-7c3d-9a55-000000000001"
    headers = {**signed(BODY), "X-Correlation-Id": own}
    assert gateway.post_in("shop-a", BODY, headers).headers["X-Correlation-Id"] == own
    assert str(gateway.world.sql("SELECT correlation_id FROM message")[0][0]) == own
    other = {**signed(BODY), "X-Correlation-Id": "a'; DROP TABLE--"}
    assert len(gateway.post_in("shop-a", BODY, other).headers["X-Correlation-Id"]) == 36


def test_an_unknown_connection_is_refused_like_a_wrong_signature(gateway: Gateway) -> None:
    for path in ("nobody", "shop-a/", "shop-a/x", "", "../api", "%00"):
        answer = gateway.client.post(f"/in/{path}", data=BODY, headers=signed(BODY))
        assert (answer.status_code, code_of(answer)) == (401, "bad_signature")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_deliveries_are_posted_and_nothing_else(gateway: Gateway, method: str) -> None:
    answer = gateway.client.open("/in/shop-a", method=method, headers=signed(b""))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


BAD_SIGNATURES = {
    "missing": dict,
    "empty": lambda: {**signed(BODY), "webhook-signature": ""},
    "of another body": lambda: signed(BODY + b" "),
    "of another secret": lambda: signed(BODY, secret="whsec_b3RoZXI="),
    "stale": lambda: signed(BODY, at=datetime.now(UTC) - timedelta(seconds=301)),
    "from the future": lambda: signed(BODY, at=datetime.now(UTC) + timedelta(seconds=301)),
    "another id": lambda: {**signed(BODY), "webhook-id": "x"},
    "another time": lambda: {**signed(BODY), "webhook-timestamp": "1"},
    "twice": lambda: _twice(signed(BODY)),
    "wrong alphabet": lambda: {**signed(BODY), "webhook-signature": "v1,!!!é"},
    "unknown version": lambda: {
        **signed(BODY),
        "webhook-signature": signed(BODY)["webhook-signature"].replace("v1,", "v9,"),
    },
}


def _twice(headers: dict[str, str]) -> dict[str, str]:
    """As the server hands over a header that stood twice."""
    value = headers["webhook-signature"]
    return {**headers, "webhook-signature": f"{value},{value}"}


@pytest.mark.parametrize("name", BAD_SIGNATURES)
def test_G26_what_is_not_authentic_is_stored_nowhere(
    gateway: Gateway, log: list[Any], name: str
) -> None:
    answer = gateway.post_in("shop-a", BODY, BAD_SIGNATURES[name]())
    assert answer.status_code == 401
    assert (gateway.world.count("message"), gateway.world.count("seen"), gateway.rung) == (0, 0, [])
    assert [event["event"] for event in log] == ["not_authentic"]
    said = f"{log} {answer.text}"
    assert "Ada" not in said
    assert SECRET not in said


@pytest.mark.parametrize("at", range(4))
def test_S01_one_bit_changed_in_the_body_is_not_authentic(gateway: Gateway, at: int) -> None:
    place = len(BODY) * at // 4
    changed = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
    assert gateway.post_in("shop-a", changed, signed(BODY)).status_code == 401


def test_a_body_up_to_the_limit_is_taken_and_one_byte_more_is_not(gateway: Gateway) -> None:
    whole = b'"' + b"x" * (LIMIT - 2) + b'"'
    assert gateway.post_in("shop-a", whole).status_code == 200
    answer = gateway.post_in("shop-a", whole + b" ")
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert gateway.world.count("message") == 1


@pytest.mark.parametrize("body", [b"", b" ", b"{", b"\xff\xfe", b"[1]", b'{"a":1,"a":2}', b"NaN"])
def test_what_is_authentic_is_kept_however_broken(gateway: Gateway, body: bytes) -> None:
    assert gateway.post_in("shop-a", body).status_code == 200
    assert gateway.world.count("work") == 1


TYPES = {
    "application/json": 200,
    "application/json; charset=utf-8": 200,
    "application/vnd.shop+json": 200,
    "text/xml": 200,
    "TEXT/PLAIN": 200,
    "": 200,
    "multipart/form-data; boundary=x": 415,
    "image/png": 415,
    "text/html": 415,
    "application/zip": 200,
}


@pytest.mark.parametrize("content_type", TYPES)
def test_a_content_type_that_nobody_reads_is_refused(gateway: Gateway, content_type: str) -> None:
    headers = {**signed(BODY), "Content-Type": content_type}
    answer = gateway.post_in("shop-a", BODY, headers)
    assert answer.status_code == TYPES[content_type]
    assert gateway.world.count("message") == (1 if TYPES[content_type] == 200 else 0)


def test_gzip_is_opened_before_the_signature_is_checked(gateway: Gateway) -> None:
    headers = {**signed(BODY), "Content-Encoding": "gzip"}
    assert gateway.post_in("shop-a", gzip.compress(BODY), headers).status_code == 200
    (row,) = gateway.world.sql("SELECT id, payload FROM message")
    assert gateway.store.vault.open(row.payload, "message.payload", "acme", row.id) == BODY


BOMBS = {
    "over the limit": (gzip.compress(b"x" * (LIMIT + 1)), "gzip", 413, "too_large"),
    "over the ratio": (gzip.compress(b"x" * 500_000), "gzip", 413, "too_large"),
    "cut off": (gzip.compress(BODY)[:-9], "gzip", 400, "bad_encoding"),
    "two streams": (gzip.compress(BODY) * 2, "gzip", 400, "bad_encoding"),
    "not gzip": (BODY, "gzip", 400, "bad_encoding"),
    "brotli": (BODY, "br", 415, "unknown_encoding"),
    "two codings": (BODY, "gzip, gzip", 415, "unknown_encoding"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_body_that_cannot_be_opened_within_bounds_is_refused(gateway: Gateway, name: str) -> None:
    body, encoding, status, code = BOMBS[name]
    headers = {**signed(BODY), "Content-Encoding": encoding}
    answer = gateway.post_in("shop-a", body, headers)
    assert (answer.status_code, code_of(answer), gateway.world.count("message")) == (
        status,
        code,
        0,
    )


def test_a_body_cut_short_is_not_stored(gateway: Gateway) -> None:
    headers = signed(BODY)
    longer = {"CONTENT_LENGTH": str(len(BODY) + 10)}
    answer = gateway.client.post("/in/shop-a", data=BODY, headers=headers, environ_overrides=longer)
    assert (answer.status_code, gateway.world.count("message")) == (400, 0)


def test_a_paused_connection_is_still_kept(gateway: Gateway) -> None:
    gateway.world.sql("UPDATE connection SET status = 'paused' WHERE code = 'shop-a'")
    assert gateway.post_in("shop-a", BODY).status_code == 200


def test_an_overlong_key_does_not_stop_the_message(gateway: Gateway) -> None:
    tree = {**sales_order(), "channel_order_id": "x" * 190}
    assert gateway.post_in("shop-a", json.dumps(tree).encode()).status_code == 200
    headers = signed(BODY, delivery="d" * 4000)
    assert gateway.post_in("shop-a", BODY, headers).status_code == 200
    assert gateway.world.count("work") == 2


def test_without_a_database_the_partner_is_asked_to_come_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("gone")

    gateway.post_in("shop-a", BODY)
    monkeypatch.setattr(type(gateway.store.database), "unit", away)
    answer = gateway.post_in("shop-a", BODY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert code_of(answer) == "database_away"


def test_S31_a_bug_is_told_as_a_problem_and_logged_without_the_payload(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, log: list[Any]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(BODY.decode())

    monkeypatch.setattr("hub.gateway.intake.group_commit.inbox.keep", broken)
    answer = gateway.post_in("shop-a", BODY)
    assert (answer.status_code, code_of(answer)) == (503, "internal_error")
    assert answer.headers["Retry-After"] == "60"
    assert [(event["event"], event["error"]) for event in log] == [
        ("intake_failed", "ZeroDivisionError")
    ]
    assert "Ada" not in f"{log} {answer.text}"


def test_a_connection_whose_secret_is_gone_says_so_without_naming_it(gateway: Gateway) -> None:
    gateway.world.sql(
        """UPDATE connection SET secrets = '{"webhook_secret": "env:NOT_SET_ANYWHERE"}'"""
    )
    answer = gateway.post_in("shop-a", BODY)
    assert (answer.status_code, code_of(answer)) == (503, "connection_unusable")
    assert "NOT_SET_ANYWHERE" not in answer.text


def test_a_ring_that_fails_fails_nothing(gateway: Gateway, log: list[Any]) -> None:
    gateway.rung = None  # type: ignore[assignment]  # whatever is rung, fails
    assert gateway.post_in("shop-a", BODY).status_code == 200
    assert gateway.world.count("work") == 1
    assert [event["event"] for event in log] == ["ring_failed"]


def test_a_full_disk_takes_nothing_in(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.doors.watch.free_space", lambda _: (100_000_000, 10**12))
    answer = gateway.post_in("shop-a", BODY)
    assert (answer.status_code, code_of(answer)) == (503, "disk_full")
    assert gateway.world.count("message") == 0


XML = b"<request><deliveryOrder><deliveryOrderCode>F1</deliveryOrderCode></deliveryOrder></request>"
FLAG = "<flag>{}</flag>"


def test_qimen_hears_success_in_its_own_form(gateway: Gateway) -> None:
    answer = gateway.client.post(
        "/in/wh-q", query_string=qimen_query(XML), data=XML, content_type="text/xml"
    )
    assert (answer.status_code, answer.content_type) == (200, "text/xml; charset=utf-8")
    assert FLAG.format("success") in answer.text
    assert gateway.world.sql("SELECT connection FROM message") == [("wh-q",)]


def test_G26_a_wrong_qimen_signature_is_a_failure_with_status_200(gateway: Gateway) -> None:
    query = qimen_query(XML + b" ")
    answer = gateway.client.post("/in/wh-q", query_string=query, data=XML, content_type="text/xml")
    assert answer.status_code == 200
    assert FLAG.format("failure") in answer.text
    assert "<code>sign-check-failure</code>" in answer.text
    assert gateway.world.count("message") == 0


def test_qimen_hears_of_a_missing_database_as_a_failure(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("gone")

    monkeypatch.setattr(type(gateway.store.database), "unit", away)
    answer = gateway.client.post(
        "/in/wh-q", query_string=qimen_query(XML), data=XML, content_type="text/xml"
    )
    assert FLAG.format("failure") in answer.text
    assert answer.headers["Retry-After"] == "5"


def test_S30_a_stranger_who_does_not_stop_is_told_to_and_partners_still_get_in(
    gateway: Gateway, log: list[Any]
) -> None:
    body = json.dumps(sales_order()).encode()
    wrong = {**signed(body), "webhook-signature": "v1,AAAA"}
    found = [gateway.post_in("shop-a", body, wrong) for _ in range(300)]
    assert {answer.status_code for answer in found} == {401, 429}
    last = found[-1] if found[-1].status_code == 429 else found[-2]
    assert last.headers["Retry-After"]
    assert len([event for event in log if event["event"] == "not_authentic"]) < 300
    assert gateway.post_in("shop-a", body).status_code == 200


def a_shopify_shop(gateway: Gateway) -> None:
    gateway.world.sql(
        """UPDATE connection SET adapter = 'shopify', settings = '{"shop": "acme"}',
          secrets = jsonb_build_object('webhook_secret', secrets -> 'webhook_secret',
            'access_token', 'env:NOT_SET_ANYWHERE') WHERE code = 'shop-a'"""
    )


def post_shopify(gateway: Gateway, stock: int, number: str, topic: str = "products/update") -> Any:
    body = json.dumps({"id": 7, "title": f"Cup {stock}", "variants": []}).encode()
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    headers = {
        "X-Shopify-Hmac-Sha256": base64.b64encode(mac).decode(),
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": "acme.myshopify.com",
        "X-Shopify-Webhook-Id": number,
        "Content-Type": "application/json",
    }
    return gateway.client.post("/in/shop-a", data=body, headers=headers)


def test_a_delivery_is_taken_in_without_the_token_that_only_calls_need(gateway: Gateway) -> None:
    a_shopify_shop(gateway)
    answer = post_shopify(gateway, 1, "w-1")
    assert (answer.status_code, answer.json["status"]) == (200, "stored")


def test_G07_a_captured_body_under_other_ids_is_the_first_delivery_again(gateway: Gateway) -> None:
    a_shopify_shop(gateway)
    first = post_shopify(gateway, 1, "w-1").json
    again = [post_shopify(gateway, 1, f"captured-{at}").json for at in range(20)]
    assert {(one["id"], one["repeated"]) for one in again} == {(first["id"], True)}
    assert post_shopify(gateway, 2, "w-1").json["repeated"] is False
    assert gateway.world.count("message") == 2
    assert sorted(row[0] for row in gateway.world.sql("SELECT repeats FROM seen")) == [0, 20]
    made_up = [post_shopify(gateway, 1, f"x-{at}", f"made/up-{at}").json for at in range(5)]
    assert [one["repeated"] for one in made_up] == [False, *[True] * 4]


def test_a_flood_of_captured_bodies_ends_before_the_database_and_shuts_nobody_out(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = functools.partial(repeats.Buckets, clock=lambda: 0.0)  # however slowly they come
    monkeypatch.setattr(repeats, "Buckets", still)
    gateway = Gateway(gateway.world)
    a_shopify_shop(gateway)
    answers = [post_shopify(gateway, 1, f"captured-{at}") for at in range(repeats.BURST + 300)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert refused[0].json["errors"][0]["code"] == "too_many_requests"
    assert refused[0].headers["Retry-After"] == "1"
    counted = gateway.world.sql("SELECT repeats FROM seen")[0][0]
    assert counted == len(answers) - len(refused) - 1
    fresh = post_shopify(gateway, 2, "w-2")
    assert (fresh.status_code, fresh.json["repeated"]) == (200, False)
    gateway.close()


def test_S31_what_a_reader_stumbles_over_before_the_signature_is_refused_and_said_once_a_minute(
    gateway: Gateway, log: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = "&".join(f"p{at}=1" for at in range(101))
    theirs = f"method=x&sign=y&customerId=z&{many}"
    answers = [gateway.client.post(f"/in/wh-q?{theirs}", data=b"<a/>") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert b"internal_error" not in b"".join(answer.data for answer in answers)
    assert {b"<flag>failure</flag>" in answer.data for answer in answers} == {True}

    def stumbles(*_: object) -> None:
        raise RecursionError("Ada Bakker")

    monkeypatch.setattr("adapters.kit.standard.check_standard", stumbles)
    told = [gateway.post_in("shop-a", BODY) for _ in range(230)]
    assert {answer.status_code for answer in told[:150]} == {401}
    assert told[-1].status_code == 429
    assert gateway.world.count("message") == 0
    said = [event for event in log if event["event"] == "delivery_unreadable"]
    assert [event["connection"] for event in said][-1:] == ["shop-a"]
    assert len(said) <= 2
    assert [event for event in log if event["log_level"] == "error"] == []
    assert "Ada" not in str(log)
