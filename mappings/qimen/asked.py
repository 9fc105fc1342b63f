"""What a warehouse answers when it is asked: levels (inventory.query, stock.query), and how far an
order is (orderprocess.query).

By their description `quantity` are the pieces that are not frozen and `lockQuantity` those that
are: both stand in the building. An answer names no time: whoever asked puts it in, as `askedAt`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.stock import ReportedLine, StockReport
from mappings.kit import times
from mappings.qimen.fields import Reader, decimal, needed, quantity
from mappings.qimen.identity import document_id
from mappings.qimen.progress import process
from mappings.qimen.tree import Node, plain

ASKED_AT = "askedAt"


def stamped(answer: Node, at: datetime) -> dict[str, Any]:
    """An answer as a tree, with the time at which it was asked for."""
    told: dict[str, Any] = plain(answer)
    return {**told, ASKED_AT: at.isoformat()}


def levels(reader: Reader, answer: Node) -> list[Document]:
    """inventory.query and stock.query: how much of what is there, by quality and batch."""
    _went_well(answer)
    items = answer.entries("items")
    lines = tuple(_levels(reader, items))
    if not lines:
        raise Ignored("no_consequence", "none of the articles is there")
    said = answer.text(ASKED_AT)
    at = times.moment(said, reader.at.zone, path=ASKED_AT) if said else reader.clock()
    number = document_id("levels", None, said, *answer.lists("items"))
    return [
        StockReport(
            source=reader.at.source(number, occurred_at=at),
            warehouse=reader.at.connection,
            at=at,
            report_id=number,
            lines=lines,
            attributes=_places(items),
        )
    ]


def _levels(reader: Reader, items: Iterable[Node]) -> Iterable[ReportedLine]:
    for index, node in enumerate(items):
        path = f"items.{index}"
        quality = reader.quality(node, path=f"{path}.inventoryType")
        if quality is None:
            continue
        frozen = decimal(node, "lockQuantity", path=path)
        yield ReportedLine(
            sku=needed(node, "itemCode", path=path),
            item_code=reader.reference(node, "itemId", path=path),
            quality=quality,
            on_hand=quantity(node, "quantity", path=path) + (frozen or ZERO),
            reserved=frozen,
            batch=node.first("batchCode", "produceCode"),
            expires_on=reader.date(node, "expireDate", path=path, expiry=True),
        )


def _places(items: Iterable[Node]) -> dict[str, Any]:
    """The warehouses whose levels these are, as one word: more than one is nobody's own."""
    places = sorted({code for node in items if (code := node.text("warehouseCode"))})
    return {"warehouseCode": ",".join(places)} if places else {}


def steps(reader: Reader, answer: Node) -> list[Document]:
    """orderprocess.query: each step as if the warehouse had reported it."""
    _went_well(answer)
    order = answer.child("orderProcess")
    head = Node("order", None, tuple(field for field in order.children if field.tag != "processes"))
    return process(reader, Node("request", None, (head, *order.lists("processes"))))


def _went_well(answer: Node) -> None:
    if (answer.text("flag") or "success").lower() != "success":
        said = f"{answer.text('code') or ''} {answer.text('message') or ''}"
        raise BadData(f"the warehouse refused: {said.strip()[:300]}", path="flag", code="rejected")
