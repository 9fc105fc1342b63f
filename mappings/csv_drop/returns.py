"""Files about returns: what a warehouse is told to take back, and what it says came back."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from hub.model.document import Document
from hub.model.returns import Return, ReturnLine, ReturnQuality, ReturnReceipt, ReturnReceiptLine
from mappings.csv_drop.told import Line, Told, digest_of
from mappings.kit import Context, tracking_numbers

UNSEEN = "uninspected"
"""What is not said of a piece: it is there, and is not sold until somebody looked."""


def described(document: Return) -> dict[str, str]:
    """What the file of a return may say, but for its times."""
    order = document.attributes.get("fulfilment_order_id")
    return {
        "return": document.return_id,
        "order": order if isinstance(order, str) else document.channel_order_id,
        "channel_order_id": document.channel_order_id,
        "revision": document.source.revision or "1",
        "status": "cancelled" if document.status in {"cancelled", "rejected"} else "expected",
        "time": document.requested_at.strftime("%Y%m%d%H%M%S"),
        "carrier": document.carrier or "",
        "tracking_number": document.tracking_number or "",
        "reason": document.reason or "",
        "note": document.customer_note or "",
    }


def line_of(line: ReturnLine, place: int, quantity: str) -> dict[str, str]:
    """What it may say of a line."""
    said = {"line_no": str(line.line_no or place), "sku": line.sku or "", "quantity": quantity}
    return {**said, **({"reason": line.reason} if line.reason else {})}


def receipts(told: Told, at: Context) -> list[Document]:
    """What came back: a receipt for each return, parcel and number of a receipt."""
    groups: dict[str, list[Line]] = {}
    for line in told.lines:
        groups.setdefault(about(line), []).append(line)
    return [_receipt(lines, told.written_at, at) for lines in groups.values()]


def about(line: Line) -> str:
    """Lines that agree in it are one receipt; a line that says none of it stands alone."""
    named = [line.id(name) or "" for name in ("return", "receipt", "tracking_number")]
    return " ".join(named).strip() or f"line {line.row.line}"


def _receipt(lines: Sequence[Line], written_at: datetime, at: Context) -> ReturnReceipt:
    head = lines[0]
    when = max((moment for it in lines if (moment := it.moment("received_at"))), default=None)
    number = head.id("return")
    known = number or head.id("receipt") or head.id("tracking_number") or "parcel"
    id_ = f"{known[:100]}:{digest_of(lines, when)}"
    parcels = tracking_numbers(head.described("tracking_number"))
    carrier = head.text("carrier")
    received_at = when or written_at
    return ReturnReceipt(
        source=at.source(id_, occurred_at=received_at),
        return_id=number,
        receipt_id=id_,
        warehouse=at.connection,
        channel_order_id=_one(lines, "channel_order_id"),
        order_number=_one(lines, "order_number"),
        phone_tail=(_one(lines, "phone") or "")[-4:] or None,
        received_at=received_at,
        carrier=carrier and (at.ours_or_none("carriers", carrier) or carrier),
        tracking_number=next(iter(parcels), None),
        lines=tuple(_back(lines, at)),
        attributes={"reference": reference} if (reference := head.described("receipt")) else {},
    )


def _one(lines: Sequence[Line], name: str) -> str | None:
    """What all lines say, if it is one thing."""
    told = {text for line in lines if (text := line.described(name))}
    return told.pop() if len(told) == 1 else None


def _back(lines: Sequence[Line], at: Context) -> Iterator[ReturnReceiptLine]:
    for line in lines:
        quality, number = line.text("quality"), line.number_of("line_no")
        serial = line.text("serial")
        word = at.ours("return_qualities", quality, path=line.path("quality")) if quality else ""
        yield ReturnReceiptLine(
            sku=line.needed("sku"),
            line_no=int(number) if number and not number % 1 else None,
            quantity=line.pieces_of("quantity"),
            quality=cast("ReturnQuality", word or UNSEEN),
            grade=line.text("grade"),
            inspector_note=line.text("note"),
            batch=line.text("batch"),
            serials=(serial,) if serial else (),
        )
