"""Chargebacks: a case for each row in which a provider took a payment back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import long as long_id
from hub.store.base.ids import new_ids, short
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

_PREFIX = "C"


@dataclass(frozen=True, slots=True)
class NewCase:
    """A chargeback that was just reported."""

    row_id: UUID
    merchant: str


def id_text(id: UUID) -> str:  # noqa: A002
    """A case's id as the Open API shows it."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long_id(_PREFIX, text)


def open_new(db: Connection, cases: Sequence[NewCase], status: str) -> None:
    """Open a case for each of these rows, each row once."""
    if cases:
        values = (
            (id_, case.row_id, case.merchant)
            for id_, case in zip(new_ids(len(cases)), cases, strict=True)
        )
        write(db, _OPEN, {**_CASES.of(values), "status": status})


def of_rows(db: Connection, rows: Iterable[UUID]) -> list[Any]:
    """Lock and load the cases of these rows: id, merchant_id, row_id, status."""
    return list(db.execute(_OF_ROWS, {"rows": list(rows)}))


def disputed(db: Connection, orders: Sequence[UUID]) -> dict[UUID, str]:
    """Those of these orders whose payment a bank took back and did not give again -> how the case
    stands.
    """
    rows = db.execute(_DISPUTED, {"orders": list(orders)}) if orders else ()
    return {row.order_id: row.status for row in rows}


def to_stop(db: Connection, rows: Iterable[UUID]) -> list[tuple[str, UUID]]:
    """The orders (merchant, order) of the cases of these rows that may yet be shipped."""
    found = db.execute(_TO_STOP, {"rows": list(rows)})
    return [(row.merchant_id, row.id) for row in found]


def fees(db: Connection, rows: Iterable[UUID]) -> list[Any]:
    """What providers took for the cases of these rows beside the money itself: id, merchant_id,
    order_id, reference, fee, currency.
    """
    return list(db.execute(_FEES, {"rows": list(rows)}))


def fees_back(db: Connection, rows: Iterable[UUID]) -> list[Any]:
    """What providers gave back of it with the money itself, as `fees`."""
    return list(db.execute(_FEES_BACK, {"rows": list(rows)}))


def lock(db: Connection, case: UUID) -> Any:
    """One case, locked; None where there is none such in reach."""
    return db.execute(_LOCK, {"id": case}).one_or_none()


def set_status(db: Connection, case: UUID, status: str, note: str | None = None) -> None:
    """Write where a case stands; a note is kept until there is another."""
    write(db, _SET, {"id": case, "status": status, "note": note})


_CASES = Rows(id="uuid", row_id="uuid", merchant="text")
_OPEN = sa.text(
    f"""INSERT INTO chargeback (id, merchant_id, row_id, order_id, reference, order_reference,
      amount, currency, status)
    SELECT c.id, row.merchant_id, row.id, row.order_id, row.reference, row.order_reference,
      row.gross, row.currency, :status
    FROM {_CASES.named("c")}
    JOIN provider_row AS row ON row.id = c.row_id AND row.merchant_id = c.merchant
    ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
_OF_ROWS = sa.text(
    """SELECT id, merchant_id, row_id, status FROM chargeback
    WHERE row_id = ANY (:rows) ORDER BY id FOR UPDATE"""
)
_DISPUTED = sa.text(
    """SELECT order_id, max(status) AS status FROM chargeback
    WHERE order_id = ANY (:orders) AND status <> 'won' GROUP BY 1"""
)
_TO_STOP = sa.text(
    """SELECT DISTINCT o.merchant_id, o.id FROM chargeback AS c
    JOIN sales_order AS o ON o.id = c.order_id
    WHERE c.row_id = ANY (:rows) AND o.status IN ('received', 'held', 'open') ORDER BY 1, 2"""
)
_FEES = sa.text(
    """SELECT c.id, c.merchant_id, c.order_id, c.reference, row.fee, c.currency
    FROM chargeback AS c
    JOIN provider_row AS row ON row.id = c.row_id AND row.merchant_id = c.merchant_id
    WHERE c.row_id = ANY (:rows) AND row.fee > 0 ORDER BY c.id"""
)
_FEES_BACK = sa.text(
    """SELECT c.id, c.merchant_id, c.order_id, c.reference, -back.fee AS fee, c.currency
    FROM chargeback AS c
    JOIN provider_row AS row ON row.id = c.row_id AND row.merchant_id = c.merchant_id
    JOIN money_match AS made ON made.id = row.match_id AND made.merchant_id = row.merchant_id
    JOIN provider_row AS back ON back.id = ANY (made.their_rows) AND back.id <> row.id
      AND back.match_id = row.match_id AND back.merchant_id = row.merchant_id
    WHERE c.row_id = ANY (:rows) AND back.fee < 0 ORDER BY c.id"""
)
_LOCK = sa.text("SELECT * FROM chargeback WHERE id = :id FOR UPDATE")
_SET = sa.text(
    """UPDATE chargeback SET status = :status, note = coalesce(:note, note), updated_at = now()
    WHERE id = :id"""
)
