"""Statements from opening to payout, over a ledger that a test fills itself.

One world for the file; each test has a merchant of its own.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from hub.flows.settlement import contracts, statements
from hub.model.errors import Contradiction, IllegalTransition
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.terms import Terms
from hub.store import invariants
from hub.store.base.ids import new_id
from hub.store.settlement import entries
from hub.store.settlement import statements as store

OCTOBER = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
TERMS = {
    "currency": "EUR",
    "rules": [
        {"name": "books", "categories": ["books"], "percent": "5"},
        {"name": "all", "percent": "12", "tiers": [{"value": "1000", "percent": "10"}]},
        {"name": "card", "charge": "payment", "on": "payment", "percent": "1.4", "fixed": "0.25",
         "given_back": False},
    ],
    "fees": [{"name": "shop", "amount": "9.00"}],
    "tax_percent": "21", "tax_code": "VAT21",
}  # fmt: skip
NUMBERS = count(1)


@pytest.fixture
def seller(shared):
    code = f"seller{next(NUMBERS)}"
    shared.merchant(code)
    return Seller(shared, code)


class Seller:
    """A merchant whose ledger a test fills."""

    def __init__(self, world, code):
        self.world, self.code, self.sold = world, code, count(1)

    def agree(self, valid_from=datetime(2026, 1, 1, tzinfo=UTC), **changes):
        with self.world.unit() as unit:
            terms = Terms.model_validate({**TERMS, **changes})
            return contracts.agree(unit, self.code, terms, valid_from, "ann")

    def books(self, kind, amount, at=datetime(2026, 10, 9, tzinfo=UTC), currency="EUR", **traits):
        items = [ChargeItem(kind, {"channel": "shop", **traits}, "1", Decimal(1), Decimal(amount))]
        if kind == "sale":
            items.append(
                ChargeItem("payment", {"channel": "shop"}, "p", Decimal(1), Decimal(amount))
            )
        lines = postings.turnover(items)
        with self.world.store.database.begin() as db:
            document = f"order:{next(self.sold)}"
            entry = Entry(self.code, document, "sale:1", currency, at, at, lines, items=items)
            entries.book(db, [entry])

    def opened(self, since=OCTOBER[0], until=OCTOBER[1], currency="EUR"):
        with self.world.unit() as unit:
            return statements.open_period(unit, self.code, currency, since, until, "ann")

    def calculated(self, id_=None):
        id_ = id_ or self.opened()
        self.do(statements.calculate, [id_], "ann")
        return id_

    def do(self, step, *arguments):
        with self.world.unit() as unit:
            return step(unit, *arguments)

    def lines(self, id_):
        with self.world.store.database.begin() as db:
            return {
                (line.kind, line.rule or line.code): line.amount
                for line in store.lines_of(db, [id_])[id_]
            }

    def row(self, id_):
        with self.world.store.database.begin() as db:
            return store.load(db, [id_])[0]

    def balances(self):
        with self.world.store.database.begin() as db:
            return {name: sum_ for (_, name), sum_ in entries.balances(db, self.code).items()}


def test_a_statement_is_worked_out_approved_by_another_and_paid(seller):
    seller.agree()
    for amount in ("100.00", "33.33"):
        seller.books("sale", amount, categories=["toys"])
    seller.books("sale", "20.00", categories=["books"])
    seller.books("refund", "-10.00", categories=["toys"])
    id_ = seller.calculated()
    assert seller.lines(id_) == {
        ("sales", "sale"): Decimal("153.33"),
        ("refunds", "refund"): Decimal("-10.00"),
        ("charge", "books"): Decimal("-1.00"),
        ("charge", "all"): Decimal("-14.80"),  # 12.00 + 4.00 - 1.20, each rounded for itself
        ("charge", "card"): Decimal("-2.90"),
        ("charge", "shop"): Decimal("-9.00"),
        ("tax", "VAT21"): Decimal("-5.82"),
    }
    assert seller.row(id_).payout == Decimal("109.81")
    with pytest.raises(Contradiction, match="somebody else"):
        seller.do(statements.approve, id_, "ann")
    seller.do(statements.approve, id_, "bob")
    assert seller.balances()["merchant.receivable"] == Decimal("109.81")
    with pytest.raises(IllegalTransition):
        seller.do(statements.calculate, [id_], "ann")
    seller.do(statements.pay, id_, "bob", None, datetime(2026, 11, 2, tzinfo=UTC))
    assert seller.row(id_).status == "paid"
    after = seller.balances()
    assert (after["merchant.receivable"], after["merchant.bank"]) == (0, Decimal("109.81"))
    assert sum(after.values()) == 0


def test_calculated_again_it_is_the_same_to_the_byte_until_something_comes(seller):
    seller.agree()
    seller.books("sale", "50.00")
    id_ = seller.calculated()
    first = seller.row(id_).digest
    seller.calculated(id_)
    assert seller.row(id_).digest == first
    assert bytes(first) == seller.world.one("SELECT digest FROM statement WHERE id = :id", id=id_)
    seller.books("sale", "1.00")
    with pytest.raises(Contradiction, match="calculate it again"):
        seller.do(statements.approve, id_, "bob")
    seller.calculated(id_)
    seller.do(statements.approve, id_, "bob")


def test_tiers_take_what_the_period_comes_to(seller):
    seller.agree(fees=[], tax_percent="0")
    for _ in range(10):
        seller.books("sale", "99.99")
    assert seller.lines(seller.calculated())["charge", "all"] == Decimal("-120.00")
    seller.books("sale", "0.10")
    (id_,) = [
        row[0]
        for row in seller.world.sql(
            "SELECT id FROM statement WHERE merchant_id = :m", m=seller.code
        )
    ]
    seller.calculated(id_)
    assert seller.lines(id_)["charge", "all"] == Decimal("-100.01")


def test_each_item_is_charged_by_the_version_of_its_day(seller):
    plain = {"fees": [], "tax_percent": "0"}
    seller.agree(rules=[{"name": "r", "percent": "10"}], **plain)
    seller.agree(
        datetime(2026, 10, 15, tzinfo=UTC), rules=[{"name": "r", "percent": "20"}], **plain
    )
    seller.books("sale", "10.00")
    seller.books("sale", "10.00", at=datetime(2026, 10, 15, tzinfo=UTC))
    id_ = seller.calculated()
    with seller.world.store.database.begin() as db:
        charged = [
            (line.version, line.amount, line.percent)
            for line in store.lines_of(db, [id_])[id_]
            if line.kind == "charge"
        ]
    assert charged == [(1, Decimal(-1), "10"), (2, Decimal(-2), "20")]


def test_of_what_is_sold_in_another_currency_percents_are_charged_and_no_amounts(seller):
    seller.agree()
    seller.books("sale", "200.00", currency="CHF")
    id_ = seller.calculated(seller.opened(currency="CHF"))
    assert seller.lines(id_) == {
        ("sales", "sale"): Decimal(200),
        ("charge", "all"): Decimal(-24),
        ("charge", "card"): Decimal("-2.80"),
        ("tax", "VAT21"): Decimal("-5.63"),
    }
    assert seller.row(id_).payout == Decimal("167.57")


def test_a_statement_of_nothing_is_approved_and_breaks_no_invariant(seller):
    seller.agree()
    id_ = seller.calculated(seller.opened(currency="CHF"))
    seller.do(statements.approve, id_, "bob")
    assert seller.lines(id_) == {}
    with invariants.snapshot(seller.world.store) as db:
        broken = {it.title for it in invariants.look(db) if seller.row(id_).number in it.broken}
    assert broken == set()


def test_debts_are_carried_reserves_come_back_and_late_sales_are_held(seller):
    seller.agree(
        rules=[], fees=[], tax_percent="0", hold_days=10, reserve={"percent": "10", "days": 30}
    )
    seller.books("sale", "100.00")
    seller.books("sale", "40.00", at=datetime(2026, 10, 30, tzinfo=UTC))
    october = seller.calculated()
    assert seller.row(october).payout == 86  # 140 - 40 held - 14 in reserve
    seller.do(statements.approve, october, "bob")
    seller.books("refund", "-200.00", at=datetime(2026, 11, 3, tzinfo=UTC))
    november = seller.opened(OCTOBER[1], datetime(2026, 11, 20, tzinfo=UTC))
    seller.calculated(november)
    assert seller.lines(november) == {("refunds", "refund"): -200, ("hold_in", ""): 40}
    assert (seller.row(november).payout, seller.row(november).carried_out) == (0, -160)
    seller.do(statements.approve, november, "bob")
    rest = seller.opened(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 12, 20, tzinfo=UTC))
    seller.calculated(rest)
    assert seller.lines(rest) == {("carried_in", ""): -160, ("reserve_in", ""): 14}
    assert seller.balances()["merchant.reserve"] == 14


def test_a_correction_takes_two_people_and_neither_approves_the_statement(seller):
    seller.agree(rules=[], fees=[], tax_percent="0")
    seller.books("sale", "10.00")
    (id_,) = [seller.do(contracts.adjust, seller.code, "EUR", Decimal("5.00"), "goodwill", "cat")]
    with pytest.raises(Contradiction, match="somebody else"), seller.world.unit() as unit:
        contracts.decide(unit, id_, "cat", approved=True)
    with seller.world.unit() as unit:
        contracts.decide(unit, id_, "ann", approved=True)
    now = datetime.now(UTC)
    statement = seller.opened(OCTOBER[0], now + timedelta(seconds=1))
    seller.calculated(statement)
    assert seller.row(statement).balance == 15
    seller.world.sql("UPDATE statement SET period_to = now() WHERE id = :id", id=statement)
    with pytest.raises(Contradiction, match="somebody else"):
        seller.do(statements.approve, statement, "cat")


def test_periods_follow_each_other(seller):
    seller.agree()
    seller.opened()
    with pytest.raises(Contradiction, match="next period begins"):
        seller.opened(datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    november = seller.opened(OCTOBER[1], datetime(2026, 12, 1, tzinfo=UTC))
    with pytest.raises(Contradiction, match="earlier period"):
        seller.calculated(november)


def test_a_dispute_keeps_it_from_being_paid_and_the_figures_as_they_are(seller):
    seller.agree(rules=[], fees=[], tax_percent="0")
    seller.books("sale", "10.00")
    id_ = seller.calculated()
    seller.do(statements.approve, id_, "bob")
    seller.do(statements.dispute, id_, "seller", "one order is missing")
    with pytest.raises(IllegalTransition):
        seller.do(statements.pay, id_, "bob", None, datetime(2026, 11, 2, tzinfo=UTC))
    seller.do(statements.resolve, id_, "bob", "it is of November")
    with pytest.raises(Contradiction, match="final"):
        seller.do(statements.calculate, [id_], "ann")
    seller.do(statements.approve, id_, "bob")
    seller.do(statements.pay, id_, "bob", None, datetime(2026, 11, 2, tzinfo=UTC))
    seller.do(statements.close, id_, "bob")
    assert seller.row(id_).status == "closed"


class Parcels:
    """Orders of a seller with their fulfilment orders, as far as statements look at them."""

    def __init__(self, seller):
        self.seller = seller

    def sold(self, amount, left, delivered=()):
        """An order in as many fulfilment orders as `delivered` names moments; None: not told."""
        order, world = new_id(), self.seller.world
        items = [ChargeItem("sale", {"channel": "shop"}, "1", Decimal(1), Decimal(amount))]
        lines = postings.turnover(items)
        entry = Entry(self.seller.code, f"order:{order}", "sale:1", "EUR", left, left, lines,
                      order, items=items)  # fmt: skip
        with world.store.database.begin() as db:
            entries.book(db, [entry])
        for at in delivered:
            world.sql(
                """INSERT INTO fulfilment_order (id, merchant_id, order_id, warehouse, status,
                  delivered_at, document) VALUES (:id, :m, :o, 'wh', :s, :at, '')""",
                id=new_id(), m=self.seller.code, o=order, at=at,
                s="delivered" if at else "shipped",
            )  # fmt: skip
        return order

    def told(self, order, at):
        self.seller.world.sql(
            "UPDATE fulfilment_order SET delivered_at = :at WHERE order_id = :o", at=at, o=order
        )


def day(number, month=10):
    return datetime(2026, month, number, tzinfo=UTC)


def test_hold_days_count_from_delivery_and_else_from_shipping_and_some_days(seller):
    seller.agree(rules=[], fees=[], tax_percent="0", hold_days=10, delivery_days=4)
    parcels = Parcels(seller)  # what arrived on 22 October and later is held
    parcels.sold("1.00", day(1), [day(21)])
    parcels.sold("2.00", day(1), [day(23)])  # left long before, and arrived late
    parcels.sold("4.00", day(17), [None])
    parcels.sold("8.00", day(18), [None])  # four days more are the 22nd
    parcels.sold("16.00", day(2), [day(3), None])  # a part of it is under way: nobody told
    parcels.sold("32.00", day(30), [day(30), day(31)])
    october = seller.calculated()
    assert seller.lines(october) == {
        ("sales", "sale"): 63,
        ("hold_out", "delivered"): -34,
        ("hold_out", "shipped+4"): -8,
    }
    assert seller.row(october).payout == 21


def test_what_was_paid_is_not_held_again_however_late_its_delivery_is_told(seller):
    seller.agree(rules=[], fees=[], tax_percent="0", hold_days=10, delivery_days=4)
    parcels = Parcels(seller)
    paid = parcels.sold("10.00", day(1), [None])
    held = parcels.sold("20.00", day(29), [None])
    october = seller.calculated()
    assert seller.row(october).payout == 10
    seller.do(statements.approve, october, "bob")
    for order in (paid, held):
        parcels.told(order, day(18, 11))
    november = seller.opened(OCTOBER[1], day(20, 11))
    seller.calculated(november)
    assert seller.lines(november) == {("hold_in", ""): 20, ("hold_out", "delivered"): -20}
    seller.do(statements.approve, november, "bob")
    last = seller.opened(day(20, 11), day(10, 12))
    seller.calculated(last)
    assert seller.lines(last) == {("hold_in", ""): 20}


def test_what_was_taken_back_lessens_what_is_held(seller):
    seller.agree(rules=[], fees=[], tax_percent="0", hold_days=10)
    Parcels(seller).sold("30.00", day(28), [day(30)])
    seller.books("refund", "-12.00", at=day(30))
    assert seller.lines(seller.calculated())["hold_out", "delivered"] == -18
