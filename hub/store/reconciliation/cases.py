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
_LOCK = sa.text("SELECT * FROM chargeback WHERE id = :id FOR UPDATE")
_SET = sa.text(
    """UPDATE chargeback SET status = :status, note = coalesce(:note, note), updated_at = now()
    WHERE id = :id"""
)
