"""What is left on either side, beside what the other side has for the same order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import ids
from hub.store.views.page import Page, Position, by_id, id_of, page

_PREFIX: Mapping[str, str] = {"ours": "E", "theirs": "L"}


@dataclass(frozen=True, slots=True)
class Item:
    """A row of either side. `ours` and `theirs`: what both sides have for its order and kind, or
    for the row alone where it has no order.
    """

    side: str
    id: UUID
    key: str
    merchant: str
    source: str | None
    kind: str
    reference: str | None
    order_reference: str | None
    order_id: UUID | None
    amount: Decimal
    fee: Decimal
    currency: str
    at: datetime
    state: str
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    ours: Decimal
    theirs: Decimal

    @property
    def difference(self) -> Decimal:
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. `since` (excluded) and `until` (included) bound since when they stand; `name` is
    a reference or an order's; `is_open`: only what waits for a person.
    """

    side: str | None = None
    reason: str | None = None
    merchant: str | None = None
    name: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """How many rows of a side stand for a reason in a currency, and what they come to."""

    side: str
    reason: str
    currency: str
    rows: int
    amount: Decimal
    oldest: datetime


def listed(
    db: Connection, wanted: Wanted, *, after: Position | None = None, limit: int = 50
) -> Page[Item]:
    """Rows, oldest first: in the order in which the hub learnt of them."""
    values = {**_named(wanted), "after": id_of(after), "most": limit + 1}
    rows = db.execute(_LISTED[wanted.is_open], values).all()
    return page(rows, limit, _item, by_id)


def one(db: Connection, side: str, row_id: UUID) -> Item | None:
    """One row, whatever became of it."""
    row = db.execute(_ONE, {"side": side, "id": row_id}).one_or_none()
    return None if row is None else _item(row)


def summed(db: Connection, wanted: Wanted) -> list[Group]:
    """What is left, by side, reason and currency."""
    return [Group(*row) for row in db.execute(_SUMMED[wanted.is_open], _named(wanted))]


def counterparts(db: Connection, item: Item) -> Sequence[Item]:
    """What the other side still has open that may belong to a row: of its order, else of its
    amount.
    """
    other = "theirs" if item.side == "ours" else "ours"
    values = {"side": other, "order": item.order_id, "currency": item.currency}
    more = {"amount": item.amount, "name": item.reference, "merchant": item.merchant}
    return [_item(row) for row in db.execute(_COUNTERPARTS[other], {**values, **more})]


def _named(wanted: Wanted) -> dict[str, Any]:
    return {
        "side": wanted.side,
        "reason": wanted.reason,
        "merchant": wanted.merchant,
        "name": wanted.name,
        "since": wanted.since,
        "until": wanted.until,
    }


def _item(row: Any) -> Item:
    return Item(
        *(row.side, row.id, ids.short(_PREFIX[row.side], row.id), row.merchant_id, row.source),
        *(row.kind, row.reference, row.order_reference, row.order_id, row.amount, row.fee),
        *(row.currency, row.at, row.state, row.reason or "unknown", row.decided_by),
        *(row.decided_at, row.note, row.ours, row.theirs),
    )


_THEIRS = """SELECT 'theirs' AS side, id, merchant_id, report_id, kind, reference, order_reference,
      order_id, CASE WHEN kind IN ('payout', 'fee', 'tax') THEN net ELSE gross END AS amount, fee,
      currency, booked_at AS at, state, reason, decided_by, decided_at, note
    FROM provider_row WHERE (CAST(:side AS text) IS NULL OR :side = 'theirs')"""
_OUR_ROW = """SELECT 'ours' AS side, id, merchant_id, CAST(NULL AS uuid) AS report_id, kind,
      reference, order_reference, order_id, amount, CAST(0 AS numeric) AS fee, currency,
      due_at AS at, state, reason, decided_by, decided_at, note FROM """
_IS_OURS = "WHERE (CAST(:side AS text) IS NULL OR :side = 'ours')"
_OURS = f"{_OUR_ROW} expected_money {_IS_OURS}"
_OUR_OPEN = f"""{_OUR_ROW} (SELECT id, merchant_id FROM expected_open) AS waits
      JOIN expected_money USING (id, merchant_id) {_IS_OURS}"""  # noqa: S608  # ours
"""From what is open on: very much was expected once."""
_FILTER = """AND (CAST(:merchant AS text) IS NULL OR merchant_id = :merchant)
      AND (CAST(:reason AS text) IS NULL OR reason = :reason)
      AND (CAST(:name AS text) IS NULL OR reference = :name OR order_reference = :name)
      AND ({at} > CAST(:since AS timestamptz) OR CAST(:since AS timestamptz) IS NULL)
      AND ({at} <= CAST(:until AS timestamptz) OR CAST(:until AS timestamptz) IS NULL)
      AND {state}"""
_PAGE = "AND (CAST(:after AS uuid) IS NULL OR id > CAST(:after AS uuid)) ORDER BY id LIMIT :most"


def _sides(is_open: bool) -> tuple[str, str]:  # noqa: FBT001
    """What of either side is wanted: what waits for a person, or what was decided as well. A parcel
    that nobody put a price on is no difference before its carrier asks for money.
    """
    state = "state = 'open'" if is_open else "state NOT IN ('attached', 'told')"
    theirs = f"{_THEIRS} {_FILTER.format(at='booked_at', state=state)}"
    ours, owed = (_OUR_OPEN, f"{state} AND amount <> 0") if is_open else (_OURS, state)
    return theirs, f"{ours} {_FILTER.format(at='due_at', state=owed)}"


def _list(is_open: bool) -> sa.TextClause:  # noqa: FBT001
    theirs, ours = _sides(is_open)
    rows = f"""SELECT * FROM (({theirs} {_PAGE}) UNION ALL ({ours} {_PAGE})) AS each_side
    ORDER BY id LIMIT :most"""  # noqa: S608  # ours
    return sa.text(_SHOWN.format(rows=rows))


def _sum(is_open: bool) -> sa.TextClause:  # noqa: FBT001
    theirs, ours = _sides(is_open)
    return sa.text(
        f"""SELECT side, coalesce(reason, 'unknown') AS reason, currency, count(*) AS rows,
      sum(amount) AS amount, min(at) AS oldest
    FROM ({theirs} UNION ALL {ours}) AS each_side
    GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2"""  # noqa: S608  # ours
    )


_SHOWN = """SELECT row.*, report.provider AS source,
      coalesce(mine.amount, CASE row.side WHEN 'ours' THEN row.amount ELSE 0 END) AS ours,
      coalesce(other.amount, CASE row.side WHEN 'theirs' THEN row.amount ELSE 0 END) AS theirs
    FROM ({rows}) AS row
    LEFT JOIN provider_report AS report ON report.id = row.report_id
    LEFT JOIN LATERAL (
      SELECT coalesce(sum(amount), 0) AS amount FROM expected_money AS e
      WHERE e.order_id = row.order_id AND e.kind = row.kind AND e.currency = row.currency
    ) AS mine ON row.order_id IS NOT NULL
    LEFT JOIN LATERAL (
      SELECT coalesce(sum(CASE WHEN kind IN ('payout', 'fee', 'tax') THEN net ELSE gross END), 0)
        AS amount FROM provider_row AS p
      WHERE p.order_id = row.order_id AND p.kind = row.kind AND p.currency = row.currency
    ) AS other ON row.order_id IS NOT NULL
    ORDER BY row.id"""
_LISTED = {is_open: _list(is_open) for is_open in (True, False)}
_SUMMED = {is_open: _sum(is_open) for is_open in (True, False)}
_ONE = sa.text(_SHOWN.format(rows=f"{_THEIRS} AND id = :id UNION ALL {_OURS} AND id = :id"))
_LIKE = """WHERE state = 'open' AND merchant_id = :merchant AND currency = :currency
      AND (order_id = :order OR reference = :name OR amount = :amount)
    ORDER BY (order_id = :order) DESC NULLS LAST, id LIMIT 20"""
_MAY_BELONG = """AND id IN (SELECT id FROM expected_money WHERE order_id = :order
      UNION ALL SELECT id FROM expected_money WHERE reference = :name
      UNION ALL SELECT id FROM expected_open WHERE amount = :amount AND currency = :currency)"""
_COUNTERPARTS = {
    side: sa.text(_SHOWN.format(rows=f"SELECT * FROM ({rows}) AS other_side {_LIKE}"))  # noqa: S608  # ours
    for side, rows in (("theirs", _THEIRS), ("ours", f"{_OUR_OPEN} {_MAY_BELONG}"))
}
