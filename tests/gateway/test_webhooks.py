"""The intake path: what is kept, what is refused, and in which words."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from hub.gateway.body import LIMIT
from hub.store.database import DatabaseAway
from tests.gateway.town import SECRET, Town, qimen_query, signed
from tests.kit.world import sales_order

BODY = json.dumps(sales_order()).encode()


def code_of(answer: TestResponse) -> str:
    """The code of a problem document."""
    assert answer.content_type == "application/problem+json"
    return str(answer.json["errors"][0]["code"])


def test_G01_a_2xx_means_that_the_bytes_are_stored(town: Town) -> None:
    answer = town.post_in("shop-a", BODY)
    assert answer.status_code == 200
    (row,) = town.sql("SELECT id, merchant_id, topic, key, payload, status FROM message")
    assert answer.json == {"status": "stored", "id": str(row.id), "repeated": False}
    assert (row.merchant_id, row.topic, row.key, row.status) == (
        "acme",
        "sales_order",
        "1001",
        None,
    )
    assert town.store.vault.open(row.payload, "message.payload", "acme", row.id) == BODY
    assert [(lane[0], lane[1]) for lane in town.rung] == [("in", "shop-a")]


def test_G07_the_same_delivery_again_is_answered_and_kept_once(town: Town) -> None:
    headers = signed(BODY, delivery="d-1")
    answers = [town.post_in("shop-a", BODY, headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json["repeated"] for answer in answers] == [False, True, True]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert (town.count("message"), town.count("work")) == (1, 1)
    assert len(town.rung) == 1


def test_the_callers_correlation_id_goes_through_if_it_is_one(town: Town) -> None:
    own = "0190b6f0-7b0e-7c3d-9a55-000000000001"
    headers = {**signed(BODY), "X-Correlation-Id": own}
    assert town.post_in("shop-a", BODY, headers).headers["X-Correlation-Id"] == own
    assert str(town.sql("SELECT correlation_id FROM message")[0][0]) == own
    other = {**signed(BODY), "X-Correlation-Id": "a'; DROP TABLE--"}
    assert len(town.post_in("shop-a", BODY, other).headers["X-Correlation-Id"]) == 36


def test_an_unknown_connection_is_not_found(town: Town) -> None:
    for path in ("nobody", "shop-a/", "shop-a/x", "", "../api", "%00"):
        answer = town.client.post(f"/in/{path}", data=BODY, headers=signed(BODY))
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_deliveries_are_posted_and_nothing_else(town: Town, method: str) -> None:
    answer = town.client.open("/in/shop-a", method=method, headers=signed(b""))
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
def test_G26_what_is_not_authentic_is_stored_nowhere(town: Town, log: list[Any], name: str) -> None:
    answer = town.post_in("shop-a", BODY, BAD_SIGNATURES[name]())
    assert answer.status_code == 401
    assert (town.count("message"), town.count("seen"), town.rung) == (0, 0, [])
    assert [event["event"] for event in log] == ["not_authentic"]
    said = f"{log} {answer.text}"
    assert "Ada" not in said
    assert SECRET not in said


@pytest.mark.parametrize("at", range(4))
def test_S01_one_bit_changed_in_the_body_is_not_authentic(town: Town, at: int) -> None:
    place = len(BODY) * at // 4
    changed = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
    assert town.post_in("shop-a", changed, signed(BODY)).status_code == 401


def test_a_body_up_to_the_limit_is_taken_and_one_byte_more_is_not(town: Town) -> None:
    whole = b'"' + b"x" * (LIMIT - 2) + b'"'
    assert town.post_in("shop-a", whole).status_code == 200
    answer = town.post_in("shop-a", whole + b" ")
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert town.count("message") == 1


@pytest.mark.parametrize("body", [b"", b" ", b"{", b"\xff\xfe", b"[1]", b'{"a":1,"a":2}', b"NaN"])
def test_what_is_authentic_is_kept_however_broken(town: Town, body: bytes) -> None:
    assert town.post_in("shop-a", body).status_code == 200
    assert town.count("work") == 1


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
    "application/zip": 415,
}


@pytest.mark.parametrize("content_type", TYPES)
def test_a_content_type_that_nobody_reads_is_refused(town: Town, content_type: str) -> None:
    headers = {**signed(BODY), "Content-Type": content_type}
    answer = town.post_in("shop-a", BODY, headers)
    assert answer.status_code == TYPES[content_type]
    assert town.count("message") == (1 if TYPES[content_type] == 200 else 0)


def test_gzip_is_opened_before_the_signature_is_checked(town: Town) -> None:
    headers = {**signed(BODY), "Content-Encoding": "gzip"}
    assert town.post_in("shop-a", gzip.compress(BODY), headers).status_code == 200
    (row,) = town.sql("SELECT id, payload FROM message")
    assert town.store.vault.open(row.payload, "message.payload", "acme", row.id) == BODY


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
def test_a_body_that_cannot_be_opened_within_bounds_is_refused(town: Town, name: str) -> None:
    body, encoding, status, code = BOMBS[name]
    headers = {**signed(BODY), "Content-Encoding": encoding}
    answer = town.post_in("shop-a", body, headers)
    assert (answer.status_code, code_of(answer), town.count("message")) == (status, code, 0)


def test_a_body_cut_short_is_not_stored(town: Town) -> None:
    headers = signed(BODY)
    longer = {"CONTENT_LENGTH": str(len(BODY) + 10)}
    answer = town.client.post("/in/shop-a", data=BODY, headers=headers, environ_overrides=longer)
    assert (answer.status_code, town.count("message")) == (400, 0)


def test_a_paused_connection_is_still_kept(town: Town) -> None:
    town.sql("UPDATE connection SET status = 'paused' WHERE code = 'shop-a'")
    assert town.post_in("shop-a", BODY).status_code == 200


def test_an_overlong_key_does_not_stop_the_message(town: Town) -> None:
    tree = {**sales_order(), "channel_order_id": "x" * 190}
    assert town.post_in("shop-a", json.dumps(tree).encode()).status_code == 200
    headers = signed(BODY, delivery="d" * 4000)
    assert town.post_in("shop-a", BODY, headers).status_code == 200
    assert town.count("work") == 2


def test_without_a_database_the_partner_is_asked_to_come_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("gone")

    town.post_in("shop-a", BODY)
    monkeypatch.setattr(type(town.store.database), "unit", away)
    answer = town.post_in("shop-a", BODY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert code_of(answer) == "database_away"


def test_S31_a_bug_is_told_as_a_problem_and_logged_without_the_payload(
    town: Town, monkeypatch: pytest.MonkeyPatch, log: list[Any]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(BODY.decode())

    monkeypatch.setattr("adapters.generic_channel.GenericChannel.verify", broken)
    answer = town.post_in("shop-a", BODY)
    assert (answer.status_code, code_of(answer)) == (503, "internal_error")
    assert answer.headers["Retry-After"] == "60"
    assert [(event["event"], event["error"]) for event in log] == [
        ("intake_failed", "ZeroDivisionError")
    ]
    assert "Ada" not in f"{log} {answer.text}"


def test_a_connection_whose_secret_is_gone_says_so_without_naming_it(town: Town) -> None:
    town.sql("""UPDATE connection SET secrets = '{"webhook_secret": "env:NOT_SET_ANYWHERE"}'""")
    answer = town.post_in("shop-a", BODY)
    assert (answer.status_code, code_of(answer)) == (503, "connection_unusable")
    assert "NOT_SET_ANYWHERE" not in answer.text


def test_a_ring_that_fails_fails_nothing(town: Town, log: list[Any]) -> None:
    town.rung = None  # type: ignore[assignment]  # whatever is rung, fails
    assert town.post_in("shop-a", BODY).status_code == 200
    assert town.count("work") == 1
    assert [event["event"] for event in log] == ["ring_failed"]


def test_a_full_disk_takes_nothing_in(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.gateway.watch.free_space", lambda _: (100_000_000, 10**12))
    answer = town.post_in("shop-a", BODY)
    assert (answer.status_code, code_of(answer)) == (503, "disk_full")
    assert town.count("message") == 0


XML = b"<request><deliveryOrder><deliveryOrderCode>F1</deliveryOrderCode></deliveryOrder></request>"
FLAG = "<flag>{}</flag>"


def test_qimen_hears_success_in_its_own_form(town: Town) -> None:
    answer = town.client.post(
        "/in/wh-q", query_string=qimen_query(XML), data=XML, content_type="text/xml"
    )
    assert (answer.status_code, answer.content_type) == (200, "text/xml; charset=utf-8")
    assert FLAG.format("success") in answer.text
    assert town.sql("SELECT connection FROM message") == [("wh-q",)]


def test_G26_a_wrong_qimen_signature_is_a_failure_with_status_200(town: Town) -> None:
    query = qimen_query(XML + b" ")
    answer = town.client.post("/in/wh-q", query_string=query, data=XML, content_type="text/xml")
    assert answer.status_code == 200
    assert FLAG.format("failure") in answer.text
    assert "<code>sign-check-failure</code>" in answer.text
    assert town.count("message") == 0


def test_qimen_hears_of_a_missing_database_as_a_failure(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("gone")

    monkeypatch.setattr(type(town.store.database), "unit", away)
    answer = town.client.post(
        "/in/wh-q", query_string=qimen_query(XML), data=XML, content_type="text/xml"
    )
    assert FLAG.format("failure") in answer.text
    assert answer.headers["Retry-After"] == "5"


def test_S30_a_stranger_who_does_not_stop_is_told_to_and_partners_still_get_in(
    town: Town, log: list[Any]
) -> None:
    body = json.dumps(sales_order()).encode()
    wrong = {**signed(body), "webhook-signature": "v1,AAAA"}
    found = [town.post_in("shop-a", body, wrong) for _ in range(300)]
    assert {answer.status_code for answer in found} == {401, 429}
    last = found[-1] if found[-1].status_code == 429 else found[-2]
    assert last.headers["Retry-After"]
    assert len([event for event in log if event["event"] == "not_authentic"]) < 300
    assert town.post_in("shop-a", body).status_code == 200
