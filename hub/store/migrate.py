"""Bring a database to the tables this release needs."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from hub.store.base import audit_marks, runtime_role, scope, sealed_accounts
from hub.store.base.failures import DatabaseUnfit
from hub.store.base.sealing import Vault
from hub.store.history import retention
from hub.store.people import audit_trail
from hub.store.tables import metadata

_MARKED = "0011"
"""From this revision on processes mark their scope; those of before may run beside them yet."""
_KEYED = "0013"
"""From this revision on entries of the audit bear marks."""
_SCRIPTS = str(Path(__file__).parent / "migrations")
_ONE_AT_A_TIME = 0x6F72646572687562
"""Advisory lock: two migrations never run side by side."""


def upgrade(url: str, keys: audit_marks.Keys | None = None, vault: Vault | None = None) -> None:
    """Have the runtime role, run what is missing, then make the coming months' partitions. Safe to
    run by several processes at once. `vault` seals what an older release kept in clear.
    DatabaseUnfit.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    with engine.connect() as db:
        db.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
        trouble = runtime_role.prepare(db)
        db.commit()
        if trouble:
            raise DatabaseUnfit(trouble)
        config.attributes["connection"] = db
        before = MigrationContext.configure(db).get_current_revision()
        db.commit()
        command.upgrade(config, "head")
        if before is None or before >= _MARKED:
            scope.enforce(db)
        if before is not None and vault is not None:
            db.execute(sa.text("SELECT set_config('orderhub.scope', '*', true)"))
            sealed_accounts.seal_all(db, vault)
        if before is not None and before < _KEYED and keys is not None:
            db.execute(sa.text("SELECT set_config('orderhub.scope', '*', true)"))
            audit_trail.begin_marks(
                db.execution_options(**audit_marks.options(keys)), datetime.now(UTC)
            )
        db.commit()  # where there was nothing to run, its look at the version is still open
        retention.make_months(url, datetime.now(UTC))
        db.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": _ONE_AT_A_TIME})
        db.commit()
    engine.dispose()


def head() -> str | None:
    """The migration that this release needs."""
    return ScriptDirectory(_SCRIPTS).get_current_head()


def version(url: str) -> str | None:
    """The migration that a database stands at; None where none has run."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as db:
            if db.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
                return None
            revision: str | None = db.scalar(sa.text("SELECT version_num FROM alembic_version"))
            return revision
    finally:
        engine.dispose()


def differences(url: str) -> list[object]:
    """What the tables of a migrated database and `tables.py` disagree on. Empty when they agree."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in metadata.tables

    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"include_name": ours, "compare_type": True})
        changes = list(compare_metadata(context, metadata))
    engine.dispose()
    return changes
