"""Amazon's settlement report as XML (`GET_V2_SETTLEMENT_REPORT_DATA_XML`): orders, refunds and
other movements as the flat files have them, each with its parts inside it.

What follows `SettlementData` is a movement each, named by its element. It has an amount of its own,
which its items only divide up; or each of its parts (`Component`, `Fee`, `Promotion`, ...) has one.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.settlement import Kind, SettlementLine
from mappings.amazon_settlement.settled import movement as named_movement
from mappings.amazon_settlement.settled import part_of, settled
from mappings.kit import Context, numbers, times
from mappings.kit.fields import needed
from mappings.kit.reports.told import kind_of, line, tidied
from mappings.reading import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_WHOLE = ("Amount", "TransactionAmount", "TotalAmount")
_NAMES = ("Type", "ReasonDescription", "TransactionName", "CouponDescription")


def is_tree(raw: bytes) -> bool:
    """Whether it is XML at all."""
    return raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def documents(raw: bytes, at: Context) -> list[Document]:
    """A report for each settlement of a message."""
    root = read_xml(raw, at.warn, western=True)
    found = [*root.iter("{*}SettlementReport")]
    if not found:
        message = "a SettlementReport is expected"
        raise BadData(message, path=_name(root), code="not_a_report")
    return [_settlement(it, at) for it in found]


def _settlement(it: "_Element", at: Context) -> Document:
    head = it.find("{*}SettlementData")
    if head is None:
        raise BadData("it is missing, and needed", path="SettlementData", code="missing_field")
    number = needed(_text(head, "AmazonSettlementID"), "SettlementData.AmazonSettlementID")
    currency, total = _amount(needed(head.find("{*}TotalAmount"), "SettlementData.TotalAmount"))
    last = needed(_moment(head, "EndDate", at), "SettlementData.EndDate")
    movements = [movement for movement in it.iterchildren("{*}*") if movement is not head]
    parts = [(movement, amount) for movement in movements for amount in _amounts(movement)]
    lines = [
        _line(movement, amount, f"{number}-{place}", currency, last, at)
        for place, (movement, amount) in enumerate(parts, start=1)
    ]
    period = (_moment(head, "StartDate", at) or last, last)
    paid = _moment(head, "DepositDate", at)
    return settled(
        number,
        currency,
        total,
        [each for each in lines if each.gross or each.fee],
        period,
        paid,
        at,
        path="SettlementData.TotalAmount",
    )


def _amounts(movement: "_Element") -> Iterator["_Element"]:
    """Its own amount, else those of its parts."""
    own = next((it for name in _WHOLE if (it := movement.find(f"{{*}}{name}")) is not None), None)
    yield from movement.iter("{*}Amount") if own is None else (own,)


def _line(
    movement: "_Element",
    amount: "_Element",
    reference: str,
    currency: str,
    last: datetime,
    at: Context,
) -> SettlementLine:
    around = [
        it for it in amount.iterancestors() if it is movement or movement in it.iterancestors()
    ]
    path = ".".join(map(_name, (*reversed(around), amount)))
    named, told = _amount(amount)
    if named != currency:
        message = f"{currency} is expected, as of the settlement, it is {named}"
        raise BadData(message, path=path, code="bad_currency")
    is_fee = any("Fee" in _name(it) for it in around)
    said = _name(movement)
    if said == "OtherTransaction":
        said = _text(movement, "TransactionType") or said
    usual: Kind = "fee" if is_fee or "Advertising" in _name(movement) else "adjustment"
    part = next((it for name in _NAMES if (it := _text(around[0], name))), None)
    kind = part_of(kind_of(at, said, path, usual), part, is_fee=is_fee)
    order, posted = _text(movement, "AmazonOrderID"), _posted(movement, at)
    return line(
        path,
        reference=reference,
        channel_order_id=order,
        kind=kind,
        gross=ZERO if is_fee else told,
        fee=ZERO - told if is_fee else ZERO,
        currency=currency,
        at=posted or last,
        provider_kind=said,
        transaction=_nearest(around, "AmazonOrderItemCode", "ShipmentID", "TransactionID"),
        original=_nearest(around, "MerchantAdjustmentItemID", "AdjustmentID"),
        description=part or _nearest(around, "SKU"),
        movement=named_movement(order, posted) if posted else None,
    )


def _posted(movement: "_Element", at: Context) -> datetime | None:
    """When it was booked; the settlement's end, with a warning, where it does not say."""
    told = movement.findtext(".//{*}PostedDate")
    if told and told.strip():
        return times.moment(told.strip(), at.zone, path=f"{_name(movement)}.PostedDate")
    message = "it names no day: that of its settlement is taken"
    at.warn("no_date", message, path=f"{_name(movement)}.PostedDate")
    return None


# --- elements


def _name(it: "_Element") -> str:
    return str(it.tag).rpartition("}")[2]


def _text(it: "_Element", name: str) -> str | None:
    return (it.findtext(f"{{*}}{name}") or "").strip() or None


def _nearest(around: list["_Element"], *names: str) -> str | None:
    """What the closest of them says under the first name that says anything."""
    return next((told for name in names for it in around if (told := _text(it, name))), None)


def _moment(head: "_Element", name: str, at: Context) -> datetime | None:
    told = _text(head, name)
    return times.moment(told, at.zone, path=f"SettlementData.{name}") if told else None


def _amount(it: "_Element") -> tuple[str, Decimal]:
    """Its currency and its amount, signed as the merchant sees it."""
    currency = needed(it.get("currency"), f"{_name(it)}.currency").upper()
    told = needed((it.text or "").strip() or None, _name(it))
    return currency, tidied(numbers.amount(told, path=_name(it)), currency)
