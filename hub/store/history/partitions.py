"""Monthly partitions of what grows: made ahead, dropped after their time. A default partition
catches what no month takes, so that nothing is ever refused.
"""

from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.ids import floor_id

BY_TIME = ("message", "attempt", "timeline", "ledger")
AHEAD = 3

_ONCE_WRITTEN = (
    "autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 20000,"
    " autovacuum_analyze_scale_factor = 0.02"
)
STORAGE = {
    # written, then finished: with room in the page the second version needs no index entry
    "message": f"fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, {_ONCE_WRITTEN}",
    "attempt": f"fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, {_ONCE_WRITTEN}",
    # written once: frozen soon, while its pages are still in memory, and never touched again
    "timeline": f"fillfactor = 100, {_ONCE_WRITTEN}",
    "ledger": f"fillfactor = 100, {_ONCE_WRITTEN}",
}
"""How a month is stored. An autovacuum waits for a share of new rows: the default share of a month
would be millions, and their freezing one long run.
"""


class Month(NamedTuple):
    """A partition of one month: `table_YYYYMM`, from `first` up to `following`."""

    table: str
    first: datetime
    following: datetime

    @property
    def name(self) -> str:
        return f"{self.table}_{self.first:%Y%m}"

    @property
    def bounds(self) -> tuple[UUID, UUID]:
        """The first id in it, and the first one past it."""
        return floor_id(self.first), floor_id(self.following)


def ensure(db: Connection, at: datetime, ahead: int = AHEAD) -> list[str]:
    """Make the partitions of this month and the next ones; what the default one took of them moves
    over. Made again, it changes nothing. Returns those made.
    """
    return [month.name for month in wanted(at, ahead) if make(db, month)]


def wanted(at: datetime, ahead: int = AHEAD) -> list[Month]:
    """The months that must be there at a moment: its own and the next ones, of every table."""
    months = [_month(at, step) for step in range(ahead + 1)]
    return [Month(table, *pair) for table in BY_TIME for pair in pairwise(months)]


def make(db: Connection, month: Month) -> bool:
    """Make one month. False where it is there already."""
    if _exists(db, month.name):
        return False
    _make(db, month)
    return True


def missing(db: Connection, at: datetime) -> list[str]:
    """Tables without a partition for next month."""
    names = [f"{table}_{_month(at, 1):%Y%m}" for table in BY_TIME]
    return [name for name in names if not _exists(db, name)]


def standing(db: Connection, table: str) -> list[Month]:
    """The months of a table that have a partition, oldest first."""
    names = db.scalars(_STANDING, {"table": table})
    firsts = [datetime.strptime(name[-6:] + "+0000", "%Y%m%z") for name in names]
    return [Month(table, first, _month(first, 1)) for first in sorted(firsts)]


def why_kept(db: Connection, month: Month, *, archived: bool) -> str | None:
    """Why a month must not be dropped yet: `unfinished` work began in it or before, or (where there
    is an archive) payloads are `not_archived`. None where nothing speaks against it.
    """
    bounds = dict(zip(("low", "high"), month.bounds, strict=True))
    if month.table in ("message", "attempt") and db.scalar(_UNFINISHED, bounds):
        return "unfinished"
    if month.table == "message" and archived and db.scalar(_NOT_ARCHIVED, bounds):
        return "not_archived"
    return None


def drop(db: Connection, month: Month) -> None:
    """Take a month out and drop it. Intake waits for the lock's moment at most (`lock_timeout` of
    the session): a partition cannot be detached concurrently beside a default one.
    """
    db.execute(sa.text(f"ALTER TABLE {month.table} DETACH PARTITION {month.name}"))
    db.execute(sa.text(f"DROP TABLE {month.name}"))


def _make(db: Connection, month: Month) -> None:
    """Attached, not created in its place: that would lock the whole table."""
    table, default = month.table, f"{month.table}_default"
    low, high = month.bounds
    within = f"id >= '{low}' AND id < '{high}'"
    db.execute(
        sa.text(
            f"""CREATE TABLE {month.name} (LIKE {table} INCLUDING DEFAULTS)
            WITH ({STORAGE[table]})"""
        )
    )
    if db.scalar(sa.text(f"SELECT EXISTS (SELECT FROM {default} WHERE {within})")):  # noqa: S608  # ours
        db.execute(sa.text(f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE"))
        db.execute(
            sa.text(
                f"""WITH moved AS (DELETE FROM {default} WHERE {within} RETURNING *)
                INSERT INTO {month.name} SELECT * FROM moved"""  # noqa: S608
            )
        )
    bounds = f"FROM ('{low}') TO ('{high}')"
    db.execute(sa.text(f"ALTER TABLE {table} ATTACH PARTITION {month.name} FOR VALUES {bounds}"))


def _exists(db: Connection, name: str) -> bool:
    return db.scalar(sa.text("SELECT to_regclass(:name)"), {"name": name}) is not None


def _month(at: datetime, step: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + step, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


_STANDING = sa.text(
    """SELECT relid::text FROM pg_partition_tree(CAST(:table AS regclass))
    WHERE isleaf AND relid::text ~ '_[0-9]{6}$'"""
)
_UNFINISHED = sa.text("SELECT EXISTS (SELECT FROM work WHERE id < :high)")
_NOT_ARCHIVED = sa.text(
    """SELECT EXISTS (
      SELECT FROM message WHERE id >= :low AND id < :high AND archive_id IS NULL)"""
)
