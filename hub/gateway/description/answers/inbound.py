"""What the Open API answers about goods in."""

from uuid import UUID

from hub.gateway.description.answers import Answer, Page, Said
from hub.model.document import Amount, Instant
from hub.model.stock import InboundNotice


class Expected(Answer):
    """How far one line of a notice is; `open` is still expected, `in_transit` on its way from the
    other warehouse.
    """

    line_no: int
    sku: str
    quality: str
    expected: Amount
    received: Amount
    damaged: Amount
    open: Amount
    in_transit: Amount


class NoticeItem(InboundNotice):
    """An inbound notice, and how far it is. `id` names it in addresses. `sealed`: its document does
    not open, and what is known beside it stands in.
    """

    id: str
    status: str
    warehouse_reference: str | None
    created_at: Instant
    updated_at: Instant
    progress: list[Expected]
    sealed: bool


class NoticePage(Page[NoticeItem]):
    """Inbound notices, oldest first."""


class ReceivedPieces(Answer):
    """Pieces that came in; `known`: they are booked as this SKU."""

    line_no: int | None
    sku: str
    known: bool
    quality: str
    quantity: Amount
    batch: str | None
    expires_on: str | None


class ReceiptItem(Answer):
    """A goods receipt: `booked`, `unannounced` or `refused`. `id` is its number in the ledger."""

    id: str
    receipt_id: str
    status: str
    complete: bool
    received_at: Instant
    at: Instant
    message_id: UUID | None
    pieces: list[ReceivedPieces]


class DifferenceItem(Answer):
    """How what came differs from what was announced; pieces beyond `decided` wait for a person,
    who may decide it in one of the ways of `possible`.
    """

    id: str
    merchant: str
    warehouse: str
    inbound_notice_id: str
    code: str
    line_no: int | None
    sku: str
    quality: str
    quantity: Amount
    decided: Amount
    decision: str | None
    decided_by: str | None
    decided_at: Instant | None
    at: Instant
    possible: list[str]


class DifferencePage(Page[DifferenceItem]):
    """Differences, oldest first."""


class NoticeWhole(NoticeItem):
    """An inbound notice with its receipts and differences."""

    receipts: list[ReceiptItem]
    differences: list[DifferenceItem]


class NoticeSaid(Said):
    """What became of a document about a notice, and the notice after it."""

    inbound_notice: NoticeWhole
