"""`orderhub doctor`: see whether everything works, or one kind of process on this machine."""

import click

from hub.cli import kit
from hub.cli.watch import checks, partners
from hub.cli.watch.checks import FAIL, OK, Finding
from hub.embedded import database
from hub.embedded.database import EmbeddedError
from hub.store.opened import Store

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
        state: sum(finding.state == state for finding in findings)
        for state in ("ok", "warn", "fail")
    }
    states = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    text = kit.table(("", "what", "how it is", "what to do"), _rows(findings), "") + f"\n\n{states}"
    data = {
        "state": checks.worst(findings),
        "findings": [finding._asdict() for finding in findings],
    }
    kit.say(data, text, as_json=as_json)
    if checks.worst(findings) == FAIL:
        ctx.exit(1)


def _process(ctx: click.Context, kind: str, *, as_json: bool) -> None:
    settings = kit.settings()
    try:
        url = settings.database_url or database.attach(settings.home)
        finding = checks.process(url, kind)
    except EmbeddedError as error:
        finding = Finding(kind, FAIL, str(error))
    kit.say(finding._asdict(), f"{finding.what}: {finding.says}", as_json=as_json)
    if finding.state == FAIL:
        ctx.exit(1)


def _rows(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(one.state, one.what, one.says, one.do if one.state != OK else "") for one in findings]


def _findings() -> list[Finding]:
    settings = kit.settings()
    findings = [*checks.surroundings(settings), checks.broker(settings.broker_url)]
    try:
        with kit.database(settings) as url:
            of_database = list(checks.database(url, embedded=settings.database_url is None))
            findings += of_database
            if any(finding.state == FAIL and finding.what in _NEEDED for finding in findings):
                return findings
            store = Store.open(settings, url, name="orderhub doctor", pool=2)
            try:
                directory = store.directory()
                findings += checks.troubles(store)
                progress = kit.Progress("connections", len(directory.connections))
                findings += partners.connections(store, directory, progress.step)
            finally:
                store.close()
    except EmbeddedError as error:
        findings.append(Finding("database", FAIL, str(error), "see the message; nothing is lost"))
    return findings
