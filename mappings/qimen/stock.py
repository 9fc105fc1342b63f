"""Stock that changed without a document of ours: stock-takes and movements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.stock import ChangedLine, ReportedLine, StockChange, StockReport
from mappings.qimen.fields import Reader, decimal, needed, quantity
from mappings.qimen.identity import count_id, document_id
from mappings.qimen.tree import Node

_ADJUSTED: dict[str | None, Literal["stocktake", "adjustment"]] = {"ADJUST": "adjustment"}


def count(reader: Reader, request: Node) -> list[Document]:
    """inventory.report: signed differences, and the totals counted where they are told."""
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
    changed = list(_changed(reader, items))
    found: list[Document] = []
    if changed:
        kind = _ADJUSTED.get(request.text("adjustType"), "stocktake")
        found.append(counted.change(reader, kind, changed))
    totals = list(_totals(reader, items))
    if totals:
        found.append(counted.report(reader, totals))
    if not found:
        raise Ignored("no_consequence", "the count found no difference")
    return found


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the documents of one count have in common."""

    when: datetime
    id: str
    said: dict[str, Any]

    def change(
        self, reader: Reader, kind: Literal["stocktake", "adjustment"], lines: list[ChangedLine]
    ) -> StockChange:
        return StockChange(
            source=reader.at.source(self.id, occurred_at=self.when),
            warehouse=reader.at.connection,
            at=self.when,
            change_id=self.id,
            reason=kind,
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
                item_code=node.text("itemId"),
                quality=quality,
                delta=delta,
                batch=node.text("batchCode"),
            )


def _totals(reader: Reader, items: list[Node]) -> Iterable[ReportedLine]:
    for index, node in enumerate(items):
        path = f"items.{index}"
        total = decimal(node.text("totalQty"), path=f"{path}.totalQty")
        quality = reader.quality(node, path=f"{path}.inventoryType")
        if total is not None and quality is not None:
            yield ReportedLine(
                sku=needed(node, "itemCode", path=path),
                item_code=node.text("itemId"),
                quality=quality,
                on_hand=total,
                batch=node.text("batchCode"),
                expires_on=reader.date(node.text("expireDate"), path=f"{path}.expireDate"),
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
    found = [one for group in groups.values() if (one := _movement(reader, group, names))]
    if not found:
        raise Ignored("no_consequence", "all movements have confirmations of their own")
    return found


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
    sku, code = needed(node, "itemCode", path=path), node.text("itemId")
    told = [
        (batch.text("batchCode"), decimal(batch.text("quantity"), path=f"{path}.batchs") or ZERO)
        for batch in node.entries("batchs")
    ]
    if not told or sum((count for _, count in told), ZERO) != delta:
        if told:
            reader.at.warn("batches_differ", "batches do not add up to the item", path=path)
        told = [(node.text("batchCode"), delta)]
    return [
        ChangedLine(sku=sku, item_code=code, quality=quality, delta=count, batch=batch)
        for batch, count in told
    ]
