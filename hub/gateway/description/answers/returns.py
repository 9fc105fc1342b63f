"""What the Open API answers about returns."""

from typing import Any
from uuid import UUID

from hub.gateway.description.answers import Answer, Page, Said
from hub.model.document import Amount, Instant
from hub.model.returns import Return
from hub.rules.returns.policy import Policy


class ReturnProgress(Answer):
    """How far one line is; `paid` is what the order's line cost the customer, all of it."""

    line_no: int
    sku: str | None
    order_line_no: int | None
    quantity: Amount
    received: Amount
    paid: Amount


class ReturnItem(Return):
    """A return, and how far it is. `id` names it in addresses. `asked`: why a person is to decide;
    `possible`: what may be asked for now. `sealed`: its document does not open, and what is known
    beside it stands in.
    """

    id: str
    order_id: UUID | None
    order_number: str | None
    channel: str | None
    asked: str | None
    possible: list[str]
    created_at: Instant
    updated_at: Instant
    progress: list[ReturnProgress]
    sealed: bool


class TermsVersion(Answer):
    """Terms as they were written, from when on they count, and who wrote them. Without any: they
    were taken away.
    """

    version: int
    valid_from: Instant
    terms: dict[str, Any]
    author: str
    at: Instant


class TermsItem(Answer):
    """A merchant's terms for returns as they count; `own`: its own, else the operator's or what is
    usual. `versions`: all that its own ever were; where two hold, the newer one counts.
    """

    merchant: str
    own: bool
    terms: Policy
    versions: list[TermsVersion]


class ReturnPage(Page[ReturnItem]):
    """Returns, oldest first."""


class ReturnedPieces(Answer):
    """Pieces of a receipt, negative where they were moved out of that state; `known`: they are
    booked as this SKU.
    """

    line_no: int | None
    sku: str
    known: bool
    quality: str
    quantity: Amount


class ParcelItem(Answer):
    """A receipt: `booked`, `unmatched` (it belongs to no return so far), `inspected` (what an
    inspection moved) or `sent_back`. `id` is its number in the ledger.
    """

    id: str
    merchant: str
    warehouse: str
    return_id: str | None
    receipt_id: str
    status: str
    by: str
    tracking: str | None
    order_number: str | None
    received_at: Instant
    at: Instant
    pieces: list[ReturnedPieces]


class ParcelPage(Page[ParcelItem]):
    """Parcels that belong to no return so far, oldest first."""


class ReturnMoney(Answer):
    """One part of a refund, tax included."""

    refund_id: str
    part: str
    order_line_no: int | None
    quantity: Amount
    amount: Amount
    tax: Amount
    by: str
    at: Instant


class ReturnExchange(Answer):
    """The linked order, what came back is worth, what goes out costs, and the difference: negative
    where it went back as money.
    """

    order_id: UUID
    credit: Amount
    price: Amount
    due: Amount


class ReturnWhole(ReturnItem):
    """A return with what came of it, its money, and what went out for it."""

    receipts: list[ParcelItem]
    money: list[ReturnMoney]
    exchange: ReturnExchange | None


class ReturnSaid(Said):
    """What became of a document about a return, and the return after it."""

    case: ReturnWhole
