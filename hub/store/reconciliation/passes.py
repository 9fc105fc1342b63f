"""The passes of matching, as statements: each brings together what is alike on both sides, by what
it takes for a key, and only where the sums of both are equal.

Both sides stand in tables of the transaction (`matching.py`), so that a pass over very many rows is
a few joins, planned by what is in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

NEW_ID = "CAST(overlay(CAST(gen_random_uuid() AS text) PLACING :ids FROM 1 FOR 15) AS uuid)"
"""A fresh id whose beginning, and so whose order, is given."""
MONEY = "kind IN ('sale', 'refund', 'payout')"
_NAMELESS = f"{MONEY} AND order_id IS NULL AND order_reference IS NULL"


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass. `keys`: what both sides share; `one_by_one`: equal amounts are paired, else sums
    are compared; `alone`: only where either side has one, near in time.
    """

    rule: str
    keys: Sequence[str]
    theirs: str
    ours: str = MONEY
    one_by_one: bool = False
    alone: bool = False


_PASSES = (
    Pass("order_amount", ("order_id",), f"{MONEY} AND order_id IS NOT NULL", one_by_one=True),
    Pass("reference_sum", ("reference",), f"{MONEY}", f"{MONEY} AND reference IS NOT NULL"),
    Pass("order_sum", ("order_id",), f"{MONEY} AND order_id IS NOT NULL"),
    Pass("amount_and_date", (), _NAMELESS, one_by_one=True, alone=True),
)


def _statement(step: Pass) -> sa.TextClause:
    return _pairs(step) if step.one_by_one and not step.alone else _sums(step)


def _keys(step: Pass) -> list[str]:
    return [*step.keys, "kind", "currency", *(["amount"] if step.one_by_one else [])]


def _pairs(step: Pass) -> sa.TextClause:
    """The first of theirs with the first of ours that is alike, the second with the second."""
    by = ", ".join(_keys(step))
    number = f"row_number() OVER (PARTITION BY {by} ORDER BY id) AS n"
    return sa.text(
        f"""WITH alike AS (
      SELECT {NEW_ID} AS match_id, t.id AS their_id, o.id AS our_id, currency, amount
      FROM (
        SELECT id, {by}, {number} FROM their_side WHERE match_id IS NULL AND {step.theirs}
      ) AS t JOIN (
        SELECT id, {by}, {number} FROM our_side WHERE match_id IS NULL AND {step.ours}
      ) AS o USING ({by}, n)
    ), made AS (
      INSERT INTO match_made (id, rule, currency, ours, theirs)
      SELECT match_id, '{step.rule}', currency, amount, amount FROM alike
    ), theirs AS (
      UPDATE their_side AS side SET match_id = alike.match_id FROM alike
      WHERE side.id = alike.their_id
    )
    UPDATE our_side AS side SET match_id = alike.match_id FROM alike
    WHERE side.id = alike.our_id"""  # noqa: S608  # ours
    )


def _sums(step: Pass) -> sa.TextClause:
    """All of theirs under a key with all of ours, where both come to the same."""
    keys = _keys(step)
    by = ", ".join(keys)
    alone = "HAVING count(*) = 1" if step.alone else ""
    near = "AND o.at BETWEEN t.at - interval '10 days' AND t.at + interval '3 days'"
    return sa.text(
        f"""WITH t AS (
      SELECT id, at, {", ".join({*keys, "amount"})} FROM their_side
      WHERE match_id IS NULL AND {step.theirs}
    ), o AS (
      SELECT id, at, {", ".join({*keys, "amount"})} FROM our_side
      WHERE match_id IS NULL AND {step.ours}
    ), alike AS (
      SELECT {NEW_ID} AS match_id, {by}, t.total
      FROM (SELECT {by}, sum(amount) AS total, min(at) AS at FROM t GROUP BY {by} {alone}) AS t
      JOIN (SELECT {by}, sum(amount) AS total, min(at) AS at FROM o GROUP BY {by} {alone})
        AS o USING ({by})
      WHERE t.total = o.total {near if step.alone else ""}
    ), made AS (
      INSERT INTO match_made (id, rule, currency, ours, theirs)
      SELECT match_id, '{step.rule}', currency, total, total FROM alike
    ), theirs AS (
      UPDATE their_side AS side SET match_id = alike.match_id
      FROM t JOIN alike USING ({by}) WHERE side.id = t.id
    )
    UPDATE our_side AS side SET match_id = alike.match_id
    FROM o JOIN alike USING ({by}) WHERE side.id = o.id"""  # noqa: S608  # ours
    )


PARCELS = sa.text(
    f"""WITH t AS (
      SELECT reference, currency, sum(amount) AS amount, max(weight_kg) AS weight_kg
      FROM their_side WHERE match_id IS NULL AND kind = 'carriage' GROUP BY 1, 2
    ), o AS (
      SELECT reference, currency, (array_agg(id))[1] AS id, sum(amount) AS amount,
        sum(weight_kg) AS weight_kg
      FROM our_side WHERE match_id IS NULL AND kind = 'carriage' GROUP BY 1, 2 HAVING count(*) = 1
    ), alike AS (
      SELECT {NEW_ID} AS match_id, o.id, reference, currency, o.amount AS ours, t.amount AS theirs
      FROM t JOIN o USING (reference, currency)
      WHERE t.amount <= 0 AND o.amount IN (t.amount, 0)
        AND (t.weight_kg IS NULL OR o.weight_kg IS NULL OR t.weight_kg <= o.weight_kg * 1.05 + 0.05)
    ), made AS (
      INSERT INTO match_made (id, rule, currency, ours, theirs)
      SELECT match_id, 'parcel', currency, ours, theirs FROM alike
    ), theirs AS (
      UPDATE their_side AS side SET match_id = alike.match_id FROM alike
      WHERE side.match_id IS NULL AND side.kind = 'carriage'
        AND side.reference = alike.reference AND side.currency = alike.currency
    )
    UPDATE our_side AS side SET match_id = alike.match_id FROM alike
    WHERE side.id = alike.id"""  # noqa: S608  # ours
)
"""A parcel on an invoice, with what is charged on top of it: all of it costs what was estimated, or
nobody estimated it, and it is not heavier than what was weighed. A number that two merchants'
parcels bear says nothing.
"""
REVERSALS = sa.text(
    f"""WITH sided AS (
      SELECT id, currency, abs(amount) AS size, amount < 0 AS back,
        coalesce(CAST(order_id AS text), order_reference, reference) AS subject,
        row_number() OVER (
          PARTITION BY coalesce(CAST(order_id AS text), order_reference, reference), currency,
            amount ORDER BY id
        ) AS n
      FROM their_side WHERE match_id IS NULL AND kind = 'chargeback' AND amount <> 0
    ), alike AS (
      SELECT {NEW_ID} AS match_id, subject, currency, size, n FROM sided
      GROUP BY subject, currency, size, n HAVING count(*) = 2
    ), made AS (
      INSERT INTO match_made (id, rule, currency, ours, theirs)
      SELECT match_id, 'reversal', currency, 0, 0 FROM alike
    )
    UPDATE their_side AS side SET match_id = alike.match_id
    FROM sided JOIN alike USING (subject, currency, size, n)
    WHERE side.id = sided.id"""  # noqa: S608  # ours
)
"""A chargeback that was taken back: two rows of theirs that come to nothing."""
STATEMENTS = (*map(_statement, _PASSES), PARCELS, REVERSALS)
"""In their order, after the pairs of `by_reference.py`: what names a payment before what names an
order, pairs before sums.
"""
