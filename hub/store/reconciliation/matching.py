"""All that is open on either side, brought together by sets: the passes find what belongs together
in tables of the transaction, and the result is written back.

The rows of a new report lie in such a table (`reports.lay_out`) and are kept as what they came to:
writing each once as open and once as matched takes the database twice as long.

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
from hub.store.reconciliation.by_reference import OUR_ROW, PAIRS
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
    for statement in (_TABLES, _EMPTY, _BY_HASH, PAIRS, _BY_KEY, *_KEEP_PAIRS, _AS_GUESSED):
        db.execute(statement, named)
    for statement in (_ANALYZE_THEIRS, *_RESOLVE, _OURS, _ANALYZE_OURS, _BY_HASH, *STATEMENTS):
        db.execute(statement, named)
    for statement in (_AS_GUESSED, *_KEEP, _BY_KEY, *_BRING_UP_TO_DATE, _AS_GUESSED, _DIFFER):
        db.execute(statement, named)
    return Done(db.scalar(_MATCHES) or 0, list(db.scalars(_REVERSED)))


def left(db: Connection) -> Sequence[Any]:
    """The rows of the last run that nothing matched, with what is known of them, in their order."""
    return db.execute(_LEFT).all()


def class_rows(db: Connection, reasons: Sequence[tuple[UUID, str]]) -> None:
    """Write why rows are left."""
    if reasons:
        write(db, _CLASS, _REASONS.of(reasons))


_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('reconciliation', 0))")
_PATIENT = sa.text("SET LOCAL statement_timeout = '5min'; SET LOCAL work_mem = '32MB'")


def _plans(*, nestloop: str, others: str, bitmaps: str) -> sa.TextClause:
    """How the statements that follow may be planned."""
    return sa.text(
        f"""SELECT set_config('enable_nestloop', '{nestloop}', true),
      set_config('enable_hashjoin', '{others}', true),
      set_config('enable_mergejoin', '{others}', true),
      set_config('enable_bitmapscan', '{bitmaps}', true)"""
    )


_BY_HASH = _plans(nestloop="off", others="on", bitmaps="off")
"""Several columns alike at once are guessed to be one row: what the database would read anew for
each row is then read very many times.
"""
_BY_KEY = _plans(nestloop="on", others="off", bitmaps="off")
"""What was ever expected grows without end: no statement reads it all to find what it changes."""
_AS_GUESSED = _plans(nestloop="on", others="on", bitmaps="on")
_TABLES = sa.text("SELECT orderhub_scratch('matching')")
"""pair_made, their_side, our_side, match_made: migrations/versions/0044_expected_open.sql."""
_EMPTY = sa.text("TRUNCATE pair_made, their_side, our_side, match_made")
_ANALYZE_THEIRS = sa.text("SELECT orderhub_scratch_analyzed('their_side')")
_ANALYZE_OURS = sa.text("SELECT orderhub_scratch_analyzed('our_side')")
_KEEP_PAIRS = (
    sa.text(
        """UPDATE expected_money AS e SET match_id = pair.id, state = 'matched'
    FROM pair_made AS pair WHERE e.id = pair.our_id"""
    ),
    sa.text("DELETE FROM expected_open AS e USING pair_made AS pair WHERE e.id = pair.our_id"),
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
    _resolve(*_MONEY, "reference", "original"),
    _resolve(*_MONEY, "order_reference", "order_reference"),
    _resolve(*_ORDER, "order_number", "order_reference"),
    _resolve(*_MONEY, "order_reference", "reference"),
    _resolve(*_ORDER, "order_number", "reference"),
)
_OURS = sa.text(
    f"""INSERT INTO our_side (id, kind, reference, order_reference, amount, currency, at,
      weight_kg, order_id)
    SELECT e.* FROM (
      SELECT e.* FROM (
        SELECT DISTINCT order_id FROM their_side WHERE order_id IS NOT NULL AND match_id IS NULL
      ) AS t CROSS JOIN LATERAL (
        SELECT {OUR_ROW} FROM expected_money AS e WHERE e.order_id = t.order_id
          AND e.state = 'open' AND e.decided_by IS NULL AND (:all OR e.merchant_id = :merchant)
        OFFSET 0
      ) AS e
      UNION
      SELECT e.* FROM (
        SELECT DISTINCT kind, currency, amount FROM their_side
        WHERE order_id IS NULL AND order_reference IS NULL AND match_id IS NULL
          AND kind IN ('sale', 'refund', 'payout')
      ) AS t CROSS JOIN LATERAL (
        SELECT {OUR_ROW} FROM expected_open AS o JOIN expected_money AS e USING (id, merchant_id)
        WHERE o.amount = t.amount AND o.currency = t.currency AND o.kind = t.kind
          AND e.decided_by IS NULL AND (:all OR o.merchant_id = :merchant) LIMIT 2
      ) AS e
    ) AS e WHERE NOT EXISTS (SELECT FROM our_side AS known WHERE known.id = e.id)"""  # noqa: S608  # ours
)
"""What may belong to the rest of their rows, beside what bears their names: of their orders, or the
only one of an amount.
"""
_ATTACHED = """(kind IN ('reserve', 'conversion') OR (kind = 'payout' AND amount <= 0)
      OR (order_id IS NOT NULL AND (kind IN ('fee', 'tax')
        OR (amount = 0 AND kind IN ('sale', 'refund')))))"""
"""What has no counterpart on our side: it belongs to its order or its payout."""
_CAME_TO = f"""(SELECT id, order_id, match_id, was, is_new, CASE WHEN match_id IS NOT NULL
        THEN 'matched' WHEN {_ATTACHED} THEN 'attached' ELSE 'open' END AS state FROM their_side
      UNION ALL SELECT their_id, order_id, id, NULL, is_new, 'matched' FROM pair_made
      WHERE order_id IS NOT NULL) AS side"""  # noqa: S608  # ours
_ROWS_OF = """(SELECT match_id AS id, array_agg({side}.id ORDER BY {side}.id) AS rows
      FROM {side} WHERE match_id IS NOT NULL GROUP BY 1) AS {side}"""
_KEEP = (
    sa.text(
        f"""INSERT INTO money_match (id, merchant_id, rule, currency, ours, theirs, difference,
      our_rows, their_rows)
    SELECT id, :merchant, 'reference', currency, amount, amount, 0, ARRAY[our_id], ARRAY[their_id]
    FROM pair_made
    UNION ALL SELECT made.id, :merchant, rule, currency, ours, theirs, theirs - ours,
      coalesce(our_side.rows, '{{}}'), coalesce(their_side.rows, '{{}}')
    FROM match_made AS made LEFT JOIN {_ROWS_OF.format(side="our_side")} USING (id)
    LEFT JOIN {_ROWS_OF.format(side="their_side")} USING (id)"""  # noqa: S608  # ours
    ),
    sa.text(
        f"""INSERT INTO provider_row (id, merchant_id, report_id, line_no, kind, reference,
      original, order_reference, gross, fee, net, currency, booked_at, weight_kg, movement,
      order_id, match_id, state, reason)
    SELECT told.id, told.merchant_id, told.report_id, told.line_no, told.kind, told.reference,
      told.original, told.order_reference, told.gross, told.fee, told.net, told.currency,
      told.booked_at, told.weight_kg, told.movement, side.order_id, side.match_id,
      CASE WHEN told.elsewhere = 'alike' THEN 'told' ELSE coalesce(side.state, 'open') END,
      CASE WHEN told.is_double AND told.elsewhere IS DISTINCT FROM 'alike' THEN 'duplicate' END
    FROM reported_row AS told LEFT JOIN {_CAME_TO} USING (id)
    WHERE told.merchant_id = :merchant"""  # noqa: S608  # ours
    ),
)
_BRING_UP_TO_DATE = (
    sa.text(
        f"""UPDATE provider_row AS row SET order_id = side.order_id, match_id = side.match_id,
      state = side.state, reason = CASE WHEN side.state = 'open' THEN row.reason END
    FROM {_CAME_TO} WHERE NOT side.is_new AND row.id = side.id AND row.merchant_id = :merchant
      AND (side.state <> 'open' OR side.order_id IS DISTINCT FROM side.was)"""  # noqa: S608  # ours
    ),
    sa.text(
        """WITH came AS (
      UPDATE expected_money AS e SET match_id = side.match_id, state = 'matched'
      FROM our_side AS side WHERE e.id = side.id AND side.match_id IS NOT NULL RETURNING e.id
    )
    DELETE FROM expected_open AS e USING came WHERE e.id = came.id"""
    ),
)
_DIFFER = sa.text(
    """UPDATE expected_money AS e SET reason = 'amount_differs'
    WHERE e.reason IS DISTINCT FROM 'amount_differs' AND e.id = ANY (ARRAY (
      SELECT side.id FROM our_side AS side WHERE side.match_id IS NULL
        AND EXISTS (SELECT FROM their_side AS t WHERE t.order_id = side.order_id
          AND t.kind = side.kind AND t.match_id IS NULL
          AND (t.kind <> 'carriage' OR t.reference = side.reference))
    ))"""
)
"""By their ids, as a list: as `_BY_KEY`, where finding them takes a join of another kind."""
_MATCHES = sa.text("SELECT (SELECT count(*) FROM pair_made) + (SELECT count(*) FROM match_made)")
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
    ) AS ours ON true ORDER BY t.id"""  # noqa: S608  # ours
)
_REASONS = Rows(id="uuid", reason="text")
_CLASS = sa.text(
    f"""UPDATE provider_row AS row SET reason = r.reason
    FROM {_REASONS.named("r")}
    WHERE row.id = r.id AND row.state = 'open'
      AND row.reason IS DISTINCT FROM r.reason"""  # noqa: S608  # ours
)
