"""Goods in over the Open API: announced, fetched by the warehouse, received, decided about."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.kit.catalogue import goods_receipt, inbound_notice
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed_call

NOTICES = "inbound-notices"


@pytest.fixture
def key(gateway: Gateway) -> str:
    gateway.world.stock("wh-a", "acme", A=10, B=10, C=0)
    return gateway.key("all")


def notice(number: str = "PO-1", **how: Any) -> dict[str, Any]:
    return inbound_notice(number, **{"warehouse": "wh-a", **how})


def receipt(number: str = "g1", **how: Any) -> dict[str, Any]:
    return goods_receipt("PO-1", number, **how)


def announced(gateway: Gateway, key: str, **how: Any) -> dict[str, Any]:
    answer = gateway.call("POST", NOTICES, key, notice(**how))
    assert (answer.status_code, answer.json["status"]) == (201, "done")
    return dict(answer.json["inbound_notice"])


def level(gateway: Gateway, key: str, sku: str, quality: str = "good") -> Mapping[str, str]:
    query = f"stock?warehouse=wh-a&sku={sku}&quality={quality}"
    (item,) = gateway.call("GET", query, key).json["items"]
    return {name: item[name] for name in ("on_hand", "available", "expected")}


def test_what_is_announced_is_expected_and_what_comes_is_stock(gateway: Gateway, key: str) -> None:
    made = announced(gateway, key, lines=[("A", 10), ("C", 5)])
    assert (made["status"], made["inbound_notice_id"]) == ("notified", "PO-1")
    assert level(gateway, key, "A") == {"on_hand": "10", "available": "10", "expected": "10"}
    assert level(gateway, key, "C") == {"on_hand": "0", "available": "0", "expected": "5"}
    path = f"{NOTICES}/{made['id']}/receipts"
    body = receipt(pieces={"A": 4, "C": 6}, complete=False)
    came = gateway.call("POST", path, key, body)
    assert (came.status_code, came.json["inbound_notice"]["status"]) == (200, "receiving")
    again = gateway.call("POST", path, key, body)
    assert (again.status_code, again.json["code"]) == (200, "repeated")
    assert level(gateway, key, "A") == {"on_hand": "14", "available": "14", "expected": "6"}
    whole = gateway.call("GET", f"{NOTICES}/{made['id']}", key).json
    assert [it["receipt_id"] for it in whole["receipts"]] == ["g1"]
    assert [(it["code"], it["quantity"]) for it in whole["differences"]] == [("over", "1")]


def test_a_notice_without_a_number_gets_one_of_ours(gateway: Gateway, key: str) -> None:
    tree = notice()
    del tree["inbound_notice_id"]
    made = gateway.call("POST", NOTICES, key, tree).json["inbound_notice"]
    assert made["inbound_notice_id"].startswith("N")


def test_lists_are_filtered_and_paged(gateway: Gateway, key: str) -> None:
    for number in range(3):
        announced(gateway, key, number=f"PO-{number}")
    first = gateway.call("GET", f"{NOTICES}?limit=2&status=notified", key).json
    after = gateway.call(
        "GET", f"{NOTICES}?limit=2&status=notified&cursor={first['next_cursor']}", key
    ).json
    numbers = [it["inbound_notice_id"] for it in (*first["items"], *after["items"])]
    assert (numbers, after["next_cursor"]) == (["PO-0", "PO-1", "PO-2"], None)
    for query, count in {
        "status=received": 0,
        "kind=transfer": 0,
        "inbound_notice_id=PO-2": 1,
        "merchant=beta": 0,
    }.items():
        assert len(gateway.call("GET", f"{NOTICES}?{query}", key).json["items"]) == count


def test_a_draft_is_told_when_somebody_says_so(gateway: Gateway, key: str) -> None:
    answer = gateway.call("POST", f"{NOTICES}?draft=true", key, notice())
    made = answer.json["inbound_notice"]
    assert (made["status"], gateway.world.count("message")) == ("draft", 1)
    assert level(gateway, key, "A")["expected"] == "0"
    told = gateway.call("POST", f"{NOTICES}/{made['id']}/notify", key)
    assert (told.status_code, told.json["status"]) == (200, "notified")
    twice = gateway.call("POST", f"{NOTICES}/{made['id']}/notify", key)
    assert (twice.status_code, twice.json["errors"][0]["code"]) == (409, "illegal_transition")
    actions = gateway.world.sql("SELECT action FROM audit WHERE action LIKE 'inbound%'")
    assert ("inbound.notify",) in [tuple(row) for row in actions]


def test_a_newer_revision_changes_it_and_an_older_one_does_not(gateway: Gateway, key: str) -> None:
    announced(gateway, key)
    newer = gateway.call("POST", NOTICES, key, notice(revision=3, lines=[("A", 7)]))
    assert (newer.status_code, newer.json["inbound_notice"]["revision"]) == (200, 3)
    assert level(gateway, key, "A")["expected"] == "7"
    assert level(gateway, key, "B")["expected"] == "0"
    older = gateway.call("POST", NOTICES, key, notice(revision=2, lines=[("A", 1)]))
    assert (older.status_code, older.json["code"]) == (200, "stale")
    assert level(gateway, key, "A")["expected"] == "7"


def test_cancelled_before_anything_came_and_closed_after(gateway: Gateway, key: str) -> None:
    made = announced(gateway, key)
    path = f"{NOTICES}/{made['id']}"
    early = gateway.call("POST", f"{path}/close", key)
    assert (early.status_code, early.json["errors"][0]["code"]) == (409, "illegal_transition")
    over = gateway.call("POST", f"{path}/cancel", key, {"reason": "supplier is out"})
    assert (over.status_code, over.json["status"]) == (200, "cancelled")
    assert level(gateway, key, "A")["expected"] == "0"
    late = gateway.call("POST", f"{path}/receipts", key, receipt(pieces={"A": 1}))
    assert (late.status_code, late.json["errors"][0]["code"]) == (409, "contradiction")
    assert level(gateway, key, "A")["on_hand"] == "10"


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"warehouse": "nowhere"}, "unknown_warehouse", "warehouse"),
        ({"merchant": "nobody"}, "unknown_merchant", "merchant"),
        ({"lines": [("A", 0)]}, "bad_quantity", "lines.0.quantity"),
        ({"lines": [("A", -4)]}, "bad_quantity", "lines.0.quantity"),
        ({"lines": [("A", 10**12)]}, "bad_quantity", "lines.0.quantity"),
        ({"lines": [("NOBODYS", 4)]}, "unknown_sku", "lines.0.sku"),
        ({"kind": "transfer"}, "missing_field", "from_warehouse"),
        ({"from_warehouse": "wh-a"}, "bad_data", "from_warehouse"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    gateway: Gateway, key: str, changed: dict[str, Any], code: str, path: str
) -> None:
    answer = gateway.call("POST", NOTICES, key, notice(**changed))
    assert answer.status_code == 422
    assert [(it["code"], it["path"]) for it in answer.json["errors"]] == [(code, path)]
    assert gateway.world.count("inbound_notice") == 0


def test_another_merchant_sees_and_touches_nothing(gateway: Gateway, key: str) -> None:
    made = announced(gateway, key)
    stranger = gateway.key("all", merchant="beta")
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/receipts", receipt(pieces={"A": 1})),
        ("POST", "/cancel", {"reason": "x"}),
    ):
        answer = gateway.call(method, f"{NOTICES}/{made['id']}{path}", stranger, body)
        assert answer.status_code == 404
    assert gateway.call("GET", NOTICES, stranger).json["items"] == []
    stolen = gateway.call("POST", NOTICES, stranger, notice("PO-2"))
    assert (stolen.status_code, stolen.json["errors"][0]["code"]) == (422, "unknown_merchant")


@pytest.mark.parametrize(
    ("code", "pieces", "decision", "left"),
    [
        ("over", {"A": 12, "B": 5}, "accept", "22"),
        ("over", {"A": 12, "B": 5}, "return_to_supplier", "20"),
        ("over", {"A": 12, "B": 5}, "adjust", "20"),
        ("short", {"A": 8, "B": 5}, "accept", "18"),
        ("short", {"A": 8, "B": 5}, "adjust", "20"),
    ],
)
def test_a_decision_moves_the_stock_once_and_is_audited(
    gateway: Gateway, key: str, code: str, pieces: dict[str, int], decision: str, left: str
) -> None:
    made = announced(gateway, key)
    path = f"{NOTICES}/{made['id']}/receipts"
    (found,) = gateway.call("POST", path, key, receipt(pieces=pieces)).json["inbound_notice"][
        "differences"
    ]
    assert (found["code"], found["quantity"]) == (code, "2")
    assert decision in found["possible"]
    decide = f"receipt-differences/{found['id']}/decide"
    answer = gateway.call("POST", decide, key, {"decision": decision, "note": "counted again"})
    assert (answer.status_code, answer.json["decision"]) == (200, decision)
    again = gateway.call("POST", decide, key, {"decision": decision})
    assert (again.status_code, again.json["errors"][0]["code"]) == (409, "illegal_transition")
    assert level(gateway, key, "A")["on_hand"] == left
    assert gateway.call("GET", "receipt-differences", key).json["items"] == []
    (entry,) = gateway.world.sql(
        "SELECT detail FROM audit WHERE action = 'inbound.decide' ORDER BY number DESC LIMIT 1"
    )
    assert (entry.detail["decision"], entry.detail["pieces"]) == (decision, "2")
    gateway.world.check_books()


def test_a_decision_that_makes_no_sense_is_refused(gateway: Gateway, key: str) -> None:
    made = announced(gateway, key)
    path = f"{NOTICES}/{made['id']}/receipts"
    came = gateway.call("POST", path, key, receipt(pieces={"A": 8, "B": 5}))
    (found,) = came.json["inbound_notice"]["differences"]
    answer = gateway.call(
        "POST",
        f"receipt-differences/{found['id']}/decide",
        key,
        {"decision": "return_to_supplier"},
    )
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "decision")


def test_an_unknown_article_is_booked_as_what_it_turned_out_to_be(
    gateway: Gateway, key: str
) -> None:
    made = announced(gateway, key)
    path = f"{NOTICES}/{made['id']}/receipts"
    came = gateway.call("POST", path, key, receipt(pieces={"A": 10, "B": 5, "MYSTERY": 3}))
    (found,) = came.json["inbound_notice"]["differences"]
    decide = f"receipt-differences/{found['id']}/decide"
    wrong = gateway.call("POST", decide, key, {"decision": "adjust"})
    assert (wrong.status_code, wrong.json["errors"][0]["code"]) == (422, "unknown_sku")
    right = gateway.call("POST", decide, key, {"decision": "adjust", "sku": "C"})
    assert right.status_code == 200
    assert level(gateway, key, "C")["on_hand"] == "3"


def test_a_key_needs_the_scope_for_what_it_does(gateway: Gateway, key: str) -> None:
    made = announced(gateway, key)
    reads, takes = gateway.key("inbound:read"), gateway.key("inbound:receive")
    assert gateway.call("GET", NOTICES, reads).status_code == 200
    assert gateway.call("POST", NOTICES, reads, notice("PO-2")).status_code == 403
    path = f"{NOTICES}/{made['id']}"
    assert gateway.call("POST", f"{path}/cancel", takes, {"reason": "x"}).status_code == 403
    body = receipt(pieces={"A": 1}, complete=False)
    assert gateway.call("POST", f"{path}/receipts", takes, body).status_code == 200


def test_a_transfer_leaves_one_warehouse_and_arrives_at_the_other(
    gateway: Gateway, key: str
) -> None:
    gateway.world.connect("wh-c", "warehouse", merchant="acme")
    gateway.world.stock("wh-c", "acme", C=8)
    body = notice(kind="transfer", from_warehouse="wh-c", lines=[("C", 6)])
    too_many = gateway.call(
        "POST", NOTICES, key, {**body, "lines": notice(lines=[("C", 9)])["lines"]}
    )
    assert (too_many.status_code, too_many.json["errors"][0]["code"]) == (422, "out_of_stock")
    made = gateway.call("POST", NOTICES, key, body).json["inbound_notice"]
    (left,) = gateway.call("GET", "stock?warehouse=wh-c&sku=C", key).json["items"]
    assert left["on_hand"] == "2"
    assert level(gateway, key, "C", "in_transit")["on_hand"] == "6"
    assert level(gateway, key, "C", "in_transit")["available"] == "0"
    came = gateway.call(
        "POST", f"{NOTICES}/{made['id']}/receipts", key, receipt(pieces={"C": 5})
    ).json["inbound_notice"]
    assert level(gateway, key, "C")["on_hand"] == "5"
    assert level(gateway, key, "C", "in_transit")["on_hand"] == "1"
    (lost,) = came["differences"]
    assert (lost["code"], lost["quantity"]) == ("short", "1")
    decide = f"receipt-differences/{lost['id']}/decide"
    assert gateway.call("POST", decide, key, {"decision": "accept"}).status_code == 200
    assert level(gateway, key, "C", "in_transit")["on_hand"] == "0"
    gateway.world.check_books()


def test_a_cancelled_transfer_goes_back_on_the_shelf(gateway: Gateway, key: str) -> None:
    gateway.world.connect("wh-c", "warehouse", merchant="acme")
    gateway.world.stock("wh-c", "acme", C=8)
    body = notice(kind="transfer", from_warehouse="wh-c", lines=[("C", 6)])
    made = gateway.call("POST", NOTICES, key, body).json["inbound_notice"]
    over = gateway.call("POST", f"{NOTICES}/{made['id']}/cancel", key, {"reason": "not now"})
    assert over.json["status"] == "cancelled"
    (back,) = gateway.call("GET", "stock?warehouse=wh-c&sku=C", key).json["items"]
    assert back["on_hand"] == "8"
    assert level(gateway, key, "C", "in_transit")["on_hand"] == "0"
    gateway.world.check_books()


def test_a_warehouse_signs_for_what_it_fetches_and_receives(gateway: Gateway, key: str) -> None:
    def call(method: str, path: str, who: str, tree: Any = None) -> Any:
        body = b"" if tree is None else json.dumps(tree).encode()
        headers = signed_call(method, path, who, body)
        return gateway.client.open(f"/api/v1/{path}", method=method, data=body, headers=headers)

    made = announced(gateway, key)
    path = f"{NOTICES}/{made['id']}"
    assert [it["id"] for it in call("GET", NOTICES, "wh-a").json["items"]] == [made["id"]]
    assert call("GET", NOTICES, "wh-b").json["items"] == []
    assert call("GET", path, "wh-b").status_code == 404
    assert call("GET", path, "wh-hub").status_code == 404
    tree = receipt(pieces={"A": 4}, complete=False)
    del tree["source"]
    assert call("POST", f"{path}/receipts", "wh-b", tree).status_code == 404
    came = call("POST", f"{path}/receipts", "wh-a", tree)
    assert (came.status_code, came.json["inbound_notice"]["status"]) == (200, "receiving")
    blind = call("POST", "goods-receipts", "wh-a", {**tree, "inbound_notice_id": "PO-9"})
    assert (blind.status_code, blind.json["status"]) == (200, "done")
    assert level(gateway, key, "A")["on_hand"] == "18"
    assert call("POST", f"{path}/cancel", "wh-a", {"reason": "x"}).status_code == 403
    assert call("POST", NOTICES, "wh-a", notice("PO-3")).status_code == 403
