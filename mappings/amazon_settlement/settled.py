"""What all settlement reports of Amazon have in common, flat or as XML: what a part of a sale is,
and that all parts come to what was paid.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from hub.model.document import Document, show_instant
from hub.model.settlement import Kind, Payout, SettlementLine
from mappings.kit import Context, word
from mappings.kit.reports.told import Total, check, net_of, report, tidied


def part_of(whole: Kind, name: str | None, *, is_fee: bool) -> Kind:
    """What a part of a sale or a refund is, by its name: a fee, a tax, else what the whole is.
    Other movements are what they are in all their parts.
    """
    if whole not in {"sale", "refund"}:
        return whole
    if is_fee:
        return "fee"
    told = word(name or "")
    return "tax" if told.endswith("tax") or "facilitator" in told else whole


def movement(order: str | None, at: datetime) -> str:
    """What moved, as every form of Amazon's has it: of which order, posted in which second. Not all
    forms tell the parts of one posting apart.
    """
    return f"{order or 'account'} {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def settled(
    number: str,
    currency: str,
    total: Decimal,
    lines: Sequence[SettlementLine],
    period: tuple[datetime, datetime],
    paid: datetime | None,
    at: Context,
    *,
    path: str,
) -> Document:
    """The report of a settlement. BadData, at `path`, where its lines do not come to its total.
    What was taken from the merchant's card may be in the total, or not.
    """
    paid_out = [each for each in lines if each.kind == "payout"]
    whole, earned = (net_of(some) for some in (lines, (it for it in lines if it not in paid_out)))
    found = earned if paid_out and tidied(earned, currency) == total else whole
    check([Total(path, total, tidied(found, currency))])
    return report(
        at,
        "amazon",
        number,
        currency,
        lines,
        period=period,
        payout=Payout(reference=number, amount=total, at=paid),
        of=(number, "settlement report"),
        said={"deposit_date": paid and show_instant(paid)},
    )
