"""A signed call of the Open API is that call and no other, once."""

import base64
import hmac
import re
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.kit.signature import standard_key
from hub.store.people import signatures
from tests.gateway.api.test_orders import order
from tests.kit.fixtures import ROOT
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import SECRET, signed, signed_call

API = "/api/v1/"


@pytest.fixture
def work(gateway: Gateway) -> str:
    """A fulfilment order that waits for its warehouse."""
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all")
    gateway.call("POST", "orders", key, order())
    return str(gateway.call("GET", "fulfilment-orders", key).json["items"][0]["id"])


def sent(
    gateway: Gateway, method: str, path: str, headers: Any, body: bytes = b""
) -> tuple[int, str]:
    typed = {"Content-Type": "application/json", **headers}
    answer = gateway.client.open(API + path, method=method, data=body, headers=typed)
    errors = answer.json.get("errors")
    return answer.status_code, errors[0]["code"] if errors else ""


def test_a_signed_read_is_no_write(gateway: Gateway, work: str) -> None:
    read = signed_call("GET", "fulfilment-orders", "wh-a")
    for path in (f"fulfilment-orders/{work}/accept", f"fulfilment-orders/{work}/reject"):
        assert sent(gateway, "POST", path, read) == (401, "bad_signature")
    assert gateway.world.sql("SELECT status FROM fulfilment_order") == [("notified",)]
    assert sent(gateway, "GET", "fulfilment-orders", read) == (200, "")


def variants(work: str) -> Iterator[tuple[str, str, bytes]]:
    """Other calls than POST fulfilment-orders/{work}/accept with {}."""
    accept = f"fulfilment-orders/{work}/accept"
    yield "GET", accept, b"{}"
    yield "POST", f"fulfilment-orders/{work}/reject", b"{}"
    yield "POST", f"{accept}?x=1", b"{}"
    yield "POST", accept.replace(work, "F" + "0" * 26), b"{}"
    yield "POST", accept, b"{ }"
    yield "POST", accept, b""


def test_a_signature_is_for_one_method_path_query_and_body(gateway: Gateway, work: str) -> None:
    accept = f"fulfilment-orders/{work}/accept"
    headers = signed_call("POST", accept, "wh-a", b"{}")
    for method, path, body in variants(work):
        status, code = sent(gateway, method, path, headers, body)
        assert (status, code) in {(401, "bad_signature"), (405, "method_not_allowed")}, (path, body)
    assert sent(gateway, "POST", accept, headers, b"{}") == (200, "")


def test_a_read_counts_once_at_every_gateway(gateway: Gateway) -> None:
    headers = signed_call("GET", "fulfilment-orders?status=notified", "wh-a")
    path = "fulfilment-orders?status=notified"
    other = Gateway(gateway.world)
    assert sent(gateway, "GET", path, headers) == (200, "")
    for door in (gateway, other):
        assert sent(door, "GET", path, headers) == (401, "used_signature")
    other.close()


def test_a_write_that_is_sent_again_is_answered_again_and_done_once(gateway: Gateway) -> None:
    gateway.world.stock("wh-a", "acme", A=10)
    path, body = "stock/adjustments", b'{"warehouse": "wh-a", "reason": "damage", '
    body += b'"lines": [{"sku": "A", "delta": "-1"}]}'
    headers = signed_call("POST", path, "wh-a", body)
    first = sent(gateway, "POST", path, headers, body)
    assert sent(gateway, "POST", path, headers, body) == first
    booked = gateway.world.sql("SELECT count(*) FROM ledger WHERE reason <> 'opening'")[0][0]
    other = {**headers, "Idempotency-Key": "another"}
    assert sent(gateway, "POST", path, other, body) == (401, "used_signature")
    assert (
        gateway.world.sql("SELECT count(*) FROM ledger WHERE reason <> 'opening'")[0][0] == booked
    )


def test_the_same_id_signed_anew_still_has_one_effect(gateway: Gateway, work: str) -> None:
    accept = f"fulfilment-orders/{work}/accept"
    for _ in range(2):
        headers = signed_call("POST", accept, "wh-a", b"{}", delivery="once")
        assert sent(gateway, "POST", accept, headers, b"{}") == (200, "")


def test_a_delivery_is_no_call_and_a_call_is_no_delivery(gateway: Gateway) -> None:
    body = b'{"type": "stock_report"}'
    plain = {**signed(body), "webhook-connection": "wh-a"}
    assert sent(gateway, "POST", "stock/reports", plain, body) == (401, "bad_signature")
    content = f"POST {API}stock/reports\n".encode() + body
    assert gateway.post_in("wh-a", content, signed(content)).status_code == 401
    assert gateway.world.count("message") == 0


def test_used_signatures_are_kept_no_longer_than_their_time_is_taken(gateway: Gateway) -> None:
    sent(gateway, "GET", "stock", signed_call("GET", "stock", "wh-a"))
    with gateway.store.database.begin() as db:
        assert signatures.forget_old(db) == 0
    gateway.world.sql("DELETE FROM used_signature")
    assert gateway.world.count("used_signature") == 0
    with gateway.store.database.begin() as db:
        signatures.use(db, b"1", "")
        assert signatures.use(db, b"1", "") is False
        assert signatures.use(db, b"2", "k") is True
        assert signatures.use(db, b"2", "k") is True
        assert signatures.use(db, b"2", "other") is False


def example() -> str:
    """The program that the page shows."""
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    (found,) = re.findall(r"## Signing a call.*?```python\n(.*?)```", page, re.DOTALL)
    return str(found)


def test_the_example_of_the_documentation_is_let_in(gateway: Gateway, work: str) -> None:
    names: dict[str, Any] = {"SECRET": SECRET}
    exec(example(), names)  # noqa: S102  # our own page
    headers = {**names["headers"], "webhook-connection": "acme-depot"}
    assert sent(gateway, "GET", "fulfilment-orders?status=notified", headers)[0] == 401
    made = names["signed"]("wh-a", SECRET, "GET", f"{API}fulfilment-orders?status=notified")
    assert sent(gateway, "GET", "fulfilment-orders?status=notified", made) == (200, "")
    path = f"fulfilment-orders/{work}/accept"
    made = names["signed"]("wh-a", SECRET, "POST", API + path, b"{}")
    assert sent(gateway, "POST", path, made, b"{}") == (200, "")


def test_a_library_of_standard_webhooks_signs_it_like_a_payload(gateway: Gateway) -> None:
    payload = f"GET {API}stock\n".encode()
    headers = signed(payload, delivery="msg_1")
    at = headers["webhook-timestamp"]
    made = hmac.digest(standard_key(SECRET), f"msg_1.{at}.".encode() + payload, "sha256")
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(made).decode()}"
    assert sent(gateway, "GET", "stock", {**headers, "webhook-connection": "wh-a"}) == (200, "")
