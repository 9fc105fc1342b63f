"""Customers over the Open API: found, joined, taken apart, forgotten; each merchant its own."""

from collections.abc import Sequence
from typing import Any

import pytest

from hub.flows.customers import collect
from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway

ADA = {"name": "Ada Bakker", "email": "ada@example.com", "phone": "+31201234567"}


def bought(gateway: Gateway, *people: dict[str, Any], numbers: Sequence[int] = (1, 2)) -> list[str]:
    """Each of them orders and cancels; the customers that they are."""
    key, ids = gateway.key("all"), []
    for number, person in zip(numbers, people, strict=False):
        tree = order(number, customer=person, state="cancelled")
        tree["cancelled_at"] = tree["placed_at"]
        answer = gateway.call("POST", "orders", key, tree)
        assert answer.status_code in (200, 201), answer.text
    with gateway.world.unit() as unit:
        collect.collect(unit)
    for number, _ in zip(numbers, people, strict=False):
        (row,) = gateway.world.sql(
            """SELECT co.customer_id FROM customer_order AS co
            JOIN sales_order AS o ON o.id = co.order_id WHERE o.channel_order_id = :number""",
            number=str(number),
        )
        ids.append(str(row[0]))
    return ids


def found(gateway: Gateway, who: str, **key: Any) -> list[str]:
    answer = gateway.call(
        "POST", "customers/search", gateway.key("customers:read", **key), {"who": who}
    )
    assert answer.status_code == 200
    return [item["id"] for item in answer.json["items"]]


def test_he_is_found_by_what_he_is_known_by_and_by_nobody_else(gateway: Gateway) -> None:
    (ada,) = bought(gateway, ADA)
    for who in ("ADA@example.com", "0031 20 123 4567", "#1"):
        assert found(gateway, who) == [ada], who
    assert found(gateway, "ada@example") == []
    assert found(gateway, "ada@example.com", merchant="acme") == [ada]
    assert found(gateway, "ada@example.com", merchant="bolt") == []
    key = gateway.key("all", merchant="bolt")
    assert gateway.call("GET", "customers", key).json["items"] == []
    for path in ("merge", "unmerge", "distinct", "consents", "erase"):
        body = {"other": ada, "purpose": "marketing", "granted": True}
        wanted = {
            "merge": {"other": ada},
            "distinct": {"other": ada},
            "consents": {name: body[name] for name in ("purpose", "granted")},
        }
        answer = gateway.call("POST", f"customers/{ada}/{path}", key, wanted.get(path, {}))
        assert answer.status_code == 404, path
    assert gateway.call("GET", f"customers/{ada}", key).status_code == 404


def test_joined_taken_apart_and_forgotten(gateway: Gateway) -> None:
    ada, bo = bought(gateway, ADA, {**ADA, "email": "bo@example.com"})
    key = gateway.key("all")
    whole = gateway.call("GET", f"customers/{ada}", key).json
    assert whole["doubts"] == [{"customer_id": bo, "reason": "phone"}]
    joined = gateway.call("POST", f"customers/{ada}/merge", key, {"other": bo})
    assert (joined.status_code, joined.json["merged"], len(joined.json["bought"])) == (200, [bo], 2)
    assert gateway.call("GET", f"customers/{bo}", key).json["id"] == ada
    again = gateway.call("POST", f"customers/{ada}/merge", key, {"other": bo})
    assert again.status_code == 409
    assert gateway.call("POST", f"customers/{bo}/unmerge", key).json["id"] == bo
    said = {"purpose": "marketing", "granted": False}
    allowed = gateway.call("POST", f"customers/{ada}/consents", key, said).json["consents"]
    assert [(it["purpose"], it["granted"], it["source"]) for it in allowed] == [
        ("marketing", False, "api")
    ]
    gone = gateway.call("POST", f"customers/{ada}/erase", key)
    assert (gone.status_code, gone.json["orders"]) == (200, 1)
    assert found(gateway, "ada@example.com") == []
    left = gateway.call("GET", f"customers/{ada}", key).json
    assert (left["status"], left["email"], left["consents"]) == ("erased", None, [])
    assert gateway.call("POST", f"customers/{ada}/erase", key).status_code == 409


@pytest.mark.parametrize("scope", ["customers:read", "customers:write"])
def test_who_may_look_may_not_erase(gateway: Gateway, scope: str) -> None:
    (ada,) = bought(gateway, ADA)
    answer = gateway.call("POST", f"customers/{ada}/erase", gateway.key(scope))
    assert answer.status_code == 403
