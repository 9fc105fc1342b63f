"""What is asked of the database's server itself, whatever its tables: whether it answers, what it
lets us do, its clock, and who else is in.
"""

from datetime import datetime

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base import runtime_role
from hub.store.base.database import driver_url
from hub.store.base.runtime_role import Standing


def answer(db: Connection) -> None:
    """Have an answer, whatever it is."""
    db.execute(sa.text("SELECT 1"))


def look(url: str) -> tuple[Standing, datetime]:
    """What the login is to the runtime role, and the moment by the server's clock. DBAPIError where
    it cannot be reached.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as db:
            at = runtime_role.standing(db)
            return at, db.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    finally:
        engine.dispose()


def is_used_by_others(url: str) -> bool:
    """Whether somebody else uses the server by now."""
    with psycopg.connect(driver_url(url)) as db:
        row = db.execute(_OTHERS).fetchone()
        return bool(row and row[0])


_OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""
