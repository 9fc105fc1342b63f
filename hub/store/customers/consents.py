"""What customers allowed, when and where: every word is kept, none is changed."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.people import Consent
from hub.store.base.ids import new_ids
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows


def load(db: Connection, customers: Iterable[UUID]) -> dict[UUID, list[Consent]]:
    """Customer -> all that was said, the oldest first."""
    said: dict[UUID, list[Consent]] = {}
    for row in db.execute(_SAID, {"ids": sorted(set(customers))}):
        it = Consent(purpose=row.purpose, granted=row.granted, at=row.at, source=row.source or None)
        said.setdefault(row.customer_id, []).append(it)
    return said


def keep(db: Connection, said: Sequence[tuple[str, UUID, Consent]]) -> None:
    """Keep what (merchant, customer) said. The same again changes nothing."""
    rows = zip(new_ids(len(said)), said, strict=True)
    rows_kept = [
        (id_, merchant, customer, it.purpose, it.granted, it.at, it.source or "")
        for id_, (merchant, customer, it) in rows
    ]
    if rows_kept:
        write(db, _KEEP, _CONSENTS.of(rows_kept))


_SAID = sa.text(
    """SELECT customer_id, purpose, granted, at, source FROM customer_consent
    WHERE customer_id = ANY (:ids) ORDER BY at, id"""
)
_CONSENTS = Rows(
    id="uuid",
    merchant="text",
    customer="uuid",
    purpose="text",
    granted="boolean",
    at="timestamptz",
    source="text",
)
_KEEP = sa.text(
    f"""INSERT INTO customer_consent (id, merchant_id, customer_id, purpose, granted, at, source)
    SELECT * FROM {_CONSENTS.arrays} ON CONFLICT DO NOTHING"""  # noqa: S608  # ours
)
