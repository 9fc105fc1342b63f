"""What providers reported: each report once, its lines as rows."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.settlement import SettlementLine, SettlementReport
from hub.store.base.ids import long as long_id
from hub.store.base.ids import new_id, new_ids, short
from hub.store.base.pipelining import settle
from hub.store.reconciliation import forms
from hub.store.reconciliation.forms import TABLE

_PREFIX = "L"
_PORTION = 10_000
"""So many ids are made at once."""


class ReportedRow(NamedTuple):
    """One line of a report, in our terms. `reference`: the payment's where the provider tells it,
    else the line's own; `original`: that of the payment that it is about.
    """

    kind: str
    reference: str
    order_reference: str | None
    gross: Decimal
    fee: Decimal
    net: Decimal
    currency: str
    booked_at: datetime
    weight_kg: Decimal | None = None
    original: str | None = None
    movement: str | None = None


def id_text(id: UUID) -> str:  # noqa: A002
    """The id of a reported row as the Open API shows it."""
    return short(_PREFIX, id)


def id_of(text: str) -> UUID | None:
    """The id behind such a text; None where it is none of ours."""
    return long_id(_PREFIX, text)


def digest(report: SettlementReport) -> bytes:
    """The content of a report, without whence it came and without what only we read into it."""
    made = sha256()
    made.update(repr((report.currency, report.period, report.opening, report.closing)).encode())
    made.update(repr(report.payout).encode())
    for line in report.lines:
        made.update(repr(_said(line)).encode())
    return made.digest()[:16]


def keep(
    db: Connection, merchant: str, connection: str, report: SettlementReport, message: UUID
) -> tuple[UUID, bool | None]:
    """Keep a report. Returns its id, and whether it is new; None where another one of its number is
    kept.
    """
    payout = report.payout
    row = {
        "id": new_id(),
        "merchant": merchant,
        "connection": connection,
        "provider": report.provider,
        "number": report.report_id,
        "digest": digest(report),
        "currency": report.currency,
        "begins": report.period.start,
        "ends": report.period.to,
        "opening": report.opening,
        "closing": report.closing,
        "reference": payout and payout.reference,
        "payout": payout and payout.amount,
        "payout_at": payout and payout.at,
        "message": message,
        "accounts_for": report.accounts_for,
        "form": report.form,
    }
    if db.scalar(_KEEP, row) is not None:
        return row["id"], True  # type: ignore[return-value]
    there = db.execute(_THERE, row).one()
    return there.id, False if bytes(there.digest) == row["digest"] else None


def lay_out(
    db: Connection, merchant: str, report: UUID, rows: Iterable[ReportedRow], many: int
) -> None:
    """Lay out the lines of a report, so many, and mark what another report of the same provider
    told before, in its form or in another. `matching.run` keeps them, as what they come to.
    """
    settle(db)
    db.execute(TABLE)
    driver: Any = db.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for number, (id_, row) in enumerate(zip(_ids(many), rows, strict=True), start=1):
            copy.write_row((report, merchant, id_, number, *row))
    db.execute(_DOUBLES, {"report": report})
    forms.recognise(db, report)


def clear(db: Connection) -> None:
    """Nothing is laid out any more: all of it is kept."""
    db.execute(_CLEAR)


def _ids(many: int) -> Iterable[UUID]:
    for begin in range(0, many, _PORTION):
        yield from new_ids(min(_PORTION, many - begin))


def one(db: Connection, report: UUID) -> Any:
    """A report as it is stored; None where there is none such in reach."""
    return db.execute(_ONE, {"id": report}).one_or_none()


_KEEP = sa.text(
    """INSERT INTO provider_report (id, merchant_id, connection, provider, report_id, digest,
      currency, begins_at, ends_at, opening, closing, payout_reference, payout, payout_at,
      message_id, accounts_for, form)
    VALUES (:id, :merchant, :connection, :provider, :number, :digest, :currency, :begins, :ends,
      :opening, :closing, :reference, :payout, :payout_at, :message, :accounts_for, :form)
    ON CONFLICT DO NOTHING RETURNING id"""
)
_THERE = sa.text(
    """SELECT id, digest FROM provider_report
    WHERE provider = :provider AND report_id = :number AND merchant_id = :merchant"""
)
_said = attrgetter(*(name for name in SettlementLine.model_fields if name != "movement"))
_COPY = """COPY reported_row (report_id, merchant_id, id, line_no, kind, reference, order_reference,
  gross, fee, net, currency, booked_at, weight_kg, original, movement) FROM STDIN"""
_TYPES = (
    *("uuid", "text", "uuid", "int4", "text", "text", "text"),
    *("numeric", "numeric", "numeric", "text", "timestamptz", "numeric", "text", "text"),
)
_CLEAR = sa.text("TRUNCATE reported_row")
_TOLD = "merchant_id, report_id, kind, reference, gross, fee, currency, booked_at, order_reference"
_DOUBLES = sa.text(
    f"""WITH mine AS (
      SELECT row.*, report.provider FROM reported_row AS row
      JOIN provider_report AS report ON report.id = row.report_id
      WHERE row.report_id = :report AND row.kind <> 'reserve'
        AND NOT (row.kind = 'payout' AND row.net <= 0)
    ), other AS (
      SELECT there.*, report.provider FROM (
        SELECT there.* FROM (SELECT DISTINCT reference FROM mine) AS name CROSS JOIN LATERAL (
          SELECT {_TOLD} FROM provider_row AS there WHERE there.reference = name.reference OFFSET 0
        ) AS there
        UNION ALL SELECT {_TOLD} FROM reported_row WHERE report_id <> :report
      ) AS there JOIN provider_report AS report ON report.id = there.report_id
    )
    UPDATE reported_row AS row SET is_double = true FROM (
      SELECT DISTINCT mine.id FROM mine
      JOIN other USING (merchant_id, provider, kind, reference, gross, fee, currency, booked_at)
      WHERE other.order_reference IS NOT DISTINCT FROM mine.order_reference
    ) AS double WHERE row.id = double.id"""  # noqa: S608  # ours
)
"""Looked up by name, so that it takes as long however much a provider reported before."""
_ONE = sa.text("SELECT * FROM provider_report WHERE id = :id")
