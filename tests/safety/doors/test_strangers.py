"""A stranger at /in/ does not learn which connections there are: known and unknown codes are
answered alike, in status, headers, body and time, whatever is sent.
"""

import statistics
import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from hub.store.tables import metadata
from tests.gateway.conftest import log as log  # noqa: PLC0414  # a fixture
from tests.kit.world.console import Console
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import qimen_query, signed

CODES = ("shop-a", "wh-a", "wh-q", "shop-b", "nobody", "", "shop-a/x", "x" * 300)
BODY = b'{"type": "sales_order"}'
JSON = {"Content-Type": "application/json"}
WRONG = {**signed(BODY), "webhook-signature": "v1,d3Jvbmc=", **JSON}
STALE = {**signed(BODY), "webhook-timestamp": "1", **JSON}
QUERY = {**qimen_query(b"<request/>"), "sign": "0" * 32}
ODD: dict[str, dict[str, Any]] = {
    "nothing signed": {"data": BODY, "headers": JSON},
    "a wrong signature": {"data": BODY, "headers": WRONG},
    "a stale one": {"data": BODY, "headers": STALE},
    "a shop's": {"data": BODY, "headers": {**JSON, "X-Shopify-Hmac-Sha256": "d3Jvbmc="}},
    "a warehouse's": {"data": b"<request/>", "query_string": QUERY},
    "101 parameters": {"data": b"<x/>", "query_string": {f"p{at}": "1" for at in range(101)}},
    "101 of a warehouse's": {
        "data": b"<x/>",
        "query_string": {**QUERY, **{f"p{at}": "1" for at in range(101)}},
    },
    "a picture": {"data": BODY, "headers": {"Content-Type": "image/png"}},
    "a picture of a warehouse": {
        "data": BODY,
        "query_string": QUERY,
        "headers": {"Content-Type": "image/png"},
    },
    "too much": {"data": b"x" * (2 * 1024 * 1024 + 1), "headers": JSON},
    "too much of a warehouse": {"data": b"x" * (2 * 1024 * 1024 + 1), "query_string": QUERY},
    "no body": {"data": b"", "headers": JSON},
    "no gzip": {"data": BODY, "headers": {**JSON, "Content-Encoding": "gzip"}},
}


def seen(answer: TestResponse) -> tuple[Any, ...]:
    """All that somebody outside sees, but the number of the call."""
    headers = {k: v for k, v in answer.headers.items() if k != "X-Correlation-Id"}
    number = answer.headers["X-Correlation-Id"]
    return answer.status_code, tuple(sorted(headers.items())), answer.text.replace(number, "-")


@pytest.mark.parametrize("case", ODD)
def test_known_and_unknown_connections_answer_alike(
    gateway: Gateway, log: list[Any], case: str
) -> None:
    answers = {code: seen(gateway.client.post(f"/in/{code}", **ODD[case])) for code in CODES}
    assert len(set(answers.values())) == 1, answers
    for method in ("GET", "PUT", "HEAD"):
        found = {seen(gateway.client.open(f"/in/{code}", method=method)) for code in CODES}
        assert len(found) == 1
    assert gateway.world.count("message") == 0


def test_why_stands_in_the_log_alone(gateway: Gateway, log: list[Any]) -> None:
    for code in ("shop-a", "nobody"):
        answer = gateway.client.post(f"/in/{code}", data=BODY, headers=JSON)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (401, "bad_signature")
    reasons = [(one["connection"], one["reason"]) for one in log if "reason" in one]
    assert reasons == [("shop-a", "missing_signature"), ("-", "not_found")]


def test_they_answer_in_the_same_time(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.gateway.intake.webhooks.Buckets.take", lambda *_: 0.0)
    body = b"x" * 200_000
    headers = {**signed(body), "webhook-signature": "v1,d3Jvbmc="}

    def medians() -> list[float]:
        took: dict[str, list[float]] = {"shop-a": [], "nobody": []}
        for _ in range(80):
            for code, times in took.items():
                begun = time.perf_counter()
                gateway.client.post(f"/in/{code}", data=body, headers=headers)
                times.append(time.perf_counter() - begun)
        return [statistics.median(times) for times in took.values()]

    # What a machine does beside it differs from round to round, what the hub does is in each.
    rounds = (medians() for _ in range(5))
    assert any(unknown == pytest.approx(known, rel=0.25) for known, unknown in rounds)


def test_a_refused_log_in_stores_no_row(bare_console: Console) -> None:
    def rows() -> dict[str, int]:
        count = "SELECT count(*) FROM {}"
        return {name: bare_console.world.one(count.format(name)) for name in metadata.tables}

    visitor, before = bare_console.visitor(), rows()
    for at in range(12):
        assert visitor.log_in(f"made-up-{at}").status_code in {401, 429}
    assert rows() == before
