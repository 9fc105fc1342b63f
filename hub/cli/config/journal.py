"""Commands of the books: the ledger as a file, and what has not reached them."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from hub.cli import kit

_FORMATS = ("beancount", "hledger", "csv", "datev")


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail("a day such as 2026-05-31 is expected", param, ctx)


@click.group(short_help="the ledger as a file, and what books lack")
def journal() -> None:
    """The journal: what the ledger has, for the programs that keep books."""


@journal.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), default="beancount")
@click.option("--from", "first", type=_Day(), required=True, help="The first day.")
@click.option("--to", "last", type=_Day(), required=True, help="The last day.")
@click.option("--merchant", metavar="CODE", help="Whose; of all, if left out.")
@click.option("--chart", metavar="CONNECTION", help="Under the accounts of these books.")
@click.option("--out", type=click.Path(path_type=Path), help="A file; else it is printed.")
@kit.json_option
def export(
    *,
    form: str,
    first: date,
    last: date,
    merchant: str | None,
    chart: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write the ledger of a time for Beancount, hledger, a spreadsheet or DATEV.

    \b
    Example:
      orderhub journal export --format hledger --from 2026-05-01 --to 2026-05-31 --out may.journal
    """
    from hub.flows.books import exporting
    from mappings.journal import Client
    from mappings.journal import export as written

    with kit.store() as store, kit.unit(store) as unit:
        partner = None
        if chart is not None:
            partner = unit.directory.connections.get(chart)
            if partner is None:
                raise click.UsageError(f"there is no connection {chart}")
        wanted = exporting.wanted(first, last, partner, merchant)
        entries = exporting.entries(unit.db, wanted)
    if as_json:
        click.echo(kit.dumps({"items": [it.model_dump() for it in entries]}))
        return
    file = written(form, entries, Client(zone=wanted.zone), f"journal_{first}_{last}")
    if out is None:
        sys.stdout.buffer.write(file.raw)
    else:
        out.write_bytes(file.raw)
        click.echo(f"{len(entries)} entries written to {out}", err=True)


@journal.command()
@click.option("--connection", metavar="CODE", help="Of one connection.")
@kit.json_option
def missing(*, connection: str | None, as_json: bool) -> None:
    """What the books do not have yet, per day and connection, with the reason.

    \b
    Example:
      orderhub journal missing
    """
    from hub.store.views.settlement import books

    with kit.store() as store, store.database.begin() as db:
        lacking = books.missing(db, connection)
    data = [
        {
            "connection": it.connection,
            "merchant": it.merchant,
            "day": it.day,
            "currency": it.currency,
            "status": it.status,
            "code": it.code,
            "count": it.count,
            "total": it.total,
        }
        for it in lacking
    ]
    head = ("day", "connection", "merchant", "status", "code", "count", "total")
    rows = [[it[name] for name in head] for it in data]
    kit.say({"items": data}, kit.table(head, rows, "the books have everything"), as_json=as_json)
