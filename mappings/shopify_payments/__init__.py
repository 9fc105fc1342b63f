"""Shopify Payments: payouts with their summary and transactions as the REST API gives them, or the
GraphQL one, and the console's exports in CSV. Source: REST Admin API, "Payouts" and "Transactions";
GraphQL Admin API, `shopifyPaymentsAccount`.

Only what was paid is accounted for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from hub.model.document import ZERO, Document, OptId
from hub.model.errors import BadData, Ignored
from hub.model.settlement import Payout, SettlementLine
from mappings.kit import Context, Decoders, shape
from mappings.kit.fields import Cash, Flag, Key, Many, Moment, Part, Word, needed
from mappings.kit.reports.bodies import bodies
from mappings.kit.reports.told import (
    Total,
    by,
    check,
    content_id,
    kind_of,
    line,
    net_of,
    report,
    tidied,
)
from mappings.reading import read_json
from mappings.shopify_payments.exports import PROVIDER, exported
from mappings.shopify_payments.graphql import as_rest

_SUMMED = re.compile(r"(?P<what>\w+)_gross_amount")
_PAID = "paid"

Wrong = list[tuple[str | None, BadData]]
"""Payouts that are left out, each with what is wrong with it."""


class PaidOut(Part):
    id: Key = None
    status: Word = None
    date: Moment = None
    currency: Word = None
    amount: Cash = None
    summary: dict[str, Any] | None = None


class Transaction(Part):
    id: Key = None
    type: Word = None
    test: Flag = None
    payout_id: OptId = None
    payout_status: Word = None
    currency: Word = None
    amount: Cash = None
    fee: Cash = None
    net: Cash = None
    source_id: OptId = None
    source_order_id: OptId = None
    source_order_transaction_id: OptId = None
    processed_at: Moment = None


class Told(Part):
    payout: PaidOut | None = None
    payouts: Many[PaidOut] = ()
    transactions: Many[Transaction] = ()


def paid_out(raw: bytes, at: Context) -> list[Document]:
    """A report for each payout. One that is wrong is named and left out, the others are read;
    BadData where no other is in it, Ignored where none is paid.
    """
    wrong: Wrong = []
    found = [
        document
        for body in bodies(raw)
        for document in (
            _told(body.raw, at, wrong)
            if body.raw.lstrip()[:1] in {b"{", b"["}
            else exported(body.raw, at)
        )
    ]
    if wrong and not found:
        raise wrong[0][1]
    for number, error in wrong:
        at.warn(error.code, f"payout {number} was left out: {error}", path=error.path)
    if not found:
        raise Ignored("not_paid", "no payout in it is paid")
    return found


def _told(raw: bytes, at: Context, wrong: Wrong) -> Iterator[Document]:
    tree = as_rest(read_json(raw, at.warn))
    told = shape(Told, tree if isinstance(tree, dict) else {"transactions": tree}, at)
    named = {
        it.id: it for it in (*told.payouts, *filter(None, [told.payout])) if it.status == _PAID
    }
    rows = [it for it in enumerate(told.transactions) if _counts(it[1], at)]
    groups = by(rows, lambda it: (it[1].payout_id, needed(it[1].currency, "currency").upper()))
    for (number, currency), own in groups.items():
        payout = named.pop(number, None)
        with _apart(number, wrong):
            yield _payout(needed(number, "payout_id"), currency, own, payout, at)
    for payout in named.values():
        with _apart(payout.id, wrong):
            yield _summed_up(payout, at)


@contextmanager
def _apart(number: str | None, wrong: Wrong) -> Iterator[None]:
    """What is wrong with one payout does not hold up the others of its page."""
    try:
        yield
    except BadData as error:
        wrong.append((number, error))


def _counts(told: Transaction, at: Context) -> bool:
    if told.test:
        at.warn("test", f"transaction {told.id} is a test, and was left out")
    return not told.test and told.payout_status == _PAID


def _payout(
    number: str,
    currency: str,
    rows: Sequence[tuple[int, Transaction]],
    payout: PaidOut | None,
    at: Context,
) -> Document:
    """A payout of which the transactions are told. They come to what was paid out."""
    lines = [_line(it, f"transactions.{n}", number, currency, at) for n, it in rows]
    others = [each for each in lines if each.kind != "payout"]
    outs = [each for each in lines if each.kind == "payout"]
    told = ZERO - net_of(outs) if outs else None
    paid: datetime | None = outs[0].at if outs else None
    if payout is not None:
        told, paid = needed(payout.amount, "payout.amount"), payout.date
    if told is not None:
        told = tidied(told, currency)
        check([Total("payout.amount", told, net_of(others))])
    whole = number if told is not None else f"{number}-{content_id(lines)}"
    out = None if told is None else Payout(reference=number, amount=told, at=paid)
    of = (number, "transactions")
    return report(at, PROVIDER, whole, currency, lines, payout=out, of=of)


def _line(told: Transaction, path: str, number: str, currency: str, at: Context) -> SettlementLine:
    word = needed(told.type, f"{path}.type")
    kind = kind_of(at, word, f"{path}.type")
    return line(
        path,
        reference=needed(told.id, f"{path}.id"),
        channel_order_id=told.source_order_id,
        kind=kind,
        gross=needed(told.amount, f"{path}.amount"),
        fee=told.fee or ZERO,
        net=needed(told.net, f"{path}.net"),
        currency=currency,
        at=needed(told.processed_at, f"{path}.processed_at"),
        provider_kind=word,
        transaction=told.source_order_transaction_id or told.source_id,
        original=told.source_id if kind in {"refund", "chargeback"} else None,
        batch=number,
    )


def _summed_up(payout: PaidOut, at: Context) -> Document:
    """A payout of which only the summary is told: a line for each kind of movement."""
    number, currency = needed(payout.id, "payout.id"), needed(payout.currency, "payout.currency")
    date, amount = needed(payout.date, "payout.date"), needed(payout.amount, "payout.amount")
    sums = shape(_Sums, {"sums": payout.summary or {}}, at).sums
    named = [match["what"] for name in sums if (match := _SUMMED.fullmatch(name))]
    lines = [
        line(
            f"payout.{number}.{what}",
            reference=f"{number}-{what}",
            kind=kind_of(at, what, f"payout.summary.{what}"),
            gross=sums[f"{what}_gross_amount"] or ZERO,
            fee=sums.get(f"{what}_fee_amount") or ZERO,
            currency=currency,
            at=date,
            provider_kind=what,
            batch=number,
        )
        for what in named
        if sums[f"{what}_gross_amount"] or sums.get(f"{what}_fee_amount")
    ]
    told = tidied(amount, currency.upper())
    check([Total(f"payout.{number}.amount", told, net_of(lines))])
    out = Payout(reference=number, amount=told, at=date)
    own, of = f"{number}-summary", (number, "summary")
    day = (date, date)
    return report(at, PROVIDER, own, currency.upper(), lines, period=day, payout=out, of=of)


class _Sums(Part):
    sums: Mapping[str, Cash] = {}


DECODE: Decoders = {"report": paid_out}
