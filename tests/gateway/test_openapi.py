"""The description of the Open API: it says what is served, and what is served is as it says."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from hub.model.catalogue import DOCUMENTS
from tests.gateway.test_api_orders import order
from tests.gateway.test_api_rest import park
from tests.gateway.town import Town
from tests.kit.world import shipment


@pytest.fixture
def description(town: Town) -> dict[str, Any]:
    answer = town.client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return dict(answer.json)


def test_it_is_valid_openapi_31(description: dict[str, Any]) -> None:
    validate(description)
    assert description["openapi"].startswith("3.1")


def test_every_route_is_described_and_every_described_route_exists(
    town: Town, description: dict[str, Any]
) -> None:
    served = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in town.app.web.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (method.upper(), path)
        for path, operations in description["paths"].items()
        for method in operations
    }
    assert described == served | {("POST", "/in/{connection}")}


def test_the_canonical_documents_are_in_it(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    for kind, model in DOCUMENTS.items():
        assert schemas[kind] == {"$ref": f"#/components/schemas/{model.__name__}"}
        assert schemas[model.__name__]["properties"]["type"]["const"] == kind


def test_every_operation_has_a_name_a_summary_and_a_scope(description: dict[str, Any]) -> None:
    operations = [one for path in description["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations if one["security"]]
    assert len(names) == len(set(names))
    assert all(one["summary"] for one in operations)
    assert all(one["security"][0]["key"] for one in operations if one["security"])


def test_the_page_for_people_loads_nothing_and_names_every_route(
    town: Town, description: dict[str, Any]
) -> None:
    answer = town.client.get("/api/v1/docs")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r"<script|src=|https?://|@import|url\(", answer.text)
    for path in description["paths"]:
        assert f"<code>{path}</code>" in answer.text


def test_answers_are_as_the_description_says(town: Town, description: dict[str, Any]) -> None:
    town.fill("acme", "wh-a", A=10, B=10)
    key = town.key("all")

    def check(method: str, path: str, template: str, body: Any = None) -> TestResponse:
        answer = town.call(method, path, key, body)
        operation = description["paths"][f"/api/v1/{template}"][method.lower()]
        said = operation["responses"][str(answer.status_code)]
        (schema,) = [media["schema"] for media in said["content"].values()]
        whole = {**schema, "components": description["components"]}
        errors = [
            f"{template} {list(error.absolute_path)}: {error.message[:200]}"
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
    check("GET", "stock", "stock")
    check("GET", "stock/ledger", "stock/ledger")
    check("POST", "products?merchant=acme", "products", {"sku": "N", "title": "New"})
    check("GET", "products?sku=N", "products")
    (parked,) = park(town)
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
