"""Orders in a real Tryton: to the cent, once, whatever the channel's way of counting."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.ports import Parts, Receipt
from adapters.tryton.books import tolerance
from hub.model.document import Address
from hub.model.errors import AlreadyDone, NeedsPerson, Rejected, UnknownCode
from hub.model.order import SalesOrder, TaxLine
from mappings.kit import Context
from mappings.kit.bills.sale import sale
from tests.adapters.tryton.builders import fee, line, order, shipping
from tests.adapters.tryton.conftest import Books, adapter
from tests.peers.tryton import TrytonServer

pytestmark = pytest.mark.peer("tryton")
D = Decimal

ORDERS = {
    "tax": order("tax", line("SKU-0001", 3, "10.00"), line("SKU-0002", 1, "7.99", "0.055")),
    "discount": order("discount", line("SKU-0001", 3, "19.99", discount="5.55")),
    "shipping": order("shipping", line("SKU-0001", 1, "12.49"), shipping=(shipping("4.90"),)),
    "untold rate": order(
        "untold", line("SKU-0001", 1, "12.49"), shipping=(shipping("4.90", stated=False),)
    ),
    "fee": order("fee", line("SKU-0001", 2, "3.33"), fees=(fee("2.50", "0.50"),)),
    "included": order(
        "included",
        line("SKU-0001", 3, "9.99", included=True),
        line("SKU-0003", 7, "1.29", "0.055", included=True),
        shipping=(shipping("4.95", included=True),),
        prices_include_tax=True,
    ),
    "same sku twice": order(
        "twice", line("SKU-0001", 1, "10.00"), line("SKU-0001", 2, "9.00", discount="1.00")
    ),
    "no tax": order("untaxed", line("SKU-0001", 2, "10.00", "0"), shipping=(shipping("3", "0"),)),
    "nothing to pay": order("gratis", line("SKU-0001", 1, "10.00", discount="10.00")),
    "many pieces": order("many", line("SKU-0001", 999, "0.04", discount="3.31")),
    "rounded": order("rounded", line("SKU-0001", 1, "10.00"), rounding="0.01"),
    "dollars": order("dollars", line("SKU-0001", 3, "10.01", "0.0875"), currency="USD"),
}


@pytest.fixture(scope="module")
def booked(tryton_server: TrytonServer) -> dict[str, Receipt | Exception]:
    """All of them, told in one batch."""
    receipts = adapter(tryton_server).send_many([(told, "k") for told in ORDERS.values()])
    return dict(zip(ORDERS, receipts, strict=True))


@pytest.mark.parametrize("name", list(ORDERS))
def test_an_order_becomes_a_sale_with_its_total_to_the_cent(
    name: str, booked: dict[str, Receipt | Exception], books: Books
) -> None:
    told = ORDERS[name]
    (sale,) = books.sales(told.channel_order_id, "number")
    assert booked[name] == Receipt(sale["number"])
    assert sale["state"] == "processing"
    assert sale["total_amount"] == told.totals.grand_total
    assert books.invoices(sale["invoices"]) == [("draft", told.totals.grand_total)]
    assert len(sale["shipments"]) == 1


def test_tax_is_tryton_s_own_and_equals_the_channel_s(erp: Parts, books: Books) -> None:
    told = order(
        "own-tax",
        line("SKU-0001", 3, "19.99", discount="5.55"),
        line("SKU-0002", 1, "7.99", "0.055"),
        shipping=(shipping("4.90"),),
    )
    erp.send(told, "k")
    (sale,) = books.sales("own-tax")
    assert (sale["tax_amount"], told.totals.tax) == (D("12.30"), D("12.30"))


def test_a_cent_of_tax_rounding_becomes_a_line_of_its_own(erp: Parts, books: Books) -> None:
    told = order("cents", *(line(f"SKU-000{n}", 1, "0.52") for n in range(1, 7)))
    erp.send(told, "k")
    (sale,) = books.sales("cents")
    assert told.totals.grand_total == D("3.72")
    assert sale["total_amount"] == D("3.72")
    assert books.lines(sale["id"])[-1] == ("ROUNDING", 1, D("-0.02"))


def test_two_taxes_of_a_line_may_each_be_rounded_apart(erp: Parts, books: Books) -> None:
    """3.425 and 0.685: a shop rounds both up, half to even is down."""
    stated = (
        TaxLine(title="State tax", rate=D("0.0625"), amount=D("3.43")),
        TaxLine(title="County tax", rate=D("0.0125"), amount=D("0.69")),
    )
    given = line("SKU-0001", 1, "54.80") | {"tax": D("4.12"), "total": D("58.92")}
    told = order("apart", given | {"tax_lines": stated})
    assert tolerance(sale(told, Context("erp"))["lines"], "EUR") == D("0.02")
    erp.send(told, "k")
    (kept,) = books.sales("apart")
    assert kept["total_amount"] == D("58.92")


def test_tax_that_no_rate_explains_is_booked_as_stated(erp: Parts, books: Books) -> None:
    given = line("SKU-0001", 1, "199.00", "0.06")
    stated = TaxLine(title="State", rate=D("0.06"), amount=D("3.98"))
    told = order("stated", given | {"tax": D("3.98"), "total": D("202.98"), "tax_lines": (stated,)})
    erp.send(told, "k")
    (sale,) = books.sales("stated")
    assert (sale["tax_amount"], sale["total_amount"]) == (D("3.98"), D("202.98"))
    assert books.lines(sale["id"]) == [
        ("SKU-0001", 1, D("199.0000")),
        ("ADJUSTMENT", 1, D("-132.67")),
        ("ADJUSTMENT", 1, D("132.67")),
    ]


def test_cancelled_pieces_are_billed_but_not_shipped(erp: Parts, books: Books) -> None:
    told = order("fewer", line("SKU-0001", 3, "10.00", cancelled_quantity=D(1)))
    erp.send(told, "k")
    (sale,) = books.sales("fewer")
    assert sale["total_amount"] == D("36.00")
    assert books.lines(sale["id"]) == [("SKU-0001", 2, D(10)), ("ADJUSTMENT", 1, D(10))]
    (moves,) = books.read("stock.shipment.out", [["id", "in", sale["shipments"]]], "moves")
    assert [row["quantity"] for row in books.read(*_moves(moves), "quantity")] == [2]


def _moves(row: dict[str, Any]) -> tuple[str, list[Any]]:
    return "stock.move", [["id", "in", row["moves"]], ["origin", "like", "sale.line,%"]]


def test_the_party_carries_a_digest_and_is_found_again(erp: Parts, books: Books) -> None:
    moved = Address(name="Jeanne Martin", lines=("1 rue Neuve",), city="Paris", country="FR")
    erp.send(order("first", line("SKU-0001", 1, "1.00")), "k")
    erp.send(order("second", line("SKU-0001", 1, "1.00")), "k")
    erp.send(order("third", line("SKU-0001", 1, "1.00"), ship_to=moved), "k")
    parties = {sale["party"] for n in ("first", "second", "third") for sale in _party(books, n)}
    (party,) = books.read("party.party", [["id", "in", list(parties)]], "code", "name", "addresses")
    assert party["name"] == "Jeanne Martin"
    assert party["code"].startswith("OH-shop-eu-")
    assert "jeanne" not in party["code"].lower()
    assert len(party["addresses"]) == 2


def _party(books: Books, number: str) -> list[dict[str, Any]]:
    return books.sales(number, "party")


def test_a_guest_without_any_address_can_be_sold_to(erp: Parts, books: Books) -> None:
    given = line("SKU-0001", 1, "5.00", requires_shipping=False)
    erp.send(order("guest", given, customer=None, ship_to=None, bill_to=None), "k")
    (sale,) = books.sales("guest", "party.name", "party.code")
    assert sale["party."]["name"] == "Guest"
    assert sale["state"] == "processing"


def test_G08_the_same_order_twice_is_one_sale(erp: Parts, books: Books) -> None:
    told = order("once", line("SKU-0001", 1, "10.00"))
    first = erp.send(told, "k")
    with pytest.raises(AlreadyDone) as again:
        erp.send(told, "k")
    assert again.value.reference == first.reference
    assert len(books.sales("once")) == 1
    assert erp.find(told) == first


def test_an_order_that_differs_from_its_sale_goes_to_a_person(erp: Parts, books: Books) -> None:
    erp.send(order("edited", line("SKU-0001", 1, "10.00")), "k")
    edited = order("edited", line("SKU-0001", 2, "10.00"))
    for ask in (lambda: erp.send(edited, "k"), lambda: erp.find(edited)):
        with pytest.raises(Rejected, match=r"comes to 12.00, the order to 24.00") as refused:
            ask()
        assert refused.value.code == "differs_at_partner"
    assert [sale["total_amount"] for sale in books.sales("edited")] == [D("12.00")]


def test_a_wrong_tax_in_tryton_is_refused_with_both_figures(
    tryton_server: TrytonServer, books: Books
) -> None:
    wrong = adapter(tryton_server, taxes={"0.20": "VAT 0.19"})
    with pytest.raises(Rejected, match=r"Tryton computes 119.00, the document says 120.00"):
        wrong.send(order("wrong", line("SKU-0001", 1, "100.00")), "k")
    assert [sale["state"] for sale in books.sales("wrong")] == ["draft"]
    right = adapter(tryton_server)
    right.send(order("wrong", line("SKU-0001", 1, "100.00")), "k")
    assert [sale["total_amount"] for sale in books.sales("wrong")] == [D("120.00")]


def test_what_tryton_does_not_know_waits_for_it_and_nothing_is_written(
    tryton_server: TrytonServer, books: Books
) -> None:
    erp = adapter(tryton_server)
    cases: list[tuple[SalesOrder, type[NeedsPerson], str]] = [
        (order("u1", line("NO-SUCH", 1, "1.00")), UnknownCode, "lines.0.sku"),
        (order("u2", line("SKU-0001", 1, "1.00", "0.42")), UnknownCode, "lines.0.sku"),
        (order("u3", line(None, 1, "1.00")), Rejected, "lines.0.sku"),
        (
            order("u4", line("SKU-0001", 1, "1.00"), ship_to=Address(country="JP")),
            NeedsPerson,
            "ship_to.country",
        ),
        (order("u5", line("SKU-0001", 1, "1.00"), currency="NOK"), NeedsPerson, "currency"),
    ]
    for told, kind, path in cases:
        with pytest.raises(kind) as refused:
            erp.send(told, "k")
        assert refused.value.path == path
        assert books.sales(told.channel_order_id) == []
        assert erp.find(told) is None


def test_codes_of_the_connection_name_products_and_taxes(
    tryton_server: TrytonServer, books: Books
) -> None:
    codes = {"products": {"SKU-0005": "TEE-RED-M"}, "taxes": {"VAT 0.13": "0.13"}}
    erp = adapter(tryton_server, at=Context("erp", codes=codes), taxes={})
    erp.send(order("coded", line("TEE-RED-M", 2, "10.00", "0.13")), "k")
    (sale,) = books.sales("coded")
    assert sale["total_amount"] == D("22.60")
    assert books.lines(sale["id"]) == [("SKU-0005", 2, D("10.0000"))]


def test_unknown_articles_may_be_sold_as_a_generic_one(
    tryton_server: TrytonServer, books: Books
) -> None:
    erp = adapter(tryton_server, unknown_product="GENERIC")
    digital = line("E-BOOK", 1, "3.00", requires_shipping=False)
    erp.send(order("any", line("NO-SUCH", 1, "1.00"), line(None, 2, "2.00"), digital), "k")
    (sale,) = books.sales("any")
    sold = [code for code, _, _ in books.lines(sale["id"])]
    assert sold == ["GENERIC", "GENERIC", "ADJUSTMENT"]


def test_a_test_order_is_not_told(erp: Parts, books: Books) -> None:
    told = order("test", line("SKU-0001", 1, "1.00"), test=True)
    assert erp.send(told, "k") == Receipt("not told: a test order")
    assert erp.find(told) == Receipt("not told: a test order")
    assert books.sales("test") == []


def test_an_order_cancelled_before_it_was_told_is_a_cancelled_sale(
    erp: Parts, books: Books
) -> None:
    told = order("never", line("SKU-0001", 1, "1.00"), state="cancelled")
    receipt = erp.send(told, "k")
    (sale,) = books.sales("never", "number")
    assert (sale["state"], sale["number"]) == ("cancelled", receipt.reference)
    assert (sale["invoices"], sale["shipments"]) == ([], [])
    with pytest.raises(AlreadyDone):
        erp.send(told, "k")


def test_an_order_cancelled_after_it_was_told_stops_what_had_not_left(
    erp: Parts, books: Books
) -> None:
    erp.send(order("stop", line("SKU-0001", 1, "1.00")), "k")
    cancelled = order("stop", line("SKU-0001", 1, "1.00"), state="cancelled")
    assert erp.find(cancelled) is None
    receipt = erp.send(cancelled, "k")
    (sale,) = books.sales("stop", "number")
    assert sale["number"] == receipt.reference
    assert [state for state, _ in books.invoices(sale["invoices"])] == ["cancelled"]
    assert [state for state, _ in books.shipments(sale["shipments"])] == ["cancelled"]
    assert sale["state"] == "done"
    assert erp.find(cancelled) == receipt
    with pytest.raises(AlreadyDone):
        erp.send(cancelled, "k")


def test_the_invoice_is_posted_when_the_connection_says(
    tryton_server: TrytonServer, books: Books
) -> None:
    states = []
    for when in ("order", "shipment", "never"):
        adapter(tryton_server, invoice_on=when).send(
            order(f"when-{when}", line("SKU-0001", 1, "1.00")), "k"
        )
        (sale,) = books.sales(f"when-{when}")
        states += books.invoices(sale["invoices"])
    assert states == [("posted", D("1.20")), ("draft", D("1.20")), ("draft", D("1.20"))]


def test_without_goods_the_invoice_is_posted_at_once(
    tryton_server: TrytonServer, books: Books
) -> None:
    erp = adapter(tryton_server, unknown_product="GENERIC", invoice_on="shipment")
    erp.send(order("digital", line("E-BOOK", 1, "5.00", requires_shipping=False)), "k")
    (sale,) = books.sales("digital")
    assert books.invoices(sale["invoices"]) == [("posted", D("6.00"))]
    assert sale["shipments"] == []
