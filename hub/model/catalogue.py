"""All canonical documents by their `type`, and their JSON schema."""

from typing import Any

from pydantic import ValidationError

from hub.model.document import Document
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder, FulfilmentStatus, Shipment
from hub.model.order import OrderCancellation, Refund, SalesOrder
from hub.model.people import Acknowledgement, CustomerErasure, CustomerRecord
from hub.model.plain import bad_data
from hub.model.product import Product
from hub.model.returns import Return, ReturnReceipt
from hub.model.settlement import JournalEntry, PayoutStatus, SettlementReport
from hub.model.stock import (
    GoodsReceipt,
    InboundCancellation,
    InboundNotice,
    StockChange,
    StockLevel,
    StockReport,
)

DOCUMENTS: dict[str, type[Document]] = {
    kind.TYPE: kind
    for kind in (
        SalesOrder,
        OrderCancellation,
        Refund,
        Product,
        FulfilmentOrder,
        FulfilmentCancellation,
        Shipment,
        FulfilmentStatus,
        InboundNotice,
        InboundCancellation,
        GoodsReceipt,
        Return,
        ReturnReceipt,
        StockReport,
        StockChange,
        StockLevel,
        SettlementReport,
        PayoutStatus,
        JournalEntry,
        CustomerRecord,
        CustomerErasure,
        Acknowledgement,
    )
}


def read(kind: str, tree: Any) -> Document:
    """A canonical document from a JSON tree. BadData names every field that is wrong."""
    model = DOCUMENTS.get(kind)
    if model is None:
        raise BadData(
            f"one of {', '.join(sorted(DOCUMENTS))} is expected", path="type", code="unknown_code"
        )
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        raise bad_data(error) from None


def thaw(kind: str, raw: bytes) -> Document:
    """A canonical document from the JSON that `freeze` made."""
    return DOCUMENTS[kind].model_validate_json(raw)


def freeze(document: Document) -> bytes:
    """A canonical document as JSON bytes, written out once for all that ask in a row."""
    held = _FROZEN.get(id(document))
    if held is None or held[0] is not document:
        if len(_FROZEN) >= _MOST_FROZEN:
            _FROZEN.clear()
        held = _FROZEN[id(document)] = (document, document.model_dump_json().encode())
    return held[1]


_FROZEN: dict[int, tuple[Document, bytes]] = {}
_MOST_FROZEN = 256
"""More than one transaction's."""


def schemas() -> dict[str, dict[str, Any]]:
    """JSON schema of every canonical document, by type."""
    return {
        kind: model.model_json_schema(mode="serialization") for kind, model in DOCUMENTS.items()
    }
