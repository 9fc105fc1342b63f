"""The returns desk: one return to its refund and one to its exchange, as people do them."""

import re
from uuid import UUID

import pytest

from hub.flows.returns import request
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from tests.flows.returns.counter import asked
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console, Person


@pytest.fixture
def person(console: Console) -> Person:
    """Somebody at a hub that sold two A and one B."""
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    return console.person("operator")


def case(console: Console, **how: str) -> str:
    """A return of two A that was asked for."""
    document = read("return", asked("R-1", 1001, {"A": 2}, **how))
    partner = console.world.store.directory().connections["shop"]
    with console.world.unit() as unit:
        told = Told(document, partner, new_id(), new_id())
        assert request.keep(unit, [told], is_own=True)[0].status == "done"
    found: UUID = console.world.one("SELECT id FROM customer_return")
    return f"/returns/{found}"


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_return_goes_to_its_refund_and_money_is_shown_before(
    console: Console, person: Person
) -> None:
    path = case(console)
    assert "R-1" in person.get("/returns?status=requested").text
    person.post(f"{path}/approve", warehouse="wh")
    person.post(f"{path}/receive", **{"1-uninspected": "2"})
    person.post(f"{path}/inspect", **{"1-good": "1", "1-defective": "1", "note": "a scratch"})
    person.post(f"{path}/confirm", kind="refund")
    shown = words(person.get(f"{path}?goodwill=1.50&restocking_fee=2").text)
    assert "The customer gets €19.50" in shown
    assert "Give €19.50 back" in shown
    person.post(f"{path}/refund", goodwill="1.50", restocking_fee="2")
    assert console.world.one("SELECT sum(amount) FROM return_money") == 19.5
    rows = console.world.sql("SELECT quality, on_hand FROM stock_level WHERE quality <> 'good'")
    assert {row.quality: int(row.on_hand) for row in rows} == {"defective": 1, "uninspected": 0}
    assert "R-1-1" in person.get(path).text


def test_a_return_goes_to_its_exchange(console: Console, person: Person) -> None:
    path = case(console, kind="exchange")
    person.post(f"{path}/approve", warehouse="wh")
    person.post(f"{path}/receive", **{"1-good": "2"})
    person.post(f"{path}/confirm")
    shown = words(person.get(f"{path}?lines=B+1+12.00").text)
    assert "What came back is worth €20.00" in shown
    assert "The customer gets €8.00" in shown
    person.post(f"{path}/exchange", lines="B 1 12.00")
    assert console.world.one("SELECT status FROM customer_return") == "exchanged"
    assert (
        console.world.one("SELECT grand_total FROM sales_order WHERE order_number = '#1001-X'")
        == 12
    )


def test_a_warehouse_does_not_pay_and_finance_does_not_inspect(
    console: Console, person: Person
) -> None:
    path = case(console)
    warehouse, finance = console.person("warehouse"), console.person("finance")
    assert warehouse.post(f"{path}/refund").status_code == 403
    assert finance.post(f"{path}/inspect").status_code == 403
    assert "<h2>Receive</h2>" not in finance.get(path).text
