"""See whether everything works, or whether one kind of process on this machine does."""

import click

from hub.cli import checks, kit
from hub.cli.checks import FAIL, OK, Finding
from hub.store import embedded
from hub.store.embedded import EmbeddedError
from hub.store.runtime import Store

_NEEDED = frozenset({"keys", "database", "migrations"})
"""Without these no connection can be looked at."""


@click.command(short_help="see whether everything works")
@click.option(
    "--process",
    "kind",
    type=click.Choice(checks.KINDS),
    help="Only see whether such a process of this machine lives and gets on.",
)
@kit.json_option
@click.pass_context
def doctor(ctx: click.Context, *, kind: str | None, as_json: bool) -> None:
    """Check home, disk, keys, database, migrations, clock, broker and every connection.

    Leaves with 1 where anything fails. With --process, in one line, as a health check: it starts
    nothing and calls nobody.

    \b
    Example:
      orderhub doctor
      orderhub doctor --process worker
    """
    if kind is not None:
        _process(ctx, kind, as_json=as_json)
        return
    findings = _findings()
    counts = {
        state: sum(one.state == state for one in findings) for state in ("ok", "warn", "fail")
    }
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    text = kit.table(("", "what", "how it is", "what to do"), _rows(findings), "") + f"\n\n{told}"
    data = {"state": checks.worst(findings), "findings": [one._asdict() for one in findings]}
    kit.say(data, text, as_json=as_json)
    if checks.worst(findings) == FAIL:
        ctx.exit(1)


def _process(ctx: click.Context, kind: str, *, as_json: bool) -> None:
    settings = kit.settings()
    try:
        url = settings.database_url or embedded.attach(settings.home)
        found = checks.process(url, kind)
    except EmbeddedError as error:
        found = Finding(kind, FAIL, str(error))
    kit.say(found._asdict(), f"{found.what}: {found.says}", as_json=as_json)
    if found.state == FAIL:
        ctx.exit(1)


def _rows(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(one.state, one.what, one.says, one.do if one.state != OK else "") for one in findings]


def _findings() -> list[Finding]:
    settings = kit.settings()
    found = [*checks.surroundings(settings), checks.broker(settings.broker_url)]
    try:
        with kit.database(settings) as url:
            of_database = list(checks.database(url, embedded=settings.database_url is None))
            found += of_database
            if any(one.state == FAIL and one.what in _NEEDED for one in found):
                return found
            store = Store.open(settings, url, name="orderhub doctor", pool=2)
            try:
                directory = store.directory()
                found += checks.troubles(store)
                progress = kit.Progress("connections", len(directory.partners))
                found += checks.connections(store, directory, progress.step)
            finally:
                store.close()
    except EmbeddedError as error:
        found.append(Finding("database", FAIL, str(error), "see the message; nothing is lost"))
    return found
