"""Shopify's part of the conformance suite: its signatures, small messages, and its answers
when all is well.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from adapters.kit.conformance import STATUSES, Conformance, Sample, fails
from adapters.kit.loopback import SILENCE, Asked, Told
from adapters.kit.signature import base64_hmac
from adapters.ports import Call
from hub.model.document import Source
from hub.model.errors import OutcomeUnknown
from hub.model.fulfilment import Package, Shipment, ShippedLine, ShippedOrder, ShippedOrderLine
from hub.model.stock import StockLevel

_AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
_LINE = {"id": 61, "title": "Cup", "sku": "CUP", "quantity": 2, "price": "5.00"}
_ORDER = {
    "id": 5001,
    "name": "#1001",
    "created_at": "2026-05-04T10:00:00+02:00",
    "updated_at": "2026-05-04T10:00:00+02:00",
    "currency": "EUR",
    "financial_status": "paid",
    "total_price": "10.00",
    "line_items": [_LINE],
}
_REFUND = {
    "id": 7001,
    "order_id": 5001,
    "created_at": "2026-05-06T10:00:00+02:00",
    "refund_line_items": [{"line_item_id": 61, "line_item": _LINE, "quantity": 1, "subtotal": 5}],
    "transactions": [{"id": 3, "kind": "refund", "amount": "5.00", "currency": "EUR"}],
}
_PRODUCT = {"id": 71, "title": "Cup", "variants": [{"id": 81, "sku": "CUP", "price": "5.00"}]}

_SHIPMENT = Shipment(
    source=Source(connection="wh", id="c-1"),
    fulfilment_order_id="F-1",
    shipped_at=_AT,
    packages=(
        Package(carrier="dhl", tracking_number="T1", lines=(ShippedLine(line_no=1, quantity=2),)),
    ),
    order=ShippedOrder(
        channel="conformance",
        channel_order_id="5001",
        order_number="#1001",
        merchant="acme",
        warehouse="wh",
        lines=(ShippedOrderLine(line_no=1, channel_line_id="61", sku="CUP", quantity=2),),
    ),
)
_LEVEL = StockLevel(
    source=Source(connection="hub", id="CUP"),
    attributes={"inventory_item_id": "92"},
    sku="CUP",
    channel="conformance",
    available=7,
    at=_AT,
    version=3,
)


class Conforms(Conformance):
    name = "shopify"
    settings: ClassVar[Mapping[str, Any]] = {"shop": "acme-eu", "location_id": "72"}
    secrets: ClassVar[Mapping[str, Any]] = {
        "webhook_secret": "new-hush\nold-hush",
        "access_token": "shpat-conformance",
    }
    other_secrets: ClassVar[Mapping[str, Any]] = {"webhook_secret": "another-shops-secret"}
    samples = (
        Sample("orders/create", json.dumps(_ORDER).encode()),
        Sample("refunds/create", json.dumps(_REFUND).encode()),
        Sample("products/update", json.dumps(_PRODUCT).encode()),
    )
    documents = (_SHIPMENT, _LEVEL)
    tolerance = timedelta.max  # nothing that is signed tells its age

    def sign(self, sample: Sample, secrets: Mapping[str, Any], at: datetime) -> Call:
        del at
        secret = str(secrets["webhook_secret"]).splitlines()[-1]
        headers = {
            "x-shopify-topic": sample.topic,
            "x-shopify-shop-domain": "acme-eu.myshopify.com",
            "x-shopify-webhook-id": "8a95126f-859a-4db9-b8f1-350e299e9ea0",
            "x-shopify-hmac-sha256": base64_hmac(secret, sample.raw),
        }
        return Call("POST", "", headers, sample.raw)

    def accept(self, asked: Asked) -> Told:
        return answer(asked, {"T1": Counter({"61": 2})}, available=7)

    def unknown(self, asked: Asked) -> Told:
        return answer(asked, {}, available=0)

    # A shipment is told by reading first: what goes wrong then has changed nothing. The two tests
    # below let the reads pass, so that what goes wrong is the write.

    def test_each_status_has_its_fate(self) -> None:
        for document in self.documents:
            for status, expected in {**STATUSES, **self.statuses}.items():
                with (
                    self._partner(self._at_the_write(Told(status))) as (_, adapter),
                    fails(expected, what=f"{document.type} answered {status}"),
                ):
                    adapter.send(document, "key-1")

    def test_an_answer_that_is_late_lost_or_garbage_leaves_the_outcome_unknown(self) -> None:
        answers = {
            "late": Told(pause_s=0.4),
            "lost": SILENCE,
            "garbage": Told(200, b"\x00 no answer", {"content-type": "text/plain"}),
            "empty": Told.json({}),
            "cut": Told(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", close=True),
        }
        for document in self.documents:
            for what, told in answers.items():
                script = self._at_the_write(told)
                with (
                    self._partner(script, 0.2 if what == "late" else 5) as (_, adapter),
                    fails(OutcomeUnknown, what=f"{document.type}, answer {what}"),
                ):
                    adapter.send(document, "key-1")

    def _at_the_write(self, told: Told) -> Callable[[Asked], Told]:
        return lambda asked: told if b'"query":"\\nmutation' in asked.body else self.unknown(asked)


def answer(asked: Asked, told: Mapping[str, Counter[str]], *, available: int) -> Told:
    """What a shop with one order, one article and these fulfilments (tracking number -> lines)
    says.
    """
    query = json.loads(asked.body)["query"]
    field = next(name for name in _ANSWERS if f"{name}(" in query)
    return Told.json({"data": {field: _ANSWERS[field](told, available)}})


def _order(told: Mapping[str, Counter[str]], _available: int) -> dict[str, Any]:
    return {
        "id": "gid://shopify/Order/5001",
        "fulfillmentOrders": {"nodes": [_planned()]},
        "fulfillments": [_fulfilment(number, lines) for number, lines in told.items()],
    }


def _planned() -> dict[str, Any]:
    line = {"id": "gid://shopify/FulfillmentOrderLineItem/1", "remainingQuantity": 2}
    return {
        "id": "gid://shopify/FulfillmentOrder/1",
        "status": "OPEN",
        "assignedLocation": {"location": {"id": "gid://shopify/Location/72"}},
        "lineItems": {
            "nodes": [{**line, "lineItem": {"id": "gid://shopify/LineItem/61"}}],
            "pageInfo": {"hasNextPage": False, "endCursor": None},
        },
    }


def _fulfilment(number: str, lines: Counter[str]) -> dict[str, Any]:
    nodes = [
        {"quantity": pieces, "lineItem": {"id": f"gid://shopify/LineItem/{line}"}}
        for line, pieces in lines.items()
    ]
    return {
        "id": "gid://shopify/Fulfillment/9",
        "status": "SUCCESS",
        "createdAt": "2026-05-05T12:01:00Z",
        "trackingInfo": [{"number": number}],
        "fulfillmentLineItems": {"nodes": nodes},
    }


def _made(_told: Mapping[str, Counter[str]], _available: int) -> dict[str, Any]:
    return {"fulfillment": {"id": "gid://shopify/Fulfillment/9"}, "userErrors": []}


def _set(_told: Mapping[str, Counter[str]], _available: int) -> dict[str, Any]:
    return {"inventoryAdjustmentGroup": {"id": "gid://shopify/1"}, "userErrors": []}


def _levels(_told: Mapping[str, Counter[str]], available: int) -> dict[str, Any]:
    level = {
        "location": {"id": "gid://shopify/Location/72"},
        "quantities": [{"name": "available", "quantity": available}],
    }
    return {"id": "gid://shopify/InventoryItem/92", "inventoryLevels": {"nodes": [level]}}


_ANSWERS: Mapping[str, Callable[[Mapping[str, Counter[str]], int], dict[str, Any]]] = {
    "order": _order,
    "fulfillmentCreate": _made,
    "inventorySetQuantities": _set,
    "inventoryItem": _levels,
}
