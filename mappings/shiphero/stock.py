"""ShipHero's inventory -> `stock_report`, and what changed in a bin -> `stock_change`.

What is in the building is `on_hand`; `inventory` is what may be sold of it, after what orders have
and what is held back. An account has several warehouses: only ours counts, where one is named.
"""

from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.stock import ChangedLine, ReportedLine, StockChange, StockReport
from mappings.kit import Context, shape
from mappings.kit.fields import needed
from mappings.kit.readers.envelope import resources
from mappings.reading import read_json_object
from mappings.shiphero import wire
from mappings.shiphero.shipments import check_test


def levels(
    raw: bytes, at: Context, *, warehouse: str | None, clock: Callable[[], datetime]
) -> list[Document]:
    """How much there is of the articles that it names, in our warehouse."""
    trees = resources(
        raw,
        at.warn,
        around=("data", "inventory", "levels", "warehouse_products"),
        marks=frozenset({"sku"}),
    )
    told = [shape(wire.Level, tree, at) for tree in trees]
    ours = [it for it in told if not it.virtual and _is_ours(warehouse, it.here)]
    if not ours:
        raise Ignored("no_consequence", "kits, or another warehouse's")
    times = (it.timestamp or it.updated_at for it in ours)
    when = max(filter(None, times), default=None) or clock()
    number = sha256(raw).hexdigest()[:32]
    return [
        StockReport(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            report_id=number,
            lines=tuple(map(_line, ours)),
        )
    ]


def change(raw: bytes, at: Context, *, warehouse: str | None) -> list[Document]:
    """A movement that has no document of its own."""
    body = read_json_object(raw, at.warn)
    check_test(body)
    it = shape(wire.Change, body, at)
    reason: Any = at.ours("stock_reasons", needed(it.source, "source"), path="source")
    if reason == "none":
        raise Ignored("no_consequence", "its own confirmation books it")
    if not _is_any(warehouse, [it.warehouse_id, it.warehouse_uuid]):
        raise Ignored("no_consequence", "another warehouse's")
    if it.delta == ZERO:
        raise Ignored("no_consequence", "nothing changed")
    when, sku = needed(it.timestamp, "timestamp"), needed(it.sku, "sku")
    number = sha256(raw).hexdigest()[:32]
    return [
        StockChange(
            source=at.source(number, occurred_at=when),
            warehouse=at.connection,
            at=when,
            change_id=number,
            reason=reason,
            lines=(ChangedLine(sku=sku, delta=it.delta),),
            attributes={
                name: value
                for name, value in {"reason": it.reason, "lot_id": it.lot_id}.items()
                if value
            },
        )
    ]


def legacy(identifier: str | None) -> str | None:
    """The number in an id: `V2FyZWhvdXNlOjEyMw==` is Warehouse:123, its legacy id 123."""
    if identifier is None or identifier.isdigit():
        return identifier
    try:
        kind, _, number = b64decode(identifier, validate=True).decode("ascii").partition(":")
    except (Error, ValueError):
        return identifier
    return number if kind.isalpha() and number.isdigit() else identifier


def _is_ours(warehouse: str | None, it: wire.Level) -> bool:
    return _is_any(warehouse, [it.warehouse_id, it.warehouse_uuid, it.identifier])


def _is_any(warehouse: str | None, named: Iterable[str | None]) -> bool:
    told = {legacy(name) for name in named if name}
    return warehouse is None or not told or legacy(warehouse) in told


def _line(it: wire.Level) -> ReportedLine:
    level = it.here
    count = needed(level.on_hand, "inventory.on_hand")
    taken = None if level.free is None else max(count - level.free, ZERO)
    return ReportedLine(
        sku=needed(it.sku, "inventory.sku"), on_hand=max(count, ZERO), reserved=taken
    )
