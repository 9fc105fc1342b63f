"""What the shop knows: orders with their fulfilment orders, fulfilments, refunds, stock levels.

Bodies are kept compressed and only what the rules need is kept open, so that ten thousand orders
weigh tens of megabytes. Refusals are `Refused` with the words that Shopify was recorded to use.
"""

import itertools
import json
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.catalogue import CATALOGUE

Groups = Sequence[tuple[int, Sequence[tuple[int, int]] | None]]


class Refused(Exception):
    """A user error: `path` as GraphQL names it, a code where the API has one."""

    def __init__(self, message: str, path: Sequence[str] = (), code: str | None = None) -> None:
        super().__init__(message)
        self.message, self.path, self.code = message, list(path), code


@dataclass(slots=True)
class Line:
    """One line of a fulfilment order: what is to go, and what of it still is."""

    id: int
    line_item_id: int
    sku: str | None
    title: str
    variant_id: int | None
    total: int
    remaining: int


@dataclass(slots=True)
class FulfilmentOrder:
    id: int
    order_id: int
    location_id: int
    lines: list[Line]
    cancelled: bool = False

    @property
    def status(self) -> str:
        if self.cancelled or not any(line.remaining for line in self.lines):
            return "closed"
        untouched = all(line.remaining == line.total for line in self.lines)
        return "open" if untouched else "in_progress"


@dataclass(slots=True)
class Fulfilment:
    id: int
    order_id: int
    location_id: int
    lines: list[tuple[Line, int]]
    company: str | None
    numbers: list[str]
    urls: list[str]
    name: str
    created_at: str
    status: str = "success"


@dataclass(slots=True)
class Order:
    id: int
    raw: bytes  # the body as placed, JSON, compressed
    name: str
    currency: str
    created: datetime
    updated: datetime
    financial_status: str
    paid: Decimal
    prices: dict[int, tuple[str, int]]  # line id -> title and quantity
    cancelled_at: str | None = None
    cancel_reason: str | None = None
    closed_at: str | None = None
    refunded: Decimal = Decimal(0)
    fulfilment_orders: list[FulfilmentOrder] = field(default_factory=list)
    fulfilments: list[Fulfilment] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    returns: list[Any] = field(default_factory=list)

    def body(self) -> dict[str, Any]:
        placed: dict[str, Any] = json.loads(zlib.decompress(self.raw))
        return placed


@dataclass(slots=True)
class Item:
    """An inventory item: one article as stock, with what is available at each location."""

    id: int
    variant_id: int
    product_id: int
    sku: str
    title: str
    barcode: str | None
    levels: dict[int, int] = field(default_factory=dict)


class Store:
    def __init__(self, locations: Mapping[int, str]) -> None:
        self.locations = dict(locations)
        self.lock = threading.RLock()
        self.next_id = itertools.count(8_000_000_000_001)
        self.orders: dict[int, Order] = {}
        self.fulfilment_orders: dict[int, FulfilmentOrder] = {}
        self.fulfilments: dict[int, Fulfilment] = {}
        self.returns: dict[int, Any] = {}
        self.items: dict[int, Item] = {}
        self.skus: dict[str, Item] = {}
        self.keys: dict[str, tuple[str, Any]] = {}  # idempotency key -> parameters, answer
        for it in CATALOGUE:
            ids = (it.inventory_item_id, it.variant_id, it.product_id)
            self.add_item(it.sku, it.title, ids, it.gtin)

    def add_item(
        self, sku: str, title: str, ids: tuple[int, int, int] | None = None, gtin: str | None = None
    ) -> Item:
        """Makes an article known; `ids` are those of inventory item, variant and product."""
        made = ids or (next(self.next_id), next(self.next_id), next(self.next_id))
        item = Item(*made, sku=sku, title=title, barcode=gtin)
        item.levels = dict.fromkeys(self.locations, 0)
        self.items[item.id] = self.skus[sku] = item
        return item

    def place(self, body: Mapping[str, Any], locations: Mapping[int, int] | None = None) -> Order:
        """Takes an order in, or a newer body of it as its owner edited it.

        `locations`: line id to the location it ships from, where that is not the first.
        """
        raw = zlib.compress(json.dumps(body, ensure_ascii=False).encode(), 1)
        with self.lock:
            order = self.orders.get(int(body["id"]))
            before: dict[int, int] = {}
            if order is None:
                order = new_order(body, raw)
                self.orders[order.id] = order
            elif order.raw != raw:
                earlier = order.body().get("line_items") or []
                before = {line["id"]: pieces_to_ship(line) for line in earlier}
            order.raw = raw
            order.updated = moment(body.get("updated_at")) or order.updated
            order.cancelled_at = body.get("cancelled_at") or order.cancelled_at
            order.cancel_reason = body.get("cancel_reason") or order.cancel_reason
            order.closed_at = body.get("closed_at") or order.closed_at
            self._plan(order, body.get("line_items") or [], before, locations or {})
            return order

    def _plan(
        self,
        order: Order,
        lines: Iterable[Mapping[str, Any]],
        before: Mapping[int, int],
        locations: Mapping[int, int],
    ) -> None:
        """Fulfilment orders for lines that ship and are not planned yet, one per location."""
        known = {it.line_item_id: it for fo in order.fulfilment_orders for it in fo.lines}
        fresh: dict[int, list[Line]] = {}
        for raw in lines:
            open_pieces = pieces_to_ship(raw)
            line = known.get(raw["id"])
            if line is not None:
                edited = open_pieces - before.get(raw["id"], open_pieces)
                line.total, line.remaining = line.total + edited, max(0, line.remaining + edited)
            elif open_pieces:
                place = locations.get(raw["id"], next(iter(self.locations)))
                fresh.setdefault(place, []).append(self._line(raw, open_pieces))
        for place, made in fresh.items():
            planned = FulfilmentOrder(next(self.next_id), order.id, place, made)
            self.fulfilment_orders[planned.id] = planned
            order.fulfilment_orders.append(planned)
        if order.cancelled_at:
            for planned in order.fulfilment_orders:
                planned.cancelled = True

    def _line(self, raw: Mapping[str, Any], pieces: int) -> Line:
        sku = raw.get("sku") or None
        if sku and sku not in self.skus:
            self.add_item(sku, str(raw.get("title", sku)))
        variant = raw.get("variant_id")
        return Line(
            next(self.next_id), raw["id"], sku, str(raw.get("title")), variant, pieces, pieces
        )

    def touch(self, order: Order) -> None:
        order.updated = datetime.now(UTC)


def new_order(body: Mapping[str, Any], raw: bytes) -> Order:
    created = moment(body.get("created_at")) or datetime.now(UTC)
    status = str(body.get("financial_status") or "pending")
    owed = status in {"pending", "authorized", "voided"}
    return Order(
        id=int(body["id"]),
        raw=raw,
        name=str(body.get("name", "")),
        currency=str(body.get("currency", "")),
        created=created,
        updated=created,
        financial_status=status,
        paid=Decimal(0) if owed else Decimal(str(body.get("total_price") or "0")),
        prices={
            line["id"]: (str(line.get("title")), int(line.get("quantity", 0)))
            for line in body.get("line_items") or []
        },
    )


def pieces_to_ship(line: Mapping[str, Any]) -> int:
    if line.get("requires_shipping") is False:
        return 0
    for name in ("fulfillable_quantity", "current_quantity", "quantity"):
        if line.get(name) is not None:
            return int(line[name])
    return 0


def moment(text: Any) -> datetime | None:
    """A time with its zone; None for nothing. Raises ValueError for what is no time."""
    if not text:
        return None
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def zulu(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
