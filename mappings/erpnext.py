"""Canonical documents -> ERPNext. Source: DocTypes of ERPNext 15 and 16, recorded answers.

Every document is submitted under a reference of ours in a field that can be searched. Taxes are
told as they are: rows of type Actual by rate, so that the total is ours to the cent. What is found
in ERPNext only, names of articles, customers and accounts, is filled in by the adapter.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.model.document import pieces
from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ReturnReceipt
from hub.model.settlement import JournalEntry
from hub.model.stock import GoodsReceipt, StockChange
from mappings.kit import Context, Decoders, Encoders
from mappings.kit.bills import price_pairs
from mappings.kit.ledger_lines import (
    Booking,
    Credit,
    Delivered,
    Moved,
    Movement,
    Party,
    Sold,
    Taxed,
    articles,
    booking,
    credit,
    credit_total,
    delivered,
    goods_back,
    goods_changed,
    goods_in,
    items,
    order_reference,
    party,
    unexplained,
    unexplained_name,
)

Values = dict[str, Any]
STEP, ONE = Decimal("0.01"), Decimal(1)
TAX = "Tax at "
_RATE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """A line: `role` names a service where it is no article; `at` where its pieces are."""

    role: str
    sku: str | None
    text: str
    quantity: Decimal
    rate: Decimal
    path: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A sales order with what it must come to."""

    reference: str
    number: str
    date: str
    currency: str
    cancelled: bool
    test: bool
    party: Party
    rows: tuple[Row, ...]
    taxes: tuple[tuple[str, Decimal], ...]
    total: Decimal


def order(document: SalesOrder, at: Context) -> Order:
    """The whole order; each charge net, its taxes by rate."""
    rows, taxed = list[Row](), list[Taxed]()
    for item in items(document, at):
        taxed.append(item.at)
        for part in item.parts:
            for number, rate in price_pairs(part.quantity, part.net, document.currency, STEP):
                rows.append(Row(part.role, part.sku, part.description, number, rate, item.path))
    total = document.totals.grand_total
    return Order(
        reference=order_reference(document.source.connection, document.channel_order_id),
        number=document.order_number,
        date=str(document.placed_at.date()),
        currency=document.currency,
        cancelled=document.state == "cancelled",
        test=document.test,
        party=party(document),
        rows=tuple(rows),
        taxes=tuple(_charges(rows, taxed, total)),
        total=total,
    )


def credited(back: Credit, sold: Sequence[Sold]) -> tuple[list[Row], list[tuple[str, Decimal]]]:
    """The lines of a credit, positive, and what is added to them."""
    given = articles(back, sold)
    rest, total = unexplained(back, given, sold), credit_total(back, sold)
    rows = [
        Row(
            "goods" if item["sku"] else "adjustment",
            item["sku"],
            f"{item['description']}, credited",
            number,
            rate,
            "lines",
        )
        for item, at in zip(back["items"], given, strict=True)
        if at.net
        for number, rate in price_pairs(
            item["quantity"] or Decimal(1), at.net, back["currency"], STEP
        )
    ]
    if rest.net or rest.taxes or not rows:
        rows.append(Row("adjustment", None, unexplained_name(back), ONE, rest.net))
    return rows, list(_charges(rows, [*given, rest], total))


def _charges(
    rows: Iterable[Row], taxed: Iterable[Taxed], total: Decimal
) -> Iterable[tuple[str, Decimal]]:
    """Taxes by rate, and under no name what the total has beyond them."""
    taxes: dict[Decimal, Decimal] = {}
    for at in taxed:
        for rate, amount in at.taxes:
            taxes[rate] = taxes.get(rate, Decimal(0)) + amount
    yield from ((f"{TAX}{pieces(rate)}", amount) for rate, amount in taxes.items() if amount)
    net = sum((row.quantity * row.rate for row in rows), Decimal(0))
    beyond = total - net - sum(taxes.values(), Decimal(0))
    if beyond:
        yield "", beyond


def line(row: Row, item: str, sign: int = 1) -> Values:
    """A line of any selling document."""
    return {
        "item_code": item,
        "description": row.text,
        "qty": float(row.quantity) * sign,
        "rate": float(row.rate),
        "price_list_rate": float(row.rate),
    }


def charge(name: str, amount: Decimal, account: str, sign: int = 1) -> Values:
    """A tax, or the last cent, as an amount of its own."""
    return {
        "charge_type": "Actual",
        "account_head": account,
        "description": name or "Rounding",
        "tax_amount": float(amount) * sign,
    }


def sold(there: Values) -> list[Sold]:
    """What a sales order in ERPNext says of a credit: articles with what left, rates of taxes."""
    lines = [Sold(it["item_code"], (), _number(it.get("delivered_qty"))) for it in there["items"]]
    words = (str(it.get("description") or "") for it in there.get("taxes") or ())
    told = (word.removeprefix(TAX) for word in words if word.startswith(TAX))
    rates = [Decimal(rate) for rate in told if _RATE.fullmatch(rate)]
    return [*lines, *(Sold(None, (rate,), Decimal(0)) for rate in rates)]


def delivery(left: Delivered, there: Values, code: Any) -> list[Values]:
    """What left, by the lines of the sales order. What is more than open stands alone, under 0."""
    told = []
    for sku, quantity in left["pieces"]:
        wanted = quantity
        for it in there["items"]:
            is_open = _number(it["qty"]) - _number(it.get("delivered_qty"))
            if it["item_code"] == code(sku) and is_open > 0 and wanted:
                taken = min(wanted, is_open)
                wanted -= taken
                told.append(
                    {
                        "item_code": it["item_code"],
                        "qty": float(taken),
                        "rate": float(_number(it["rate"])),
                        "so_detail": it["name"],
                        "against_sales_order": there["name"],
                    }
                )
        if wanted:
            told.append({"item_code": code(sku), "qty": 0.0})
    return told


def sides(it: Booking, accounts: dict[str, str], parties: dict[str, str]) -> list[Values]:
    """Debits and credits. A receivable or payable account has a party: `Customer: Name`."""
    told = []
    for side in it["lines"]:
        kind, _, name = parties.get(side.account, "").partition(":")
        row: Values = {
            "account": accounts[side.account],
            "debit_in_account_currency": float(side.debit),
            "credit_in_account_currency": float(side.credit),
            "user_remark": side.text or it["text"],
        }
        told.append(row | ({"party_type": kind.strip(), "party": name.strip()} if name else {}))
    return told


def directions(it: Movement) -> list[tuple[str, str, list[Moved]]]:
    """Reference, type of a stock entry and its pieces: what is more, and what is fewer."""
    more = [one for one in it["moved"] if one.pieces > 0]
    fewer = [one for one in it["moved"] if one.pieces < 0]
    ways = [
        (it["reference"], "Material Receipt", more),
        (f"{it['reference']}/out", "Material Issue", fewer),
    ]
    return [way for way in ways if way[2]]


def _number(value: Any) -> Decimal:
    return Decimal(str(value or 0))


DECODE: Decoders = {}
ENCODE: Encoders = {
    SalesOrder: order,
    Shipment: delivered,
    Refund: credit,
    JournalEntry: booking,
    GoodsReceipt: goods_in,
    ReturnReceipt: goods_back,
    StockChange: goods_changed,
}
