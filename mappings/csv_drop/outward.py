"""Files for a warehouse: what is to be shipped, what is not to be shipped after all, and what comes
back.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from hub.model.document import Address, Document, pieces, plain, show_instant
from hub.model.errors import BadData, Rejected
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentLine, FulfilmentOrder
from hub.model.returns import Return, ReturnLine
from mappings.csv_drop import returns
from mappings.csv_drop.layout import Layout, Outgoing, filled
from mappings.kit import Context


@dataclass(frozen=True, slots=True)
class File:
    """What is written for a document, and where."""

    name: str
    raw: bytes
    layout: Outgoing


def file_of(document: Document, layout: Layout, at: Context) -> File:
    """The file of a document. Rejected where the layout has none for it."""
    if isinstance(document, FulfilmentOrder):
        return _file(layout.orders, _order(document, layout.orders, at), document.lines)
    if isinstance(document, FulfilmentCancellation) and layout.cancellations is not None:
        return _file(layout.cancellations, _cancellation(document, layout.cancellations, at), ())
    if isinstance(document, Return) and layout.returns is not None:
        return _file(layout.returns, _return(document, layout.returns, at), document.lines)
    message = f"the layout has no file for a {document.type}: tell the warehouse otherwise"
    raise Rejected(message, path="layout", code="unknown_code")


def _file(
    told: Outgoing, said: Mapping[str, str], lines: Sequence[FulfilmentLine | ReturnLine]
) -> File:
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=told.delimiter,
        quoting=csv.QUOTE_ALL if told.quoted else csv.QUOTE_MINIMAL,
    )
    if told.header:
        writer.writerow(told.header)
    if told.order_row:
        writer.writerow([_flat(filled(cell, said)) for cell in told.order_row])
    if told.line_row:
        for place, line in enumerate(lines, start=1):
            whole = {**said, **_line(line, place, told)}
            writer.writerow([_flat(filled(cell, whole)) for cell in told.line_row])
    name = "".join(c if c.isalnum() or c in "._-" else "-" for c in filled(told.name, said))
    return File(name[:180], _encoded(text.getvalue(), told), told)


def _encoded(text: str, told: Outgoing) -> bytes:
    try:
        return text.encode(told.encoding)
    except UnicodeEncodeError as error:
        found = text[error.start : error.start + 1]
        message = f"{told.encoding} has no {found!r}: set another encoding, or change the text"
        raise BadData(message, path="encoding", code="bad_encoding") from None


def _flat(cell: str) -> str:
    """Without line ends: not every reader takes them, quoted or not."""
    return " ".join(cell.split()) if not cell.isprintable() else cell


def _order(document: FulfilmentOrder, told: Outgoing, at: Context) -> dict[str, str]:
    delivery = document.delivery
    return {
        **_address("", document.ship_to),
        **_address("bill_", document.bill_to or document.ship_to),
        "order": document.fulfilment_order_id,
        "order_number": document.order_number,
        "channel_order_id": document.channel_order_id,
        "revision": str(document.revision),
        "created_at": _moment(document.created_at, told, at.zone),
        "ship_by": _moment(document.ship_by, told, at.zone),
        "time": document.created_at.strftime("%Y%m%d%H%M%S"),
        "method": delivery.method or "",
        "service": delivery.service or "",
        "carrier": delivery.carrier or "",
        "pickup_point": delivery.pickup_point or "",
        "note": document.note or delivery.instructions or "",
        "gift_message": document.gift_message or "",
    }


def _cancellation(document: FulfilmentCancellation, told: Outgoing, at: Context) -> dict[str, str]:
    return {
        "order": document.fulfilment_order_id,
        "created_at": _moment(document.requested_at, told, at.zone),
        "time": document.requested_at.strftime("%Y%m%d%H%M%S"),
        "reason": document.reason or "cancelled",
    }


def _address(before: str, to: Address | None) -> dict[str, str]:
    if to is None:
        return {}
    first, *rest = to.lines or ("",)
    said = {
        "name": to.name or to.company,
        "company": to.company,
        "address_1": first,
        "address_2": ", ".join(rest),
        "district": to.district,
        "city": to.city,
        "region": to.region or to.region_code,
        "region_code": to.region_code or to.region,
        "postal_code": to.postal_code,
        "country": to.country,
        "phone": to.phone,
        "email": to.email,
    }
    return {before + name: text or "" for name, text in said.items()}


def _return(document: Return, told: Outgoing, at: Context) -> dict[str, str]:
    """A return that was approved, or is to be expected no more: no other is the warehouse's."""
    if document.status not in {"approved", "awaiting_goods", "cancelled", "rejected"}:
        message = f"an approved return is expected, it is {document.status}"
        raise BadData(message, path="status", code="not_approved")
    created_at = _moment(document.requested_at, told, at.zone)
    return {**returns.described(document), "created_at": created_at}


def _line(line: FulfilmentLine | ReturnLine, place: int, told: Outgoing) -> dict[str, str]:
    if isinstance(line, ReturnLine):
        return returns.line_of(line, place, _number(pieces(line.quantity), told))
    return {
        "line_no": str(line.line_no),
        "sku": line.sku,
        "item_code": line.item_code or "",
        "title": line.title or "",
        "quantity": _number(pieces(line.quantity), told),
        "unit_price": _number(plain(line.unit_price or Decimal("0.00")), told),
    }


def _number(text: str, told: Outgoing) -> str:
    return text.replace(".", ",") if told.decimal_comma else text


def _moment(at: datetime | None, told: Outgoing, zone: tzinfo) -> str:
    if at is None:
        return ""
    if told.date_format is None:
        return show_instant(at)
    return at.astimezone(zone).strftime(told.date_format)
