"""The blanks of the conformance suite for the generic warehouse."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from adapters.kit.conformance import NOW, Conformance, Sample
from adapters.kit.loopback import Asked, Told
from adapters.kit.signature import sign_standard
from adapters.ports import Call
from hub.model.document import Address, Source
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder

_SOURCE = Source(connection="shop", id="1", occurred_at=datetime(2026, 11, 24, tzinfo=UTC))
_AT = "2026-11-24T10:00:00Z"
_LINES = [{"sku": "TSHIRT-M", "quantity": "2"}]
_SAMPLES: tuple[dict[str, Any], ...] = (
    {
        "type": "shipment",
        "fulfilment_order_id": "F-1",
        "shipped_at": _AT,
        "packages": [{"carrier": "postnl", "tracking_number": "3S1", "lines": _LINES}],
    },
    {"type": "fulfilment_status", "fulfilment_order_id": "F-1", "status": "accepted", "at": _AT},
    {
        "type": "goods_receipt",
        "inbound_notice_id": "I-1",
        "receipt_id": "G-1",
        "received_at": _AT,
        "lines": _LINES,
    },
    {
        "type": "return_receipt",
        "return_id": "R-1",
        "receipt_id": "G-2",
        "warehouse": "wh-own",
        "received_at": _AT,
        "lines": _LINES,
    },
    {
        "type": "stock_report",
        "warehouse": "wh-own",
        "at": _AT,
        "report_id": "S-1",
        "lines": [{"sku": "TSHIRT-M", "on_hand": "98"}],
    },
    {
        "type": "stock_change",
        "warehouse": "wh-own",
        "at": _AT,
        "change_id": "C-1",
        "reason": "damage",
        "lines": [{"sku": "TSHIRT-M", "delta": "-2"}],
    },
)


class Conforms(Conformance):
    """Generic warehouse."""

    name = "generic_warehouse"
    url_setting = "url"
    secrets: ClassVar[Mapping[str, Any]] = {
        "webhook_secret": "whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0LTEyMw==\na-secret-in-plain-text"
    }
    other_secrets: ClassVar[Mapping[str, Any]] = {"webhook_secret": "another-secret-in-plain-text"}
    samples = tuple(Sample(tree["type"], json.dumps(tree).encode()) for tree in _SAMPLES)
    documents = (
        FulfilmentOrder(
            source=_SOURCE,
            fulfilment_order_id="F-1",
            order_number="#1001",
            channel_order_id="4507",
            merchant="acme",
            warehouse="wh-own",
            created_at=NOW,
            ship_to=Address(name="Ann Example", lines=("Keizersgracht 1",), country="NL"),
            lines=(FulfilmentLine(line_no=1, sku="TSHIRT-M", quantity=Decimal(2)),),
        ),
        FulfilmentCancellation(
            source=_SOURCE, fulfilment_order_id="F-1", warehouse="wh-own", requested_at=NOW
        ),
    )
    finds = False
    reads_answers = False

    def sign(self, sample: Sample, secrets: Mapping[str, Any], at: datetime) -> Call:
        """A Standard Webhooks delivery, signed with the oldest secret that still holds."""
        secret = str(secrets["webhook_secret"]).splitlines()[-1]
        headers = sign_standard(secret, "msg_1", at, sample.raw)
        return Call("POST", "", {"content-type": "application/json", **headers}, sample.raw)

    def accept(self, asked: Asked) -> Told:
        """Takes everything."""
        del asked
        return Told.json({"reference": "W-1"})
