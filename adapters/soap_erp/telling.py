"""What the ERP is told, and asked whether it has it. Our reference is the key of each document."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.kit.samples import sample
from adapters.kit.soap import Soap
from adapters.ports import Receipt
from hub.model.document import Document, pieces, plain
from hub.model.errors import AlreadyDone, BadData, NotUnderstood, Rejected, TryLater
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kit import Context, encode
from mappings.kit.ledger_lines import Sold, is_anything
from mappings.soap_erp import ENCODE, Message, refund

FATES: Mapping[str, type[Exception]] = {
    "Duplicate": AlreadyDone,
    "Busy": TryLater,
    "Throttled": TryLater,
    "BadData": BadData,
    "Refused": Rejected,
    "SchemaValidationError": BadData,
}
"""Code or detail of a fault -> fate, beside those of the protocol."""
OPERATIONS: Mapping[type[Document], str] = {
    SalesOrder: "PutSalesOrder",
    Shipment: "PutShipment",
    Refund: "PutRefund",
    JournalEntry: "PutJournalEntry",
    GoodsReceipt: "PutGoods",
    ReturnReceipt: "PutGoods",
    StockChange: "PutGoods",
}
NEEDED = (SalesOrder, Shipment, Refund)
"""What a WSDL of the ERP's own has at least."""
NOT_TOLD = "not told: a test order"
NO_VALUE = "nothing to credit: neither money nor articles came back"
NOTHING = "nothing to book: no pieces moved"
NOT_BILLED = "nothing to credit: the order was cancelled before it was billed"


class Telling:
    """One company's books."""

    def __init__(self, soap: Soap, at: Context) -> None:
        self._soap, self._at = soap, at

    def check(self) -> None:
        """Whether the WSDL has all that we say, and the ERP answers."""
        for kind in NEEDED:
            told = encode(ENCODE, sample(kind.TYPE), self._at)
            self._soap.message(OPERATIONS[kind], **(refund(told, ()) if kind is Refund else told))
        self._soap.message("GetDocument", reference="check")
        self._soap.ask("Ping")

    def send(self, document: Document, _: str) -> Receipt:
        """Tell it. AlreadyDone where it has the same under our reference."""
        fields: Any = encode(ENCODE, document, self._at)
        message = _nothing_to_tell(document, fields) or self._message(document, fields)
        if isinstance(message, Receipt):
            return message
        try:
            number = self._soap.tell(OPERATIONS[type(document)], **message)
        except AlreadyDone:
            there = self._document(message["reference"])
            known = there and _known(message, there)
            if known is None:
                words = f"the ERP has {message['reference']} already, and shows it otherwise"
                raise Rejected(words, path="reference", code="differs_at_partner") from None
            raise AlreadyDone("it is in the books", reference=known.reference) from None
        if not number:
            raise NotUnderstood("the ERP gave it no number")
        return Receipt(str(number))

    def find(self, document: Document) -> Receipt | None:
        """By our reference. None also for an order that is still to be cancelled there."""
        fields: Any = encode(ENCODE, document, self._at)
        nothing = _nothing_to_tell(document, fields)
        there = None if nothing else self._document(fields["reference"])
        if there is None:
            return nothing
        message = self._message(document, fields)
        return message if isinstance(message, Receipt) else _known(message, there)

    def _message(self, document: Document, fields: Any) -> Message | Receipt:
        """A refund is told with the taxes of the order, which the ERP has."""
        if not isinstance(document, Refund):
            return dict(fields)
        order = self._document(fields["order"])
        if order is None:
            raise TryLater(f"the ERP has no order {fields['order']} yet")
        if order.cancelled:
            return Receipt(NOT_BILLED)
        sold = [
            Sold(line.sku, tuple(line.rate or ()), line.shipped or Decimal(0))
            for line in order.line or ()
        ]
        return refund(fields, sold)

    def _document(self, reference: str) -> Any:
        """What the ERP has under our reference; None where it has nothing."""
        there = self._soap.ask("GetDocument", reference=reference)
        if there is not None and not getattr(there, "number", None):
            raise NotUnderstood("the ERP answered a document without a number")
        return there


def _nothing_to_tell(document: Document, told: Any) -> Receipt | None:
    if isinstance(document, SalesOrder) and document.test:
        return Receipt(NOT_TOLD)
    if isinstance(document, Refund) and not is_anything(told):
        return Receipt(NO_VALUE)
    if not isinstance(document, SalesOrder | Refund) and not told["line"]:
        return Receipt(NOTHING)
    return None


def _known(message: Message, there: Any) -> Receipt | None:
    """The document there, held to what we told. None where it is still to be cancelled."""
    if message.get("cancelled"):
        return Receipt(there.number) if there.cancelled else None
    for path, ours, theirs in _compared(message, there):
        if ours != theirs:
            words = f"{there.number} is there with {theirs}, told is {ours}"
            raise Rejected(words, path=path, code="differs_at_partner")
    return Receipt(there.number)


def _compared(message: Message, there: Any) -> list[tuple[str, str, str]]:
    """Field, what we told of it, what is there."""
    if "total" not in message:
        counted = [(line["sku"], line["quantity"]) for line in message["line"]]
        return [
            ("line", _pieces(counted), _pieces([(it.sku, it.quantity) for it in there.line or ()]))
        ]
    ours, theirs = message["total"].normalize(), (there.total or Decimal(0)).normalize()
    return [
        ("currency", message["currency"], str(there.currency)),
        ("total", plain(ours), plain(theirs)),
        ("cancelled", str(message.get("cancelled", False)), str(there.cancelled or False)),
    ]


def _pieces(lines: list[tuple[str | None, Decimal]]) -> str:
    counted: dict[str, Decimal] = {}
    for sku, quantity in lines:
        counted[sku or "no SKU"] = counted.get(sku or "no SKU", Decimal(0)) + quantity
    return ", ".join(f"{pieces(n)} of {sku}" for sku, n in sorted(counted.items())) or "nothing"
