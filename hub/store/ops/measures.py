"""What the detectors look at: workers, leases, backlog, channels, transactions, as measured now."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.merchant import OPERATOR
from hub.store.base.ids import floor_id
from hub.store.base.statuses import CLAIMABLE


class Seen(NamedTuple):
    """One measurement, in seconds unless the detector says otherwise. `usual`: what to compare it
    with.
    """

    kind: str
    subject: str
    value: float
    usual: float = 0.0
    merchant: str = OPERATOR
    detail: Mapping[str, str] = {}


class Rhythm(NamedTuple):
    """How orders come in on a channel: the last one, and how many in each hour of the day."""

    channel: str
    merchant: str
    last: datetime
    days: float
    orders: Sequence[float]


def look(db: Connection) -> list[Seen]:
    """All that one database tells to whoever asks."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    rows = db.execute(_LOOK, {"yesterday": floor_id(yesterday)})
    return [
        Seen(row.kind, row.subject, float(row.value), merchant=row.merchant or OPERATOR)
        for row in rows
    ]


def transactions(db: Connection) -> list[Seen]:
    """The oldest transaction of each program, as far as the login may see them: `db` is a
    transaction of its own.
    """
    db.execute(sa.text("SET LOCAL ROLE NONE"))
    return [
        Seen("long_transaction", f"program:{row.name}", float(row.age))
        for row in db.execute(_TRANSACTIONS)
    ]


def count_orders(db: Connection, since: datetime) -> None:
    """Note how many orders came on each channel in each hour since, counted anew."""
    db.execute(_COUNT, {"since": floor_id(since)})
    db.execute(sa.text("DELETE FROM order_rhythm WHERE hour < now() - interval '15 days'"))


def rhythms(db: Connection) -> list[Rhythm]:
    """The rhythm of each channel that is told of and not paused, learnt over two weeks."""
    rhythms = []
    for row in db.execute(_RHYTHMS):
        orders = [0.0] * 24
        for hour, count in zip(row.hours, row.counts, strict=True):
            orders[int(hour)] += float(count)
        rhythms.append(Rhythm(row.channel, row.merchant_id, row.last, float(row.days), orders))
    return rhythms


_LOOK = sa.text(
    f"""WITH due AS (
      SELECT work.connection, work.direction, work.urgency,
        extract(epoch FROM now() - min(work.due)) AS age,
        extract(epoch FROM now() - min(work.due) FILTER (
          WHERE lane.holder IS NULL OR lane.leased_until < now())) AS unheld
      FROM work
      JOIN lane USING (connection, direction, shard)
      LEFT JOIN partner_state AS p ON p.connection = work.connection AND work.direction = 'out'
      WHERE work.status IN {CLAIMABLE} AND work.due <= now()
        AND (p.blocked_until IS NULL OR p.blocked_until < now() - interval '2 minutes')
      GROUP BY 1, 2, 3
    ), living AS (
      SELECT count(*) AS number FROM worker WHERE kind IN ('worker', 'up') AND ended_at IS NULL
        AND beat_at > now() - interval '30 s'
    )
    SELECT 'worker_dead' AS kind, 'worker:' || w.host || ':' || w.pid AS subject,
      extract(epoch FROM now() - w.ended_at) AS value, CAST(NULL AS text) AS merchant
    FROM worker AS w
    WHERE w.died AND w.ended_at > now() - interval '1 hour' AND NOT EXISTS (
      SELECT FROM worker AS n WHERE n.kind = w.kind AND n.host = w.host AND n.number > w.number
        AND n.started_at > w.beat_at AND n.ended_at IS NULL)
    UNION ALL
    SELECT 'worker_frozen', 'worker:' || host || ':' || pid, extract(epoch FROM now() - beat_at),
      NULL
    FROM worker WHERE ended_at IS NULL AND beat_at < now() - interval '10 s'
    UNION ALL
    SELECT 'no_worker', 'worker:any', max(due.unheld), NULL FROM due, living
    WHERE living.number = 0 AND due.unheld IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'worker_silent', 'worker:' || host || ':' || pid,
      extract(epoch FROM now() - progress_at), NULL
    FROM worker WHERE kind IN ('worker', 'up') AND ended_at IS NULL
      AND beat_at > now() - interval '30 s' AND (SELECT max(unheld) FROM due) > 60
    UNION ALL
    SELECT 'lease_expired', 'lane:' || direction || '/' || connection || '/' || shard,
      extract(epoch FROM now() - leased_until), NULL
    FROM lane WHERE holder IS NOT NULL AND leased_until < now()
    UNION ALL
    SELECT CASE urgency WHEN 0 THEN 'backlog_old' ELSE 'bulk_old' END,
      'lane:' || due.direction || '/' || due.connection, due.age, c.merchant_id
    FROM due JOIN connection AS c ON c.code = due.connection AND c.status = 'active'
    WHERE NOT EXISTS (SELECT FROM hindrance AS h WHERE h.connection = due.connection
      AND h.direction = due.direction AND h.seen_at > now() - interval '30 s')
    UNION ALL
    SELECT 'key_blocked', 'connection:' || head.connection,
      extract(epoch FROM now() - min(head.due)), min(head.merchant_id)
    FROM work AS head
    WHERE head.status = 'parked' AND EXISTS (
      SELECT FROM work AS next WHERE next.connection = head.connection
        AND next.direction = head.direction AND next.key = head.key
        AND next.merchant_id = head.merchant_id AND next.status = 'behind')
    GROUP BY head.connection
    UNION ALL
    SELECT 'partner_away', 'connection:' || p.connection,
      extract(epoch FROM now() - CAST(p.breaker ->> 'away_since' AS timestamptz)), c.merchant_id
    FROM partner_state AS p JOIN connection AS c ON c.code = p.connection AND c.status = 'active'
    WHERE p.breaker ->> 'mode' IN ('open', 'half_open') AND p.breaker ->> 'away_since' IS NOT NULL
    UNION ALL
    SELECT 'poll_late', 'connection:' || c.code, max(extract(epoch FROM
      now() - coalesce(poll.done_at, poll.planned_at)) - poll.every_s), c.merchant_id
    FROM poll JOIN connection AS c ON c.code = poll.connection AND c.status = 'active'
    WHERE poll.due IS NOT NULL GROUP BY c.code, c.merchant_id
    UNION ALL
    SELECT 'orders_wait', 'connection:' || c.code, count(*), c.merchant_id
    FROM connection AS c JOIN order_wait AS w ON w.fact = 'warehouse:' || c.code
    JOIN sales_order AS o ON o.id = w.order_id AND o.updated_at < now() - interval '1 min'
    WHERE c.kind = 'warehouse' AND c.status = 'paused' GROUP BY c.code, c.merchant_id
    UNION ALL
    SELECT 'orders_stand', 'merchant:' || o.merchant_id, count(*), o.merchant_id
    FROM (SELECT DISTINCT order_id FROM order_wait WHERE order_id < :yesterday) AS w
    JOIN sales_order AS o ON o.id = w.order_id AND o.status = 'open'
    WHERE NOT EXISTS (SELECT FROM fulfilment_order AS f WHERE f.order_id = o.id
      AND f.status NOT IN ('shipped', 'delivered', 'short', 'rejected', 'cancelled'))
    GROUP BY o.merchant_id
    UNION ALL
    SELECT 'orders_unseen', 'orders:any', extract(epoch FROM now() - min(due)), NULL
    FROM fact_due HAVING min(due) IS NOT NULL
    UNION ALL
    SELECT 'clock_apart', 'host:' || host, max(abs(clock_s)), NULL FROM worker
    WHERE ended_at IS NULL AND beat_at > now() - interval '30 s' GROUP BY host"""  # noqa: S608  # ours
)
_TRANSACTIONS = sa.text(
    """SELECT coalesce(nullif(application_name, ''), 'unknown') AS name,
      max(extract(epoch FROM clock_timestamp() - xact_start)) AS age
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
      AND backend_type = 'client backend'
    GROUP BY 1
    UNION ALL
    SELECT 'prepared ' || gid, extract(epoch FROM now() - prepared) FROM pg_prepared_xacts
    WHERE database = current_database()"""
)
_COUNT = sa.text(
    """INSERT INTO order_rhythm AS known (channel, hour, orders, last_at)
    SELECT channel, date_trunc('hour', received_at), count(*), max(received_at)
    FROM sales_order WHERE id >= :since GROUP BY 1, 2
    ON CONFLICT (channel, hour) DO UPDATE
    SET orders = greatest(known.orders, excluded.orders),
      last_at = greatest(known.last_at, excluded.last_at)"""
)
_RHYTHMS = sa.text(
    """SELECT r.channel, c.merchant_id, max(r.last_at) AS last,
      extract(epoch FROM now() - greatest(min(r.hour), now() - interval '14 days')) / 86400 AS days,
      array_agg(extract(hour FROM r.hour AT TIME ZONE 'UTC')) AS hours,
      array_agg(r.orders) AS counts
    FROM order_rhythm AS r JOIN connection AS c ON c.code = r.channel AND c.status = 'active'
    WHERE r.hour > now() - interval '14 days' GROUP BY 1, 2"""
)
