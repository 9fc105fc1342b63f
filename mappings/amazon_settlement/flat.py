"""Amazon's settlement reports in flat files, V1 and V2.

One row sums up each settlement, the others are its parts; a part may come many times alike, so that
its place alone names it. Amounts are signed as the merchant sees them, fees below zero.
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.model.document import ZERO, Document
from hub.model.errors import BadData
from hub.model.money import add
from hub.model.settlement import Kind, SettlementLine
from mappings.amazon_settlement.settled import movement, part_of, settled
from mappings.kit import Context, word
from mappings.kit.reports.cells import Cells, Table, cells
from mappings.kit.reports.told import by, kind_of, line, tidied

_NEEDED = (
    ("settlement-id",),
    ("total-amount",),
    ("currency",),
    ("transaction-type",),
    ("posted-date", "posted-date-time"),
)
_TOTAL = "totalamount"
TABLE = Table(
    _NEEDED,
    lambda name: name.endswith("amount"),
    "\t",
    usual=None,
    quoted=False,
    short=True,
    dates=lambda name: "date" in name,
)
_WORDS = ("price-type", "promotion-type", "item-related-fee-type", "order-fee-type")
_MORE_WORDS = ("shipment-fee-type", "other-fee-reason-description", "direct-payment-type")
_SAYS = ("amount-description", *_WORDS, *_MORE_WORDS)


def settlements(raw: bytes, at: Context) -> list[Document]:
    """A report for each settlement of a file."""
    parts = by(cells(raw, TABLE, at), lambda row: row.needed("settlement-id"))
    return [_settlement(number, rows, at) for number, rows in parts.items()]


def _settlement(number: str, rows: Sequence[Cells], at: Context) -> Document:
    heads = [row for row in rows if row.text("total-amount")]
    if len(heads) != 1:
        message = f"one row that sums up settlement {number} is expected, not {len(heads)}"
        raise BadData(message, path="total-amount", code="missing_field" if not heads else None)
    head = heads[0]
    currency = head.needed("currency").upper()
    lines = [
        part
        for row in rows
        if row is not head
        for part in _line(row, f"{number}-{row.row.line}", number, currency, at)
    ]
    total = tidied(head.amount("total-amount"), currency)
    period = (head.moment("settlement-start-date"), head.moment("settlement-end-date"))
    paid = head.moment_or_none("deposit-date")
    return settled(number, currency, total, lines, period, paid, at, path=head.path("total-amount"))


def _line(
    row: Cells, reference: str, number: str, currency: str, at: Context
) -> list[SettlementLine]:
    """A part, none where it has no amount: then it says how many pieces the order had."""
    named = row.text("currency")
    if named is not None and named.upper() != currency:
        message = f"{currency} is expected, as of the settlement, it is {named}"
        raise BadData(message, path=row.path("currency"), code="bad_currency")
    gross, fees = _amounts(row, fee=False), _amounts(row, fee=True)
    if not gross and not fees:
        return []
    kind = _kind(row, only_fees=not gross, at=at)
    described = (said for name in _SAYS if (said := row.text(name)))
    order, posted = row.text("order-id"), row.moment("posted-date-time", "posted-date")
    return [
        line(
            row.place,
            reference=reference,
            channel_order_id=order,
            kind=kind,
            gross=add(*gross),
            fee=ZERO - add(*fees),
            currency=currency,
            at=posted,
            provider_kind=row.text("transaction-type", "amount-type"),
            transaction=row.text("order-item-code", "shipment-id"),
            original=row.text("adjustment-id", "merchant-adjustment-item-id"),
            batch=number,
            description=", ".join(described) or row.text("sku"),
            movement=movement(order, posted),
        )
    ]


def _amounts(row: Cells, *, fee: bool) -> list[Decimal]:
    """What stands in the columns of amounts, be it those of fees or the others."""
    return [
        row.amount(name)
        for name in row.row.cells
        if name.endswith("amount") and name != _TOTAL and ("fee" in name) is fee and row.text(name)
    ]


def _kind(row: Cells, *, only_fees: bool, at: Context) -> Kind:
    """By the part's own type in V2, else by the transaction and what is named beside the amount."""
    part = row.text("amount-type")
    told = row.needed("transaction-type", "amount-type")
    if word(told) == "other-transaction":
        said = [it for it in (row.text("amount-description"), part) if it]
        known = (it for it in said if at.ours_or_none("settlement_kinds", it))
        told = next(known, said[0] if said else told)
    usual: Kind = "fee" if only_fees else "adjustment"
    whole = kind_of(at, told, row.path("transaction-type"), usual)
    if whole not in {"sale", "refund"}:
        return whole
    own = "sale" if part is None else kind_of(at, part, row.path("amount-type"))
    if own != "sale":
        return own
    name = row.text("price-type", "amount-description")
    return part_of(whole, name, is_fee=part is None and only_fees)
