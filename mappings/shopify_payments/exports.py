"""What the console exports in CSV: transactions, and payouts with what each sums up."""

from collections.abc import Iterator

from hub.model.document import ZERO, Document
from hub.model.settlement import Payout, SettlementLine
from mappings.kit import Context
from mappings.kit.reports.cells import Cells, Table, cells, heads, name_of
from mappings.kit.reports.told import Total, by, check, content_id, kind_of, line, report

PROVIDER = "shopify_payments"
_PAID = "paid"
_NEEDED = (("Type",), ("Amount",), ("Fee",), ("Net",), ("Currency",), ("Transaction Date",))
TABLE = Table(_NEEDED, lambda name: name in {"amount", "fee", "net"})
_SUMS = {
    "charges": "Charges",
    "refunds": "Refunds",
    "adjustments": "Adjustments",
    "reserved_funds": "Reserved Funds",
    "retried_payouts": "Retried Amount",
    "application_fee": "Fees",
}
"""What sums up a payout -> its column."""
_PAYOUTS = (("Payout Date",), ("Status",), ("Charges",), ("Fees",), ("Total",), ("Currency",))
_COLUMNS = frozenset(name.replace(" ", "").casefold() for name in (*_SUMS.values(), "Total"))


def exported(raw: bytes, at: Context) -> Iterator[Document]:
    """A report for each payout, as far as a file tells which is which."""
    return _summed(raw, at) if {"charges", "total"} <= heads(raw) else _transactions(raw, at)


def _summed(raw: bytes, at: Context) -> Iterator[Document]:
    """Payouts without numbers: a day and a currency have one. Fees are written above zero or below;
    the total tells which.
    """
    for row in cells(raw, Table(_PAYOUTS, _COLUMNS.__contains__), at):
        state = row.needed("Status").casefold()
        if state != _PAID:
            message = f"{row.text('Payout Date')} in state {state} moves no money"
            at.warn("moves_nothing", message, path=row.place)
            continue
        yield _payout(row, at)


def _payout(row: Cells, at: Context) -> Document:
    day, currency = row.moment("Payout Date"), row.needed("Currency").upper()
    total, fees = row.amount("Total"), row.amount("Fees")
    rest = total + abs(fees) if fees else total
    others = {word: row.amount(name) for word, name in _SUMS.items() if name != "Fees"}
    check([Total(row.path("Total"), rest, sum(others.values(), ZERO))])
    number = row.text("Payout ID") or f"{day:%Y%m%d}"
    lines = [
        line(
            row.path(_SUMS[word]),
            reference=f"{number}-{word}",
            kind=kind_of(at, word, row.path(_SUMS[word])),
            gross=amount,
            currency=currency,
            at=day,
            provider_kind=word,
            batch=number,
        )
        for word, amount in {**others, "application_fee": -abs(fees)}.items()
        if amount
    ]
    out = Payout(
        reference=row.text("Payout ID") or row.text("Bank Reference"), amount=total, at=day
    )
    of = (row.text("Payout ID"), "payouts export")
    own = f"{number}-{currency}-payout"
    return report(at, PROVIDER, own, currency, lines, period=(day, day), payout=out, of=of)


def _transactions(raw: bytes, at: Context) -> Iterator[Document]:
    """By payout, where the export names it; in older ones those of a day and currency are one."""
    rows = [row for row in cells(raw, TABLE, at) if (row.text("Payout Status") or _PAID) == _PAID]
    groups = by(
        rows,
        lambda row: (
            row.text("Payout ID"),
            row.text("Payout Date"),
            row.needed("Currency").upper(),
        ),
    )
    for (payout, day, currency), own in groups.items():
        lines = [_of_export(row, payout or day, at) for row in own]
        number = f"{payout or day or 'unpaid'}-{currency}-{content_id(lines)}"
        yield report(at, PROVIDER, number, currency, lines, of=(payout, "export"))


def _of_export(row: Cells, batch: str | None, at: Context) -> SettlementLine:
    """A row has no number: one that says the same again is the same."""
    word, moment = row.needed("Type"), row.moment("Transaction Date")
    said = (word, row.text("Order"), row.text("Checkout"), row.amount("Net").normalize(), moment)
    return line(
        row.place,
        reference=name_of(*map(str, said)),
        channel_order_id=row.text("Order"),
        kind=kind_of(at, word, row.path("Type")),
        gross=row.amount("Amount"),
        fee=row.amount("Fee"),
        net=row.amount("Net"),
        currency=row.needed("Currency"),
        at=moment,
        provider_kind=word,
        transaction=row.text("Checkout"),
        batch=batch,
    )
