"""What rules come to over the items of a period: one aggregate for many merchants, in the database.

Which rule charges which shape was matched before; here each item is worth its charge, rounded for
itself, and what a line of a statement opens down to is worked out by the same words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.rows import Rows


@dataclass(frozen=True, slots=True)
class Rate:
    """A rule as it is worked out. `number` names it in what is asked; it is in force for what
    happened from `since` to `until`.
    """

    number: int
    since: datetime | None
    until: datetime | None
    factor: Decimal
    fixed: Decimal
    per_kg: Decimal
    minimum: Decimal | None
    maximum: Decimal | None
    net: bool
    given_back: bool
    places: int
    half_even: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Whose items, of which currency, that belong to which time."""

    merchants: Sequence[str]
    currency: str
    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Total:
    """What a rule came to."""

    items: int
    quantity: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Opened:
    """An item under a rule, down to what it comes from."""

    entry_id: UUID
    position: int
    document: str
    reason: str
    kind: str
    line: str
    at: datetime
    order_id: UUID | None
    message_id: UUID | None
    quantity: Decimal
    base: Decimal
    amount: Decimal
    traits: Mapping[str, Any]


def totals(
    db: Connection, span: Span, rates: Sequence[Rate], matches: Iterable[tuple[UUID, int]]
) -> dict[int, Total]:
    """Number of a rule -> what it came to; those that charge nothing are left out."""
    rows = db.execute(_TOTALS, _asked(span, rates, matches))
    return {row.number: Total(row.items, row.quantity, row.base, row.amount) for row in rows}


def opened(
    db: Connection,
    span: Span,
    rate: Rate,
    shapes: Iterable[UUID],
    after: tuple[UUID, int] | None,
    most: int,
) -> list[Opened]:
    """The items behind what a rule came to, from behind `after`."""
    matches = [(shape, rate.number) for shape in shapes]
    place = {"after": after and after[0], "position": after and after[1], "most": most}
    rows = db.execute(_OPENED, {**_asked(span, [rate], matches), **place})
    return [Opened(*row) for row in rows]


def adjusted(db: Connection, span: Span) -> dict[str, list[tuple[str, Decimal]]]:
    """Merchant -> the adjustments of a time: what each is of, and its amount."""
    found: dict[str, list[tuple[str, Decimal]]] = {}
    for row in db.execute(_ADJUSTED, _span(span)):
        found.setdefault(row.merchant_id, []).append((row.document, row.amount))
    return found


def _span(span: Span) -> dict[str, Any]:
    return {
        "merchants": list(span.merchants), "currency": span.currency, "since": span.since,
        "until": span.until,
    }  # fmt: skip


def _asked(
    span: Span, rates: Sequence[Rate], matches: Iterable[tuple[UUID, int]]
) -> dict[str, Any]:
    named = (
        (
            *(rate.number, rate.since, rate.until, rate.factor, rate.fixed, rate.per_kg),
            *(rate.minimum, rate.maximum, rate.net, rate.given_back, rate.places, rate.half_even),
        )
        for rate in rates
    )
    return {**_span(span), **_RATES.of(named), **_MATCHES.of(matches)}


_RATES = Rows(
    number="int",
    valid_from="timestamptz",
    valid_until="timestamptz",
    factor="numeric",
    fixed="numeric",
    per_kg="numeric",
    minimum="numeric",
    maximum="numeric",
    net="boolean",
    given_back="boolean",
    places="int",
    half_even="boolean",
)
_MATCHES = Rows(shape="uuid", rule="int")
_BASE = "CASE WHEN r.net THEN i.amount - i.tax ELSE i.amount END"
_RAW = f"({_BASE}) * r.factor + i.quantity * r.fixed + i.weight * r.per_kg"
_UNITS = "CAST(10 AS numeric) ^ r.places"
_EVEN = f"""CASE WHEN abs(({_RAW}) * {_UNITS} - trunc(({_RAW}) * {_UNITS})) = 0.5
    THEN 2 * round(({_RAW}) * {_UNITS} / 2) / {_UNITS} ELSE round({_RAW}, r.places) END"""
_ROUNDED = f"CASE WHEN r.half_even THEN {_EVEN} ELSE round({_RAW}, r.places) END"
_CHARGE = f"""CASE WHEN i.amount < 0 AND NOT r.given_back THEN 0
    WHEN r.minimum IS NULL AND r.maximum IS NULL THEN {_ROUNDED}
    ELSE sign({_RAW}) * least(greatest(abs({_ROUNDED}), r.minimum), r.maximum) END"""
_FROM = f"""FROM charge_item AS i
    JOIN {_MATCHES.named("m")} ON m.shape = i.shape_id
    JOIN {_RATES.named("r")} ON r.number = m.rule
      AND (r.valid_from IS NULL OR i.at >= r.valid_from)
      AND (r.valid_until IS NULL OR i.at < r.valid_until)
    WHERE i.merchant_id = ANY (:merchants) AND i.currency = :currency AND i.settle_at < :until
      AND (CAST(:since AS timestamptz) IS NULL OR i.settle_at >= :since)"""
_TOTALS = sa.text(
    f"""SELECT r.number, count(*) AS items, sum(i.quantity) AS quantity, sum({_BASE}) AS base,
      sum({_CHARGE}) AS amount
    {_FROM} GROUP BY r.number"""
)
_OPENED = sa.text(
    f"""SELECT item.entry_id, item.position, entry.document, entry.reason, item.kind, item.line,
      item.at, entry.order_id, entry.message_id, item.quantity, item.base, item.charge,
      shape.traits
    FROM (
      SELECT i.*, {_BASE} AS base, {_CHARGE} AS charge {_FROM}
        AND (CAST(:after AS uuid) IS NULL OR (i.entry_id, i.position) > (:after, :position))
      ORDER BY i.entry_id, i.position LIMIT :most
    ) AS item
    JOIN entry ON entry.id = item.entry_id AND entry.merchant_id = item.merchant_id
    JOIN charge_shape AS shape ON shape.id = item.shape_id
      AND shape.merchant_id = item.merchant_id
    ORDER BY item.entry_id, item.position"""  # noqa: S608  # ours
)
_ADJUSTED = sa.text(
    """SELECT entry.merchant_id, entry.document, sum(line.debit - line.credit) AS amount
    FROM entry JOIN entry_line AS line ON line.entry_id = entry.id
      AND line.merchant_id = entry.merchant_id AND line.account = 'merchant.receivable'
    WHERE entry.merchant_id = ANY (:merchants) AND entry.reason = 'adjustment'
      AND entry.currency = :currency AND entry.settle_at < :until
      AND (CAST(:since AS timestamptz) IS NULL OR entry.settle_at >= :since)
    GROUP BY 1, 2 ORDER BY min(entry.id::text), 2"""
)
