"""The transactions that Amazon's Finances API lists (2024-06-19, `listTransactions`): of a range of
time, or of a settlement, with what is not settled yet.

A transaction tells its total, and in `breakdowns`, each divided up further, what it comes of. Only
what is released moves money: a deferred one is listed again, under another number, once it is.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated

from hub.model.document import ZERO, Document, OptId, OptText
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from hub.model.settlement import Payout, SettlementLine
from mappings.amazon_settlement.settled import movement
from mappings.kit import Context, shape
from mappings.kit.fields import DECIDES, Cash, Key, Many, Moment, Part, Perhaps, Word, needed
from mappings.kit.reports.told import by, content_id, kind_of, line, net_of, report, tidied
from mappings.reading import read_json

_FEES = (
    *("fee", "fees", "feerollup", "commission"),
    *("shippingchargeback", "giftwrapchargeback", "shippinghb"),
)
"""What names of fees end with."""
_RELEASED = frozenset({None, "released"})


class Money(Part):
    currencyAmount: Cash = None  # noqa: N815  # theirs
    currencyCode: OptId = None  # noqa: N815


class Breakdown(Part):
    breakdownType: OptText = None  # noqa: N815
    breakdownAmount: Perhaps[Money] = None  # noqa: N815
    breakdowns: Many["Breakdown"] = ()


class Named(Part):
    relatedIdentifierName: OptId = None  # noqa: N815
    relatedIdentifierValue: OptId = None  # noqa: N815


class Item(Part):
    breakdowns: Many[Breakdown] = ()


class Transaction(Part):
    transactionType: OptText = None  # noqa: N815
    transactionId: Key = None  # noqa: N815
    transactionStatus: Word = None  # noqa: N815
    description: OptText = None
    postedDate: Moment = None  # noqa: N815
    totalAmount: Perhaps[Money] = None  # noqa: N815
    relatedIdentifiers: Many[Named] = ()  # noqa: N815
    items: Many[Item] = ()
    breakdowns: Many[Breakdown] = ()

    def named(self, *names: str) -> str | None:
        """The first of these identifiers that it has."""
        told = {
            it.relatedIdentifierName: it.relatedIdentifierValue for it in self.relatedIdentifiers
        }
        return next((found for name in names if (found := told.get(name))), None)


class Listed(Part):
    transactions: Annotated[Many[Transaction], DECIDES] = ()


def transactions(raw: bytes, at: Context) -> list[Document]:
    """A report of what of each settlement is on a page, or of what is in none yet."""
    tree = read_json(raw, at.warn)
    body = tree.get("payload", tree) if isinstance(tree, dict) else {"transactions": tree}
    if not isinstance(body, dict) or not isinstance(body.get("transactions"), list):
        raise BadData("transactions are expected", path="transactions", code="not_a_report")
    told = shape(Listed, body, at).transactions
    lines = [
        (it, each)
        for place, it in enumerate(told)
        if (each := _line(it, f"transactions.{place}", at)) is not None
    ]
    if not lines:
        raise Ignored("no_consequence", "no transaction is released")
    groups = by(lines, lambda it: (_settlement(it[0]), it[1].currency))
    return [
        _report(number, currency, [each for _, each in own], at)
        for (number, currency), own in groups.items()
    ]


def _settlement(it: Transaction) -> str | None:
    return it.named("SETTLEMENT_ID", "FINANCIAL_EVENT_GROUP_ID")


def _report(
    number: str | None, currency: str, lines: Sequence[SettlementLine], at: Context
) -> Document:
    outs = [each for each in lines if each.kind == "payout"]
    is_whole = net_of(lines) == 0  # else other pages have more of what was transferred
    paid = ZERO - net_of(outs)
    payout = Payout(reference=number, amount=paid, at=outs[-1].at) if outs and is_whole else None
    name = f"{number or 'open'}-{content_id(lines)}"
    of = (number, "transactions")
    return report(at, "amazon", name, currency, lines, payout=payout, of=of)


def _line(it: Transaction, path: str, at: Context) -> SettlementLine | None:
    """A transaction; None where it moves nothing."""
    if it.transactionStatus not in _RELEASED:
        message = f"a transaction in state {it.transactionStatus} moves no money"
        at.warn("moves_nothing", message, path=f"{path}.transactionStatus")
        return None
    total = needed(it.totalAmount, f"{path}.totalAmount")
    currency = needed(total.currencyCode, f"{path}.totalAmount.currencyCode").upper()
    net = needed(total.currencyAmount, f"{path}.totalAmount.currencyAmount")
    word = needed(it.transactionType, f"{path}.transactionType")
    taken = ZERO - add(
        *_fees(it.breakdowns or [each for item in it.items for each in item.breakdowns])
    )
    if not net and not taken:
        return None
    _look_at_parts(it, net, path, at)
    posted = needed(it.postedDate, f"{path}.postedDate")
    kind = kind_of(at, word, f"{path}.transactionType", "fee" if net == -taken else "adjustment")
    return line(
        path,
        reference=it.transactionId
        or f"{word}-{it.named('ORDER_ID', 'SHIPMENT_ID')}-{posted:%Y%m%dT%H%M%S}",
        channel_order_id=it.named("ORDER_ID"),
        kind=kind,
        gross=tidied(add(net, taken), currency),
        fee=taken,
        net=net,
        currency=currency,
        at=posted,
        provider_kind=word,
        transaction=it.named("SHIPMENT_ID", "REFUND_ID", "INVOICE_ID"),
        batch=_settlement(it),
        description=it.description,
        movement=movement(it.named("ORDER_ID"), posted),
    )


def _look_at_parts(it: Transaction, net: Decimal, path: str, at: Context) -> None:
    """Says so where its parts do not come to its total, which counts."""
    parts = [each.breakdownAmount.currencyAmount for each in it.breakdowns if each.breakdownAmount]
    told = [amount for amount in parts if amount is not None]
    found = add(*told) + ZERO
    if told and len(told) == len(it.breakdowns) and found != net:
        message = f"the report says {net}, its lines come to {found}"
        at.warn("totals_differ", message, path=f"{path}.totalAmount")


def _fees(told: Sequence[Breakdown]) -> Iterator[Decimal]:
    """What is a fee by its name, and is in no other fee."""
    for each in told:
        amount = each.breakdownAmount.currencyAmount if each.breakdownAmount else None
        if (each.breakdownType or "").casefold().endswith(_FEES) and amount is not None:
            yield amount
        else:
            yield from _fees(each.breakdowns)
