"""Commands of settlement: statements, and the file that a bank takes."""

import sys

import click

from hub.cli import kit

_STATES = ("open", "calculated", "approved", "paid", "closed", "disputed")
_HEAD = ("number", "status", "merchant", "from", "to", "currency", "balance", "payout")


@click.group(short_help="statements of merchants, payouts for the bank")
def settle() -> None:
    """What merchants are owed. Approving a statement takes another person than the one who
    calculated it: it stays with people, in the console and over the Open API.
    """


@settle.command("list")
@click.option("--merchant", metavar="CODE", help="Whose; of all, if left out.")
@click.option("--status", type=click.Choice(_STATES), help="Only those that stand so.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@kit.json_option
def list_(*, merchant: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """List statements, the newest first.

    \b
    Example:
      orderhub settle list --status calculated
    """
    from hub.store.views.settlement import statements as view

    with kit.store() as store, store.database.begin() as db:
        there = view.listed(db, view.Wanted(merchant, status), limit=limit).items
    rows = [
        (
            *(it.number, it.status, it.merchant, it.period_from, it.period_to, it.currency),
            *(kit.plain(it.balance), kit.plain(it.payout)),
        )
        for it in there
    ]
    data = [dict(zip(_HEAD, row, strict=True)) for row in rows]
    kit.say({"items": data}, kit.table(_HEAD, rows, "there is no statement"), as_json=as_json)


@settle.command()
@click.argument("numbers", metavar="ID...", nargs=-1, required=True)
@kit.json_option
def calculate(*, numbers: tuple[str, ...], as_json: bool) -> None:
    """Work statements out, or out anew; somebody else approves them.

    \b
    Example:
      orderhub settle calculate S000123
    """
    from hub.flows.settlement import statements
    from hub.store.views.settlement import statements as view

    with kit.store() as store:
        with kit.unit(store) as unit:
            ids = []
            for number in numbers:
                item = view.by_number(unit.db, number)
                if item is None:
                    raise click.UsageError(f"there is no statement {number}")
                ids.append(item.id)
            statements.calculate(unit, ids, kit.actor())
        with store.database.begin() as db:
            there = [item for id_ in ids if (item := view.by_id_of(db, id_))]
    head = ("number", "status", "currency", "balance", "payout")
    rows = [
        (it.number, it.status, it.currency, kit.plain(it.balance), kit.plain(it.payout))
        for it in there
    ]
    data = [dict(zip(head, row, strict=True)) for row in rows]
    kit.say({"items": data}, kit.table(head, rows, "nothing"), as_json=as_json)


@settle.command()
@click.option("--currency", metavar="CODE", default="EUR", show_default=True)
@click.option("--format", "form", type=click.Choice(("pain.001", "csv")), default="pain.001")
@click.option("--file", metavar="NUMBER", help="a file that was written, once more as it was")
@kit.json_option
def payouts(*, currency: str, form: str, file: str | None, as_json: bool) -> None:
    """Print what people approved and no file has yet, as a bank takes it.

    \b
    Example:
      orderhub settle payouts --currency EUR --format pain.001 > payouts.xml
    """
    from hub.flows.settlement import payouts as flow
    from mappings.payouts import files

    with kit.store() as store, kit.unit(store) as unit:
        batch = flow.again(unit, file) if file else flow.due(unit, currency)
    text = files.FORMATS[form](batch)
    if as_json:
        total, count = kit.plain(batch.total), len(batch.transfers)
        name = files.name_of(batch, form)
        click.echo(kit.dumps({"name": name, "count": count, "total": total, "content": text}))
    else:
        sys.stdout.write(text)
