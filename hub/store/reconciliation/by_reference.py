"""The first pass: what a provider calls a payment by the very name that we know it by. Most of a
report is matched here, so it is one statement that looks each name up once and writes no row twice:
pairs into one table of the transaction, and what is left of either side into two others, on which
the other passes work.

Of a row that is paired here but whose name several orders bear, the order is still to be found: it
is among the rest of their side, with its match.
"""

import sqlalchemy as sa

from hub.store.reconciliation.passes import MONEY

_THEIR_ROW = """id, kind, reference, order_reference,
        CASE kind WHEN 'payout' THEN net ELSE gross END AS amount, currency, booked_at AS at,
        weight_kg, report_id, original"""
OUR_ROW = """e.id, e.kind, e.reference, e.order_reference, e.amount, e.currency, e.due_at AS at,
          e.weight_kg, e.order_id"""
_BY = 'reference COLLATE "C", kind COLLATE "C", currency COLLATE "C", amount'
"""As bytes: only what is alike matters, and by the rules of a language it takes far longer."""
_NUMBER = f"row_number() OVER (PARTITION BY {_BY} ORDER BY id) AS n"
_ID = "CAST(:ids || right(CAST(t.id AS text), 21) AS uuid)"
"""The pair's id: its moment is that of the run, its chance that of their row, which is in one pair.
So pairs stand in the order of the report, and asking for chance takes longer than finding them.
"""
PAIRS = sa.text(
    f"""WITH theirs AS MATERIALIZED (
      SELECT {_THEIR_ROW}, order_id AS was, false AS is_new FROM provider_row
      WHERE state = 'open' AND merchant_id = :merchant AND decided_by IS NULL
        AND reason IS DISTINCT FROM 'duplicate'
      UNION ALL SELECT {_THEIR_ROW}, NULL, true FROM reported_row
      WHERE merchant_id = :merchant AND NOT is_double
    ), known AS MATERIALIZED (
      SELECT e.* FROM (SELECT DISTINCT reference FROM theirs) AS t CROSS JOIN LATERAL (
        SELECT {OUR_ROW}, e.state = 'open' AND e.decided_by IS NULL AS is_open
        FROM expected_money AS e WHERE e.reference = t.reference
          AND (:all OR e.merchant_id = :merchant) OFFSET 0
      ) AS e
    ), named AS (
      SELECT reference, (array_agg(order_id))[1] AS order_id FROM (
        SELECT DISTINCT reference, order_id FROM known WHERE order_id IS NOT NULL
      ) AS bearer GROUP BY 1 HAVING count(*) = 1
    ), alike AS MATERIALIZED (
      SELECT {_ID} AS id, o.id AS our_id, t.id AS their_id,
        coalesce(t.was, named.order_id) AS order_id, t.currency, t.amount, t.is_new
      FROM (SELECT *, {_NUMBER} FROM theirs WHERE {MONEY}) AS t
      JOIN (SELECT *, {_NUMBER} FROM known WHERE is_open AND {MONEY}) AS o
        USING (reference, kind, currency, amount, n)
      LEFT JOIN named USING (reference)
    ), pairs AS (
      INSERT INTO pair_made (id, our_id, their_id, order_id, currency, amount, is_new)
      SELECT * FROM alike
    ), ours AS (
      INSERT INTO our_side (id, kind, reference, order_reference, amount, currency, at, weight_kg,
        order_id)
      SELECT e.id, kind, reference, order_reference, e.amount, e.currency, at, weight_kg, e.order_id
      FROM known AS e LEFT JOIN alike ON alike.our_id = e.id WHERE is_open AND alike.id IS NULL
    )
    INSERT INTO their_side (id, kind, reference, order_reference, amount, currency, at, weight_kg,
      report_id, original, was, is_new, order_id, match_id)
    SELECT t.*, coalesce(t.was, named.order_id), alike.id
    FROM theirs AS t LEFT JOIN named USING (reference) LEFT JOIN alike ON alike.their_id = t.id
    WHERE alike.id IS NULL OR alike.order_id IS NULL"""  # noqa: S608  # ours
)
