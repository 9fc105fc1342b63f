"""Refunds in a real Tryton: credit notes to the cent, goods back only where goods had left."""

from decimal import Decimal

import pytest

from adapters.ports import Parts, Receipt
from hub.model.errors import AlreadyDone, TryLater
from tests.adapters.tryton.builders import back, fee, line, order, refund, shipment, shipping
from tests.adapters.tryton.conftest import Books, adapter
from tests.peers.tryton import TrytonServer

pytestmark = [pytest.mark.peer("tryton"), pytest.mark.long]
D = Decimal


@pytest.fixture(scope="module")
def sold(tryton_server: TrytonServer) -> Parts:
    """One order sold and shipped, for refunds of every kind."""
    erp = adapter(tryton_server)
    told = SOLD
    erp.send(told, "k")
    erp.send(shipment(told, "R1"), "k")
    return erp


SOLD = order(
    "sold",
    line("SKU-0001", 3, "10.00"),
    line("SKU-0002", 2, "4.00", "0.055"),
    shipping=(shipping("4.90"),),
    fees=(fee("1.00", "0"),),
)

CASES = {
    # name: (money, its lines, other fields) -> (total, tax, lines, return shipments)
    "goods back": (
        ("24.00", [back("SKU-0001", 2, "20.00", "4.00", restock=True)], {"tax": D("4.00")}),
        ("-24.00", "-4.00", [("SKU-0001", -2, D(10))], 1),
    ),
    "goods back, tax included": (
        ("12.00", [back("SKU-0001", 1, "12.00", "2.00", restock=True)], {}),
        ("-12.00", "-2.00", [("SKU-0001", -1, D(10))], 1),
    ),
    "goods kept": (
        ("4.22", [back("SKU-0002", 1, "4.00", "0.22", restock=False)], {}),
        ("-4.22", "-0.22", [("ADJUSTMENT", 1, D(-4))], 0),
    ),
    "shipping": (
        ("5.88", [], {"shipping_amount": D("5.88"), "tax": D("0.98")}),
        ("-5.88", "-0.98", [("ADJUSTMENT", 1, D("-4.90"))], 0),
    ),
    "an amount": (("3.00", [], {}), ("-3.00", "0", [("ADJUSTMENT", 1, D(-3))], 0)),
    "less than the lines": (
        ("11.00", [back("SKU-0001", 1, "10.00", "2.00", restock=False)], {}),
        ("-11.00", "-2.00", [("ADJUSTMENT", 1, D(-10)), ("ADJUSTMENT", 1, D(1))], 0),
    ),
    "articles taken out before payment": (
        ("0", [back("SKU-0001", 1, "10.00", "2.00", restock=False)], {}),
        ("-12.00", "-2.00", [("ADJUSTMENT", 1, D(-10))], 0),
    ),
    "an unknown article": (
        ("2.00", [back("GONE", 1, "2.00", "0", restock=True)], {}),
        ("-2.00", "0", [("ADJUSTMENT", 1, D(-2))], 0),
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_refund_becomes_a_credit_note_to_the_cent(name: str, sold: Parts, books: Books) -> None:
    (amount, lines, more), (total, tax, booked, returns) = CASES[name]
    told = refund(SOLD, name.replace(" ", "-"), amount, *lines, **more)
    receipt = sold.send(told, "k")
    (sale,) = books.sales(f"sold/refund/{told.refund_id}", "number", "shipment_returns", "origin")
    assert (sale["total_amount"], sale["tax_amount"]) == (D(total), D(tax))
    assert books.lines(sale["id"]) == booked
    assert books.invoices(sale["invoices"]) == [("draft", D(total))]
    assert len(sale["shipment_returns"]) == returns
    assert sale["number"] == receipt.reference
    assert sold.find(told) == receipt


def test_G08_the_same_refund_twice_is_one_credit_note(sold: Parts, books: Books) -> None:
    told = refund(SOLD, "twice", "1.00")
    first = sold.send(told, "k")
    with pytest.raises(AlreadyDone) as again:
        sold.send(told, "k")
    assert again.value.reference == first.reference
    assert len(books.sales("sold/refund/twice")) == 1


def test_the_credit_note_is_posted_with_the_refund(
    tryton_server: TrytonServer, sold: Parts, books: Books
) -> None:
    told = refund(SOLD, "posted", "2.40")
    assert sold.find(told) is None
    adapter(tryton_server, invoice_on="shipment").send(told, "k")
    (sale,) = books.sales("sold/refund/posted")
    assert books.invoices(sale["invoices"]) == [("posted", D("-2.40"))]


def test_a_refund_of_nothing_is_not_told(sold: Parts, books: Books) -> None:
    told = refund(SOLD, "nothing", "0")
    nothing = Receipt("nothing to credit: neither money nor articles came back")
    assert (sold.send(told, "k"), sold.find(told)) == (nothing, nothing)
    assert books.sales("sold/refund/nothing") == []


def test_goods_that_never_left_do_not_come_back(erp: Parts, books: Books) -> None:
    told = order("kept", line("SKU-0001", 1, "10.00"))
    erp.send(told, "k")
    erp.send(refund(told, "K1", "12.00", back("SKU-0001", 1, "10.00", "2.00", restock=True)), "k")
    (sale,) = books.sales("kept/refund/K1", "shipment_returns")
    assert books.lines(sale["id"]) == [("ADJUSTMENT", 1, D(-10))]
    assert sale["shipment_returns"] == []


def test_a_cancelled_sale_was_never_billed_and_is_not_credited(erp: Parts, books: Books) -> None:
    told = order("void", line("SKU-0001", 1, "10.00"), state="cancelled")
    erp.send(told, "k")
    given = refund(told, "V1", "12.00")
    nothing = Receipt("nothing to credit: the sale was cancelled before it was billed")
    assert (erp.send(given, "k"), erp.find(given)) == (nothing, nothing)
    assert len(books.sales("void")) == 1


def test_a_refund_before_its_sale_waits(erp: Parts, books: Books) -> None:
    told = order("unsold", line("SKU-0001", 1, "10.00"))
    with pytest.raises(TryLater):
        erp.send(refund(told, "U1", "1.00"), "k")
    assert erp.find(refund(told, "U1", "1.00")) is None
    assert books.sales("unsold") == []
