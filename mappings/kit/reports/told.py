"""A report of canonical lines, which adds up to what its provider says of it, or is refused."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar, get_args

from hub.model.document import ZERO
from hub.model.errors import BadData, Problem
from hub.model.money import EXPONENT, add, fits, unit
from hub.model.settlement import Kind, Payout, Period, SettlementLine, SettlementReport
from mappings.kit.context import Context
from mappings.kit.money import till

T = TypeVar("T")
_KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Total:
    """A figure that a report says of itself, and what its lines come to."""

    path: str
    told: Decimal
    found: Decimal


def check(totals: Iterable[Total]) -> None:
    """BadData that names each figure that is not what the lines come to: nothing of such a report
    is booked.
    """
    wrong = [
        Problem(
            it.path, "totals_differ", f"the report says {it.told}, its lines come to {it.found}"
        )
        for it in totals
        if it.told != it.found
    ]
    _refuse(wrong)


def kind_of(at: Context, word: str, path: str, usual: Kind = "adjustment") -> Kind:
    """What a provider's word for a row means. `usual`, with a warning, where no list has it."""
    found = at.ours_or_none("settlement_kinds", word)
    if found is not None and found in _KINDS:
        return _KINDS[found]
    at.warn("unknown_kind", f"no settlement_kinds entry for {word[:100]!r}: {usual}", path=path)
    return usual


def line(
    path: str,
    *,
    reference: str,
    kind: Kind,
    gross: Decimal,
    fee: Decimal = ZERO,
    net: Decimal | None = None,
    currency: str,
    at: datetime,
    weight_kg: Decimal | None = None,
    **more: str | None,
) -> SettlementLine:
    """A line that adds up. Some write a fee that is taken below zero: what is left tells which sign
    it has. BadData, at `path`, where it adds up neither way. All of a fee is fee.
    """
    code = currency.upper()
    gross, fee = tidied(gross, code), tidied(fee, code)
    left = gross - fee if net is None else tidied(net, code)
    if gross - fee != left:
        fee = -fee
    if gross - fee != left:
        message = f"the line says {left}, {gross} less a fee of {-fee} is {gross + fee}"
        raise BadData(message, path=f"{path}.net", code="totals_differ")
    if kind == "fee":
        gross, fee = left - left, ZERO - left
    return SettlementLine(
        reference=reference,
        kind=kind,
        gross=gross,
        fee=fee,
        net=left,
        currency=code,
        at=at,
        weight_kg=weight_kg,
        **more,
    )


def apart(lines: Iterable[SettlementLine]) -> list[SettlementLine]:
    """Lines of which none is a payout with a fee: what it costs to be paid out is a line of its
    own, since the bank sees the payout alone.
    """
    return [part for each in lines for part in _parts(each)]


def _parts(told: SettlementLine) -> Iterable[SettlementLine]:
    if told.kind != "payout" or not told.fee:
        return (told,)
    own = {"reference": f"{told.reference}-fee", "kind": "fee", "gross": ZERO}
    return (
        told.model_copy(update={"fee": ZERO, "net": told.gross}),
        told.model_copy(update={**own, "net": -told.fee}),
    )


def rounding(
    path: str, told: Decimal, lines: Sequence[SettlementLine], currency: str, at: datetime
) -> list[SettlementLine]:
    """What is paid has the places of its currency, the lines have six: what is less than its
    smallest unit is a line of its own, any more is not.
    """
    left = told - net_of(lines)
    if not left or currency not in EXPONENT or not fits(told, currency):
        return []
    if abs(left) >= unit(currency):
        return []
    return [
        line(
            path,
            reference="rounding",
            kind="adjustment",
            gross=left,
            currency=currency,
            at=at,
            provider_kind="rounding",
        )
    ]


def net_of(lines: Iterable[SettlementLine]) -> Decimal:
    """What all lines come to."""
    return add(*(line.net for line in lines))


def content_id(lines: Iterable[SettlementLine]) -> str:
    """The number of a report that has none of its own: the same lines have the same."""
    named = sorted(f"{each.reference} {each.kind} {each.net}" for each in lines)
    return sha256("\n".join(named).encode()).hexdigest()[:20]


def by(lines: Iterable[T], key: Callable[[T], Hashable]) -> dict[Any, list[T]]:
    """Lines that belong together, in the order in which they begin."""
    found: defaultdict[Any, list[T]] = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    return dict(found)


def report(
    at: Context,
    provider: str,
    report_id: str,
    currency: str,
    lines: Sequence[SettlementLine],
    *,
    period: tuple[datetime, datetime] | None = None,
    payout: Payout | None = None,
    opening: Decimal = ZERO,
    closing: Decimal = ZERO,
    of: tuple[str | None, str] | None = None,
    said: Mapping[str, Any] | None = None,
) -> SettlementReport:
    """A report of these lines. BadData where one stands twice. Without a period it is that of its
    lines. What was taken from the merchant's bank is a line alone, and no payout. `of`: the payout
    that it accounts for, where that is known, and in which of its provider's forms.
    """
    accounts_for, form = of or (None, None)
    lines = apart(lines)
    _check_once(lines)
    if payout is not None and payout.amount < 0:
        taken = any(each.kind == "payout" and each.net == -payout.amount for each in lines)
        payout = None if taken else payout
    first, last = period or (min(line.at for line in lines), max(line.at for line in lines))
    return SettlementReport(
        source=at.source(report_id, occurred_at=last),
        provider=provider,
        report_id=report_id,
        period=Period(start=min(first, last), to=last),
        currency=currency,
        opening=opening,
        closing=closing,
        payout=payout,
        accounts_for=accounts_for,
        form=form,
        lines=tuple(lines),
        attributes={name: value for name, value in (said or {}).items() if value is not None},
    )


def tidied(amount: Decimal, currency: str) -> Decimal:
    """An amount with its currency's own places."""
    return till(currency.upper()).tidy(amount)


def _check_once(lines: Sequence[SettlementLine]) -> None:
    seen = Counter(line.reference for line in lines)
    _refuse(
        [
            Problem(reference, "duplicate_line", f"one line of this reference is expected, not {n}")
            for reference, n in seen.items()
            if n > 1
        ]
    )


def _refuse(wrong: Sequence[Problem]) -> None:
    if wrong:
        first, *more = wrong[:_MOST_PROBLEMS]
        raise BadData(first.message, path=first.path, code=first.code, more=tuple(more))
