"""Fulfilment orders, stock, products, messages and connections over the Open API."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from hub.store.base import ids
from tests.gateway.api.test_orders import order
from tests.kit.catalogue import shipment
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed_call


@pytest.fixture
def key(gateway: Gateway) -> str:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    return gateway.key("all")


@pytest.fixture
def number(gateway: Gateway, key: str) -> str:
    """A fulfilment order that waits for its warehouse."""
    gateway.call("POST", "orders", key, order())
    (item,) = gateway.call("GET", "fulfilment-orders?warehouse=wh-a", key).json["items"]
    return str(item["id"])


# --- fulfilment orders


def test_a_warehouse_fetches_accepts_and_ships(gateway: Gateway, key: str, number: str) -> None:
    (item,) = gateway.call("GET", "fulfilment-orders?warehouse=wh-a&status=notified", key).json[
        "items"
    ]
    assert (item["type"], item["fulfilment_order_id"]) == ("fulfilment_order", number)
    assert item["ship_to"]["city"] == "Amsterdam"
    accepted = gateway.call("POST", f"fulfilment-orders/{number}/accept", key)
    assert (accepted.status_code, accepted.json["status"]) == (200, "done")
    assert accepted.json["fulfilment_order"]["status"] == "accepted"
    body = {**shipment(number), "source": {"connection": "wh-a", "id": "s1"}}
    shipped = gateway.call("POST", f"fulfilment-orders/{number}/shipments", key, body)
    assert (shipped.status_code, shipped.json["fulfilment_order"]["status"]) == (200, "shipped")
    assert shipped.json["fulfilment_order"]["progress"][0]["shipped"] == "2"
    assert gateway.call("GET", "orders", key).json["items"][0]["status"] == "completed"
    again = gateway.call("POST", f"fulfilment-orders/{number}/shipments", key, body)
    assert (again.status_code, again.json["status"]) == (200, "ignored")
    assert gateway.world.count("shipment") == 1


def test_the_path_names_the_fulfilment_order(gateway: Gateway, key: str, number: str) -> None:
    body = {"shipped_at": "2026-11-24T12:00:00Z", "packages": [{"tracking_number": "T1"}]}
    wrong = {**body, "fulfilment_order_id": ids.short("F", ids.new_id())}
    refused = gateway.call("POST", f"fulfilment-orders/{number}/shipments", key, wrong)
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "fulfilment_order_id")
    shipped = gateway.call("POST", f"fulfilment-orders/{number}/shipments", key, body)
    assert (shipped.status_code, shipped.json["fulfilment_order"]["status"]) == (200, "shipped")
    (row,) = gateway.world.sql(
        "SELECT id, payload FROM message WHERE topic = 'shipment' AND status = 'done'"
    )
    kept = gateway.store.vault.open(row.payload, "message.payload", "acme", row.id)
    assert json.loads(kept) == {**body, "fulfilment_order_id": number}


def test_a_rejected_one_is_planned_anew_or_held(gateway: Gateway, key: str, number: str) -> None:
    answer = gateway.call("POST", f"fulfilment-orders/{number}/reject", key, {"reason": "no_stock"})
    assert (answer.status_code, answer.json["fulfilment_order"]["status"]) == (200, "rejected")


def test_goods_that_left_after_all_are_booked_and_go_to_a_person(
    gateway: Gateway, key: str, number: str
) -> None:
    gateway.call("POST", f"fulfilment-orders/{number}/reject", key, {"reason": "no_stock"})
    answer = gateway.call("POST", f"fulfilment-orders/{number}/shipments", key, shipment(number))
    assert (answer.status_code, answer.json["status"]) == (200, "done")
    assert [
        row.kind for row in gateway.world.sql("SELECT kind FROM incident WHERE status = 'open'")
    ] == ["contradiction"]
    assert gateway.call("GET", f"fulfilment-orders/{number}", key).json["status"] == "rejected"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"sku": "NOT-OURS", "quantity": "1"}, "never_ordered"),
        ({"line_no": 1, "quantity": "3"}, "over_shipped"),
        ({"line_no": 1, "quantity": "-1"}, "bad_quantity"),
    ],
)
def test_a_shipment_of_what_was_not_ordered_is_a_conflict_and_changes_nothing(
    gateway: Gateway, key: str, number: str, line: dict[str, Any], code: str
) -> None:
    body = {**shipment(number), "packages": [{"tracking_number": "T", "lines": [line]}]}
    answer = gateway.call("POST", f"fulfilment-orders/{number}/shipments", key, body)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, code)
    assert gateway.call("GET", f"fulfilment-orders/{number}", key).json["status"] == "notified"
    assert (gateway.world.count("shipment"), gateway.world.count("incident")) == (0, 0)


def test_a_word_that_contradicts_what_is_settled_is_a_conflict(
    gateway: Gateway, key: str, number: str
) -> None:
    shipped = gateway.call("POST", f"fulfilment-orders/{number}/shipments", key, shipment(number))
    assert shipped.status_code == 200
    answer = gateway.call("POST", f"fulfilment-orders/{number}/cancelled", key)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "contradiction")
    assert "shipped" in answer.json["detail"]
    assert gateway.world.count("incident") == 0


@pytest.mark.parametrize("bad", ["x", "F" + "0" * 26, "F123", "f" + "0" * 26, "F" + "Z" * 26])
def test_an_id_that_is_none_is_not_found(gateway: Gateway, key: str, bad: str) -> None:
    for path in (f"fulfilment-orders/{bad}", f"orders/{bad}", f"messages/{bad}", f"jobs/{bad}"):
        answer = gateway.call("GET", path, key)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (404, "not_found")
    accept = gateway.call("POST", f"fulfilment-orders/{bad}/accept", key)
    assert accept.status_code == 404


def test_a_warehouse_that_signs_reaches_its_own_work_only(
    gateway: Gateway, key: str, number: str
) -> None:
    def call(method: str, path: str, who: str, body: bytes = b"") -> Any:
        headers = signed_call(method, path, who, body)
        return gateway.client.open(f"/api/v1/{path}", method=method, data=body, headers=headers)

    assert [one["id"] for one in call("GET", "fulfilment-orders", "wh-a").json["items"]] == [number]
    assert call("GET", "fulfilment-orders", "wh-b").json["items"] == []
    assert call("GET", "fulfilment-orders?warehouse=wh-a", "wh-b").status_code == 404
    assert call("POST", f"fulfilment-orders/{number}/accept", "wh-b", b"{}").status_code == 404
    assert call("POST", f"fulfilment-orders/{number}/accept", "wh-hub", b"{}").status_code == 404
    assert call("POST", f"fulfilment-orders/{number}/accept", "wh-a", b"{}").status_code == 200
    assert call("GET", "orders", "wh-a").status_code == 403


def test_a_merchant_does_not_speak_for_a_warehouse_that_serves_others(gateway: Gateway) -> None:
    gateway.world.stock("wh-hub", "acme", H=5)
    key = gateway.key("all")
    gateway.call("POST", "orders", key, order(lines=[("H", 1)]))
    (item,) = gateway.call("GET", "fulfilment-orders?warehouse=wh-hub", key).json["items"]
    theirs = gateway.key("all", merchant="acme")
    answer = gateway.call("POST", f"fulfilment-orders/{item['id']}/accept", theirs)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (403, "not_your_warehouse")
    path = f"fulfilment-orders/{item['id']}/accept"
    headers = signed_call("POST", path, "wh-hub", b"{}")
    assert gateway.call("POST", path, None, b"{}", headers).status_code == 200


# --- stock


def test_levels_and_the_ledger_behind_them(gateway: Gateway, key: str) -> None:
    (level,) = gateway.call("GET", "stock?sku=A", key).json["items"]
    assert (level["on_hand"], level["reserved"], level["available"]) == ("10", "0", "10")
    (entry,) = gateway.call("GET", "stock/ledger?sku=A", key).json["items"]
    assert (entry["delta"], entry["balance_after"], entry["reason"]) == ("10", "10", "opening")


def test_a_number_is_explained_to_those_whose_article_it_is(gateway: Gateway, key: str) -> None:
    gateway.world.stock("wh-a", "acme", **{"A/1": 3})
    gateway.call("POST", "orders", key, order(lines=[("A", 2)]))
    answer = gateway.call("GET", "stock/A/explain?channel=shop-a", key).json
    assert [(part["name"], part["quantity"]) for part in answer["parts"]] == [
        ("on_hand", "10"),
        ("reserved", "-2"),
    ]
    assert (answer["published"], answer["told"]) == ("8", None)
    assert answer["parts"][1]["orders"][0]["quantity"] == "2"
    assert gateway.call("GET", "stock/A%2F1/explain", key).json["published"] == "3"
    for path in ("stock/NONE/explain", "stock/A/explain?channel=wh-a"):
        assert gateway.call("GET", path, key).status_code == 404
    other = gateway.key("all", merchant="beta")
    assert gateway.call("GET", "stock/A/explain", other).status_code == 404


def test_levels_are_paged(gateway: Gateway, key: str) -> None:
    first = gateway.call("GET", "stock?limit=1", key).json
    second = gateway.call("GET", f"stock?limit=1&cursor={first['next_cursor']}", key).json
    assert [first["items"][0]["sku"], second["items"][0]["sku"]] == ["A", "B"]
    assert second["next_cursor"] is None


def test_a_count_and_an_adjustment_are_booked_once(gateway: Gateway, key: str) -> None:
    count = {
        "warehouse": "wh-a",
        "at": "2026-11-24T10:00:00Z",
        "report_id": "r1",
        "lines": [{"sku": "A", "on_hand": "7"}],
    }
    assert gateway.call("POST", "stock/reports", key, count).json["status"] == "done"
    assert gateway.call("POST", "stock/reports", key, count).json["status"] == "ignored"
    change = {
        "warehouse": "wh-a",
        "at": "2026-11-24T11:00:00Z",
        "change_id": "c1",
        "reason": "damage",
        "lines": [{"sku": "A", "delta": "-2"}],
    }
    assert gateway.call("POST", "stock/adjustments", key, change).json["status"] == "done"
    assert gateway.call("POST", "stock/adjustments", key, change).json["status"] == "ignored"
    (level,) = gateway.call("GET", "stock?sku=A", key).json["items"]
    assert level["on_hand"] == "5"


def test_a_count_of_a_warehouse_that_is_none_is_refused(gateway: Gateway, key: str) -> None:
    for warehouse in ("nowhere", "shop-a", None, 5):
        body = {"warehouse": warehouse, "at": "2026-11-24T10:00:00Z", "report_id": "r1"}
        answer = gateway.call("POST", "stock/reports", key, body)
        assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "warehouse")
    assert gateway.world.count("message") == 0


# --- products


def test_a_product_makes_its_sku_known(gateway: Gateway, key: str) -> None:
    held = gateway.call("POST", "orders", key, order(lines=[("NEW", 1)])).json
    assert "unknown_sku" in [one["code"] for one in held["hold_reasons"]]
    body = {"sku": "NEW", "title": "New thing", "price": "9.95", "currency": "EUR"}
    answer = gateway.call("POST", "products?merchant=acme", key, body)
    assert (answer.status_code, answer.json["merchant"]) == (200, "acme")
    (item,) = gateway.call("GET", "products?q=NE", key).json["items"]
    assert (item["sku"], item["title"]) == ("NEW", "New thing")
    after = gateway.call("GET", f"orders/{held['id']}", key).json
    assert "unknown_sku" not in [one["code"] for one in after["hold_reasons"]]


def test_whose_product_it_is_must_be_said_unless_the_key_says_it(
    gateway: Gateway, key: str
) -> None:
    body = {"sku": "N", "title": "N"}
    assert gateway.call("POST", "products", key, body).status_code == 422
    assert gateway.call("POST", "products?merchant=nobody", key, body).status_code == 422
    theirs = gateway.key("all", merchant="acme")
    assert gateway.call("POST", "products?merchant=beta", theirs, body).status_code == 422
    assert gateway.call("POST", "products", theirs, body).json["merchant"] == "acme"


# --- messages


def park(gateway: Gateway, count: int = 1) -> list[str]:
    """Messages that came in and stand still."""
    made = []
    for at in range(count):
        body = json.dumps(order(2000 + at)).encode()
        made.append(gateway.post_in("shop-a", body).json["id"])
    gateway.world.sql("UPDATE work SET status = 'parked'")
    gateway.world.sql(
        """UPDATE message SET error = '{"code": "bad_json", "message": "no", "path": ""}'"""
    )
    return made


def test_a_message_is_listed_with_what_is_wrong(gateway: Gateway, key: str) -> None:
    (parked,) = park(gateway)
    query = "messages?direction=in&connection=shop-a&status=parked"
    (item,) = gateway.call("GET", query, key).json["items"]
    assert item["id"] == parked
    assert item["error"] == {"code": "bad_json", "message": "no", "path": ""}
    assert (item["topic"], item["key"], item["attempts"]) == ("sales_order", "2000", 0)
    for q in (parked, item["correlation_id"], "2000"):
        assert [one["id"] for one in gateway.call("GET", f"messages?q={q}", key).json["items"]] == [
            parked
        ]
    assert gateway.call("GET", "messages?q=nothing", key).json["items"] == []
    assert gateway.call("GET", "messages?code=bad_json", key).json["items"][0]["id"] == parked


def test_a_payload_is_shown_to_those_who_may_and_that_is_audited(
    gateway: Gateway, key: str
) -> None:
    (parked,) = park(gateway)
    masked = gateway.call("GET", f"messages/{parked}", gateway.key("messages:read")).json
    assert (masked["payload_base64"], masked["payload_masked"]) == (None, True)
    shown = json.loads(masked["payload"])
    assert shown["channel_order_id"] == "2000"
    assert shown["ship_to"]["lines"] == ["•••"]
    assert shown["ship_to"]["country"] == "NL"
    assert "Bakker" not in masked["payload"]
    clear = gateway.call("GET", f"messages/{parked}", key).json
    assert json.loads(clear["payload"])["channel_order_id"] == "2000"
    assert base64.b64decode(clear["payload_base64"]).decode() == clear["payload"]
    rows = gateway.world.sql("SELECT action FROM audit WHERE subject = :s", s=f"message:{parked}")
    assert [row.action for row in rows] == ["message.read"]


def test_a_payload_that_cannot_be_read_is_shown_around_its_fault(gateway: Gateway) -> None:
    raw = b'{"order_number": "#7", "ship_to": {"name": "Ada Bakker", "city": "Ams'
    (broken,) = park(gateway)
    (row,) = gateway.world.sql("SELECT * FROM message")
    sealed = gateway.store.vault.seal(raw, "message.payload", row.merchant_id, row.id)
    gateway.world.sql("UPDATE message SET payload = :sealed", sealed=sealed)
    found = gateway.call("GET", f"messages/{broken}", gateway.key("messages:read")).json
    assert found["payload_fault"] == {
        "line": 1,
        "column": raw.index(b'"Ams') + 1,
        "cut_off": True,
    }
    assert '"order_number": "#7"' in found["payload"]
    assert "Ada" not in found["payload"]
    assert "Ams" not in found["payload"]


def test_a_message_shows_what_was_odd_in_it_until_it_is_worked_again(
    gateway: Gateway, key: str
) -> None:
    (parked,) = park(gateway)
    assert gateway.call("GET", f"messages/{parked}", key).json["warnings"] == []
    odd = {"path": "note", "code": "bad_text", "message": "control characters were dropped"}
    gateway.world.sql("UPDATE message SET warnings = CAST(:odd AS jsonb)", odd=json.dumps([odd]))
    assert gateway.call("GET", f"messages/{parked}", key).json["warnings"] == [odd]
    gateway.call("POST", f"messages/{parked}/replay", key, {"reason": "mended"})
    assert gateway.call("GET", f"messages/{parked}", key).json["warnings"] == []


def test_a_message_is_edited_and_the_original_stays(gateway: Gateway, key: str) -> None:
    (parked,) = park(gateway)
    answer = gateway.call(
        "POST", f"messages/{parked}/edit", key, {"payload": "{}", "reason": "a comma too many"}
    )
    assert (answer.status_code, answer.json["status"]) == (200, "received")
    whole = gateway.call("GET", f"messages/{parked}", key).json
    assert (whole["payload"], whole["version"]) == ("{}", 2)
    assert whole["versions"][0]["reason"] == "a comma too many"


@pytest.mark.parametrize("body", [{}, {"payload": "x", "payload_base64": "eA=="}])
def test_an_edit_says_what_in_one_way(gateway: Gateway, key: str, body: dict[str, str]) -> None:
    (parked,) = park(gateway)
    answer = gateway.call("POST", f"messages/{parked}/edit", key, {**body, "reason": "r"})
    assert answer.status_code == 422


def test_a_message_is_replayed_and_discarded(gateway: Gateway, key: str) -> None:
    first, second = park(gateway, 2)
    replayed = gateway.call("POST", f"messages/{first}/replay", key, {"reason": "mended"})
    assert (replayed.status_code, replayed.json["status"]) == (200, "received")
    discarded = gateway.call("POST", f"messages/{second}/discard", key, {"reason": "a test"})
    assert (discarded.status_code, discarded.json["status"]) == (200, "discarded")
    late = gateway.call("POST", f"messages/{second}/replay", key, {"reason": "after all"})
    assert (late.status_code, late.json["errors"][0]["code"]) == (409, "illegal_transition")


def test_a_selection_is_replayed_as_a_job(gateway: Gateway, key: str) -> None:
    park(gateway, 3)
    body = {"connection": "shop-a", "code": "bad_json", "reason": "mended"}
    answer = gateway.call("POST", "messages/replay", key, body)
    assert (answer.status_code, answer.json["done"], answer.json["total"]) == (202, 3, 3)
    assert gateway.call("GET", f"jobs/{answer.json['id']}", key).json == answer.json
    assert answer.json["detail"]["more"] is False
    assert [row[0] for row in gateway.world.sql("SELECT status FROM work")] == ["received"] * 3
    no_id = gateway.call(
        "POST", "messages/replay", key, {"ids": [str(uuid4()), "7"], "reason": "x"}
    )
    assert (no_id.status_code, no_id.json["errors"][0]["path"]) == (422, "ids[1]")
    none = gateway.call("POST", "messages/replay", key, {"ids": [str(uuid4())], "reason": "x"})
    assert none.status_code == 404
    nothing = gateway.call("POST", "messages/replay", key, {"reason": "everything"})
    assert nothing.status_code == 422


# --- connections


def test_a_connection_is_paused_and_resumed(gateway: Gateway, key: str) -> None:
    listed = gateway.call("GET", "connections", key).json["items"]
    assert [one["code"] for one in listed] == ["shop-a", "shop-b", "wh-a", "wh-b", "wh-hub", "wh-q"]
    assert "secret" not in json.dumps(listed)
    paused = gateway.call("POST", "connections/shop-a/pause", key, {"reason": "they move"})
    assert (paused.json["status"], paused.json["paused_because"]) == ("paused", "they move")
    assert gateway.call("POST", "connections/shop-a/pause", key).status_code == 409
    resumed = gateway.call("POST", "connections/shop-a/resume", key)
    assert (resumed.json["status"], resumed.json["paused_because"]) == ("active", None)


def test_a_connection_is_tested(gateway: Gateway, key: str) -> None:
    well = gateway.call("POST", "connections/wh-a/test", key)
    assert (well.status_code, well.json["ok"]) == (200, True)
    down = gateway.call("POST", "connections/wh-q/test", key)
    assert (down.status_code, down.json["ok"]) == (200, False)
    assert down.json["code"] != ""


def test_a_partner_is_asked_now_what_changed(gateway: Gateway, key: str) -> None:
    refused = gateway.call("POST", "connections/shop-a/poll", key)
    assert refused.status_code == 409
    gateway.world.sql(
        """INSERT INTO poll (merchant_id, connection, topic, every_s, due)
        VALUES ('acme', 'shop-a', 'orders', 300, now() + interval '1 hour')"""
    )
    since = {"since": "2026-11-24T08:00:00Z"}
    asked = gateway.call("POST", "connections/shop-a/poll", key, since)
    (topic,) = asked.json["polls"]
    assert (topic["topic"], topic["every_s"], topic["done_at"]) == ("orders", 300, None)
    assert gateway.world.sql("SELECT due <= now() FROM poll") == [(True,)]
    assert gateway.world.sql("SELECT asked_since::text FROM poll") == [("2026-11-24 08:00:00+00",)]
    wrong = gateway.call("POST", "connections/shop-a/poll", key, {"since": "yesterday"})
    assert (wrong.status_code, wrong.json["errors"][0]["path"]) == (422, "since")
