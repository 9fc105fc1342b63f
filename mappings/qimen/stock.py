"""Stock that changed without a document of ours: stock-takes and movements."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.fulfilment import Quality
from hub.model.stock import ChangedLine, ReportedLine, StockChange, StockReport
from mappings.qimen.fields import Reader, decimal, kind, needed, quantity
from mappings.qimen.identity import count_id, document_id
from mappings.qimen.tree import Node

_ADJUSTED: dict[str | None, Literal["stocktake", "adjustment"]] = {"adjust": "adjustment"}


def count(reader: Reader, request: Node) -> list[Document]:
    """inventory.report: the totals counted where they are told, else the signed differences: the
    one contains the other, and both would move the same pieces twice.
    """
    items = request.entries("items")
    if not items:
        raise BadData("at least one item is expected", path="items", code="no_lines")
    counted = _Counted(
        when=reader.when(request, "checkTime", path="request"),
        id=count_id(request),
        said={
            "warehouseCode": request.text("warehouseCode"),
            "ownerCode": request.text("ownerCode"),
            "checkOrderCode": needed(request, "checkOrderCode", path="request"),
        },
    )
    totals = list(_totals(reader, items))
    known = {(line.sku, line.quality) for line in totals}
    changed = [it for it in _changed(reader, items) if (it.sku, it.quality) not in known]
    documents: list[Document] = []
    if changed:
        reason = _ADJUSTED.get(kind(request, "adjustType"), "stocktake")
        documents.append(counted.change(reader, reason, changed))
    if totals:
        documents.append(counted.report(reader, totals))
    if not documents:
        raise Ignored("no_consequence", "the count found no difference")
    return documents


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the documents of one count have in common."""

    when: datetime
    id: str
    said: dict[str, Any]

    def change(
        self, reader: Reader, reason: Literal["stocktake", "adjustment"], lines: list[ChangedLine]
    ) -> StockChange:
        return StockChange(
            source=reader.at.source(self.id, occurred_at=self.when),
            warehouse=reader.at.connection,
            at=self.when,
            change_id=self.id,
            reason=reason,
            lines=tuple(lines),
            attributes=self.said,
        )

    def report(self, reader: Reader, lines: list[ReportedLine]) -> StockReport:
        number = f"{self.id}:totals"
        return StockReport(
            source=reader.at.source(number, occurred_at=self.when),
            warehouse=reader.at.connection,
            at=self.when,
            report_id=number,
            lines=tuple(lines),
            attributes=self.said,
        )


def _changed(reader: Reader, items: list[Node]) -> Iterable[ChangedLine]:
    for index, node in enumerate(items):
        path = f"items.{index}"
        if node.text("quantity") is None and node.text("totalQty") is not None:
            continue
        delta = quantity(node, "quantity", path=path)
        quality = reader.quality(node, path=f"{path}.inventoryType")
        if delta != ZERO and quality is not None:
            yield ChangedLine(
                sku=needed(node, "itemCode", path=path),
                item_code=reader.reference(node, "itemId", path=path),
                quality=quality,
                delta=delta,
                batch=node.text("batchCode"),
            )


def _totals(reader: Reader, items: list[Node]) -> Iterable[ReportedLine]:
    rows = Counter((node.text("itemCode"), node.text("inventoryType")) for node in items)
    for index, node in enumerate(items):
        path = f"items.{index}"
        total = decimal(node, "totalQty", path=path)
        quality = reader.quality(node, path=f"{path}.inventoryType")
        if rows[node.text("itemCode"), node.text("inventoryType")] > 1:
            if total is not None:
                message = "an article stands on several lines: nobody knows whose total this is"
                reader.at.warn("ambiguous_total", message, path=f"{path}.totalQty")
            continue
        if total is not None and quality is not None:
            yield ReportedLine(
                sku=needed(node, "itemCode", path=path),
                item_code=reader.reference(node, "itemId", path=path),
                quality=quality,
                on_hand=total,
                batch=node.text("batchCode"),
                expires_on=reader.date(node, "expireDate", path=path, expiry=True),
            )


def changes(reader: Reader, request: Node) -> list[Document]:
    """stockchange.report: movements, one document for each order and message id they came under.

    Movements of documents that have a confirmation of their own are left out: it books them.
    """
    items = request.entries("items")
    if not items:
        raise BadData("at least one item is expected", path="items", code="no_lines")
    groups: dict[tuple[str | None, ...], list[tuple[int, Node]]] = {}
    names = ("orderCode", "outBizCode", "orderType", "changeTime", "warehouseCode", "ownerCode")
    for index, node in enumerate(items):
        groups.setdefault(tuple(node.text(n) for n in names), []).append((index, node))
    movements = [
        movement for group in groups.values() if (movement := _movement(reader, group, names))
    ]
    if not movements:
        raise Ignored("no_consequence", "all movements have confirmations of their own")
    return movements


def _movement(
    reader: Reader, group: list[tuple[int, Node]], names: tuple[str, ...]
) -> Document | None:
    index, first = group[0]
    path = f"items.{index}"
    kind = first.text("orderType")
    reason: Any = reader.at.ours("stock_reasons", kind, path=f"{path}.orderType") if kind else None
    if reason == "none":
        reader.at.warn("own_document", f"{kind} is booked by its own confirmation", path=path)
        return None
    lines = [line for place, node in group for line in _moved(reader, node, f"items.{place}")]
    if not lines:
        return None
    when = reader.when(first, "changeTime", path=path)
    id_ = document_id(
        "change", first.text("orderCode"), first.text("outBizCode"), *(node for _, node in group)
    )
    return StockChange(
        source=reader.at.source(id_, occurred_at=when),
        warehouse=reader.at.connection,
        at=when,
        change_id=id_,
        reason=reason or "other",
        lines=tuple(lines),
        attributes={name: said for name in names if (said := first.text(name))},
    )


def _moved(reader: Reader, node: Node, path: str) -> list[ChangedLine]:
    """The movement of one item, by batch where the batches add up to it."""
    delta = quantity(node, "quantity", path=path)
    quality = reader.quality(node, path=f"{path}.inventoryType")
    if quality is None or delta == ZERO:
        return []
    sku, code = needed(node, "itemCode", path=path), reader.reference(node, "itemId", path=path)
    parts = [
        _of_batch(reader, batch, quality, f"{path}.batchs.{place}")
        for place, batch in enumerate(node.entries("batchs"))
    ]
    if not parts or sum((count for _, _, count in parts), ZERO) != delta:
        if parts:
            reader.at.warn("batches_differ", "batches do not add up to the item", path=path)
        parts = [(node.text("batchCode"), quality, delta)]
    return [
        ChangedLine(sku=sku, item_code=code, quality=own, delta=count, batch=batch)
        for batch, own, count in parts
        if own is not None and count != ZERO
    ]


def _of_batch(
    reader: Reader, batch: Node, whole: Quality, path: str
) -> tuple[str | None, Quality | None, Decimal]:
    """Number, quality and pieces of a batch; the quality is the item's where it says none."""
    own: Quality | None = whole
    if batch.text("inventoryType"):
        own = reader.quality(batch, path=f"{path}.inventoryType")
    return batch.text("batchCode"), own, decimal(batch, "quantity", path=path) or ZERO
