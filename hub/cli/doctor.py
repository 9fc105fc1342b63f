"""See whether everything works."""

import click

from hub.cli import checks, kit
from hub.cli.checks import FAIL, OK, Finding
from hub.store.embedded import EmbeddedError
from hub.store.runtime import Store

_NEEDED = frozenset({"keys", "database", "migrations"})
"""Without these no connection can be looked at."""


@click.command(short_help="see whether everything works")
@kit.json_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Check home, disk, keys, database, migrations, clock, broker and every connection.

    Leaves with 1 where anything fails.

    \b
    Example:
      orderhub doctor
    """
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
                progress = kit.Progress("connections", len(directory.partners))
                found += checks.connections(store, directory, progress.step)
            finally:
                store.close()
    except EmbeddedError as error:
        found.append(Finding("database", FAIL, str(error), "see the message; nothing is lost"))
    return found
