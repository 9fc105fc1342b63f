"""The command that prepares the database."""

import click

from hub.cli import kit
from hub.store import migrate as migrations
from hub.store.opened import audit_keys, vault


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
        before = migrations.version(url)
        migrations.upgrade(url, audit_keys(chosen), vault(chosen))
        after = migrations.version(url)
    where = "the database" if chosen.database_url else "the embedded database"
    text = f"{where} is at version {after}" + ("" if before == after else f", it was at {before}")
    kit.say({"before": before, "after": after}, text, as_json=as_json)
