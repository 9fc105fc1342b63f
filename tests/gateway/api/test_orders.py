"""Orders over the Open API: posted, read whole, and what people ask of them."""

import json
from typing import Any

import pytest

from hub.store.config import snapshot
from tests.kit.catalogue import inbound_notice, sales_order
from tests.kit.world.gateway import Gateway


def order(number: int = 1001, channel: str = "shop-a", **changes: Any) -> dict[str, Any]:
    """An order as it is posted: its source names the channel."""
    tree = sales_order(number, channel=channel, **changes)
    return {**tree, "source": {**tree["source"], "connection": channel}}


@pytest.fixture
def key(gateway: Gateway) -> str:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    return gateway.key("all")


def test_an_order_that_is_posted_is_stored_routed_and_answered(gateway: Gateway, key: str) -> None:
    answer = gateway.call("POST", "orders", key, order())
    assert answer.status_code == 201, answer.text
    assert answer.json["status"] == "open"
    assert answer.json["hold_reasons"] == []
    assert answer.json["verdict"]["status"] == "done"
    assert answer.headers["Location"] == f"/api/v1/orders/{answer.json['id']}"
    (row,) = gateway.world.sql(
        "SELECT id, status, topic, connection FROM message WHERE direction = 'in'"
    )
    assert (row.status, row.topic, row.connection) == ("done", "sales_order", "shop-a")
    assert str(row.id) == answer.json["verdict"]["message_id"]
    assert [lane[:2] for lane in gateway.rung] == [("out", "wh-a")]


def test_the_same_order_again_changes_nothing(gateway: Gateway, key: str) -> None:
    first = gateway.call("POST", "orders", key, order())
    again = gateway.call("POST", "orders", key, order())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["verdict"]["code"] == "unchanged"
    assert again.json["id"] == first.json["id"]
    assert gateway.world.count("sales_order") == 1


def test_an_order_is_read_with_everything_that_hangs_on_it(gateway: Gateway, key: str) -> None:
    posted = gateway.call("POST", "orders", key, order()).json
    whole = gateway.call("GET", f"orders/{posted['id']}", key).json
    assert whole["order_number"] == "#1001"
    assert whole["returns"] == whole["shipments"] == whole["refunds"] == []
    assert [one["warehouse"] for one in whole["fulfilment_orders"]] == ["wh-a"]
    assert whole["fulfilment_orders"][0]["progress"][0] == {
        "line_no": 1,
        "sku": "A",
        "ordered": "2",
        "shipped": "0",
        "short": "0",
    }
    assert whole["routing"] != []
    assert {one["direction"] for one in whole["messages"]} == {"in", "out"}
    assert "received" in whole["timeline"][0]["event"]


def test_a_list_holds_the_order_and_how_it_stands(gateway: Gateway, key: str) -> None:
    gateway.call("POST", "orders", key, order())
    found = gateway.call("GET", "orders?channel=shop-a&channel_order_id=1001", key).json
    assert found["next_cursor"] is None
    (item,) = found["items"]
    assert item["type"] == "sales_order"
    assert item["totals"]["grand_total"] == "30.00"
    assert (item["merchant"], item["status"], item["hold_reasons"]) == ("acme", "open", [])
    assert item["received_at"].endswith("Z")


FILTERS = {
    "channel=shop-b": 0,
    "status=held": 0,
    "status=open": 1,
    "order_number=%231001": 1,
    "order_number=1001": 0,
    "merchant=acme": 1,
    "hold=no_route": 0,
}


@pytest.mark.parametrize("query", FILTERS)
def test_a_list_is_filtered(gateway: Gateway, key: str, query: str) -> None:
    gateway.call("POST", "orders", key, order())
    assert len(gateway.call("GET", f"orders?{query}", key).json["items"]) == FILTERS[query]


def test_pages_follow_each_other_without_gap_or_repeat(gateway: Gateway, key: str) -> None:
    for number in range(5):
        assert (
            gateway.call("POST", "orders", key, order(number, lines=[("A", 1)])).status_code == 201
        )
    seen: list[str] = []
    query = "orders?limit=2"
    while True:
        page = gateway.call("GET", query, key).json
        seen += [item["channel_order_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"orders?limit=2&cursor={page['next_cursor']}"
    assert seen == ["4", "3", "2", "1", "0"]


def test_a_cursor_is_good_for_its_own_list_only(gateway: Gateway, key: str) -> None:
    for number in range(3):
        gateway.call("POST", "orders", key, order(number, lines=[("A", 1)]))
    cursor = gateway.call("GET", "orders?limit=1", key).json["next_cursor"]
    forged = cursor[:-4] + "AAA="
    other = gateway.key("all", merchant="acme")
    for query, who in (
        (f"orders?limit=1&cursor={forged}", key),
        (f"orders?limit=1&cursor={cursor}&status=open", key),
        (f"messages?limit=1&cursor={cursor}", key),
        (f"orders?limit=1&cursor={cursor}", other),
        ("orders?cursor=", key),
        ("orders?cursor=%00", key),
        ("orders?cursor=" + "A" * 3000, key),
    ):
        answer = gateway.call("GET", query, who)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "bad_cursor")


def test_an_order_is_held_released_and_cancelled(gateway: Gateway, key: str) -> None:
    posted = gateway.call("POST", "orders", key, order(payment_state="pending")).json
    assert [one["code"] for one in posted["hold_reasons"]] == ["awaiting_payment"]
    path = f"orders/{posted['id']}"
    released = gateway.call("POST", f"{path}/release", key, {"waive": ["awaiting_payment"]})
    assert (released.status_code, released.json["status"]) == (200, "open")
    held = gateway.call("POST", f"{path}/hold", key, {"reason": "the customer calls back"})
    assert (held.status_code, held.json["status"]) == (200, "held")
    cancelled = gateway.call("POST", f"{path}/cancel", key, {"reason": "not wanted"})
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    late = gateway.call("POST", f"{path}/cancel", key, {"reason": "again"})
    assert (late.status_code, late.json["errors"][0]["code"]) == (409, "illegal_transition")
    assert "cancelled" in late.json["detail"]


def test_who_asked_stands_in_the_audit(gateway: Gateway, key: str) -> None:
    posted = gateway.call("POST", "orders", key, order()).json
    gateway.call("POST", f"orders/{posted['id']}/cancel", key, {"reason": "not wanted"})
    rows = gateway.world.sql(
        "SELECT actor, action FROM audit WHERE subject = :order", order=f"order:{posted['id']}"
    )
    assert [tuple(row) for row in rows] == [("key:test of user:test", "order.cancel")]


def test_waiving_what_does_not_hold_is_refused_by_name(gateway: Gateway, key: str) -> None:
    posted = gateway.call("POST", "orders", key, order(payment_state="pending")).json
    answer = gateway.call("POST", f"orders/{posted['id']}/release", key, {"waive": ["risk"]})
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "waive")
    assert gateway.call("GET", f"orders/{posted['id']}", key).json["status"] == "held"


def test_what_if_tells_where_it_would_go_and_touches_nothing(gateway: Gateway, key: str) -> None:
    answer = gateway.call("POST", "routing/what-if", key, order())
    assert answer.status_code == 200
    assert {one["warehouse"] for one in answer.json["allocations"]} == {"wh-a"}
    assert (gateway.world.count("sales_order"), gateway.world.count("message"), gateway.rung) == (
        0,
        0,
        [],
    )


def test_a_channel_that_is_none_is_named_as_what_is_wrong(gateway: Gateway, key: str) -> None:
    for source in ({}, {"connection": "nobody"}, {"connection": "wh-a"}, {"connection": 5}, "x"):
        answer = gateway.call("POST", "orders", key, {**order(), "source": source})
        assert answer.status_code == 422
        assert answer.json["errors"][0]["path"] == "source.connection"
    assert gateway.world.count("sales_order") == 0


def _changed(**changes: Any) -> dict[str, Any]:
    return {**order(), **changes}


def _line(**changes: Any) -> dict[str, Any]:
    tree = order(lines=[("A", 1)])
    return {**tree, "lines": [{**tree["lines"][0], **changes}]}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no currency": (_changed(currency=None), "currency", "missing_field"),
    "an unknown field": (_changed(colour="red"), "colour", "unknown_field"),
    "an unknown word": (_changed(payment_state="maybe"), "payment_state", "unknown_code"),
    "no lines": (_changed(lines=[]), "lines", "no_lines"),
    "a truth for a number": (_line(quantity=True), "lines.0.quantity", "bad_quantity"),
    "half a piece": (_line(quantity="5.5"), "lines.0.quantity", "bad_quantity"),
    "no pieces": (_line(quantity="0"), "lines.0.quantity", "bad_quantity"),
    "fewer than none": (_line(quantity="-1"), "lines.0.quantity", "bad_quantity"),
    "a comma": (_line(unit_price="12,50"), "lines.0.unit_price", "bad_number"),
    "blanks": (_line(unit_price=" 12 "), "lines.0.unit_price", "bad_number"),
    "other digits": (_line(unit_price="١٢"), "lines.0.unit_price", "bad_number"),
    "no zone": (_changed(placed_at="2026-11-24T10:00:00"), "placed_at", "bad_time"),
    "30 February": (_changed(placed_at="2026-02-30T10:00:00Z"), "placed_at", "bad_time"),
    "milliseconds": (_changed(placed_at=1700000000000), "placed_at", "bad_time"),
    "an id that is a word for nothing": (
        _changed(channel_order_id="null"),
        "channel_order_id",
        "bad_id",
    ),
    "an id too long": (_changed(channel_order_id="x" * 201), "channel_order_id", "bad_id"),
    "a control character": (_changed(note="a\x01b"), "", "bad_text"),
    "another document": (_changed(type="refund"), "type", "wrong_type"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_that_is_wrong_is_named_and_nothing_is_stored(
    gateway: Gateway, key: str, name: str
) -> None:
    tree, path, code = WRONG[name]
    answer = gateway.call("POST", "orders", key, tree)
    assert answer.status_code == 422
    found = [(one["path"], one["code"]) for one in answer.json["errors"]]
    assert (path, code) in found
    assert (gateway.world.count("sales_order"), gateway.world.count("message")) == (0, 0)


UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b" ", 400, "empty_body"),
    "cut off": (b'{"a": ', 400, "bad_json"),
    "trailing": (b"{} {}", 400, "bad_json"),
    "a list": (b"[]", 400, "bad_json"),
    "a comment": (b"{} // x", 400, "bad_json"),
    "a key twice": (b'{"a": 1, "a": 2}', 400, "duplicate_key"),
    "deep": (b"[" * 65 + b"]" * 65, 400, "too_deep"),
    "wide": (b'{"a": [' + b"1," * 200_001 + b"1]}", 400, "too_large"),
    "a long string": (b'{"a": "' + b"x" * 262_145 + b'"}', 400, "too_large"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), 400, "bad_encoding"),
    "a lone surrogate": (b'{"a": "\\ud800"}', 422, "bad_text"),
    "NaN": (b'{"a": NaN}', 422, "bad_number"),
    "a million zeros": (b'{"a": 1E+1000000}', 422, "bad_number"),
    "too many digits": (b'{"a": ' + b"9" * 4301 + b"}", 422, "bad_number"),
    "minus nothing": (b'{"a": -0}', 422, "bad_number"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused_with_its_code(
    gateway: Gateway, key: str, name: str
) -> None:
    body, status, code = UNREADABLE[name]
    answer = gateway.call("POST", "orders", key, body)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (status, code)
    assert gateway.world.count("message") == 0


def test_a_byte_order_mark_is_no_trouble(gateway: Gateway, key: str) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(order()).encode()
    assert gateway.call("POST", "orders", key, body).status_code == 201


def test_text_of_every_kind_is_kept_as_it_is(gateway: Gateway, key: str) -> None:
    note = "\u202e<b>'; DROP TABLE--</b> {{7*7}} =1+1 \U0001f469\u200d\U0001f467 e\u0301"
    posted = gateway.call("POST", "orders", key, order(note=note)).json
    assert posted["note"] == note.replace("e\u0301", "é")


def paid_back(**changes: Any) -> dict[str, Any]:
    return {
        "refund_id": "bank-1",
        "channel_order_id": "1001",
        "created_at": "2026-11-24T13:00:00Z",
        "currency": "EUR",
        "amount": "5.00",
        **changes,
    }


def test_a_refund_made_elsewhere_is_kept_once_and_the_order_says_that_its_shop_was_not_told(
    gateway: Gateway, key: str
) -> None:
    posted = gateway.call("POST", "orders", key, order()).json
    path = f"orders/{posted['id']}/refunds"
    answer = gateway.call("POST", path, key, paid_back())
    assert (answer.status_code, answer.json["status"]) == (200, "done")
    again = gateway.call("POST", path, key, paid_back())
    assert (again.json["status"], again.json["code"]) == ("ignored", "repeated")
    whole = gateway.call("GET", f"orders/{posted['id']}", key).json
    assert [one["amount"] for one in whole["refunds"]] == ["5.00"]
    untold = [one["detail"] for one in whole["timeline"] if one["event"] == "not_told"]
    assert untold == [{"partner": "shop-a", "document": "refund", "refunded": "5.00 EUR"}]


def test_a_refund_made_elsewhere_is_told_to_a_channel_that_takes_it(
    gateway: Gateway, key: str
) -> None:
    gateway.world.sql("UPDATE connection SET takes = '{refund}' WHERE code = 'shop-a'")
    with gateway.store.database.begin() as db:
        snapshot.changed(db)
    posted = gateway.call("POST", "orders", key, order()).json
    gateway.call("POST", f"orders/{posted['id']}/refunds", key, paid_back())
    told = gateway.world.sql(
        "SELECT connection FROM message WHERE direction = 'out' AND topic = 'refund'"
    )
    assert [row.connection for row in told] == ["shop-a"]


@pytest.mark.parametrize(
    ("changes", "status", "path"),
    [
        ({"channel_order_id": "1002"}, 422, "channel_order_id"),
        ({"amount": "30.01"}, 409, "amount"),
        ({"amount": "five"}, 422, "amount"),
    ],
)
def test_a_refund_that_its_order_does_not_bear_is_refused(
    gateway: Gateway, key: str, changes: dict[str, Any], status: int, path: str
) -> None:
    posted = gateway.call("POST", "orders", key, order()).json
    answer = gateway.call("POST", f"orders/{posted['id']}/refunds", key, paid_back(**changes))
    assert answer.status_code == status, answer.text
    assert [one["path"] for one in answer.json["errors"]] == [path]
    assert gateway.world.count("refund") == 0


def test_an_order_that_waits_says_when_what_it_waits_for_is_expected(
    gateway: Gateway, key: str
) -> None:
    notice = inbound_notice(warehouse="wh-a", lines=[("A", 5)], expected_at="2027-05-04T00:00:00Z")
    assert gateway.call("POST", "inbound-notices", key, notice).status_code == 201
    covered = gateway.call("POST", "orders", key, order(1, lines=[("A", 14)])).json
    beyond = gateway.call("POST", "orders", key, order(2, lines=[("A", 12)])).json
    promised = [
        gateway.call("GET", f"orders/{made['id']}", key).json["promised"]
        for made in (covered, beyond)
    ]
    assert promised == [
        [{"sku": "A", "quantity": "14", "expected_at": "2027-05-04T00:00:00Z"}],
        [{"sku": "A", "quantity": "12", "expected_at": None}],
    ]
