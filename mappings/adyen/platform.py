"""The reports of a balance platform (accounting, payout, statement): every movement of its balance
accounts. Only what has a transaction moved money; the rest are transfers on their way.
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import Ignored
from hub.model.settlement import Payout, SettlementLine
from mappings.adyen.rows import moment
from mappings.kit import Context
from mappings.kit.reports.cells import Cells, Table, cells
from mappings.kit.reports.told import Total, by, check, content_id, kind_of, line, net_of, report

_ACCOUNT, _AMOUNT = ("Balance Account", "BalanceAccount"), ("Balance (PC)", "Amount")
_CURRENCY, _WHEN = ("Currency", "Payment Currency"), ("Booking Date", "Value Date")
_ROLLING, _MOVED, _TYPE = "Rolling Balance", "Transaction Id", ("Type", "Category")
_NEEDED = (_ACCOUNT, ("Transfer Id",), (_MOVED,), _TYPE, _CURRENCY, _AMOUNT, _WHEN)
HEADS = frozenset({"balanceaccount", "transferid"})
"""Names by which such a report is known."""
TABLE = Table(_NEEDED, lambda name: "balance(pc)" in name or name in {"amount", "rollingbalance"})


def platform(raw: bytes, at: Context) -> list[Document]:
    """A report for each balance account and currency. Ignored where no money moved."""
    rows = [row for row in cells(raw, TABLE, at) if row.text(_MOVED) and row.amount(*_AMOUNT)]
    read = [(row, _line(row, at)) for row in rows]
    if not read:
        raise Ignored("no_consequence", "no money moved")
    groups = by(read, lambda it: (it[0].needed(*_ACCOUNT), it[1].currency))
    return [_report(account, currency, own, at) for (account, currency), own in groups.items()]


def _report(
    account: str, currency: str, own: Sequence[tuple[Cells, SettlementLine]], at: Context
) -> Document:
    lines = [each for _, each in own]
    outs = [each for each in lines if each.kind == "payout" and each.net < 0]
    opening, closing = _balances(own, currency)
    paid = None
    if outs and opening + net_of(lines) == closing:
        amount = ZERO - net_of(outs)
        paid = Payout(reference=outs[0].transaction, amount=amount, at=outs[0].at)
    return report(
        *(at, "adyen", f"{account}-{content_id(lines)}-{currency}", currency, lines),
        payout=paid,
        opening=opening,
        closing=closing,
    )


def _line(row: Cells, at: Context) -> SettlementLine:
    word, moved = row.needed(*_TYPE), row.needed(_MOVED)
    kind = kind_of(at, word, row.path(_TYPE[0]))
    payment = row.text("Psp Payment Psp Reference")
    own = row.text("Psp Modification Psp Reference")
    return line(
        row.place,
        reference=moved,
        channel_order_id=row.text("Psp Payment Merchant Reference"),
        kind=kind,
        gross=row.amount(*_AMOUNT),
        currency=row.needed(*_CURRENCY),
        at=moment(row, *_WHEN),
        provider_kind=word,
        transaction=payment if kind == "sale" else own or payment or row.text("Transfer Id"),
        original=payment if kind != "sale" else None,
        description=row.text("Description", "Reference"),
    )


def _balances(
    own: Sequence[tuple[Cells, SettlementLine]], currency: str
) -> tuple[Decimal, Decimal]:
    """What was there before and after, where it is told: the newest may stand first. BadData where
    the rows do not lead from one to the other.
    """
    if any(row.text(_ROLLING) is None for row, _ in own):
        return ZERO, ZERO
    moved = net_of(each for _, each in own)
    for (first, line_), (last, _) in ((own[0], own[-1]), (own[-1], own[0])):
        opening, closing = first.amount(_ROLLING) - line_.net, last.amount(_ROLLING)
        if opening + moved == closing:
            return opening, closing
    first, last = own[0][0], own[-1][0]
    opening = first.amount(_ROLLING) - own[0][1].net
    check([Total(f"{currency}.{_ROLLING}", last.amount(_ROLLING), opening + moved)])
    return ZERO, ZERO
