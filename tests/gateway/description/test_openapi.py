"""The description of the Open API: it says what is served, and what is served is as it says."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from werkzeug.test import TestResponse

from hub.store.people.api_keys import SCOPES
from tests.flows.reconciliation.till import line, report
from tests.gateway.api.test_customers import ADA, bought
from tests.gateway.api.test_orders import order
from tests.gateway.api.test_reconciliation import hear
from tests.gateway.api.test_rest import park
from tests.kit.catalogue import goods_receipt, inbound_notice, shipment
from tests.kit.world.gateway import Gateway


@pytest.fixture
def description(gateway: Gateway) -> dict[str, Any]:
    answer = gateway.client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return dict(answer.json)


def test_it_is_valid_openapi_31(description: dict[str, Any]) -> None:
    from openapi_spec_validator import validate  # noqa: PLC0415  # takes seconds

    validate(description)
    assert description["openapi"].startswith("3.1")


def test_every_route_is_described_and_every_described_route_exists(
    gateway: Gateway, description: dict[str, Any]
) -> None:
    served = {
        (method, re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule))
        for rule in gateway.app.web.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (method.upper(), path)
        for path, operations in description["paths"].items()
        for method in operations
    }
    assert described == served | {("POST", "/in/{connection}")}


def test_every_schema_is_used_under_one_name(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    schemas = description["components"]["schemas"]
    unused = [name for name in schemas if f'"#/components/schemas/{name}"' not in text]
    assert unused == []
    titled = [name for name, schema in schemas.items() if "title" in schema]
    assert titled == []


def test_what_is_posted_names_its_connection_and_may_leave_out_what_has_a_default(
    description: dict[str, Any],
) -> None:
    schemas = description["components"]["schemas"]
    assert set(schemas["PostedSource"]["properties"]) == {
        "connection",
        "id",
        "revision",
        "occurred_at",
    }
    posted = schemas["PostedSalesOrder"]["properties"]
    assert posted["source"] == {"$ref": "#/components/schemas/PostedSource"}
    assert '"default"' not in json.dumps(schemas)
    assert schemas["OrderLine"]["properties"]["discount"]["description"] == 'where absent: `"0"`'
    assert "title" in schemas["OrderLine"]["properties"]


def test_every_operation_is_named_told_in_words_and_grouped(description: dict[str, Any]) -> None:
    operations = [one for path in description["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(one["summary"] and one["description"] for one in operations)
    groups = {tag["name"] for tag in description["tags"] if tag["description"]}
    assert {tag for one in operations for tag in one["tags"]} == groups
    scopes = {one["x-scope"] for one in operations if one["security"]}
    assert scopes <= set(SCOPES)
    assert description["servers"]


def test_the_page_for_people_loads_nothing_and_names_every_route(
    gateway: Gateway, description: dict[str, Any]
) -> None:
    answer = gateway.client.get("/api/v1/docs")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r"<script|src=|https?://|@import|url\(", answer.text)
    for path in description["paths"]:
        assert f"<code>{path}</code>" in answer.text


def test_answers_are_as_the_description_says(gateway: Gateway, description: dict[str, Any]) -> None:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all")

    def check(method: str, path: str, template: str, body: Any = None) -> TestResponse:
        answer = gateway.call(method, path, key, body)
        operation = description["paths"][f"/api/v1/{template}"][method.lower()]
        said = operation["responses"][str(answer.status_code)]
        schema = said["content"][answer.mimetype]["schema"]
        whole = {**schema, "components": description["components"]}
        errors = [
            f"{template} {list(error.instance_path)}: {error.message[:200]}"
            for error in Draft202012Validator(whole).iter_errors(answer.json)
        ]
        assert errors == []
        return answer

    posted = check("POST", "orders", "orders", order()).json
    check("POST", "orders", "orders", order())
    check("POST", "orders", "orders", order(currency=None))
    check("GET", "orders", "orders")
    (item,) = check("GET", "fulfilment-orders", "fulfilment-orders").json["items"]
    number = item["id"]
    check("GET", f"fulfilment-orders/{number}", "fulfilment-orders/{id}")
    check("POST", f"fulfilment-orders/{number}/accept", "fulfilment-orders/{id}/accept")
    body = shipment(number)
    check("POST", f"fulfilment-orders/{number}/shipments", "fulfilment-orders/{id}/shipments", body)
    check("GET", f"orders/{posted['id']}", "orders/{id}")
    check("POST", f"orders/{posted['id']}/cancel", "orders/{id}/cancel", {"reason": "late"})
    check("POST", "routing/what-if", "routing/what-if", order(7))
    other = {"rules": [{"fallback": "backorder"}]}
    check("POST", f"orders/{posted['id']}/what-if", "orders/{id}/what-if", other)
    past = {"merchant": "acme", "from": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}
    tried = check("POST", "routing/what-if/past", "routing/what-if/past", {**other, **past})
    check("GET", f"jobs/{tried.json['id']}", "jobs/{id}")
    check("GET", "stock", "stock")
    check("GET", "stock/ledger", "stock/ledger")
    rules_set(check)
    check("GET", "stock/A/explain?channel=shop-a", "stock/{sku}/explain")
    check("GET", "stock/NONE/explain", "stock/{sku}/explain")
    check("POST", "products?merchant=acme", "products", {"sku": "N", "title": "New"})
    check("GET", "products?sku=N", "products")
    goods_in(check)
    reported(gateway, check, posted["id"])
    people(gateway, check)
    (parked,) = park(gateway)
    check("GET", "messages", "messages")
    check("GET", f"messages/{parked}", "messages/{id}")
    job = check("POST", "messages/replay", "messages/replay", {"ids": [parked], "reason": "x"})
    check("GET", f"jobs/{job.json['id']}", "jobs/{id}")
    check("GET", "jobs/nothing", "jobs/{id}")
    check("GET", "connections", "connections")
    check("POST", "connections/wh-a/test", "connections/{code}/test")
    check("POST", "connections/wh-a/pause", "connections/{code}/pause")


def test_what_is_posted_fits_its_schema(description: dict[str, Any]) -> None:
    operation = description["paths"]["/api/v1/orders"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": description["components"]}
    posted = json.loads(json.dumps({**order(), "source": {"connection": "shop-a"}}))
    assert list(Draft202012Validator(whole).iter_errors(posted)) == []


def people(gateway: Gateway, check: Callable[..., TestResponse]) -> None:
    """Found, joined, taken apart, heard, forgotten."""
    ada, bo = bought(gateway, ADA, {**ADA, "email": "bo@example.com"}, numbers=(71, 72))
    check("GET", "customers?merchant=acme", "customers")
    check("POST", "customers/search", "customers/search", {"who": "ada@example.com"})
    check("GET", f"customers/{ada}", "customers/{id}")
    check("POST", f"customers/{ada}/merge", "customers/{id}/merge", {"other": bo})
    check("POST", f"customers/{bo}/unmerge", "customers/{id}/unmerge")
    check("POST", f"customers/{ada}/distinct", "customers/{id}/distinct", {"other": bo})
    said = {"purpose": "marketing", "granted": True}
    check("POST", f"customers/{ada}/consents", "customers/{id}/consents", said)
    check("POST", f"customers/{ada}/erase", "customers/{id}/erase")
    assert check("POST", f"customers/{ada}/erase", "customers/{id}/erase").status_code == 409


def invoiced(check: Callable[..., TestResponse], order_id: str) -> None:
    """Drawn and read."""
    party = {"name": "Acme", "address": {"country": "NL"}, "tax_id": "NL001234567B01"}
    untaxed = {"home": {"category": "E", "reason": "Margin scheme"}}
    said = {"merchant": "acme", "seller": party, "untaxed": untaxed}
    check("POST", "invoices/seller", "invoices/seller", said)
    check("POST", "invoices", "invoices", {"order_id": order_id})
    (drawn,) = check("GET", "invoices?merchant=acme", "invoices").json["items"]
    check("GET", f"invoices/{drawn['id']}", "invoices/{id}")
    check("GET", f"invoices/{drawn['number']}?merchant=acme", "invoices/{id}")


def reported(gateway: Gateway, check: Callable[..., TestResponse], order_id: str) -> None:
    """Invoiced, reported, looked at, decided."""
    invoiced(check, order_id)
    lines = [line("fee", "0", "2.00", kind="fee"), line("sale", "5.00"), line("same", "5.00")]
    back = line("cb", "-5.00", kind="chargeback")
    hear(gateway.world, report("R1", *lines, back))
    ids = {it["reference"]: it["id"] for it in check(
        "GET", "reconciliation?side=theirs", "reconciliation").json["items"]}  # fmt: skip
    check("GET", "reconciliation/summary?age=week", "reconciliation/summary")
    one = f"reconciliation/{ids['fee']}"
    check("GET", one, "reconciliation/{id}")
    check("POST", f"{one}/accept", "reconciliation/{id}/accept")
    check("POST", f"{one}/undo", "reconciliation/{id}/undo")
    check("POST", f"{one}/write-off", "reconciliation/{id}/write-off")
    noted = {"note": "by mail"}
    check("POST", f"reconciliation/{ids['sale']}/explain", "reconciliation/{id}/explain", noted)
    both = {"theirs": [ids["same"], ids["cb"]]}
    check("POST", "reconciliation/match", "reconciliation/match", both)
    check("POST", "reconciliation/run?merchant=acme", "reconciliation/run")
    (case,) = check("GET", "chargebacks", "chargebacks").json["items"]
    path = f"chargebacks/{case['id']}"
    check("GET", path, "chargebacks/{id}")
    check("POST", f"{path}/evidence", "chargebacks/{id}/evidence", noted)
    check("POST", f"{path}/win", "chargebacks/{id}/win")
    assert check("POST", f"{path}/lose", "chargebacks/{id}/lose").status_code == 409


def rules_set(check: Callable[..., TestResponse]) -> None:
    """A merchant's rules: set, and asked for with and without its code."""
    kept = {"safety": [{"pieces": "1"}], "shares": [{"percent": 50, "channel": "shop-a"}]}
    terms = {"window_days": 14, "warehouses": [{"warehouse": "wh-a"}]}
    for path, rules in (("stock/rules", kept), ("return-terms", terms)):
        check("POST", f"{path}?merchant=acme", path, rules)
        check("GET", f"{path}?merchant=acme", path)
        check("GET", path, path)


def goods_in(check: Callable[..., TestResponse]) -> None:
    """Announced, received, decided."""
    notice = inbound_notice("PO-1", warehouse="wh-a", lines=[("A", 4)])
    posted = check("POST", "inbound-notices", "inbound-notices", notice).json
    number = posted["inbound_notice"]["id"]
    check("GET", "inbound-notices", "inbound-notices")
    check("GET", f"inbound-notices/{number}", "inbound-notices/{id}")
    came = goods_receipt("PO-1", "g1", pieces={"A": 5, "B": 1}, complete=False)
    check("POST", f"inbound-notices/{number}/receipts", "inbound-notices/{id}/receipts", came)
    blind = goods_receipt("PO-2", "g2", pieces={"A": 1})
    check("POST", "goods-receipts?warehouse=wh-a", "goods-receipts", blind)
    check("POST", f"inbound-notices/{number}/close", "inbound-notices/{id}/close")
    check("POST", f"inbound-notices/{number}/notify", "inbound-notices/{id}/notify")
    refused = check(
        "POST", f"inbound-notices/{number}/cancel", "inbound-notices/{id}/cancel", {"reason": "x"}
    )
    assert refused.status_code == 409
    (first, *_) = check("GET", "receipt-differences", "receipt-differences").json["items"]
    path = f"receipt-differences/{first['id']}/decide"
    decided = check("POST", path, "receipt-differences/{id}/decide", {"decision": "accept"})
    assert decided.json["decision"] == "accept"
