"""Kits that were sent as their parts come back as their parts; everybody but the warehouse hears of
kits.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest

from hub.flows.products import learn
from hub.flows.returns.requests import Found
from hub.model.errors import BadData
from hub.model.fulfilment import FulfilmentOrder
from hub.model.order import Refund
from hub.model.product import Product
from hub.model.returns import Return
from hub.rules.messages.receiving import Verdict
from tests.flows.fulfilment.test_kits_shipped import teach
from tests.flows.returns.counter import Counter
from tests.kit.catalogue import product, sales_order, shipment

SET = {"A": 2, "B": 1}


@pytest.fixture
def counter(new_counter: Callable[..., Counter]) -> Counter:
    """Two sets of two A and a B were sold at ten each, sent as their parts, and a C."""
    counter = new_counter()
    teach(counter.acme, SET=SET)
    counter.sold(lines=[("SET", 2), ("C", 1)])
    return counter


def asks(counter: Counter, number: str = "rma-1", **pieces: int) -> None:
    assert counter.asks(number=number, pieces=pieces).status == "done"
    counter.approve(at=_last(counter))


def _last(counter: Counter) -> int:
    return len(counter.acme.rows("SELECT id FROM customer_return WHERE merchant_id=:merchant")) - 1


def expected(counter: Counter, at: int = 0) -> list[tuple[str | None, int]]:
    return [(it.sku, int(it.quantity)) for it in counter.row(at).lines]


def came(counter: Counter, at: int = 0, **pieces: int) -> None:
    """Good pieces came in."""
    number = counter.row(at).number
    receipt = "-".join(f"{sku}{n}" for sku, n in pieces.items())
    said = {(sku, "good"): n for sku, n in pieces.items()}
    assert counter.came(number, f"{receipt}-{at}", pieces=said).status == "done"


def paid(counter: Counter, at: int = 0, **pieces: int) -> Decimal:
    """What is paid back for good pieces that come in."""
    came(counter, at, **pieces)
    if counter.status(at) == "inspected":
        counter.does("confirm", None, at=at)
    return counter.pays(at)


def priced(counter: Counter, currency: str = "EUR", **each: str) -> None:
    said = [product(sku, price=price, currency=currency) for sku, price in each.items()]
    with counter.world.unit() as unit:
        learn.upsert(unit, [(counter.acme.code, Product.model_validate(it)) for it in said], None)


def told(counter: Counter, partner: str) -> list[Return]:
    counter.world.run()
    return [it for _, _, it in counter.world.at(partner).told if isinstance(it, Return)]


def refunded(counter: Counter) -> list[tuple[str | None, int, Decimal]]:
    """The lines of the refunds that the shop was told of."""
    counter.world.run()
    made = [it for _, _, it in counter.world.at(counter.shop).told if isinstance(it, Refund)]
    return [(it.sku, int(it.quantity), it.amount) for one in made for it in one.lines]


def test_a_whole_kit_comes_back_as_its_parts(counter: Counter) -> None:
    before = {sku: counter.levels(sku)["good"] for sku in "AB"}
    asks(counter, SET=1)
    (notice,) = told(counter, counter.wh)
    assert [(it.line_no, it.order_line_no, it.sku, it.kit) for it in notice.lines] == [
        (1, 1, "A", "SET"),
        (2, 1, "B", "SET"),
    ]
    counter.came(pieces={("A", "good"): 1, ("A", "defective"): 1, ("B", "good"): 1})
    assert counter.levels("A") == {"good": before["A"] + 1, "defective": 1}
    assert counter.levels("B") == {"good": before["B"] + 1}
    counter.does("confirm", None)
    assert counter.pays() == Decimal(10)
    assert refunded(counter) == [("SET", 1, Decimal(10))]
    for partner in (counter.shop, counter.acme.at_erp.code):
        last = told(counter, partner)[-1]
        assert [(it.channel_line_id, it.sku, int(it.quantity)) for it in last.lines] == [
            ("1001-1", "SET", 1)
        ]
        came_as = [(it.quality, int(it.quantity)) for it in last.lines[0].dispositions]
        assert came_as == [("defective", 1)]
    counter.check()


def test_only_part_of_a_kit_is_its_share_by_pieces_and_the_rest_makes_it_whole(
    counter: Counter,
) -> None:
    asks(counter, SET=1)
    assert paid(counter, A=1) == Decimal("3.33")
    assert refunded(counter) == [("SET", 0, Decimal("3.33"))]
    with pytest.raises(BadData, match="nothing is left"):
        counter.pays()
    assert paid(counter, A=1, B=1) == Decimal("6.67")
    assert refunded(counter)[1:] == [("SET", 1, Decimal("6.67"))]
    counter.check()


def test_parts_are_worth_what_they_cost(counter: Counter) -> None:
    priced(counter, A="1.50", B="7.00")
    asks(counter, SET=2)
    assert expected(counter) == [("A", 4), ("B", 2)]
    assert paid(counter, B=1) == Decimal("7.00")
    assert paid(counter, A=3) == Decimal("4.50")
    assert paid(counter, A=1, B=1) == Decimal("8.50")
    assert [it[1] for it in refunded(counter)] == [0, 1, 1]
    counter.check()


def test_prices_of_another_currency_say_nothing(counter: Counter) -> None:
    priced(counter, "USD", A="1.50", B="7.00")
    asks(counter, SET=1)
    assert paid(counter, B=1) == Decimal("3.33")


def test_two_returns_of_one_line_share_what_is_left(counter: Counter) -> None:
    """A kit of which only a part came keeps its other parts' money; the next kit is a whole one."""
    asks(counter, SET=1)
    assert paid(counter, A=1) == Decimal("3.33")
    counter.does("close", "no more will come")
    asks(counter, "rma-2", SET=1)
    assert expected(counter, 1) == [("A", 2), ("B", 1)]
    assert paid(counter, 1, A=2, B=1) == Decimal("10.00")
    assert counter.asks(number="rma-3", pieces={"SET": 1}).code == "returned_twice"
    counter.check()


def test_more_than_was_asked_for_goes_to_a_person(counter: Counter) -> None:
    asks(counter, SET=1)
    came(counter, A=3, B=1)
    assert counter.acme.incidents() == ["return_differs"]
    counter.does("confirm", None)
    assert counter.pays() == Decimal(10)
    counter.check()


def test_a_persons_amount_for_a_part(counter: Counter) -> None:
    asks(counter, SET=1)
    came(counter, A=2, B=1)
    counter.does("confirm", None)
    lines = [{"line_no": 1, "quantity": "2", "amount": "1.00"}, {"line_no": 2, "quantity": "1"}]
    assert counter.pays(lines=lines) == Decimal("4.33")
    assert sorted(refunded(counter)) == [("SET", 0, Decimal("3.33")), ("SET", 1, Decimal(1))]
    counter.check()


def test_parts_are_inspected_each_by_itself(counter: Counter) -> None:
    asks(counter, SET=1)
    counter.came(pieces={("A", "uninspected"): 2, ("B", "uninspected"): 1})
    assert told(counter, counter.shop)[-1].lines[0].dispositions[0].quality == "uninspected"
    found = [(1, "good", 2), (2, "missing", 1)]
    pieces = [
        Found.model_validate({"line_no": a, "quality": b, "quantity": c}) for a, b, c in found
    ]
    counter.does("inspect", pieces)
    counter.does("confirm", None)
    assert counter.pays() == Decimal("6.67")
    counter.check()


def test_the_channel_paid_a_kit_back_itself(counter: Counter) -> None:
    """What is left is worth what the channel left."""
    asks(counter, SET=1)
    assert paid(counter, A=2) == Decimal("6.67")
    line = {"channel_line_id": "1001-1", "sku": "SET", "quantity": "1", "amount": "10.00"}
    counter.paid_back("theirs", lines=[line], amount="10.00")
    assert paid(counter, B=1) == Decimal("3.33")
    counter.check()


def test_what_is_lost_is_sent_anew_as_the_kit(counter: Counter) -> None:
    assert counter.asks(pieces={"SET": 2}, kind="resend", cause="lost").status == "done"
    counter.approve()
    counter.does("waive", "the carrier lost it")
    counter.exchanges()
    counter.world.run()
    last = counter.world.at(counter.wh).told[-1][2]
    assert isinstance(last, FulfilmentOrder)
    assert [(it.sku, int(it.quantity)) for it in last.lines] == [("A", 4), ("B", 2)]
    counter.check()


def test_a_kit_that_left_ready_comes_back_ready(new_counter: Callable[..., Counter]) -> None:
    counter = new_counter()
    teach(counter.acme, SET=SET)
    counter.world.stock(counter.wh, counter.acme.code, SET=1)
    counter.sold(lines=[("SET", 2)])
    asks(counter, SET=1)
    assert expected(counter) == [("SET", 1)]
    asks(counter, "rma-2", SET=1)
    assert expected(counter, 1) == [("A", 2), ("B", 1)]
    assert paid(counter, 1, A=1) == Decimal("3.33")
    assert paid(counter, 0, SET=1) == Decimal("10.00")
    assert paid(counter, 1, A=1, B=1) == Decimal("6.67")
    counter.check()


def test_rules_name_the_kit_or_its_parts(new_counter: Callable[..., Counter]) -> None:
    terms = {"name": "sets", "when": {"skus": ["SET"], "value_at_most": "10.00"}, "then": "approve"}
    counter = new_counter(review=[terms])
    teach(counter.acme, SET=SET)
    counter.sold(lines=[("SET", 2)])
    counter.asks(pieces={"SET": 1})
    counter.asks(number="rma-2", pieces={"SET": 1})
    assert [counter.status(at) for at in (0, 1)] == ["approved", "approved"]


def test_a_kit_of_which_too_little_left_is_expected_whole(
    new_counter: Callable[..., Counter],
) -> None:
    counter = new_counter()
    teach(counter.acme, SET=SET)
    counter.take(sales_order(channel=counter.shop, lines=[("SET", 2)]), counter.shop)
    number = counter.acme.number()
    counter.take(shipment(number, lines=[(2, 4), (3, 1)], complete=False), counter.wh)
    asks(counter, SET=2)
    assert expected(counter) == [("A", 2), ("B", 1), ("SET", 1)]


def wants(counter: Counter, number: str, sku: str, pieces: int) -> Verdict:
    """The customer sends back these pieces of what stands under this SKU."""
    lines = [{"sku": sku, "quantity": str(pieces), "reason": "too_small"}]
    return counter.asks(number=number, lines=lines)


def test_a_single_part_is_sent_back_for_its_share(counter: Counter) -> None:
    before = {sku: counter.levels(sku)["good"] for sku in "AB"}
    assert wants(counter, "rma-1", "A", 1).status == "done"
    counter.approve()
    assert expected(counter) == [("A", 1)]
    (notice,) = told(counter, counter.wh)
    assert [(it.order_line_no, it.sku, it.kit) for it in notice.lines] == [(1, "A", "SET")]
    assert paid(counter, A=1) == Decimal("3.33")
    assert refunded(counter) == [("SET", 0, Decimal("3.33"))]
    assert {sku: counter.levels(sku)["good"] for sku in "AB"} == {**before, "A": before["A"] + 1}
    assert told(counter, counter.shop) == []  # it never sold an A
    counter.check()


def test_all_parts_one_by_one_are_never_more_than_the_kits(counter: Counter) -> None:
    amounts = []
    for at, (sku, pieces) in enumerate([("A", 1), ("B", 2), ("A", 3)]):
        assert wants(counter, f"rma-{at}", sku, pieces).status == "done"
        counter.approve(at=at)
        amounts.append(paid(counter, at, **{sku: pieces}))
    assert sum(amounts) == Decimal(20)
    assert sum(pieces for _, pieces, _ in refunded(counter)) == 2
    counter.check()


def test_no_more_parts_than_left_and_no_kit_of_which_a_part_comes_already(
    counter: Counter,
) -> None:
    assert (wants(counter, "rma-1", "A", 5).code, wants(counter, "rma-2", "D", 1).code) == (
        "more_than_sold",
        "unknown_line",
    )
    assert wants(counter, "rma-3", "A", 1).status == "done"
    assert wants(counter, "rma-4", "A", 4).code == "more_than_sold"
    assert wants(counter, "rma-5", "SET", 2).code == "more_than_sold"
    assert wants(counter, "rma-6", "SET", 1).status == "done"
    assert expected(counter, 1) == [("A", 2), ("B", 1)]
    assert wants(counter, "rma-7", "B", 1).status == "done"
    assert wants(counter, "rma-8", "B", 1).code == "returned_twice"
