"""Facts that orders wait for (`sku:…`, `stock:merchant:…`: `hub/rules/orders/obstacles.py`): which
order waits for which, and whose waiters are to be looked at.

What appears while an order is being put to wait for it sees nobody waiting; and a fact may have
more waiters than one transaction should look at. Both leave a row here, for the sweep. So do facts
that appear where no order can be looked at: stock set free, a warehouse resumed, rules changed, a
moment that comes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.ids import new_id
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows

EVERYONE = UUID(int=0)
_AT_ONCE = 1000
"""Facts taken up at a time."""


@dataclass(frozen=True, slots=True)
class Waited:
    """A fact of a merchant, and the first of its waiting orders that is to be looked at."""

    merchant: str
    fact: str
    first: UUID = EVERYONE


def wait_for(db: Connection, waits: Sequence[tuple[str, UUID, str]]) -> None:
    """Note which facts (merchant, order, fact) orders wait for."""
    if waits:
        write(db, _WAIT, _WAITS.of(waits))


def of(db: Connection, orders: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """What each of these orders waits for."""
    rows = db.execute(_OF, {"ids": list(orders)}) if orders else ()
    return {row.order_id: frozenset(row.facts) for row in rows}


def forget(db: Connection, orders: Sequence[UUID]) -> None:
    """These orders wait for nothing any more."""
    if orders:
        write(db, _FORGET, {"ids": list(orders)})


def waiting(db: Connection, facts: Sequence[Waited], most: int) -> list[UUID]:
    """Orders that wait for one of these facts, the oldest first; the operator's may wait for any
    merchant's.
    """
    if not facts:
        return []
    return list(
        db.scalars(_WAITING, {**_FIRSTS.of(map(_first, facts)), "operator": OPERATOR, "most": most})
    )


def look_at(db: Connection, facts: Sequence[Waited], in_s: float = 0.0) -> None:
    """Let the sweep look at those that wait for these facts."""
    look_later(db, [(wanted, in_s) for wanted in facts])


def look_later(db: Connection, facts: Sequence[tuple[Waited, float]]) -> None:
    """Let the sweep look at those that wait for these facts, each in so many seconds."""
    if facts:
        rows = ((new_id(), *_first(wanted), float(in_s)) for wanted, in_s in facts)
        write(db, _LOOK, _NUMBERED.of(rows))


def appeared(db: Connection, facts: Iterable[tuple[str, str]]) -> None:
    """Let the sweep look at all that wait for these (merchant, fact), whose orders they are."""
    sought = sorted(set(facts))
    if sought:
        write(db, _APPEARED, _FACTS.of(sought))


def appeared_to_some(db: Connection, facts: Iterable[tuple[str, str]]) -> None:
    """Let the sweep look at those that wait for one of these (merchant, fact), if any do."""
    sought = sorted(set(facts))
    if sought:
        write(db, _APPEARED_TO_SOME, _FACTS.of(sought))


def take(db: Connection, facts: Iterable[tuple[str, str]]) -> list[Waited]:
    """Take those of these (merchant, fact) that are due, to be looked at here and now."""
    sought = sorted(set(facts))
    if not sought:
        return []
    rows = db.execute(_TAKE_OF, _FACTS.of(sought))
    return [Waited(row.merchant_id, row.fact, row.first) for row in rows]


def take_due(db: Connection) -> list[Waited]:
    """Take what is to be looked at by now. What is still missing altogether is left out."""
    rows = db.execute(_TAKE, {"most": _AT_ONCE}).all()
    if not rows:
        return []
    least: dict[tuple[str, str], UUID] = {}
    for row in rows:
        at = (row.merchant_id, row.fact)
        least[at] = min(row.first, least.get(at, row.first))
    due = [Waited(*at, first) for at, first in sorted(least.items())]
    rows = db.execute(_THERE, {**_FIRSTS.of(map(_first, due)), "operator": OPERATOR}).all()
    there = {(row.merchant, row.fact) for row in rows}
    return [wanted for wanted in due if (wanted.merchant, wanted.fact) in there]


def _first(wanted: Waited) -> tuple[str, str, UUID]:
    return (wanted.merchant, wanted.fact, wanted.first)


_FACTS = Rows(merchant="text", fact="text")
_FIRSTS = Rows(merchant="text", fact="text", first="uuid")
_NUMBERED = Rows(id="uuid", merchant="text", fact="text", first="uuid", in_s="float8")
_WAITS = Rows(merchant="text", order_id="uuid", fact="text")
_AHEAD = """INSERT INTO stock_dirty (merchant_id, sku)
    SELECT DISTINCT product.merchant_id, product.sku FROM changed
    JOIN product ON product.merchant_id = split_part(fact, ':', 2)
      AND product.sku = substr(fact, length(split_part(fact, ':', 2)) + 8)
    WHERE fact LIKE 'stock:%' AND (jsonb_typeof(product.document -> 'preorder') = 'object'
      OR product.document -> 'made_to_order' = 'true')
    ORDER BY 1, 2 ON CONFLICT DO NOTHING"""
"""What waits for an article that is sold ahead or made to order is part of what channels are told
of it.
"""
_WAIT = sa.text(
    f"""WITH changed AS (
      INSERT INTO order_wait (merchant_id, order_id, fact) SELECT * FROM {_WAITS.arrays}
      ON CONFLICT DO NOTHING RETURNING fact
    )
    {_AHEAD}"""  # noqa: S608  # ours
)
_OF = sa.text(
    """SELECT order_id, array_agg(fact) AS facts FROM order_wait WHERE order_id = ANY (:ids)
    GROUP BY 1"""
)
_FORGET = sa.text(
    f"""WITH changed AS (
      DELETE FROM order_wait WHERE order_id = ANY (:ids) RETURNING fact
    )
    {_AHEAD}"""  # noqa: S608  # ours
)
_WAITING = sa.text(
    f"""SELECT order_id FROM {_FIRSTS.named("f")}
    JOIN order_wait ON order_wait.fact = f.fact AND order_wait.order_id >= f.first
      AND order_wait.merchant_id IN (f.merchant, :operator)
    GROUP BY order_id ORDER BY order_id LIMIT :most"""  # noqa: S608  # ours
)
_LOOK = sa.text(
    f"""INSERT INTO fact_due (id, merchant_id, fact, first, due)
    SELECT id, merchant, fact, first, now() + n.in_s * interval '1 s'
    FROM {_NUMBERED.named("n")}"""  # noqa: S608  # ours
)
_APPEARED = sa.text(
    f"""INSERT INTO fact_due (id, merchant_id, fact, first, due)
    SELECT gen_random_uuid(), merchant, fact, '00000000-0000-0000-0000-000000000000', now()
    FROM (
      SELECT merchant, fact FROM {_FACTS.named("f")}
      UNION SELECT merchant_id, fact FROM order_wait WHERE fact = ANY (CAST(:fact AS text[]))
    ) AS there"""  # noqa: S608  # ours
)
_APPEARED_TO_SOME = sa.text(
    f"""INSERT INTO fact_due (id, merchant_id, fact, first, due)
    SELECT gen_random_uuid(), merchant, f.fact, '00000000-0000-0000-0000-000000000000', now()
    FROM {_FACTS.named("f")}
    WHERE EXISTS (SELECT FROM order_wait WHERE order_wait.fact = f.fact)"""  # noqa: S608  # ours
)
_TAKE_OF = sa.text(
    f"""DELETE FROM fact_due WHERE id IN (
      SELECT id FROM fact_due WHERE due <= now() AND (merchant_id, fact) IN (
        SELECT * FROM {_FACTS.arrays}
      ) FOR UPDATE SKIP LOCKED
    ) RETURNING merchant_id, fact, first"""  # noqa: S608  # ours
)
_TAKE = sa.text(
    """DELETE FROM fact_due WHERE id IN (
      SELECT id FROM fact_due WHERE due <= now() ORDER BY due LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING merchant_id, fact, first"""
)
_LATELY = "interval '15 min'"
"""Longer than an `apply` runs: what it changes bears the time at which it began."""
_THERE = sa.text(
    f"""SELECT merchant, fact FROM {_FIRSTS.named("f")}
    WHERE CASE split_part(fact, ':', 1)
      WHEN 'sku' THEN EXISTS (
        SELECT FROM product WHERE sku = substr(fact, 5)
          AND merchant IN (product.merchant_id, :operator))
      WHEN 'ref' THEN EXISTS (
        SELECT FROM sku_reference WHERE connection = split_part(fact, ':', 2)
          AND code = substr(fact, length(split_part(fact, ':', 2)) + 6))
      WHEN 'stock' THEN EXISTS (
        SELECT FROM stock_level JOIN connection ON connection.code = stock_level.warehouse
        WHERE stock_level.merchant_id = split_part(fact, ':', 2)
          AND sku = substr(fact, length(split_part(fact, ':', 2)) + 8)
          AND quality = 'good' AND on_hand - reserved - safety - expiring > 0
          AND connection.status = 'active')
      WHEN 'warehouse' THEN EXISTS (
        SELECT FROM connection WHERE code = substr(fact, 11) AND status = 'active')
      WHEN 'merchant' THEN EXISTS (
        SELECT FROM merchant WHERE code = substr(fact, 10) AND status = 'active')
      WHEN 'channel' THEN EXISTS (
        SELECT FROM connection WHERE code = substr(fact, 9) AND updated_at > now() - {_LATELY})
      WHEN 'rules' THEN EXISTS (
        SELECT FROM routing WHERE updated_at > now() - {_LATELY}
      ) OR EXISTS (
        SELECT FROM connection WHERE kind = 'warehouse' AND updated_at > now() - {_LATELY})
      WHEN 'twin' THEN EXISTS (
        SELECT FROM sales_order WHERE fingerprint = decode(substr(fact, 6), 'hex')
          AND status = 'cancelled')
      ELSE true END"""  # noqa: S608  # a constant of this module
)
