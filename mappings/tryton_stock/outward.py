"""What a warehouse in Tryton is told: goods that leave, goods that come. Products stand by SKU and
countries by code: ids are the adapter's part.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypedDict

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder, ShortLine
from hub.model.stock import InboundCancellation, InboundNotice
from mappings.kit import Context
from mappings.kit.ledger_lines import Party, PartyAddress, address, recipient


class Piece(NamedTuple):
    """Pieces of one article; what one of them costs, where that is known."""

    sku: str
    quantity: Decimal
    cost: Decimal | None
    path: str


class Going(TypedDict):
    """A shipment to a customer; `reference` is how it is found again."""

    reference: str
    party: Party
    address: PartyAddress
    planned: date | None
    pieces: list[Piece]


class Coming(TypedDict):
    """A shipment from a supplier; `reference` is how it is found again."""

    reference: str
    planned: date | None
    pieces: list[Piece]


class Off(TypedDict):
    """A shipment that is not wanted any more."""

    reference: str


def going(document: FulfilmentOrder, at: Context) -> Going:
    """What is to be shipped. Planned for the day by which it must leave, else for today."""
    if document.cash_on_delivery:
        message = "nothing is collected on delivery there"
        raise BadData(message, path="cash_on_delivery", code="not_supported")
    _only_good([line.quality for line in document.lines])
    return Going(
        reference=document.fulfilment_order_id,
        party=recipient(document, at.connection),
        address=address(document.ship_to),
        planned=document.ship_by.astimezone(at.zone).date() if document.ship_by else None,
        pieces=[
            Piece(line.sku, line.quantity, None, f"lines.{place}.sku")
            for place, line in enumerate(document.lines)
        ],
    )


def cancellation(document: FulfilmentCancellation, _: Context) -> Off:
    """What is not to be shipped after all."""
    return Off(reference=document.fulfilment_order_id)


def coming(document: InboundNotice, at: Context) -> Coming:
    """What is to be expected."""
    _only_good([line.quality for line in document.lines])
    expected = document.expected_at
    return Coming(
        reference=document.inbound_notice_id,
        planned=expected.astimezone(at.zone).date() if expected else None,
        pieces=[
            Piece(line.sku, line.quantity, line.unit_cost, f"lines.{place}.sku")
            for place, line in enumerate(document.lines)
        ],
    )


def not_coming(document: InboundCancellation, _: Context) -> Off:
    """What will not come after all."""
    return Off(reference=document.inbound_notice_id)


def missing(document: FulfilmentOrder, have: Mapping[str, Decimal]) -> list[ShortLine]:
    """What of an order's lines is not in what a warehouse has set aside, by SKU."""
    left = dict(have)
    short = []
    for line in document.lines:
        taken = min(line.quantity, left.get(line.sku, ZERO)) // 1
        left[line.sku] = left.get(line.sku, ZERO) - taken
        if taken < line.quantity:
            short.append(
                ShortLine(
                    line_no=line.line_no,
                    sku=line.sku,
                    quantity=line.quantity - taken,
                    reason="out_of_stock",
                )
            )
    return short


def _only_good(qualities: Sequence[str]) -> None:
    """Tryton's moves tell nothing of a piece's condition."""
    for place, quality in enumerate(qualities):
        if quality != "good":
            message = "only pieces in good condition are kept there"
            raise BadData(message, path=f"lines.{place}.quality", code="not_supported")
