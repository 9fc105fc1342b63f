"""The settlement detail report: what is in each batch, and how it was paid out."""

from collections.abc import Sequence
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.settlement import Payout, SettlementLine
from mappings.adyen.rows import TYPE, WHEN, fees, moment, number, taken_from
from mappings.kit import Context
from mappings.kit.reports.cells import Cells, Table, cells, numbered
from mappings.kit.reports.told import Total, by, check, kind_of, line, net_of, report, rounding

_NEEDED = (
    ("Merchant Account",),
    TYPE,
    ("Net Currency",),
    ("Net Debit (NC)",),
    ("Net Credit (NC)",),
    ("Batch Number",),
    WHEN,
)
_AMOUNTS = ("debit(", "credit(", "commission(", "markup(", "fees(", "interchange(")
TABLE = Table(_NEEDED, lambda name: any(word in name for word in _AMOUNTS))


def batches(raw: bytes, at: Context) -> list[Document]:
    """A report for each batch of a merchant account, in each currency."""
    rows = cells(raw, TABLE, at)
    named = numbered(rows, lambda row: number(row, (row.needed("Batch Number"),)))
    groups = by(named, lambda it: _batch(it[0]))
    return [
        _report(account, batch, currency, own, at)
        for (account, batch, currency), own in groups.items()
    ]


def _batch(row: Cells) -> tuple[str, str, str]:
    account, batch = row.needed("Merchant Account"), row.needed("Batch Number")
    return account, batch, row.needed("Net Currency").upper()


def _report(
    account: str, batch: str, currency: str, rows: Sequence[tuple[Cells, str]], at: Context
) -> Document:
    """What is paid out is all that is in a batch. One that is not paid out yet says no total."""
    lines = [_line(row, name, at) for row, name in rows]
    outs = [each for each in lines if each.kind == "payout"]
    outs = [each for each in outs if each.net < 0] or outs  # what came back was paid out before
    others = [each for each in lines if each not in outs]
    paid = None
    if outs:
        amount = ZERO - net_of(outs)
        last = rounding("rounding", amount, others, currency, outs[0].at)
        lines += last
        check([Total(f"batch {batch}.MerchantPayout", amount, net_of([*others, *last]))])
        words = (outs[0].description or "").split()
        paid = Payout(reference=words[0] if words else batch, amount=amount, at=outs[0].at)
    return report(at, "adyen", f"{account}-{batch}-{currency}", currency, lines, payout=paid)


def _line(row: Cells, name: str, at: Context) -> SettlementLine:
    word, payment = row.needed(*TYPE), row.text("Psp Reference")
    own, batch = row.text("Modification Reference"), row.needed("Batch Number")
    kind = kind_of(at, word, row.path("Type"))
    net = row.amount("Net Credit (NC)") - row.amount("Net Debit (NC)")
    taken = _fees(row, net)
    return line(
        row.place,
        reference=name,
        channel_order_id=row.text("Merchant Reference", "Merchant Order Reference"),
        kind=kind,
        gross=net + taken,
        fee=taken,
        net=net,
        currency=row.needed("Net Currency"),
        at=moment(row, *WHEN),
        provider_kind=word,
        transaction=payment if kind == "sale" or own is None or payment is None else own,
        original=payment if kind != "sale" else None,
        batch=batch,
        description=own if payment is None else None,
    )


def _fees(row: Cells, net: Decimal) -> Decimal:
    """In one currency what is left and what was taken must be what was paid."""
    taken, currency = fees(row, "NC"), row.needed("Net Currency")
    told = row.amount("Gross Credit (GC)") - row.amount("Gross Debit (GC)")
    if not told or (row.text("Gross Currency") or "").upper() != currency.upper():
        return taken
    taken = taken_from(told, net, taken, currency)
    if told != net + taken:
        message = f"the line says {told}, its net and its fees come to {net + taken}"
        raise BadData(message, path=row.path("Gross"), code="totals_differ")
    return taken
