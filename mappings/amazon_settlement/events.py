"""The events that Amazon's Finances API v0 lists (`listFinancialEvents`), kind by kind.

What an event comes to is the sum of its parts, which stand deep in it; some have an amount of their
own that the parts only divide up. Fees are below zero. No event has a number.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.model.document import ZERO, Document
from hub.model.errors import BadData, Ignored
from hub.model.money import add
from hub.model.settlement import Kind, SettlementLine
from mappings.amazon_settlement.settled import movement
from mappings.kit import Context, numbers, times
from mappings.kit.fields import needed
from mappings.kit.reports.told import by, content_id, kind_of, line, report
from mappings.reading import read_json

_KINDS: Mapping[str, Kind] = {
    "Shipment": "sale",
    "Refund": "refund",
    "GuaranteeClaim": "chargeback",
    "Chargeback": "chargeback",
    "ServiceFee": "fee",
    "ProductAdsPayment": "fee",
    "SellerDealPayment": "fee",
    "CouponPayment": "fee",
    "DebtRecovery": "reserve",
    "TaxWithholding": "tax",
}
_OWN = ("AdjustmentAmount", "transactionValue", "totalAmount", "TotalAmount", "RecoveryAmount",
        "LoanAmount", "ReimbursedAmount", "WithheldAmount", "TotalExpense")  # fmt: skip
"""Amounts that are all of an event."""
_VALUES = frozenset({"RentalInitialValue", "PerUnitAmount", "BaseAmount"})
"""Amounts that say what something is worth, and move nothing."""
_SUFFIX, _TWICE = "EventList", frozenset({"ShipmentSettle"})
"""A shipment that was held back is told again once it is settled."""


@dataclass(frozen=True, slots=True)
class _Money:
    currency: str
    amount: Decimal
    is_fee: bool


def is_events(raw: bytes) -> bool:
    """Whether it lists events at all."""
    return raw.lstrip()[:1] in {b"{", b"["} and f'{_SUFFIX}"'.encode() in raw


def events(raw: bytes, at: Context) -> list[Document]:
    """A report of what is on a page, or some, for each currency."""
    tree = read_json(raw, at.warn)
    pages = tree if isinstance(tree, list) else [tree]
    told = [it for page in pages for it in _events(page)]
    posted = [str(when) for *_, it in told if (when := _when(it))]
    latest = max((times.moment(when, UTC, path="PostedDate") for when in posted), default=None)
    seen: Counter[str] = Counter()
    lines = [
        each
        for name, path, it in told
        if (each := _line(name, path, it, latest, seen, at)) is not None
    ]
    if not lines:
        raise Ignored("no_consequence", "no money moved")
    return [
        report(
            *(at, "amazon", f"events-{content_id(own)}", currency, own),
            of=(None, "events"),
        )
        for currency, own in by(lines, lambda each: each.currency).items()
    ]


def _events(page: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each event, with the name of its kind and its place."""
    body = page if isinstance(page, dict) else {}
    for around in ("payload", "FinancialEvents"):
        inner = body.get(around)
        body = inner if isinstance(inner, dict) else body
    for name, listed in body.items():
        if name.endswith(_SUFFIX) and isinstance(listed, list):
            for place, it in enumerate(listed):
                if isinstance(it, dict):
                    yield name.removesuffix(_SUFFIX), f"{name}.{place}", it


def _line(
    name: str,
    path: str,
    it: dict[str, Any],
    latest: datetime | None,
    seen: Counter[str],
    at: Context,
) -> SettlementLine | None:
    """An event; None where it moves nothing."""
    parts = list(_parts(it, path))
    amounts, fees = ([each.amount for each in parts if each.is_fee is fee] for fee in (False, True))
    if name in _TWICE or not any(each.amount for each in parts):
        state = "settled" if name in _TWICE else "0"
        at.warn("moves_nothing", f"{name} in state {state} moves no money", path=path)
        return None
    currency = parts[0].currency
    other = next((each.currency for each in parts if each.currency != currency), None)
    if other is not None:
        message = f"{currency} is expected, as of the settlement, it is {other}"
        raise BadData(message, path=path, code="bad_currency")
    told = _text(it, "AdjustmentType") if name == "Adjustment" else None
    kind = _KINDS.get(name) or kind_of(at, told or name, path)
    when = _posted(it, latest, path, at)
    order = _text(it, "AmazonOrderId")
    reference = "-".join(filter(None, (name, order, f"{when:%Y%m%dT%H%M%S}")))
    seen[reference] += 1
    return line(
        path,
        reference=reference if seen[reference] == 1 else f"{reference}-{seen[reference]}",
        channel_order_id=order,
        kind=kind,
        gross=add(*amounts) + ZERO,
        fee=ZERO - add(*fees),
        currency=currency,
        at=when,
        provider_kind=told or name,
        description=_text(it, "FeeReason", "FeeDescription", "DebtRecoveryType", "SAFETClaimId"),
        movement=movement(order, when) if _when(it) else None,
    )


def _parts(it: dict[str, Any], path: str) -> Iterator[_Money]:
    own = next((it[name] for name in _OWN if isinstance(it.get(name), dict)), None)
    yield from _moneys(it if own is None else own, path, is_fee=False)


def _moneys(tree: Any, path: str, *, is_fee: bool) -> Iterator[_Money]:
    if isinstance(tree, list):
        for place, one in enumerate(tree):
            yield from _moneys(one, f"{path}.{place}", is_fee=is_fee)
    elif isinstance(tree, dict) and "CurrencyAmount" in tree:
        amount = numbers.decimal(str(tree["CurrencyAmount"]), path=f"{path}.CurrencyAmount")
        currency = needed(_text(tree, "CurrencyCode"), f"{path}.CurrencyCode")
        yield _Money(currency.upper(), amount, is_fee)
    elif isinstance(tree, dict):
        for name, one in tree.items():
            if name not in _VALUES:
                yield from _moneys(one, f"{path}.{name}", is_fee=is_fee or "Fee" in name)


def _posted(it: dict[str, Any], latest: datetime | None, path: str, at: Context) -> datetime:
    """When it was booked; the last time of all, with a warning, where it does not say."""
    told = _when(it)
    if told is None:
        message = "it names no day: that of its settlement is taken"
        at.warn("no_date", message, path=f"{path}.PostedDate")
        return needed(latest, f"{path}.PostedDate")
    return times.moment(told, UTC, path=f"{path}.PostedDate")


def _when(it: dict[str, Any]) -> str | None:
    return _text(it, "PostedDate", "postedDate")


def _text(it: dict[str, Any], *names: str) -> str | None:
    return next((str(told) for name in names if (told := it.get(name))), None)
