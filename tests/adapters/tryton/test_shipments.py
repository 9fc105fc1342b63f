"""Shipments in a real Tryton: in parts, once, with stock and invoice following."""

from decimal import Decimal

import pytest

from adapters.ports import Parts
from hub.model.errors import AlreadyDone, BadData, Rejected, TryLater
from tests.adapters.tryton.builders import line, order, shipment
from tests.adapters.tryton.conftest import Books, adapter
from tests.peers.tryton import TrytonServer

pytestmark = pytest.mark.peer("tryton")
D = Decimal


@pytest.fixture(scope="module")
def billing(tryton_server: TrytonServer) -> Parts:
    """A connection that posts invoices when all has left."""
    return adapter(tryton_server, invoice_on="shipment")


def test_a_shipment_takes_the_goods_out_and_posts_the_invoice(billing: Parts, books: Books) -> None:
    erp = billing
    told = order("left", line("SKU-0006", 2, "10.00"))
    erp.send(told, "k")
    before = _on_hand(books, "SKU-0006")
    erp.send(shipment(told, "S1"), "k")
    (sale,) = books.sales("left")
    assert books.shipments(sale["shipments"]) == [("done", "wh-ams/S1 TRACK-S1")]
    assert books.invoices(sale["invoices"]) == [("posted", D("24.00"))]
    assert _on_hand(books, "SKU-0006") == before - 2


def _on_hand(books: Books, code: str) -> Decimal:
    moves = books.read(
        "stock.move",
        [
            ["product.code", "=", code],
            ["state", "=", "done"],
            ["to_location.type", "=", "customer"],
        ],
        "quantity",
    )
    return -sum((move["quantity"] for move in moves), D(0))


def test_a_part_and_then_the_rest(billing: Parts, books: Books) -> None:
    erp = billing
    told = order("parts", line("SKU-0001", 3, "10.00"), line("SKU-0002", 2, "5.00"))
    erp.send(told, "k")
    part = shipment(told, "P1", {"SKU-0001": 2}, last=False)
    rest = shipment(told, "P2", {"SKU-0001": 1, "SKU-0002": 2})
    first = erp.send(part, "k")
    (sale,) = books.sales("parts")
    assert [state for state, _ in books.shipments(sale["shipments"])] == ["done", "waiting"]
    assert books.invoices(sale["invoices"]) == [("draft", D("48.00"))]
    second = erp.send(rest, "k")
    (sale,) = books.sales("parts")
    assert books.shipments(sale["shipments"]) == [
        ("done", "wh-ams/P1 TRACK-P1"),
        ("done", "wh-ams/P2 TRACK-P2"),
    ]
    assert books.invoices(sale["invoices"]) == [("posted", D("48.00"))]
    assert (erp.find(part), erp.find(rest)) == (first, second)


def test_pieces_of_one_sku_are_spread_over_its_lines(erp: Parts, books: Books) -> None:
    told = order("spread", line("SKU-0001", 1, "10.00"), line("SKU-0001", 2, "9.00"))
    erp.send(told, "k")
    erp.send(shipment(told, "SP1", {"SKU-0001": 2}, last=False), "k")
    (sale,) = books.sales("spread")
    (done, rest) = books.read(
        "stock.shipment.out", [["id", "in", sale["shipments"]]], "outgoing_moves"
    )
    moved = [
        [row["quantity"] for row in books.read("stock.move", [["id", "in", moves]], "quantity")]
        for moves in (done["outgoing_moves"], rest["outgoing_moves"])
    ]
    assert moved == [[1, 1], [1]]


def test_G08_the_same_shipment_twice_moves_once(erp: Parts, books: Books) -> None:
    told = order("moved", line("SKU-0001", 1, "10.00"))
    erp.send(told, "k")
    left = shipment(told, "M1")
    first = erp.send(left, "k")
    with pytest.raises(AlreadyDone) as again:
        erp.send(left, "k")
    assert again.value.reference == first.reference
    (sale,) = books.sales("moved")
    assert len(sale["shipments"]) == 1


def test_more_than_was_sold_is_refused_and_nothing_moves(erp: Parts, books: Books) -> None:
    told = order("over", line("SKU-0001", 1, "10.00"))
    erp.send(told, "k")
    with pytest.raises(Rejected, match="more shipped than is open: 1 of SKU-0001"):
        erp.send(shipment(told, "O1", {"SKU-0001": 2}), "k")
    (sale,) = books.sales("over")
    assert books.shipments(sale["shipments"]) == [("waiting", None)]


def test_a_shipment_before_its_sale_waits(erp: Parts) -> None:
    told = order("early", line("SKU-0001", 1, "10.00"))
    with pytest.raises(TryLater, match="not in Tryton's books yet"):
        erp.send(shipment(told, "E1"), "k")
    assert erp.find(shipment(told, "E1")) is None


def test_a_shipment_without_its_order_is_bad_data(erp: Parts) -> None:
    loose = shipment(order("loose", line("SKU-0001", 1, "1")), "L1").model_copy(
        update={"order": None}
    )
    with pytest.raises(BadData) as refused:
        erp.send(loose, "k")
    assert refused.value.path == "order"


def test_stock_that_tryton_does_not_count_is_forced_or_refused(
    tryton_server: TrytonServer, books: Books
) -> None:
    told = order("empty", line("SKU-0019", 1, "10.00"))
    strict, trusting = adapter(tryton_server, assign_force=False), adapter(tryton_server)
    strict.send(told, "k")
    with pytest.raises(Rejected, match="too little stock"):
        strict.send(shipment(told, "F1"), "k")
    trusting.send(shipment(told, "F1"), "k")
    (sale,) = books.sales("empty")
    assert [state for state, _ in books.shipments(sale["shipments"])] == ["done"]


def test_a_shipment_half_picked_by_hand_is_taken_up_and_its_warning_answered(
    tryton_server: TrytonServer, books: Books
) -> None:
    told = order("hands", line("SKU-0001", 3, "10.00"))
    adapter(tryton_server).send(told, "k")
    (sale,) = books.sales("hands")
    (number,) = sale["shipments"]
    books.rpc.call("stock.shipment.out", "write", [number], {"reference": "wh-ams/H1 TRACK-H1"})
    for button in ("assign_try", "pick"):
        books.rpc.call("stock.shipment.out", button, [number])
    (row,) = books.read("stock.shipment.out", [["id", "=", number]], "outgoing_moves")
    books.rpc.call("stock.move", "write", row["outgoing_moves"], {"quantity": 2.0})
    wary = adapter(tryton_server, allowed_warnings=())
    with pytest.raises(Rejected, match=r"Tryton asks \(check_quantity_product\)") as asked:
        wary.send(shipment(told, "H1"), "k")
    assert asked.value.code == "warning"
    assert books.shipments([number]) == [("picked", "wh-ams/H1 TRACK-H1")]
    adapter(tryton_server).send(shipment(told, "H1"), "k")
    assert books.shipments([number]) == [("done", "wh-ams/H1 TRACK-H1")]
