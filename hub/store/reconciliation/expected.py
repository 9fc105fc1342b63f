"""Money that is expected: payments, refunds, payouts, carriage. Each once, by its key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import long as long_id
from hub.store.base.ids import new_ids, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

_PREFIX = "E"


def id_text(id: UUID) -> str:  # noqa: A002
    """The id of expected money as the Open API shows it."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long_id(_PREFIX, text)


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """Money of a merchant that is to come or to go. `order_reference` and `order_number` are what a
    provider may know the order by.
    """

    merchant: str
    kind: str
    key: str
    reference: str | None
    order_id: UUID | None
    order_reference: str | None
    order_number: str | None
    amount: Decimal
    currency: str
    due_at: datetime
    weight_kg: Decimal | None = None


def add(db: Connection, rows: Sequence[ExpectedRow]) -> None:
    """Expect money. What is expected already and did not come is put right; what came stays."""
    if rows:
        write(
            db,
            _ADD,
            _ROWS.of(
                (
                    *(id_, row.merchant, row.kind, row.key, row.reference, row.order_id),
                    *(row.order_reference, row.order_number, row.amount, row.currency),
                    *(row.due_at, row.weight_kg),
                )
                for id_, row in zip(new_ids(len(rows)), rows, strict=True)
            ),
        )


def matched(db: Connection, orders: Iterable[UUID]) -> dict[UUID, dict[str, Decimal]]:
    """Of these orders' payments, those that came or were decided: key -> amount."""
    found: dict[UUID, dict[str, Decimal]] = {}
    for row in db.execute(_MATCHED, {"orders": list(orders)}):
        found.setdefault(row.order_id, {})[row.key] = row.amount
    return found


def forget_open(db: Connection, orders: Iterable[UUID]) -> None:
    """Expect no payment of these orders any more that did not come."""
    write(db, _FORGET, {"orders": list(orders)})


_ROWS = Rows(
    id="uuid",
    merchant="text",
    kind="text",
    key="text",
    reference="text",
    order_id="uuid",
    order_reference="text",
    order_number="text",
    amount="numeric",
    currency="text",
    due="timestamptz",
    weight="numeric",
)
OPENED = """INSERT INTO expected_open (id, merchant_id, kind, amount, currency)
    SELECT id, merchant_id, kind, amount, currency FROM row
    ON CONFLICT (id, merchant_id) DO UPDATE SET amount = excluded.amount,
      currency = excluded.currency"""
CLOSED = "DELETE FROM expected_open AS e USING row WHERE e.id = row.id"
"""What ends a statement that changed rows of expected_money (`row`) to open ones, or to others:
expected_open holds just those that are open.
"""
_ADD = sa.text(
    f"""WITH row AS (INSERT INTO expected_money AS stored (id, merchant_id, kind, key, reference,
      order_id, order_reference, order_number, amount, currency, due_at, weight_kg, reason)
    SELECT *, CASE kind WHEN 'payout' THEN 'payout_not_received'
      WHEN 'carriage' THEN 'not_invoiced' ELSE 'order_without_payout' END
    FROM {_ROWS.named("e")}
    ON CONFLICT (kind, key, merchant_id) DO UPDATE SET amount = excluded.amount,
      reference = excluded.reference, currency = excluded.currency, due_at = excluded.due_at,
      weight_kg = coalesce(excluded.weight_kg, stored.weight_kg)
    WHERE stored.state = 'open' RETURNING id, merchant_id, kind, amount, currency) {OPENED}"""  # noqa: S608  # ours
)
_MATCHED = sa.text(
    """SELECT order_id, key, amount FROM expected_money
    WHERE order_id = ANY (:orders) AND kind = 'sale' AND state <> 'open'"""
)
_FORGET = sa.text(
    f"""WITH row AS (DELETE FROM expected_money
    WHERE order_id = ANY (:orders) AND kind = 'sale' AND state = 'open' RETURNING id) {CLOSED}"""  # noqa: S608  # ours
)
