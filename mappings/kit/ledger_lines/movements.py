"""Goods that came in, came back or were found to be more or fewer, as books take them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, TypedDict

from hub.model.document import Document
from hub.model.errors import BadData
from hub.model.returns import ReturnReceipt
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kit.context import Context

_BACK = ("good", "second", "defective")


class Moved(NamedTuple):
    """Pieces of one article; negative where they are gone. `good` is false where they cannot be
    sold.
    """

    sku: str
    pieces: Decimal
    good: bool


class Movement(TypedDict):
    """What moved in one warehouse; `reference` is how it is found again, `origin` where the pieces
    come from (a purchase, a customer, or nowhere: they were counted), `order` whose goods come
    back, by the channel's id of it.
    """

    reference: str
    origin: Literal["supplier", "customer", "count"]
    about: str
    order: str
    warehouse: str
    date: date
    moved: list[Moved]


def goods_in(document: GoodsReceipt, _: Context) -> Movement:
    """Goods of a purchase. The warehouse is who told of them."""
    return Movement(
        reference=_reference(document, "receipt", document.receipt_id),
        origin="supplier",
        about=document.inbound_notice_id,
        order="",
        warehouse=document.source.connection,
        date=document.received_at.date(),
        moved=_summed((it.sku, it.quantity, it.quality == "good") for it in document.lines),
    )


def goods_back(document: ReturnReceipt, _: Context) -> Movement:
    """Goods of a customer. What is missing, something else or not looked at yet is not booked."""
    return Movement(
        reference=_reference(document, "return", document.receipt_id),
        origin="customer",
        about=document.return_id or document.receipt_id,
        order=document.channel_order_id or "",
        warehouse=document.warehouse,
        date=document.received_at.date(),
        moved=_summed(
            (it.sku, it.quantity, it.quality == "good")
            for it in document.lines
            if it.quality in _BACK
        ),
    )


def goods_changed(document: StockChange, _: Context) -> Movement:
    """Pieces that were found, or are gone."""
    return Movement(
        reference=_reference(document, "change", document.change_id),
        origin="count",
        about=document.reason,
        order="",
        warehouse=document.warehouse,
        date=document.at.date(),
        moved=_summed((it.sku, it.delta, it.quality == "good") for it in document.lines),
    )


def _reference(document: Document, kind: str, number: str) -> str:
    return f"{document.source.connection}/{kind}/{number}"


def _summed(lines: Iterable[tuple[str | None, Decimal, bool]]) -> list[Moved]:
    counted: dict[tuple[str, bool], Decimal] = {}
    for number, (sku, quantity, good) in enumerate(lines):
        if sku is None:
            raise BadData("pieces without a SKU cannot be booked", path=f"lines.{number}.sku")
        counted[sku, good] = counted.get((sku, good), Decimal(0)) + quantity
    return [Moved(sku, quantity, good) for (sku, good), quantity in counted.items() if quantity]
