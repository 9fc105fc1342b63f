"""Monthly partitions of what grows. A default partition catches what no month takes, so that
nothing is ever refused.
"""

from datetime import UTC, datetime
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.ids import floor_id

BY_TIME = ("message", "attempt", "timeline", "ledger")
AHEAD = 3


def ensure(db: Connection, at: datetime, ahead: int = AHEAD) -> None:
    """Make the partitions of this month and the next ones. Made again, it changes nothing."""
    months = [_month(at, step) for step in range(ahead + 1)]
    for table in BY_TIME:
        for first, following in pairwise(months):
            name = f"{table}_{first:%Y%m}"
            if db.scalar(sa.text("SELECT to_regclass(:name)"), {"name": name}) is None:
                bounds = f"FROM ('{floor_id(first)}') TO ('{floor_id(following)}')"
                db.execute(sa.text(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES {bounds}"))


def missing(db: Connection, at: datetime) -> list[str]:
    """Tables without a partition for next month."""
    wanted = [f"{table}_{_month(at, 1):%Y%m}" for table in BY_TIME]
    return [
        name
        for name in wanted
        if db.scalar(sa.text("SELECT to_regclass(:name)"), {"name": name}) is None
    ]


def _month(at: datetime, step: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + step, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
