"""The command that prepares the database."""

import click
import sqlalchemy as sa

from hub.cli import kit
from hub.store import migrate as migrations


@click.command(short_help="bring the database to this release")
@kit.json_option
def migrate(*, as_json: bool) -> None:
    """Bring the database to the tables that this release needs. Run again, it changes nothing.

    \b
    Example:
      orderhub migrate
    """
    chosen = kit.settings()
    with kit.database(chosen) as url:
        before = version(url)
        migrations.upgrade(url)
        after = version(url)
    where = "the database" if chosen.database_url else "the embedded database"
    text = f"{where} is at version {after}" + ("" if before == after else f", it was at {before}")
    kit.say({"before": before, "after": after}, text, as_json=as_json)


def version(url: str) -> str | None:
    """The migration that a database stands at; None where none has run."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as db:
            if db.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
                return None
            found: str | None = db.scalar(sa.text("SELECT version_num FROM alembic_version"))
            return found
    finally:
        engine.dispose()
