"""Clocks: what stands since when, for each order and connection, and for how long it may. Read from
what is unfinished alone, so history costs nothing. A limit of one connection stands in its options
(`clocks`), else it is the usual one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

ClockName = Literal["not_routed", "not_accepted", "not_shipped", "not_written_back", "not_booked"]
_HOUR = 3600.0
USUAL: Mapping[ClockName, float] = {
    "not_routed": 4 * _HOUR,
    "not_accepted": 2 * _HOUR,
    "not_shipped": 48 * _HOUR,
    "not_written_back": 0.5 * _HOUR,
    "not_booked": 4 * _HOUR,
}
"""Clock -> seconds after which something stands too long, in the order of an order's life."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How many stand at a connection, how many of them too long, and since when the oldest does."""

    name: str
    connection: str
    count: int
    late: int
    oldest: datetime
    limit_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that stands: `number` as people know it; `since` and `limit_s` say when it is late.
    `about`: the fulfilment order or message that stands, the order itself where it is that.
    """

    order_id: UUID
    number: str
    merchant: str
    connection: str
    about: UUID
    since: datetime
    limit_s: float
    is_late: bool


def counts(db: Connection) -> list[Clock]:
    """Every clock that stands at any connection, in the order of an order's life."""
    clocks = []
    for name in USUAL:
        clocks += [
            Clock(name, row.connection, row.orders, row.late, row.oldest, float(row.limit_s))
            for row in db.execute(_counted(name), {"usual": USUAL[name]})
        ]
    return clocks


def standing(
    db: Connection,
    name: ClockName,
    *,
    connection: str | None = None,
    is_late: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Standing]:
    """Orders that stand by this clock, the longest first, one more than `limit` where there are
    more. `after`: since when and about what the last one stood that was shown.
    """
    values: Mapping[str, object] = {
        "usual": USUAL[name],
        "connection": connection,
        "late": is_late,
        "since": after[0] if after else None,
        "about": after[1] if after else None,
        "most": limit + 1,
    }
    return [
        Standing(
            row.order_id, row.number, row.merchant_id, row.connection, row.about, row.since,
            float(row.limit_s), row.is_late,
        )
        for row in db.execute(_listed(name), values)
    ]  # fmt: skip


_TOLD = """
  SELECT message.order_id, work.merchant_id, work.connection, work.id AS about,
    message.received_at AS since
  FROM work JOIN message ON message.id = work.id AND message.merchant_id = work.merchant_id
  JOIN connection ON connection.code = work.connection AND connection.kind IN ({kinds})
  WHERE work.direction = 'out' AND message.order_id IS NOT NULL"""
_PARTS = """
  SELECT f.order_id, f.merchant_id, f.warehouse AS connection, f.id AS about, {since} AS since
  FROM fulfilment_order AS f"""
_STANDS: Mapping[ClockName, str] = {
    "not_routed": """
  SELECT id AS order_id, merchant_id, channel AS connection, id AS about, received_at AS since
  FROM sales_order WHERE status IN ('held', 'received')
  UNION ALL
  SELECT o.id, o.merchant_id, o.channel, o.id, o.received_at
  FROM (SELECT DISTINCT order_id FROM order_wait) AS w
  JOIN sales_order AS o ON o.id = w.order_id AND o.status = 'open'""",
    "not_accepted": _PARTS.format(since="f.created_at")
    + """
  JOIN connection ON connection.code = f.warehouse
    AND 'fulfilment_status' = ANY (connection.gives)
  WHERE f.status = 'notified'""",
    "not_shipped": _PARTS.format(since="coalesce(f.ship_by, f.created_at)")
    + " WHERE f.status IN ('notified', 'accepted', 'picking', 'packed', 'cancel_requested')",
    "not_written_back": _TOLD.format(kinds="'channel'"),
    "not_booked": _TOLD.format(kinds="'erp', 'finance', 'crm'"),
}
"""Clock -> what stands by it: order, merchant, connection, about what, since when."""
_LIMITED = """SELECT s.*, l.limit_s, now() > s.since + l.limit_s * interval '1 s' AS is_late
  FROM ({stands}) AS s LEFT JOIN connection AS c ON c.code = s.connection
  CROSS JOIN LATERAL (SELECT coalesce(
    CAST(c.options -> 'clocks' ->> '{name}' AS float8), :usual) AS limit_s) AS l"""


def _limited(name: ClockName) -> str:
    return _LIMITED.format(stands=_STANDS[name], name=name)


@cache
def _counted(name: ClockName) -> sa.TextClause:
    return sa.text(
        f"""SELECT connection, count(*) AS orders, count(*) FILTER (WHERE is_late) AS late,
          min(since) AS oldest, min(limit_s) AS limit_s
        FROM ({_limited(name)}) AS clock GROUP BY connection ORDER BY connection"""  # noqa: S608  # ours
    )


@cache
def _listed(name: ClockName) -> sa.TextClause:
    return sa.text(
        f"""SELECT clock.*, o.order_number AS number FROM ({_limited(name)}) AS clock
        JOIN sales_order AS o ON o.id = clock.order_id
        WHERE (CAST(:connection AS text) IS NULL OR connection = :connection)
          AND (NOT CAST(:late AS boolean) OR is_late)
          AND (CAST(:since AS timestamptz) IS NULL
            OR (since, about) > (CAST(:since AS timestamptz), CAST(:about AS uuid)))
        ORDER BY since, about LIMIT :most"""  # noqa: S608  # ours
    )
