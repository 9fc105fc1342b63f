"""Objects of Stripe's API: balance transactions, alone, listed, or with the payout that they are
in. Amounts are in smallest units, which for a few currencies are not those of ISO 4217.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document, OptId, OptText
from hub.model.errors import Ignored
from hub.model.settlement import SettlementLine
from mappings.kit import Context, shape
from mappings.kit.fields import Key, Many, Part, Utc, Whole, Word, needed
from mappings.kit.money import till
from mappings.kit.reports.told import by, kind_of, line, tidied
from mappings.reading import read_json
from mappings.stripe.payouts import accounted_for, word_of

_PLACES = {"MGA": 0, "ISK": 2, "UGX": 2}
"""Places of amounts at Stripe, where ISO 4217 has others."""


class Source(Part):
    """What moved the money, where it came along whole."""

    id: OptId = None
    charge: OptId = None
    payment_intent: OptId = None
    metadata: dict[str, Any] | None = None


class BalanceTransaction(Part):
    id: Key = None
    amount: Whole = None
    fee: Whole = None
    net: Whole = None
    currency: Word = None
    created: Utc = None
    type: OptText = None
    reporting_category: OptText = None
    description: OptText = None
    source: Source | str | None = None


class Payout(Part):
    id: Key = None
    amount: Whole = None
    currency: Word = None
    status: Word = None
    arrival_date: Utc = None
    balance_transaction: OptId = None


class Accounted(Part):
    """A payout with what is in it."""

    payout: Payout
    transactions: Many[BalanceTransaction] = ()


class Transactions(Part):
    transactions: Many[BalanceTransaction] = ()


def accounted(raw: bytes, order_metadata: Sequence[str], at: Context) -> list[Document]:
    """A report of a payout, or of the transactions that are there. Ignored where there are none,
    and where a payout is not, or not yet, paid.
    """
    tree = read_json(raw, at.warn)
    if isinstance(tree, dict) and tree.get("object") == "event":
        data = tree.get("data")
        tree = data.get("object") if isinstance(data, dict) else None
    if isinstance(tree, dict) and isinstance(tree.get("payout"), dict):
        parts = {**tree, "transactions": list(_entries(tree.get("transactions")))}
        whole = shape(Accounted, parts, at)
        return [_payout(whole.payout, whole.transactions, order_metadata, at)]
    entries = [it for it in _entries(tree) if isinstance(it, dict)]
    payouts = [shape(Payout, it, at) for it in entries if it.get("object") == "payout"]
    if len(payouts) == 1 or any(it.status == "paid" for it in payouts):
        paid = payouts if len(payouts) == 1 else [it for it in payouts if it.status == "paid"]
        return [_payout(it, (), order_metadata, at) for it in paid]
    return _listed(entries, order_metadata, at)


def _entries(tree: Any) -> Iterator[Any]:
    """What is listed, be it on one page or on some; a thing alone is a list of it."""
    if isinstance(tree, list):
        for each in tree:
            yield from _entries(each)
    elif isinstance(tree, dict) and isinstance(tree.get("data"), list):
        yield from tree["data"]
    elif tree is not None:
        yield tree


def _listed(
    entries: Sequence[dict[str, Any]], order_metadata: Sequence[str], at: Context
) -> list[Document]:
    """Transactions in no payout that is named, a report for each currency."""
    named = [it for it in entries if it.get("object") == "balance_transaction"]
    if not named:
        raise Ignored("nothing_in_it", "it holds no balance transaction and no payout")
    told = shape(Transactions, {"transactions": named}, at).transactions
    lines = [_line(it, f"data.{n}", None, order_metadata, at) for n, it in enumerate(told)]
    groups = by(lines, lambda each: each.currency)
    return [accounted_for(None, currency, own, at) for currency, own in groups.items()]


def _payout(
    payout: Payout,
    transactions: Sequence[BalanceTransaction],
    order_metadata: Sequence[str],
    at: Context,
) -> Document:
    if payout.status != "paid":
        raise Ignored("not_paid", f"the payout is {payout.status or 'in no state'}")
    number, currency = needed(payout.id, "payout.id"), needed(payout.currency, "payout.currency")
    amount = _major(needed(payout.amount, "payout.amount"), currency)
    arrived = needed(payout.arrival_date, "payout.arrival_date")
    lines = [
        _line(it, f"transactions.{n}", number, order_metadata, at)
        for n, it in enumerate(transactions)
    ]
    if not any(each.kind == "payout" for each in lines):
        lines.append(
            line(
                "payout.amount",
                reference=payout.balance_transaction or number,
                kind="payout",
                gross=-amount,
                currency=currency,
                at=arrived,
                provider_kind="payout",
                transaction=number,
                batch=number,
            )
        )
    return accounted_for(number, currency.upper(), lines, at, paid=arrived, told=amount)


def _line(
    told: BalanceTransaction,
    path: str,
    payout: str | None,
    order_metadata: Sequence[str],
    at: Context,
) -> SettlementLine:
    currency = needed(told.currency, f"{path}.currency")
    source = told.source if isinstance(told.source, Source) else Source(id=told.source)
    word = word_of(needed(told.reporting_category or told.type, f"{path}.type"), source.id)
    return line(
        path,
        reference=needed(told.id, f"{path}.id"),
        channel_order_id=_order(source.metadata or {}, order_metadata),
        kind=kind_of(at, word, f"{path}.type"),
        gross=_major(needed(told.amount, f"{path}.amount"), currency),
        fee=_major(told.fee or ZERO, currency),
        net=_major(needed(told.net, f"{path}.net"), currency),
        currency=currency,
        at=needed(told.created, f"{path}.created"),
        provider_kind=word,
        transaction=source.id,
        original=source.charge,
        batch=payout,
        description=told.description,
    )


def _order(metadata: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The order's number, where the channel left it with the payment."""
    return next((str(said) for name in names if (said := metadata.get(name))), None)


def _major(units: Decimal, currency: str) -> Decimal:
    code = currency.upper()
    if code in _PLACES:
        return tidied(units.scaleb(-_PLACES[code]), code)
    return till(code).minor(units)
