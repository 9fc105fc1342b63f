"""ShipBob's returns: told what comes back, read what became of it.

Source: OpenAPI 2026-01, `Returns`. What was done with the pieces (`action_taken`) says what they
are: put back, set aside, or thrown away; it is final once the return is completed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from hub.model.document import Document, OptId, OptText
from hub.model.errors import BadData, Ignored, Rejected
from hub.model.returns import Return, ReturnQuality, ReturnReceipt, ReturnReceiptLine
from mappings.kit import Context, shape, word
from mappings.kit.fields import DECIDES, Key, Many, Part, Sku, UtcSeen, Whole, Word, needed
from mappings.reading import read_json_object

TOPICS = ("return.created", "return.updated", "return.completed")
TAKEN: Mapping[str, ReturnQuality] = {
    "restock": "good",
    "restocked": "good",
    "quarantine": "uninspected",
    "quarantined": "uninspected",
    "dispose": "defective",
    "disposed": "defective",
}
"""What they did with pieces -> what those are. Any other word: nobody said."""
DONE = frozenset({"completed"})


class Action(Part):
    action: OptText = None
    action_reason: OptText = None
    image_url: OptText = None
    quantity_processed: Whole = None


class Item(Part):
    id: OptId = None
    name: OptText = None
    sku: Sku = None
    quantity: Whole = None
    action_taken: Annotated[Many[Action], DECIDES] = ()


class Told(Part):
    id: Key = None
    reference_id: OptId = None
    status: Word = None
    tracking_number: OptText = None
    store_order_id: OptId = None
    completed_date: UtcSeen = None
    inventory: Annotated[Many[Item], DECIDES] = ()


def number_of(raw: bytes) -> str | None:
    """The number of the return that a webhook names; None where it names none."""
    try:
        number = read_json_object(raw).get("id")
    except BadData:
        return None
    return str(number) if isinstance(number, str) and number.isdecimal() else None


def returned(raw: bytes, at: Context, now: datetime) -> list[Document]:
    """What came back, once all of it was looked at."""
    told = shape(Told, read_json_object(raw, at.warn), at)
    number = needed(told.id, "id")
    if told.status not in DONE:
        raise Ignored("no_consequence", f"the return is {told.status or 'under way'}")
    lines = [line for place, item in enumerate(told.inventory) for line in _came(item, place)]
    if not lines:
        raise Ignored("no_consequence", "nothing came back")
    when = told.completed_date or now
    return [
        ReturnReceipt(
            source=at.source(f"{number}:completed", occurred_at=when),
            return_id=told.reference_id,
            receipt_id=f"{number}:completed",
            warehouse=at.connection,
            received_at=when,
            tracking_number=told.tracking_number,
            lines=tuple(lines),
            attributes={"store_order_id": told.store_order_id} if told.store_order_id else {},
        )
    ]


def _came(item: Item, place: int) -> Iterator[ReturnReceiptLine]:
    sku = needed(item.sku, f"inventory.{place}.sku", "it names no article")
    for action in item.action_taken:
        pieces = action.quantity_processed or Decimal(0)
        if pieces:
            yield ReturnReceiptLine(
                sku=sku,
                quantity=pieces,
                quality=TAKEN.get(word(action.action or ""), "uninspected"),
                grade=action.action,
                inspector_note=action.action_reason,
                images=(action.image_url,) if action.image_url else (),
            )


def returning(document: Return, centre: int | None, ids: Mapping[str, int]) -> dict[str, Any]:
    """The body of POST /return. `ids`: SKU -> their number of the article."""
    if document.status not in {"approved", "awaiting_goods"}:
        message = f"an approved return is expected, it is {document.status}"
        raise BadData(message, path="status", code="not_approved")
    if centre is None:
        message = "which fulfilment centre takes returns was not said: set `location_id`"
        raise Rejected(message, path="location_id", code="missing_field")
    pieces: dict[str, int] = {}
    for line in document.lines:
        sku = needed(line.sku, "lines.sku")
        pieces[sku] = pieces.get(sku, 0) + int(line.quantity)
    unknown = sorted(set(pieces) - set(ids))
    if unknown:
        raise Rejected(f"it knows no article {unknown[0]}", path="sku", code="unknown_sku")
    tracking = {"tracking_number": number} if (number := document.tracking_number) else {}
    return {
        "reference_id": document.return_id,
        "fulfillment_center": {"id": centre},
        "inventory": [
            {"id": ids[sku], "quantity": count, "requested_action": "Default"}
            for sku, count in pieces.items()
        ],
        **tracking,
    }
