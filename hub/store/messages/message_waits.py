"""Messages that wait for a fact: put to wait, and let go when it appears."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.statuses import WORKABLE
from hub.store.messages.lanes import Lane


def wake(db: Connection, facts: Sequence[str]) -> list[Any]:
    """Let go what waited for these facts. Returns the (direction, connection, shard) to ring."""
    return list(db.execute(_WAKE, {"facts": list(facts)}).all())


def in_any_case(db: Connection, facts: Sequence[str]) -> list[str]:
    """These facts as messages wait for them: a partner's word is one, whatever its case."""
    return list(db.scalars(_IN_ANY_CASE, {"facts": [fact.lower() for fact in facts]}))


def wake_ready(db: Connection) -> list[Any]:
    """Let go what waits for a fact that is there: it appeared while the message was put to wait.
    Returns the (direction, connection, shard) to ring.
    """
    return list(db.execute(_WAKE_READY).all())


def wait_all(db: Connection, lane: Lane, fact: str) -> None:
    """Let everything due in a lane wait for a fact, no attempt counted."""
    at = {"connection": lane.connection, "direction": lane.direction, "shard": lane.shard}
    db.execute(_WAIT_ALL, {**at, "fact": fact})


_WAKE = sa.text(
    """UPDATE work SET status = CASE direction WHEN 'in' THEN 'received' ELSE 'pending' END,
      due = now(),
      waits_for = NULL
    WHERE status = 'waiting' AND waits_for = ANY (:facts) RETURNING direction, connection, shard"""
)
_IN_ANY_CASE = sa.text(
    """SELECT DISTINCT waits_for FROM work
    WHERE status = 'waiting' AND lower(waits_for) = ANY (:facts)"""
)
READY = f"""waits AS (
      SELECT DISTINCT waits_for AS fact, connection, merchant_id FROM work WHERE status = 'waiting'
    ), ready AS (
      SELECT DISTINCT fact, connection FROM waits WHERE CASE split_part(fact, ':', 1)
        WHEN 'connection' THEN EXISTS (
          SELECT FROM connection AS c WHERE c.code = substr(fact, 12) AND c.status = 'active')
        WHEN 'code' THEN EXISTS (
          SELECT FROM code_override AS c WHERE c.connection = waits.connection
            AND lower(fact) IN (lower('code:' || codes || ':' || theirs || ':' || waits.connection),
              lower('code:' || codes || ':' || ours || ':' || waits.connection)))
        WHEN 'sku' THEN EXISTS (
          SELECT FROM sku_reference AS r WHERE r.connection = waits.connection
            AND r.code = substr(fact, 5)
        ) OR (
          SELECT count(*) FROM product WHERE sku = substr(fact, 5)
            AND (product.merchant_id = waits.merchant_id OR waits.merchant_id = '{OPERATOR}')
        ) = 1
      END
    )"""  # noqa: S608  # ours
"""Facts that messages wait for though they are there: `fact`, `connection`."""
_WAKE_READY = sa.text(
    f"""WITH {READY}
    UPDATE work SET status = CASE direction WHEN 'in' THEN 'received' ELSE 'pending' END,
      due = now(), waits_for = NULL
    FROM ready WHERE work.status = 'waiting' AND work.waits_for = ready.fact
      AND work.connection = ready.connection
    RETURNING work.direction, work.connection, work.shard"""  # noqa: S608  # ours
)
_WAIT_ALL = sa.text(
    f"""UPDATE work SET status = 'waiting', waits_for = :fact
    WHERE connection = :connection AND direction = :direction AND shard = :shard
      AND status IN {WORKABLE} AND due <= now()"""  # noqa: S608  # ours
)
