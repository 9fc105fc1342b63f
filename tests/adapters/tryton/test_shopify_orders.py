"""Every Shopify order that we have, through its mapping into a real Tryton, shipped and billed.

Test orders and cancelled ones are told as if they were live: here it is their amounts that count.
Recordings of one and the same order are sold once.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.ports import Parts, Receipt
from hub.model.errors import NeedsPerson
from hub.model.order import SalesOrder
from mappings.kit import Context, code_lists, decode
from mappings.shopify import DECODE
from mappings.tryton import ENCODE
from tests.adapters.tryton.builders import shipment
from tests.adapters.tryton.conftest import Books, adapter
from tests.kit.fixtures import SHARED
from tests.peers.tryton import TrytonServer

pytestmark = [pytest.mark.peer("tryton"), pytest.mark.slow, pytest.mark.long]

NAMES = ("order-*", "orders-*", "webhook-orders-*", "graphql-order-*")
OWN = Path(__file__).parents[2] / "mappings" / "shopify" / "cases"


def live_orders() -> dict[str, SalesOrder]:
    """The orders by file name; where the recordings are not there, our own samples."""
    folder = SHARED / "channels" / "shopify"
    files = [file for name in NAMES for file in sorted(folder.glob(f"{name}.json"))]
    files = files or sorted(OWN.glob("orders.*.in.json"))
    found: dict[str, SalesOrder] = {}
    seen = set()
    for file in files:
        at = Context(file.name.split(".")[0], codes=code_lists("shopify"))
        try:
            documents = decode(DECODE, "orders/create", file.read_bytes(), at)
        except NeedsPerson:
            continue  # no order
        for told in documents:
            if isinstance(told, SalesOrder):
                changes = {"test": False, "state": "open", "cancelled_at": None}
                live = told.model_copy(update=changes)
                content = live.model_dump_json(include={"lines", "shipping", "totals", "currency"})
                if content not in seen:
                    found[file.name] = live
                    seen.add(content)
    return found


ORDERS = live_orders()


@pytest.fixture(scope="module")
def shop(tryton_server: TrytonServer, books: Books) -> Parts:
    """A connection whose operator gave a tax to every rate that occurs, and an article to all."""
    told = [ENCODE[SalesOrder](one, Context("erp")) for one in ORDERS.values()]
    rates = sorted({rate for sale in told for line in sale["lines"] for rate in line["rates"]})
    names = {rate: f"Channel {rate}" for rate in rates}
    (like,) = books.read("account.tax", [["name", "=", "VAT 0.20"]], "invoice_account")
    accounts = {f"{kind}_account": like["invoice_account"] for kind in ("invoice", "credit_note")}
    made = [
        {"name": name, "description": name, "type": "percentage", "rate": rate, "company": 1}
        for rate, name in names.items()
    ]
    books.rpc.call("account.tax", "create", [one | accounts for one in made])
    settings = {"unknown_product": "GENERIC", "invoice_on": "shipment", "taxes": names}
    return adapter(tryton_server, **settings)


@pytest.fixture(scope="module")
def booked(shop: Parts) -> dict[str, Receipt | Exception]:
    outcomes = shop.send_many([(told, "k") for told in ORDERS.values()])
    return dict(zip(ORDERS, outcomes, strict=True))


@pytest.mark.parametrize("name", list(ORDERS))
def test_a_real_order_is_sold_shipped_and_billed_to_the_cent(
    name: str, shop: Parts, booked: dict[str, Receipt | Exception], books: Books
) -> None:
    told = ORDERS[name]
    total = told.totals.grand_total
    assert isinstance(booked[name], Receipt), booked[name]
    if any(one.ours_to_ship and one.quantity > one.cancelled_quantity for one in told.lines):
        shop.send(shipment(told, told.source.connection), "k")
    reference = f"{told.source.connection}/{told.channel_order_id}"
    domain = [["reference", "=", reference]]
    (sale,) = books.read("sale.sale", domain, "total_amount", "tax_amount", "invoices", "shipments")
    last = [["sale.reference", "=", reference], ["product.code", "=", "ROUNDING"]]
    last_cents = books.read("sale.line", last, "amount")
    rounding = sum((line["amount"] for line in last_cents), Decimal(0)) - told.totals.rounding
    assert (sale["total_amount"], sale["tax_amount"] + rounding) == (total, told.totals.tax)
    assert books.invoices(sale["invoices"]) == [("posted", total)]
    assert {state for state, _ in books.shipments(sale["shipments"])} <= {"done"}


def test_the_orders_come_to_different_amounts() -> None:
    assert len({told.totals.grand_total for told in ORDERS.values()} - {Decimal(0)}) >= 2
