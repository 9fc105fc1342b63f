"""Stock lies where it is said to lie: in the warehouse that tells, or in the one named by books."""

from decimal import Decimal
from typing import Any

from hub import flows
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from tests.kit.catalogue import stock_report

NOON = "2026-11-24T12:00:00Z"


def test_books_count_in_the_warehouses_that_they_name_and_in_no_other_place(
    new_merchant: Any,
) -> None:
    acme = new_merchant(A=10, B=5)
    other = new_merchant(A=1)
    warehouse, books = acme.at_wh.code, acme.at_erp.code
    partner = acme.world.store.directory().connections[books]
    named = {"r1": warehouse, "r2": "nowhere", "r3": other.at_wh.code, "r4": books, "r5": warehouse}
    reports = [
        stock_report(number, pieces={"A" if number == "r1" else "B": 7}, at=NOON)
        | {"source": {"connection": books, "id": number}, "warehouse": code}
        for number, code in named.items()
    ]
    told = [Told(read("stock_report", it), partner, new_id(), new_id()) for it in reports]
    with acme.world.unit() as unit:
        verdicts = flows.take(unit, told)
    assert [(it.status, it.path) for it in verdicts] == [
        ("done", ""),
        *[("parked", "warehouse")] * 3,
        ("done", ""),
    ]
    assert acme.stock() == {"A": (7, 0), "B": (7, 0)}
    rows = acme.rows("SELECT DISTINCT warehouse FROM stock_level WHERE merchant_id = :merchant")
    assert [row.warehouse for row in rows] == [warehouse]
    lines = acme.rows(
        "SELECT sku, delta FROM ledger WHERE merchant_id = :merchant AND document LIKE 'stock_rep%'"
    )
    assert {(row.sku, row.delta) for row in lines} == {("A", Decimal(-3)), ("B", Decimal(2))}
    acme.world.check_books()
