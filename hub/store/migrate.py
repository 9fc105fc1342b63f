"""Bring a database to the tables this release needs."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from hub.store import retention
from hub.store.tables import metadata

_ONE_AT_A_TIME = 0x6F72646572687562
"""Advisory lock: two migrations never run side by side."""


def upgrade(url: str) -> None:
    """Run what is missing, then make the coming months' partitions. Safe to run by several
    processes at once.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as db:
        db.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
        db.commit()
        config.attributes["connection"] = db
        command.upgrade(config, "head")
        db.commit()  # where there was nothing to run, its look at the version is still open
        retention.make_months(url, datetime.now(UTC))
        db.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": _ONE_AT_A_TIME})
        db.commit()
    engine.dispose()


def differences(url: str) -> list[object]:
    """What the tables of a migrated database and `tables.py` disagree on. Empty when they agree."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in metadata.tables

    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"include_name": ours, "compare_type": True})
        found = list(compare_metadata(context, metadata))
    engine.dispose()
    return found
