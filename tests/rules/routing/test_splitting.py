"""A plan cut into fulfilment orders, and money cut with it."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.model.order import Delivery, Payment
from hub.model.product import Kit
from hub.rules.routing.sourcing import Allocation, Demand
from hub.rules.routing.splitting import LineFacts, cash_to_collect, drafts
from tests.rules.builders import line, order

D = Decimal


def take(warehouse, line_no, quantity=1, sku="A", merchant="acme"):
    return Allocation(warehouse, line_no, sku, D(quantity), merchant)


def made_of(warehouse, line_no, **parts):
    """A kit that a warehouse ships as these pieces."""
    kit = Kit("KIT", {"KIT": {"CUP": D(2), "BOX": D(1)}})
    picked = tuple((sku, D(pieces)) for sku, pieces in parts.items())
    return Allocation(warehouse, line_no, "KIT", D(1), "acme", kit, picked)


def shape(made):
    return [
        (one.warehouse, [(row.line_no, int(row.quantity)) for row in one.lines]) for one in made
    ]


def test_lines_of_one_warehouse_go_together():
    an_order = order(line(1), line(2, "B"), line(3))
    made = drafts(an_order, [take("ber", 3), take("ams", 1), take("ams", 2, sku="B")])
    assert shape(made) == [("ams", [(1, 1), (2, 1)]), ("ber", [(3, 1)])]
    first = made[0].lines[0]
    assert (first.sku, first.unit_price, made[0].merchant) == ("A", D("10.00"), "acme")


def test_a_line_split_over_two_warehouses_is_in_both():
    made = drafts(order(line(1, quantity=5)), [take("ams", 1, 2), take("ber", 1, 3)])
    assert shape(made) == [("ams", [(1, 2)]), ("ber", [(1, 3)])]


def test_merchant_method_and_pre_order_date_set_lines_apart():
    an_order = order(*(line(n) for n in (1, 2, 3, 4)), delivery=Delivery(method="standard"))
    facts = {2: LineFacts(method="bulky"), 3: LineFacts(available_on=date(2026, 5, 1))}
    made = drafts(
        an_order,
        [take("ams", 1), take("ams", 2), take("ams", 3), take("ams", 4, merchant="bolt")],
        facts,
    )
    assert [(one.merchant, one.method, one.available_on) for one in made] == [
        ("acme", "standard", None),
        ("acme", "bulky", None),
        ("acme", "standard", date(2026, 5, 1)),
        ("bolt", "standard", None),
    ]


def test_the_warehouse_reads_its_own_item_code():
    facts = {1: LineFacts(item_codes={"ams": "7001"})}
    made = drafts(order(line(1), line(2)), [take("ams", 1), take("ber", 2)], facts)
    assert [one.lines[0].item_code for one in made] == ["7001", None]


def test_parts_of_a_kit_get_numbers_of_their_own_and_no_price():
    made = drafts(
        order(line(1, "KIT"), line(2)),
        [made_of("a", 1, CUP=2, BOX=1), take("a", 2)],
    )
    assert [(row.line_no, row.sku, row.unit_price) for row in made[0].lines] == [
        (3, "CUP", None),
        (4, "BOX", None),
        (2, "A", D("10.00")),
    ]
    assert made[0].order_lines == (1, 1, 2)


def test_every_further_part_of_a_kit_has_its_own_number():
    (made,) = drafts(order(line(1, "KIT")), [made_of("a", 1, CUP=1, BOX=1, KIT=1)])
    assert [(row.line_no, row.sku) for row in made.lines] == [(2, "CUP"), (3, "BOX"), (1, "KIT")]
    assert [kit and kit.sku for kit in made.kits] == ["KIT", "KIT", None]
    assert made.order_lines == (1, 1, 1)


def test_cash_and_insurance_are_shared_by_value_to_the_cent():
    an_order = order(line(1, quantity=1), line(2, quantity=2))
    made = drafts(an_order, [take("ams", 1), take("ber", 2, 2)], cash=D("10.00"), insured=D("0.01"))
    assert [one.cash_on_delivery.amount for one in made] == [D("3.33"), D("6.67")]
    assert [one.insured_value for one in made] == [D("0.00"), D("0.01")]


def test_pieces_that_nobody_has_keep_their_cash_back():
    an_order = order(line(1, quantity=4))
    waiting = [Demand(1, "A", D(3), "acme")]
    made = drafts(an_order, [take("ams", 1, 1)], unfilled=waiting, cash=D("40.00"))
    assert [one.cash_on_delivery.amount for one in made] == [D("10.00")]


def test_nothing_to_collect_collects_nothing():
    made = drafts(order(), [take("ams", 1)])
    assert (made[0].cash_on_delivery, made[0].insured_value) == (None, None)
    free = drafts(
        order(line(1), line(2, unit_price="0.00")), [take("a", 1), take("b", 2)], cash=D("10.00")
    )
    assert [one.cash_on_delivery is not None for one in free] == [True, False]


def test_what_carriers_collect_is_what_is_outstanding():
    cash = Payment(method="cash_on_delivery", amount="10.00", currency="EUR")
    due = {"outstanding": "10.00"}
    assert cash_to_collect(order(payments=(cash,), totals=due)) == D("10.00")
    assert cash_to_collect(order(payments=(cash,))) is None
    assert cash_to_collect(order(totals=due)) is None


@given(
    st.lists(st.tuples(st.integers(1, 9), st.decimals(0, 99, places=2)), min_size=1, max_size=5),
    st.integers(1, 100_000),
    st.integers(0, 5),
)
def test_G19_the_parts_of_the_cash_sum_to_the_whole(lines, cents, waiting):
    an_order = order(
        *(line(n, quantity=q, unit_price=p) for n, (q, p) in enumerate(lines, start=1))
    )
    takes = [take(f"w{n % 3}", n, q) for n, (q, _) in enumerate(lines, start=1)]
    unfilled = [Demand(1, "A", D(waiting), "acme")] if waiting else []
    cash = D(cents) / 100
    made = drafts(an_order, takes, unfilled=unfilled, cash=cash)
    shares = [one.cash_on_delivery.amount if one.cash_on_delivery else D(0) for one in made]
    assert sum(shares) == cash if not waiting else sum(shares) <= cash
    pieces = sum(row.quantity for one in made for row in one.lines)
    assert pieces == sum(q for q, _ in lines)
