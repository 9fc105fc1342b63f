"""The commands of the archive: move what is due at once, and see whether all of it is whole."""

import sys
from datetime import UTC, datetime, timedelta

import click

from hub.cli import kit
from hub.store.base.archive_files import Shelf
from hub.store.history import archiving, retention
from hub.store.history.retention import Keep, Rotated

DAMAGED = 1


@click.group(short_help="move old payloads into files, rotate months")
def archive() -> None:
    """Archive files: payloads of messages that finished long ago, sealed as they were.

    The scheduler does by itself what `run` does.
    """


@archive.command()
@kit.json_option
def run(*, as_json: bool) -> None:
    """Make the coming months' partitions, archive what is due, drop months past their time.

    \b
    Example:
      orderhub archive run
    """
    chosen = kit.settings()
    now, after = datetime.now(UTC), chosen.archive_after
    messages = exchanges = files = size = 0
    with kit.store() as store:
        shelf = Shelf(chosen.archive_folder)
        if after is not None:
            for moved in archiving.archive(store.database, shelf, now - timedelta(days=after)):
                messages, exchanges = messages + moved.messages, exchanges + moved.exchanges
                files, size = files + 1, size + moved.size
                _progress(messages)
            archiving.tidy(store.database, shelf)
        keep = Keep(chosen.keep_messages, chosen.keep_timeline)
        url = store.database.url
        done = retention.rotate(url, shelf, keep, now, archived=after is not None)
    rotated = done or Rotated()
    data = {
        "messages": messages,
        "exchanges": exchanges,
        "files": files,
        "bytes": size,
        "made": rotated.made,
        "dropped": rotated.dropped,
        "kept": rotated.kept,
        "owner": done is not None,
    }
    text = (
        f"{messages} messages and {exchanges} exchanges moved into {files} files;"
        f" {len(rotated.made)} partitions made, {len(rotated.dropped)} dropped"
    )
    if done is None:
        text += "\nthe database login does not own the tables: partitions were left alone"
    for name, reason in rotated.kept.items():
        text += f"\n{name} stays as it is: {reason}"
    kit.say(data, text, as_json=as_json)


@archive.command()
@kit.json_option
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool) -> None:
    """Read every archive file and compare it with its checksum. Leaves with 1 where one is damaged
    or missing.

    \b
    Example:
      orderhub archive verify
    """
    with kit.store() as store, store.database.begin() as db:
        files = list(archiving.damaged(db, Shelf(store.settings.archive_folder)))
    damaged = [name for name, bad in files if bad]
    text = "\n".join([f"{len(files)} files, {len(damaged)} damaged or missing", *damaged])
    kit.say({"files": len(files), "damaged": damaged}, text, as_json=as_json)
    if damaged:
        ctx.exit(DAMAGED)


def _progress(messages: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{messages} archived", err=True, nl=False)
