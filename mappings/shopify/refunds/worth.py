"""What a refund is worth: the money that went back, in the currency of its order.

Transactions say it, where they are in that currency. Where they are in the customer's, the parts
of the refund say it if they come to the same money there, else the rate that stands in them. Where
no transactions are sent, the parts are all there is; an empty list means that no money moved (an
exchange, an edit, a cancellation before payment), whatever the lines are worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.money import EXPONENT, add, round_to, split
from mappings.shopify import wire
from mappings.shopify.money import Till, code_of, side
from mappings.shopify.refunds import parts
from mappings.shopify.refunds.parts import Parts

LIVE = frozenset({"success", "pending"})


@dataclass(frozen=True, slots=True)
class Worth:
    """`payments`: each transaction that gave money back, with its amount. `worked_out`: no
    transaction tells all of the amount in the order's currency. `tax_unsettled`: tax that is not
    in the amount, and belongs to it if the order's prices are without. `presented`: the sums that
    the customer got, by currency, where they are told in another one.
    """

    amount: Decimal
    tax: Decimal
    payments: tuple[tuple[wire.Transaction, Decimal], ...] = ()
    worked_out: bool = False
    tax_unsettled: Decimal = ZERO
    presented: dict[str, Decimal] = field(default_factory=dict)


def worth(
    refund: wire.Refund, till: Till, *, tax_included: bool | None = None, total_set: Any = None
) -> Worth:
    """What went back. Of the order, where it is at hand: whether its prices include tax, and its
    total in both currencies.
    """
    made, told = parts.ours(refund, till), refund_transactions(refund)
    known = [in_shop_money(one, till) for one in told]
    moved = None if None in known or not told else add(*(one for one in known if one is not None))
    mode = tax_included if tax_included is not None else parts.tax_mode(refund, made, moved, till)
    if refund.transactions is None:
        return Worth(
            amount=till.tidy(made.money(tax_included=mode is not False)),
            tax=till.tidy(made.tax),
            worked_out=True,
            tax_unsettled=till.tidy(made.tax) if mode is None else ZERO,
        )
    foreign = [one for one, amount in zip(told, known, strict=True) if amount is None]
    rates = [*parts.bags(refund), total_set]
    modes = (True, False) if mode is None else (mode,)
    changed = iter(_changed(refund, foreign, made, till, modes, rates))
    payments = tuple(
        (one, amount if amount is not None else next(changed))
        for one, amount in zip(told, known, strict=True)
    )
    amount = till.total(one for _, one in payments)
    presented: dict[str, Decimal] = {}
    for one in foreign:
        presented[_code(one)] = add(presented.get(_code(one), ZERO), one.amount or ZERO)
    return Worth(
        amount,
        _tax(amount, made, till, tax_included=mode is not False),
        payments,
        worked_out=bool(foreign),
        presented=presented,
    )


def refund_transactions(refund: wire.Refund) -> list[wire.Transaction]:
    """Those that gave money back, or are about to."""
    return [
        one
        for one in refund.transactions or []
        if one.kind == "refund" and (one.status or "success") in LIVE
    ]


def in_shop_money(one: wire.Transaction, till: Till) -> Decimal | None:
    """A transaction's amount in the order's currency; None where only another currency's is
    told.
    """
    for name in ("shop_money", "presentment_money"):
        if code_of(one.amount_set, name) == till.currency:
            return till.tidy(side(one.amount_set, name) or ZERO)
    same = one.currency is None or _code(one) == till.currency
    return till.tidy(one.amount) if same and one.amount is not None else None


def _code(one: wire.Transaction) -> str:
    return (one.currency or "").strip().upper()


def _tax(amount: Decimal, made: Parts, till: Till, *, tax_included: bool) -> Decimal:
    """The tax in what was given back. Where that is less than the parts are worth and nothing
    says by how much less tax, it is in proportion.
    """
    if made.less_tax:
        return till.tidy(add(made.tax, -made.less_tax))
    whole = made.worth(tax_included=tax_included)
    if amount >= whole or till.currency not in EXPONENT:
        return till.tidy(made.tax)
    return round_to(made.tax * amount / whole, till.currency)


def _changed(
    refund: wire.Refund,
    foreign: Sequence[wire.Transaction],
    made: Parts,
    till: Till,
    modes: Sequence[bool],
    rates: Sequence[Any],
) -> list[Decimal]:
    """These transactions in the order's currency, their sum exact."""
    amounts = [max(one.amount or ZERO, ZERO) for one in foreign]
    codes = {_code(one) for one in foreign}
    total = made.money(tax_included=modes[0])
    if len(codes) == 1:
        paid, code = add(*amounts), codes.pop()
        is_all = len(foreign) == len(refund_transactions(refund))
        same = _same(parts.theirs(refund, code), made, paid, modes) if is_all else None
        rate = _rate(rates, till, code)
        if same is not None:
            total = same
        elif rate is not None:
            total = paid * rate
    if not foreign or till.currency not in EXPONENT:
        return [total, *([ZERO] * len(foreign))][: len(foreign)]
    total = round_to(total, till.currency)
    return split(total, amounts, till.currency)


def _same(
    theirs: Parts | None, made: Parts, paid: Decimal, modes: Sequence[bool]
) -> Decimal | None:
    """Our side of the parts, where their side comes to what was paid."""
    for included in modes:
        if theirs is not None and theirs.money(tax_included=included) == paid:
            return made.money(tax_included=included)
    return None


def _rate(bags: Sequence[Any], till: Till, code: str) -> Decimal | None:
    """Ours for one of theirs: by the largest amount that is told in both, which has lost least
    by rounding.
    """
    pairs = [
        (abs(their), abs(our))
        for bag in bags
        if code_of(bag) == till.currency and code_of(bag, "presentment_money") == code
        if (their := side(bag, "presentment_money")) and (our := side(bag, "shop_money"))
    ]
    their, our = max(pairs, default=(ZERO, ZERO))
    return our / their if their else None
