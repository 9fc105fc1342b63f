"""The generic channel's part of the conformance suite."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from adapters.kit.conformance import Conformance, Sample
from adapters.kit.loopback import Asked, Told
from adapters.kit.signature import sign_standard
from adapters.ports import Call
from hub.model.document import Source
from hub.model.fulfilment import Package, Shipment
from hub.model.order import Refund
from hub.model.stock import StockLevel

_AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
_ORDER = {
    "type": "sales_order",
    "channel_order_id": "A-1",
    "order_number": "A-1",
    "placed_at": "2026-05-04T10:00:00Z",
    "currency": "EUR",
    "lines": [
        {"line_no": 1, "sku": "CUP", "quantity": "2", "unit_price": "5.00", "total": "10.00"}
    ],
    "totals": {"items": "10.00", "grand_total": "10.00"},
}
_REFUND = {
    "type": "refund",
    "refund_id": "R-1",
    "channel_order_id": "A-1",
    "created_at": "2026-05-06T10:00:00Z",
    "currency": "EUR",
    "amount": "5.00",
}
_PRODUCT = {"type": "product", "sku": "CUP", "title": "Cup"}


class Conforms(Conformance):
    name = "generic_channel"
    url_setting = "url"
    secrets: ClassVar[Mapping[str, Any]] = {
        "webhook_secret": "whsec_bmV3LWNvbmZvcm1hbmNlLXNlY3JldA==\nold-conformance-secret"
    }
    other_secrets: ClassVar[Mapping[str, Any]] = {"webhook_secret": "another-channels-secret"}
    samples = tuple(
        Sample(str(tree["type"]), json.dumps(tree).encode()) for tree in (_ORDER, _REFUND, _PRODUCT)
    )
    documents = (
        Shipment(
            source=Source(connection="wh", id="c-1"),
            fulfilment_order_id="F-1",
            shipped_at=_AT,
            packages=(Package(tracking_number="T1"),),
        ),
        StockLevel(
            source=Source(connection="hub", id="CUP"),
            sku="CUP",
            channel="conformance",
            available=7,
            at=_AT,
            version=3,
        ),
        Refund(
            source=Source(connection="hub", id="R-2"),
            refund_id="R-2",
            channel_order_id="A-1",
            created_at=_AT,
            currency="EUR",
            amount="5.00",
        ),
    )
    finds = False  # the same webhook-id again is the same delivery
    reads_answers = False

    def sign(self, sample: Sample, secrets: Mapping[str, Any], at: datetime) -> Call:
        secret = str(secrets["webhook_secret"]).splitlines()[-1]
        return Call("POST", "", sign_standard(secret, "msg-1", at, sample.raw), sample.raw)

    def accept(self, asked: Asked) -> Told:
        del asked
        return Told(204)
