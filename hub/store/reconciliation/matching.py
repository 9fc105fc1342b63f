"""All that is open on either side, brought together by sets: the rows go into tables of the
transaction, the passes find what belongs together, and the result is written back.

The rows of a new report lie in such a table too (`reports.lay_out`) and are kept as what they came
to: writing each once as open and once as matched takes the database twice as long.

Whoever matches is alone (`alone`), so nothing is matched twice; and each row bears one match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.ids import new_id
from hub.store.base.pipelining import settle, write
from hub.store.base.rows import Rows
from hub.store.reconciliation.passes import STATEMENTS


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to. `reversed_rows`: chargebacks that were taken back."""

    matches: int
    reversed_rows: list[UUID]


def alone(db: Connection) -> None:
    """Let nobody else match, or undo a match, until the end of the transaction."""
    settle(db)
    db.execute(_ALONE)


def run(db: Connection, merchant: str) -> Done:
    """Match what is open of a merchant, and keep its rows that are laid out; of the operator's
    reports, with any merchant's money.
    """
    named = {"merchant": merchant, "all": merchant == OPERATOR, "ids": str(new_id())[:15]}
    settle(db)
    db.execute(_PATIENT)
    for statement in (_TABLES, _EMPTY, _THEIRS, _ANALYZE_THEIRS, *_RESOLVE):
        db.execute(statement, named)
    for statement in (_OURS, _ANALYZE_OURS, _BY_HASH, *STATEMENTS, _AS_GUESSED, *_WRITE_BACK):
        db.execute(statement, named)
    return Done(db.scalar(_MATCHES) or 0, list(db.scalars(_REVERSED)))


def left(db: Connection) -> Sequence[Any]:
    """The rows of the last run that nothing matched, with what is known of them."""
    return db.execute(_LEFT).all()


def class_rows(db: Connection, reasons: Sequence[tuple[UUID, str]]) -> None:
    """Write why rows are left."""
    if reasons:
        write(db, _CLASS, _REASONS.of(reasons))


_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('reconciliation', 0))")
_PATIENT = sa.text("SET LOCAL statement_timeout = '5min'; SET LOCAL work_mem = '32MB'")
_BY_HASH = sa.text("SET LOCAL enable_nestloop = off")
"""Several columns alike at once are guessed to be one row: what the database would read anew for
each row is then read very many times.
"""
_AS_GUESSED = sa.text("SET LOCAL enable_nestloop = on")
_TABLES = sa.text("SELECT orderhub_scratch('matching')")
"""their_side, our_side and match_made: hub/store/migrations/versions/0036_reported.sql."""
_EMPTY = sa.text("TRUNCATE their_side, our_side, match_made")
_ANALYZE_THEIRS = sa.text("SELECT orderhub_scratch_analyzed('their_side')")
_ANALYZE_OURS = sa.text("SELECT orderhub_scratch_analyzed('our_side')")
_SIDE = """id, kind, reference, order_reference,
      CASE kind WHEN 'payout' THEN net ELSE gross END, currency, booked_at, weight_kg"""
_THEIRS = sa.text(
    f"""INSERT INTO their_side (id, kind, reference, order_reference, amount, currency, at,
      weight_kg, order_id, was, report_id, original, is_new)
    SELECT {_SIDE}, order_id, order_id, report_id, original, false FROM provider_row
    WHERE state = 'open' AND merchant_id = :merchant AND decided_by IS NULL
      AND reason IS DISTINCT FROM 'duplicate'
    UNION ALL SELECT {_SIDE}, NULL, NULL, report_id, original, true FROM reported_row
    WHERE merchant_id = :merchant AND NOT is_double"""  # noqa: S608  # ours
)


def _resolve(table: str, id_: str, name: str, theirs: str) -> sa.TextClause:
    """Find the order of rows by a name; one that several orders bear names none."""
    return sa.text(
        f"""UPDATE their_side AS side SET order_id = named.order_id FROM (
      SELECT t.id, e.order_id FROM their_side AS t CROSS JOIN LATERAL (
        SELECT (array_agg({id_}))[1] AS order_id FROM {table}
        WHERE {name} = t.{theirs} AND {id_} IS NOT NULL AND (:all OR merchant_id = :merchant)
        HAVING count(DISTINCT {id_}) = 1
      ) AS e WHERE t.order_id IS NULL AND t.{theirs} IS NOT NULL
    ) AS named WHERE side.id = named.id"""  # noqa: S608  # ours
    )


_MONEY, _ORDER = ("expected_money", "order_id"), ("sales_order", "id")
_RESOLVE = (
    _resolve(*_MONEY, "reference", "reference"),
    _resolve(*_MONEY, "reference", "original"),
    _resolve(*_MONEY, "order_reference", "order_reference"),
    _resolve(*_ORDER, "order_number", "order_reference"),
    _resolve(*_MONEY, "order_reference", "reference"),
    _resolve(*_ORDER, "order_number", "reference"),
)
_OPEN = """AND coalesce(e.state, '') = 'open' AND e.decided_by IS NULL
        AND (:all OR e.merchant_id = :merchant) OFFSET 0"""
"""Not by the index of what is open: there may be very much of it, and each row is looked up by
itself, so that no statement reads all that was ever expected.
"""
_COLUMNS = """e.id, e.kind, e.reference, e.order_reference, e.amount, e.currency, e.due_at,
          e.weight_kg, e.order_id"""
_OURS = sa.text(
    f"""INSERT INTO our_side (id, kind, reference, order_reference, amount, currency, at,
      weight_kg, order_id)
    SELECT e.* FROM (SELECT DISTINCT order_id FROM their_side WHERE order_id IS NOT NULL) AS t
      CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM expected_money AS e WHERE e.order_id = t.order_id {_OPEN}
      ) AS e
    UNION
    SELECT e.* FROM (SELECT DISTINCT reference FROM their_side) AS t CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM expected_money AS e WHERE e.reference = t.reference {_OPEN}
      ) AS e
    UNION
    SELECT e.* FROM (
        SELECT DISTINCT kind, currency, amount FROM their_side
        WHERE order_id IS NULL AND order_reference IS NULL
          AND kind IN ('sale', 'refund', 'payout')
      ) AS t CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM expected_money AS e
        WHERE e.amount = t.amount AND e.currency = t.currency
          AND e.kind = t.kind AND e.state = 'open' AND e.decided_by IS NULL
          AND (:all OR e.merchant_id = :merchant) LIMIT 2
      ) AS e"""  # noqa: S608  # ours
)
"""What may belong to their rows: of their orders, of their names, or the only one of an amount."""
_ATTACHED = """(kind IN ('reserve', 'conversion') OR (kind = 'payout' AND amount <= 0)
      OR (order_id IS NOT NULL AND (kind IN ('fee', 'tax')
        OR (amount = 0 AND kind IN ('sale', 'refund')))))"""
"""What has no counterpart on our side: it belongs to its order or its payout."""
_CAME_TO = f"""(SELECT *, CASE WHEN match_id IS NOT NULL THEN 'matched'
        WHEN {_ATTACHED} THEN 'attached' ELSE 'open' END AS state FROM their_side) AS side"""  # noqa: S608  # ours
_WRITE_BACK = (
    sa.text(
        """INSERT INTO money_match (id, merchant_id, rule, currency, ours, theirs, difference)
    SELECT id, :merchant, rule, currency, ours, theirs, theirs - ours FROM match_made"""
    ),
    sa.text(
        f"""WITH told AS (
      DELETE FROM reported_row WHERE merchant_id = :merchant RETURNING *
    )
    INSERT INTO provider_row (id, merchant_id, report_id, line_no, kind, reference, original,
      order_reference, gross, fee, net, currency, booked_at, weight_kg, order_id, match_id, state,
      reason)
    SELECT told.id, told.merchant_id, told.report_id, told.line_no, told.kind, told.reference,
      told.original, told.order_reference, told.gross, told.fee, told.net, told.currency,
      told.booked_at, told.weight_kg, side.order_id, side.match_id, coalesce(side.state, 'open'),
      CASE WHEN told.is_double THEN 'duplicate' END
    FROM told LEFT JOIN {_CAME_TO} USING (id)"""  # noqa: S608  # ours
    ),
    sa.text(
        f"""UPDATE provider_row AS row SET order_id = side.order_id, match_id = side.match_id,
      state = side.state, reason = CASE WHEN side.state = 'open' THEN row.reason END
    FROM {_CAME_TO} WHERE NOT side.is_new AND row.id = side.id AND row.merchant_id = :merchant
      AND (side.state <> 'open' OR side.order_id IS DISTINCT FROM side.was)"""  # noqa: S608  # ours
    ),
    sa.text(
        """UPDATE expected_money AS e SET match_id = side.match_id, state = 'matched'
    FROM our_side AS side WHERE e.id = side.id AND side.match_id IS NOT NULL"""
    ),
    sa.text(
        """UPDATE expected_money AS e SET reason = 'amount_differs'
    FROM our_side AS side WHERE e.id = side.id AND side.match_id IS NULL
      AND EXISTS (SELECT FROM their_side AS t WHERE t.order_id = side.order_id
        AND t.kind = side.kind AND t.match_id IS NULL
        AND (t.kind <> 'carriage' OR t.reference = side.reference))"""
    ),
)
_MATCHES = sa.text("SELECT count(*) FROM match_made")
_REVERSED = sa.text(
    """SELECT side.id FROM their_side AS side JOIN match_made AS made ON made.id = side.match_id
    WHERE made.rule = 'reversal' AND side.amount < 0"""
)
_LEFT = sa.text(
    f"""SELECT t.id, t.kind, t.reference, t.order_reference, t.amount, t.currency, t.order_id,
      t.at < report.begins_at AS is_early, coalesce(ours.currencies, '{{}}') AS currencies,
      coalesce(ours.is_settled, false) AS is_settled
    FROM (SELECT * FROM their_side WHERE match_id IS NULL AND NOT {_ATTACHED}) AS t
    JOIN provider_report AS report ON report.id = t.report_id
    LEFT JOIN LATERAL (
      SELECT array_agg(DISTINCT currency) AS currencies,
        bool_and(state <> 'open') AS is_settled
      FROM expected_money AS e
      WHERE e.order_id = t.order_id AND coalesce(e.kind, '') = t.kind
        AND (t.kind <> 'carriage' OR e.reference = t.reference)
    ) AS ours ON true"""  # noqa: S608  # ours
)
_REASONS = Rows(id="uuid", reason="text")
_CLASS = sa.text(
    f"""UPDATE provider_row AS row SET reason = r.reason
    FROM {_REASONS.named("r")}
    WHERE row.id = r.id AND row.state = 'open'
      AND row.reason IS DISTINCT FROM r.reason"""  # noqa: S608  # ours
)
