"""What charges are worked out from, beside the entries it was booked with.

What an item is (channel, article, category …) is its shape, kept once: a merchant has few of them,
so that rules are matched with shapes and never with items.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.settlement import ChargeItem, Entry
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class Shape:
    """What items of a merchant are."""

    id: UUID
    merchant: str
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sum:
    """What was booked so far of a part of an order."""

    merchant: str
    quantity: Decimal
    amount: Decimal
    tax: Decimal
    traits: Mapping[str, Any]


def shape_id(merchant: str, kind: str, traits: Mapping[str, Any]) -> UUID:
    """The same number for the same shape, wherever it is worked out."""
    text = json.dumps([merchant, kind, traits], sort_keys=True, separators=(",", ":"))
    return UUID(bytes=sha256(text.encode()).digest()[:16])


def add(db: Connection, entries: Sequence[tuple[UUID, Entry]]) -> None:
    """Store the items of entries, and shapes that are new."""
    shapes: dict[UUID, tuple[str, str]] = {}
    rows = []
    for id_, entry in entries:
        for position, item in enumerate(entry.items, start=1):
            shape = shape_id(entry.merchant, item.kind, item.traits)
            if shape not in shapes:
                traits = {"kind": item.kind, **item.traits}
                shapes[shape] = (entry.merchant, json.dumps(traits))
            rows.append(_row(id_, entry, position, shape, item))
    if rows:
        known = sorted((shape, *rest) for shape, rest in shapes.items())
        write(db, _ADD_SHAPES, _SHAPES.of(known))
        write(db, _ADD, _ITEMS.of(rows))


def sums(db: Connection, orders: Iterable[UUID]) -> dict[UUID, dict[tuple[str, str], Sum]]:
    """Order -> (kind, part) -> what was booked of it."""
    by_order: dict[UUID, dict[tuple[str, str], Sum]] = {}
    for row in db.execute(_SUMS, {"ids": sorted(set(orders))}):
        by_order.setdefault(row.order_id, {})[row.kind, row.line] = Sum(
            row.merchant_id,
            row.quantity,
            row.amount,
            row.tax,
            {name: value for name, value in row.traits.items() if name != "kind"},
        )
    return by_order


def shapes_of(db: Connection, merchants: Sequence[str]) -> list[Shape]:
    """All shapes that items of these merchants have."""
    rows = db.execute(_SHAPES_OF, {"merchants": list(merchants)})
    return [Shape(row.id, row.merchant_id, row.traits) for row in rows]


def _row(id_: UUID, entry: Entry, position: int, shape: UUID, item: ChargeItem) -> tuple[Any, ...]:
    return (
        *(id_, entry.merchant, position, item.kind, shape, entry.currency, entry.at),
        *(entry.settle_at, item.line, item.quantity, item.amount, item.tax, item.weight),
    )


_SHAPES = Rows(id="uuid", merchant="text", traits="text")
_ITEMS = Rows(
    id="uuid",
    merchant="text",
    position="int",
    kind="text",
    shape="uuid",
    currency="text",
    at="timestamptz",
    settle_at="timestamptz",
    line="text",
    quantity="numeric",
    amount="numeric",
    tax="numeric",
    weight="numeric",
)
_ADD_SHAPES = sa.text(
    f"""INSERT INTO charge_shape (id, merchant_id, traits)
    SELECT id, merchant, CAST(traits AS jsonb) FROM {_SHAPES.named("s")}
    ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
_ADD = sa.text(
    f"""INSERT INTO charge_item (entry_id, merchant_id, position, kind, shape_id, currency, at,
      settle_at, line, quantity, amount, tax, weight)
    SELECT * FROM {_ITEMS.arrays}"""  # noqa: S608  # ours
)
_SUMS = sa.text(
    """SELECT entry.order_id, item.kind, item.line, min(item.merchant_id) AS merchant_id,
      sum(item.quantity) AS quantity,
      sum(item.amount) AS amount, sum(item.tax) AS tax,
      (array_agg(shape.traits ORDER BY entry.id))[1] AS traits
    FROM entry JOIN charge_item AS item ON item.entry_id = entry.id
      AND item.merchant_id = entry.merchant_id
    JOIN charge_shape AS shape ON shape.id = item.shape_id
      AND shape.merchant_id = item.merchant_id
    WHERE entry.order_id = ANY (:ids) GROUP BY 1, 2, 3"""
)
_SHAPES_OF = sa.text(
    """SELECT id, merchant_id, traits FROM charge_shape WHERE merchant_id = ANY (:merchants)
    ORDER BY merchant_id, id"""
)
