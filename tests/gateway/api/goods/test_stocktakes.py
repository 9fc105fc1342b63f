"""Stocktakes over the Open API: one key counts blindly, another approves."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.store.people import api_keys
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed_call

HIDDEN = {"outcome": None, "expected": None, "moved": None, "difference": None, "moved_since": None}


@pytest.fixture
def counter(gateway: Gateway) -> str:
    gateway.world.stock("wh-a", "acme", A=10, B=5)
    return gateway.key("stock:read", "stock:count")


@pytest.fixture
def checker(gateway: Gateway) -> str:
    with gateway.store.database.begin() as db:
        return api_keys.make(
            db, "checker", ("stock:read", "stock:approve"), "acme", owner="user:ann"
        )[1]


def opened(gateway: Gateway, key: str, **more: Any) -> str:
    body = {"merchant": "acme", "warehouse": "wh-a", **more}
    answer = gateway.call("POST", "stocktakes", key, body)
    assert answer.status_code == 201, answer.text
    return f"stocktakes/{answer.json['id']}"


def counted(gateway: Gateway, key: str, path: str, **pieces: int) -> Any:
    lines = [{"sku": sku, "counted": str(count)} for sku, count in pieces.items()]
    return gateway.call("POST", f"{path}/counts", key, {"lines": lines})


def line(answer: Any, sku: str) -> Mapping[str, Any]:
    (found,) = (it for it in answer.json["positions"] if it["sku"] == sku)
    return dict(found)


def on_hand(gateway: Gateway, key: str, sku: str) -> str:
    (item,) = gateway.call("GET", f"stock?sku={sku}", key).json["items"]
    return str(item["on_hand"])


def test_who_counts_sees_nothing_and_somebody_else_approves(
    gateway: Gateway, counter: str, checker: str
) -> None:
    path = opened(gateway, counter)
    answer = counted(gateway, counter, path, A=8)
    assert (answer.status_code, answer.json["counted"], answer.json["lines"]) == (200, 1, 2)
    assert HIDDEN.items() <= line(answer, "A").items()
    assert line(answer, "A")["counted"] == "8"
    assert HIDDEN.items() <= line(gateway.call("GET", path, checker), "A").items()
    submitted = gateway.call("POST", f"{path}/submit", counter)
    assert submitted.json["status"] == "counted"
    assert HIDDEN.items() <= line(submitted, "A").items()
    seen = line(gateway.call("GET", path, checker), "A")
    assert (seen["outcome"], seen["expected"], seen["difference"]) == ("adjusted", "10", "-2")
    assert on_hand(gateway, counter, "A") == "10"
    for _ in range(2):
        approved = gateway.call("POST", f"{path}/approve", checker)
        assert (approved.status_code, approved.json["status"]) == (200, "approved")
    assert on_hand(gateway, counter, "A") == "8"
    whole = gateway.call("GET", path, counter).json
    assert [it["outcome"] for it in whole["positions"]] == ["adjusted", "not_counted"]
    assert [it["event"] for it in whole["steps"]] == ["open", "count", "submit", "approve"]
    moved = gateway.call("GET", "stock/ledger?sku=A&limit=1", counter).json["items"][0]
    assert (moved["delta"], moved["reason"]) == ("-2", "stocktake")
    assert moved["document"] == f"stocktake:{whole['id']}"
    assert moved["actor"] == whole["decided_by"]


def test_a_key_that_counted_does_not_approve(gateway: Gateway, counter: str) -> None:
    both = gateway.key("all")
    path = opened(gateway, both, blind=False)
    assert line(counted(gateway, both, path, A=8), "A")["difference"] == "-2"
    gateway.call("POST", f"{path}/submit", both)
    refused = gateway.call("POST", f"{path}/approve", both)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (409, "four_eyes")
    assert on_hand(gateway, both, "A") == "10"


def test_lines_are_counted_once_more_and_a_stocktake_is_cancelled(
    gateway: Gateway, counter: str, checker: str
) -> None:
    path = opened(gateway, counter, skus=["A"])
    counted(gateway, counter, path, A=1)
    gateway.call("POST", f"{path}/submit", counter)
    again = gateway.call("POST", f"{path}/recount", checker, {"lines": [1], "note": "far off"})
    assert (again.json["status"], again.json["round"], again.json["counted"]) == ("counting", 2, 0)
    none = gateway.call("POST", f"{path}/recount", checker, {"lines": [7], "note": "x"})
    assert none.status_code == 409
    over = gateway.call("POST", f"{path}/cancel", checker, {"reason": "wrong shelf"})
    assert (over.json["status"], on_hand(gateway, counter, "A")) == ("cancelled", "10")
    late = counted(gateway, counter, path, A=9)
    assert (late.status_code, late.json["errors"][0]["code"]) == (409, "illegal_transition")


def test_a_warehouse_that_signs_counts_what_lies_there(gateway: Gateway, checker: str) -> None:
    gateway.world.stock("wh-a", "acme", A=10)
    own = gateway.key("stock:count", "stock:read")
    path = opened(gateway, own)
    body = b'{"lines": [{"sku": "A", "counted": "9"}]}'
    for who, status in (("wh-a", 200), ("wh-b", 404)):
        headers = signed_call("POST", f"{path}/counts", who, body)
        answer = gateway.call("POST", f"{path}/counts", None, body, headers=headers)
        assert answer.status_code == status, answer.text
    assert gateway.call("GET", path, own).json["counted_by"] == ["connection:wh-a"]


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"warehouse": "shop-a"}, "unknown_warehouse", "warehouse"),
        ({"merchant": "nobody"}, "unknown_merchant", "merchant"),
        ({"skus": ["A", "NONE"]}, "unknown_sku", "skus.1"),
    ],
)
def test_what_cannot_be_counted_is_named(
    gateway: Gateway, counter: str, changed: dict[str, Any], code: str, path: str
) -> None:
    body = {"merchant": "acme", "warehouse": "wh-a", **changed}
    answer = gateway.call("POST", "stocktakes", counter, body)
    assert answer.status_code == 422
    assert [(it["code"], it["path"]) for it in answer.json["errors"]] == [(code, path)]


def test_fewer_than_no_pieces_are_refused(gateway: Gateway, counter: str) -> None:
    path = opened(gateway, counter)
    answer = counted(gateway, counter, path, A=-1)
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "lines.0.counted")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("2026-11-30T10:00:00", "a time must name its zone"),
        ("ten o'clock", "a time such as 2026-11-24T10:15:00Z is expected"),
        ("2020-01-01T00:00:00Z", "when it was opened, to now is expected"),
        ("2199-01-01T00:00:00+02:00", "when it was opened, to now is expected"),
    ],
)
def test_a_time_at_which_nothing_was_counted_is_refused(
    gateway: Gateway, counter: str, said: str, message: str
) -> None:
    path = opened(gateway, counter)
    body = {"counted_at": said, "lines": [{"sku": "A", "counted": "9"}]}
    answer = gateway.call("POST", f"{path}/counts", counter, body)
    (error,) = answer.json["errors"]
    assert (answer.status_code, error["path"], error["code"]) == (422, "counted_at", "bad_time")
    assert message in error["message"]
    assert line(gateway.call("GET", path, counter), "A")["counted"] is None


def test_a_count_is_of_the_time_at_which_it_was_taken(gateway: Gateway, counter: str) -> None:
    path = opened(gateway, counter, blind=False)
    moment = datetime.now(UTC)
    gateway.world.stock("wh-a", "acme", A=4)
    body = {"counted_at": moment.isoformat(), "lines": [{"sku": "A", "counted": "9"}]}
    it = line(gateway.call("POST", f"{path}/counts", counter, body), "A")
    assert (it["difference"], it["moved"], it["moved_since"]) == ("-1", "0", "4")
    assert it["counted_at"] == moment.isoformat().replace("+00:00", "Z")


def test_lists_are_filtered(gateway: Gateway, counter: str) -> None:
    opened(gateway, counter, skus=["A"])
    opened(gateway, counter, skus=["B"])
    for query, count in {"": 2, "?status=counted": 0, "?warehouse=wh-b": 0, "?limit=1": 1}.items():
        assert len(gateway.call("GET", f"stocktakes{query}", counter).json["items"]) == count
