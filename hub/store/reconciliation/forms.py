"""What a provider tells of the same money in several forms: recognised by the names of what moved,
and by what it comes to.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.settlement import SettlementReport
from hub.store.base.pipelining import settle


def other_form(db: Connection, merchant: str, report: SettlementReport) -> str | None:
    """The form in which the payout that a report accounts for was told before; None where it was
    told in none but its own.
    """
    form: str | None = None
    if report.accounts_for is not None:
        form = db.scalar(_OTHER_FORM, _named(merchant, report))
    return form


def movements(db: Connection, merchant: str, report: SettlementReport) -> set[str | None]:
    """What the other forms of what a report accounts for name their movements. A payout is none: it
    is what they come to.
    """
    settle(db)
    db.execute(TABLE)
    return set(db.scalars(_MOVEMENTS, _named(merchant, report)))


def is_paid_elsewhere(db: Connection, merchant: str, report: SettlementReport) -> bool:
    """Whether another form of what a report accounts for tells the payout of its currency."""
    return bool(db.scalar(_PAID_ELSEWHERE, _named(merchant, report)))


def recognise(db: Connection, report: UUID) -> None:
    """Mark what of a report that is laid out another form told: alike, or otherwise."""
    db.execute(_RECOGNISE, {"report": report})


def told_otherwise(db: Connection, report: UUID) -> list[str]:
    """The movements of a report that is laid out which another form tells with other money."""
    return list(db.scalars(_OTHERWISE, {"report": report}))


def _named(merchant: str, report: SettlementReport) -> dict[str, Any]:
    return {
        "merchant": merchant,
        "provider": report.provider,
        "accounts_for": report.accounts_for,
        "form": report.form,
        "currency": report.currency,
    }


TABLE = sa.text("SELECT orderhub_scratch('matching')")
"""reported_row: hub/store/migrations/versions/0050_movements.sql."""
_OTHERS = """provider_report AS report WHERE provider = :provider
      AND accounts_for = :accounts_for AND report.merchant_id = :merchant AND form <> :form"""
_OTHER_FORM = sa.text(f"SELECT form FROM {_OTHERS} LIMIT 1")  # noqa: S608  # ours
_PAID_ELSEWHERE = sa.text(
    f"""SELECT EXISTS (SELECT FROM {_OTHERS} AND payout IS NOT NULL
      AND currency = :currency)"""  # noqa: S608  # ours
)
_MOVEMENTS = sa.text(
    f"""SELECT DISTINCT row.movement FROM (SELECT report.id FROM {_OTHERS}) AS report
    CROSS JOIN LATERAL (
      SELECT movement FROM provider_row AS row
      WHERE row.report_id = report.id AND row.kind <> 'payout'
      UNION ALL SELECT movement FROM reported_row AS row
      WHERE row.report_id = report.id AND row.kind <> 'payout'
    ) AS row"""  # noqa: S608  # ours
)
_RECOGNISE = sa.text(
    """WITH mine AS (
      SELECT row.movement, row.currency, sum(row.net) AS net, report.provider, report.form,
        report.merchant_id
      FROM reported_row AS row JOIN provider_report AS report ON report.id = row.report_id
      WHERE row.report_id = :report AND row.movement IS NOT NULL AND row.kind <> 'payout'
      GROUP BY 1, 2, 4, 5, 6
    ), other AS (
      SELECT mine.movement, mine.currency, there.net
      FROM mine CROSS JOIN LATERAL (
        SELECT row.net, row.report_id FROM provider_row AS row
        WHERE row.movement = mine.movement AND row.currency = mine.currency
          AND row.merchant_id = mine.merchant_id AND row.kind <> 'payout'
          AND row.state <> 'told' AND row.reason IS DISTINCT FROM 'duplicate'
        OFFSET 0
      ) AS there JOIN provider_report AS report ON report.id = there.report_id
      WHERE report.provider = mine.provider AND report.form IS DISTINCT FROM mine.form
      UNION ALL
      SELECT mine.movement, mine.currency, row.net
      FROM mine JOIN reported_row AS row USING (movement, currency, merchant_id)
      JOIN provider_report AS report ON report.id = row.report_id
      WHERE report.provider = mine.provider AND report.form IS DISTINCT FROM mine.form
        AND row.kind <> 'payout' AND NOT row.is_double
    ), told AS (
      SELECT movement, currency, sum(net) AS net FROM other GROUP BY 1, 2
    )
    UPDATE reported_row AS row SET is_double = true,
      elsewhere = CASE WHEN mine.net = told.net THEN 'alike' ELSE 'otherwise' END
    FROM mine JOIN told USING (movement, currency)
    WHERE row.report_id = :report AND row.movement = mine.movement
      AND row.currency = mine.currency AND row.kind <> 'payout'"""
)
"""By the sum of a movement: one form has a line for what another parts into many. Where the sums
differ it is not counted either: a person looks.
"""
_OTHERWISE = sa.text(
    """SELECT DISTINCT movement FROM reported_row
    WHERE report_id = :report AND elsewhere = 'otherwise' ORDER BY 1"""
)
