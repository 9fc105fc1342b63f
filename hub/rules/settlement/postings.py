"""What is booked of what: items and charges to the lines of an entry, after the table in
docs/settlement.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO
from hub.model.money import add
from hub.model.settlement import Account, ChargeItem, Line

_INCOME = {
    "sale": Account.REVENUE,
    "refund": Account.REVENUE,
    "shipping": Account.SHIPPING_INCOME,
    "fee": Account.FEE_INCOME,
    "rounding": Account.ROUNDING,
    "chargeback": Account.CHARGEBACKS,
    "chargeback_fee": Account.CHARGEBACKS,
}
"""Kind of item -> the merchant's account of it. Other kinds move no money by themselves."""


def debit(account: str, amount: Decimal, **more: Any) -> Iterator[Line]:
    """A line on the left; on the right where the amount is negative, none where it is zero."""
    if amount > 0:
        yield Line(account, debit=amount, **more)
    elif amount < 0:
        yield Line(account, credit=-amount, **more)


def credit(account: str, amount: Decimal, **more: Any) -> Iterator[Line]:
    """A line on the right; on the left where the amount is negative, none where it is zero."""
    return debit(account, -amount, **more)


def turnover(items: Iterable[ChargeItem]) -> list[Line]:
    """What was sold, or taken back: owed to the merchant by the operator, to the operator by who
    collected it.
    """
    income: dict[Account, Decimal] = {}
    total = ZERO
    for item in items:
        account = _INCOME.get(item.kind)
        if account is None:
            continue
        total = add(total, item.amount)
        for name, amount in (
            (account, add(item.amount, -item.tax)),
            (Account.OUTPUT_TAX, item.tax),
        ):
            income[name] = add(income.get(name, ZERO), amount)
    return [
        *debit(Account.RECEIVABLE, total),
        *(line for account, amount in income.items() for line in credit(account, amount)),
        *debit(Account.OPERATOR_RECEIVABLE, total),
        *credit(Account.OPERATOR_PAYABLE, total),
    ]


def operators_fee(amount: Decimal) -> list[Line]:
    """What a provider took for a chargeback, where the operator bears it."""
    return [
        *debit(Account.OPERATOR_CHARGEBACKS, amount),
        *credit(Account.OPERATOR_RECEIVABLE, amount),
    ]


def charges(by_charge: Mapping[str, Decimal], tax: Decimal, tax_code: str | None) -> list[Line]:
    """What the merchant is charged, by the name of the charge, and the tax on it."""
    total = add(*by_charge.values(), tax)
    named = sorted(by_charge.items())
    return [
        *(line for name, sum_ in named for line in debit(f"{Account.FEES}:{name}", sum_)),
        *debit(Account.INPUT_TAX, tax, tax_code=tax_code),
        *credit(Account.RECEIVABLE, total),
        *debit(Account.OPERATOR_PAYABLE, total),
        *(line for name, sum_ in named for line in credit(f"{Account.OPERATOR_FEES}:{name}", sum_)),
        *credit(Account.OPERATOR_TAX, tax, tax_code=tax_code),
    ]


def reserve(kept: Decimal) -> list[Line]:
    """What is kept back; negative: let go."""
    return [
        *debit(Account.RESERVE, kept),
        *credit(Account.RECEIVABLE, kept),
        *debit(Account.OPERATOR_PAYABLE, kept),
        *credit(Account.OPERATOR_RESERVE, kept),
    ]


def adjustment(amount: Decimal) -> list[Line]:
    """A correction by hand in favour of the merchant; negative: of the operator."""
    return [
        *debit(Account.RECEIVABLE, amount),
        *credit(Account.ADJUSTMENTS, amount),
        *debit(Account.OPERATOR_ADJUSTMENTS, amount),
        *credit(Account.OPERATOR_PAYABLE, amount),
    ]


def payout(amount: Decimal, reference: str) -> list[Line]:
    """Money that went to the merchant."""
    return [
        *debit(Account.BANK, amount, reference=reference),
        *credit(Account.RECEIVABLE, amount),
        *debit(Account.OPERATOR_PAYABLE, amount),
        *credit(Account.OPERATOR_BANK, amount, reference=reference),
    ]
