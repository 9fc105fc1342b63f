"""Forms as they are saved. Prices are told with tax and Kingdee takes the tax out of them: so the
total is ours to the cent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hub.model.errors import UnknownCode
from hub.model.money import round_to
from hub.model.order import SalesOrder
from mappings.kit import Context
from mappings.kit.bills import price_pairs
from mappings.kit.ledger_lines import (
    Booking,
    Credit,
    Sold,
    articles,
    items,
    order_reference,
    unexplained,
    unexplained_name,
)

Model = dict[str, Any]
STEP = Decimal("0.000001")
ORDER, OUT, BACK, DUE = "SAL_SaleOrder", "SAL_OUTSTOCK", "SAL_RETURNSTOCK", "AR_receivable"
MORE, FEWER, VOUCHER = "STK_MISCELLANEOUS", "STK_MisDelivery", "GL_VOUCHER"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a company says of itself: numbers of its base data."""

    organisation: str
    customer: str
    stock: str
    defective_stock: str = ""
    stocks: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    book: str = ""
    voucher_group: str = "PRE001"

    def currency(self, code: str) -> str:
        """A currency's number."""
        found = self.currencies.get(code)
        if found is None:
            raise UnknownCode("currencies", code, path="currency")
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """A line with tax in its price; `percent` is the tax's rate."""

    role: str
    sku: str | None
    text: str
    quantity: Decimal
    price: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """A sales order with what it must come to."""

    reference: str
    number: str
    date: str
    currency: str
    cancelled: bool
    test: bool
    rows: tuple[Row, ...]
    total: Decimal


def order(document: SalesOrder, at: Context) -> Order:
    """The whole order."""
    rows = list(_rows(document, at))
    total = document.totals.grand_total
    beyond = total - sum((row.quantity * row.price for row in rows), Decimal(0))
    beyond = round_to(beyond, document.currency)
    rounding = [Row("rounding", None, "Rounding", Decimal(1), beyond, Decimal(0))]
    return Order(
        reference=order_reference(document.source.connection, document.channel_order_id),
        number=document.order_number,
        date=str(document.placed_at.date()),
        currency=document.currency,
        cancelled=document.state == "cancelled",
        test=document.test,
        rows=(*rows, *(rounding if beyond else ())),
        total=total,
    )


def _rows(document: SalesOrder, at: Context) -> Iterator[Row]:
    for item in items(document, at):
        percent, left, pieces = _percent(item.at.rates), item.at.tax, Decimal(0)
        whole = sum((part.quantity for part in item.parts), Decimal(0))
        for part in item.parts:
            pieces += part.quantity
            share = round_to(left * part.quantity / whole, document.currency)
            tax = left if pieces == whole else share
            left, whole, pieces = left - tax, whole - part.quantity, Decimal(0)
            gross = part.net + tax
            for number, price in price_pairs(part.quantity, gross, document.currency, STEP):
                yield Row(part.role, part.sku, part.description, number, price, percent)


def credited(back: Credit, sold: Sequence[Sold]) -> list[Row]:
    """What is credited, in negative pieces."""
    given = articles(back, sold)
    rest, rows = unexplained(back, given, sold), list[Row]()
    for item, at in zip(back["items"], given, strict=True):
        if at.gross:
            role = "goods" if item["sku"] else "adjustment"
            text, count = f"{item['description']}, credited", item["quantity"] or Decimal(1)
            for number, price in price_pairs(count, at.gross, back["currency"], STEP):
                rows.append(Row(role, item["sku"], text, -number, price, _percent(at.rates)))
    if rest.gross or not rows:
        text, percent = unexplained_name(back), _percent(rest.rates)
        rows.append(Row("adjustment", None, text, Decimal(-1), rest.gross, percent))
    return rows


def _percent(rates: Sequence[Decimal]) -> Decimal:
    return sum(rates, Decimal(0)) * 100


def by_number(number: str, key: str = "FNumber") -> Model:
    """Base data."""
    return {key: number}


def sales_order(it: Order, terms: Terms) -> Model:
    """SAL_SaleOrder."""
    return {
        "FBillTypeID": by_number("XSDD01_SYS", "FNUMBER"),
        "FDate": it.date,
        "FSaleOrgId": by_number(terms.organisation),
        "FCustId": by_number(terms.customer),
        "FNote": it.number,
        "FSaleOrderFinance": {
            "FSettleCurrId": by_number(terms.currency(it.currency)),
            "FIsIncludedTax": True,
            "FIsPriceExcludeTax": False,
        },
        "FSaleOrderEntry": [
            {
                "FMaterialId": by_number(material(row.role, row.sku, terms)),
                "FQty": float(row.quantity),
                "FTaxPrice": float(row.price),
                "FEntryTaxRate": float(row.percent),
                "FDeliveryDate": it.date,
                "FEntryNote": row.text,
            }
            for row in it.rows
        ],
    }


def receivable(back: Credit, rows: Sequence[Row], terms: Terms) -> Model:
    """AR_receivable below zero."""
    date, organisation = str(back["sale_date"]), by_number(terms.organisation)
    return {
        "FBillTypeID": by_number("YSD01_SYS", "FNUMBER"),
        "FDATE": date,
        "FENDDATE_H": date,
        "FCUSTOMERID": by_number(terms.customer),
        "FCURRENCYID": by_number(terms.currency(back["currency"])),
        "FSETTLEORGID": organisation,
        "FPAYORGID": organisation,
        "FAR_Remark": back["reason"] or back["order"],
        "FISTAX": True,
        "FEntityDetail": [
            {
                "FMATERIALID": by_number(material(row.role, row.sku, terms)),
                "FPriceQty": float(row.quantity),
                "FTaxPrice": float(row.price),
                "FEntryTaxRate": float(row.percent),
                "FCOMMENT": row.text,
            }
            for row in rows
        ],
    }


def voucher(it: Booking, terms: Terms) -> Model:
    """GL_VOUCHER."""
    return {
        "FAccountBookID": by_number(terms.book),
        "FDate": str(it["date"]),
        "FVOUCHERGROUPID": by_number(terms.voucher_group),
        "FEntity": [
            {
                "FEXPLANATION": side.text or it["text"],
                "FACCOUNTID": by_number(side.account),
                "FCURRENCYID": by_number(terms.currency(it["currency"])),
                "FEXCHANGERATETYPE": by_number("HLTX01_SYS"),
                "FAMOUNTFOR": float(side.debit or side.credit),
                "FDEBIT": float(side.debit),
                "FCREDIT": float(side.credit),
            }
            for side in it["lines"]
        ],
    }


def material(role: str, sku: str | None, terms: Terms) -> str:
    """The material of a line."""
    return terms.services.get(role) or sku or terms.services["adjustment"]
