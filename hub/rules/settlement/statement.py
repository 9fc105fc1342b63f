"""What a statement comes to: sums of rules, and what follows of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from hub.model.document import ZERO
from hub.model.money import add, round_to, times
from hub.rules.settlement.terms import Reserve, Rule, Terms

_HUNDREDTH = Decimal("0.01")
SALES, REFUNDS, CHARGE, TAX = "sales", "refunds", "charge", "tax"
TURNOVER = {"refund": REFUNDS, "chargeback": REFUNDS, "chargeback_fee": REFUNDS}
"""Kind of item -> kind of line; others are sales."""
KINDS = (
    *(SALES, REFUNDS, CHARGE, TAX, "adjustment", "carried_in", "hold_in", "hold_out"),
    *("reserve_in", "reserve_out"),
)
"""The kinds of lines, in the order in which they stand."""
DELIVERED, SHIPPED = "delivered", "shipped"
"""What the days of what is held are counted from: codes of its lines, `shipped+5` with the days
that delivery takes.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement; `amount` is in favour of the merchant."""

    kind: str
    code: str
    amount: Decimal
    rule: str | None = None
    version: int | None = None
    items: int = 0
    quantity: Decimal = ZERO
    base: Decimal = ZERO
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier statements leave to this one: a balance, what they held, and what they reserved
    until when. `released`: what of that was let go already.
    """

    carried: Decimal = ZERO
    held: Decimal = ZERO
    reserved: Sequence[tuple[datetime, Decimal]] = ()
    released: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Held:
    """Turnover of what arrived too late to be paid with a period: what was told to have arrived,
    and what counts as arrived some days after it left.
    """

    told: Decimal = ZERO
    assumed: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Result:
    """A statement's figures: the lines add up to `balance`, which is paid or carried."""

    lines: Sequence[Line]
    balance: Decimal
    payout: Decimal
    carried: Decimal
    digest: bytes = field(default=b"", compare=False)


def tier_percent(rule: Rule, value: Decimal, pieces: Decimal) -> Decimal:
    """A rule's percent at what a period's sales under it come to."""
    reached = [
        (tier.value if tier.value is not None else tier.pieces, tier.percent)
        for tier in rule.tiers
        if (tier.value is not None and value >= tier.value)
        or (tier.pieces is not None and pieces >= tier.pieces)
    ]
    return max(reached)[1] if reached else rule.percent


def work_out(
    terms: Terms,
    until: datetime,
    turnover: Sequence[Line],
    charges: Sequence[Line],
    by_version: dict[int, Terms],
    version: int,
    adjustments: Iterable[tuple[str, Decimal]],
    before: Before,
    held: Held,
) -> Result:
    """The figures of a period that ends at `until`. `terms`, `version`: what is in force at its
    end; `held`: turnover of what arrived too late to be paid with it.
    """
    fees = [
        Line(CHARGE, fee.charge, -fee.amount, fee.name, version, 1)
        for fee in terms.fees
        if fee.amount
    ]
    lines = [
        *turnover,
        *charges,
        *fees,
        *_taxes([*charges, *fees], by_version, terms.currency),
        *(Line("adjustment", document, amount) for document, amount in adjustments),
    ]
    lines += [
        Line(kind, "", amount)
        for kind, amount in (
            ("carried_in", before.carried),
            ("hold_in", before.held),
        )
        if amount
    ]
    lines += _held(held, terms.delivery_days)
    lines += _reserve(terms, until, turnover, before)
    balance = add(*(line.amount for line in lines))
    payout = balance if balance > 0 and balance >= terms.minimum_payout else ZERO
    return Result(lines, balance, payout, add(balance, -payout), digest(lines))


def reserve_until(reserve: Reserve, until: datetime) -> str:
    """When what a period reserves is let go, as a line names it."""
    return (until + timedelta(days=reserve.days)).isoformat()


def digest(lines: Sequence[Line]) -> bytes:
    """By which lines are known again; the database works out the same of what it holds."""
    rows = (
        f"{at}|{line.kind}|{line.code}|{line.rule or ''}|"
        f"{'' if line.version is None else line.version}|{line.items}|{line.quantity:.6f}|"
        f"{line.base:.6f}|{line.amount:.6f}"
        for at, line in enumerate(lines, start=1)
    )
    return sha256("\n".join(rows).encode()).digest()


def _taxes(charges: Sequence[Line], by_version: dict[int, Terms], currency: str) -> Iterator[Line]:
    for version in sorted({line.version for line in charges if line.version is not None}):
        terms = by_version[version]
        base = add(*(line.amount for line in charges if line.version == version))
        tax = round_to(times(base, times(terms.tax_percent, _HUNDREDTH)), currency, terms.rounding)
        if tax:
            yield Line(TAX, terms.tax_code or "", tax, None, version, base=base)


def _held(held: Held, delivery_days: int) -> Iterator[Line]:
    """What is held, by what its days are counted from. What was taken back of one part lessens the
    other.
    """
    total = add(held.told, held.assumed)
    delivered = min(max(held.told, ZERO), max(total, ZERO))
    amounts = {DELIVERED: delivered, f"{SHIPPED}+{delivery_days}": add(total, -delivered)}
    for code, amount in amounts.items():
        if amount > 0:
            yield Line("hold_out", code, -amount)


def _reserve(
    terms: Terms, until: datetime, turnover: Sequence[Line], before: Before
) -> Iterator[Line]:
    due = add(*(amount for at, amount in before.reserved if at <= until), -before.released)
    if due:
        yield Line("reserve_in", "", due)
    base = max(add(*(line.amount for line in turnover)), ZERO)
    kept = round_to(
        times(base, times(terms.reserve.percent, _HUNDREDTH)), terms.currency, terms.rounding
    )
    if kept:
        yield Line("reserve_out", reserve_until(terms.reserve, until), -kept, base=base)
