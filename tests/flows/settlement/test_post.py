"""The ledger follows what happened to orders: what left is earned, what is paid back is taken back.

One world for the file; each test has a merchant of its own.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hub.flows.products import learn
from hub.flows.settlement import post
from hub.model.product import Product
from hub.store.settlement import entries
from tests.kit.catalogue import product, refund, shipment


def posted(world):
    while True:
        with world.unit() as unit:
            if not post.post(unit, margin_s=-60):
                return


def booked(world, merchant):
    posted(world)
    with world.store.database.begin() as db:
        return {
            (one.entry.document.split(":")[0], one.entry.reason): one.entry
            for one in entries.between(db, merchant=merchant.code)
        }


def balance(world, merchant, account="merchant.receivable"):
    posted(world)
    with world.store.database.begin() as db:
        return entries.balances(db, merchant.code).get(("EUR", account), Decimal(0))


def test_what_left_is_earned_part_by_part_and_once(acme):
    world = acme.world
    acme.order(lines=[("A", 2), ("B", 1)])
    world.run()
    assert booked(world, acme) == {}
    acme.says(shipment(acme.number(), lines=[(1, 1)], complete=False))
    world.run()
    first = booked(world, acme)["order", "sale:1"]
    assert sum(line.debit for line in first.lines if line.account == "merchant.receivable") == 10
    acme.says(shipment(acme.number(), delivery="s2", lines=[(1, 1), (2, 1)]))
    world.run()
    assert balance(world, acme) == 30
    assert balance(world, acme, "operator.payable") == -30
    assert [reason for kind, reason in booked(world, acme) if kind == "order"] == [
        "sale:1", "sale:2",
    ]  # fmt: skip
    world.sql("DELETE FROM posting")
    assert balance(world, acme) == 30


def test_a_refund_takes_back_what_was_earned_and_nothing_else(acme):
    world = acme.world
    acme.order(lines=[("A", 2), ("B", 1)])
    world.run()
    acme.says(shipment(acme.number()))
    world.run()
    assert balance(world, acme) == 30
    shop = acme.at_shop.code
    world.tell(shop, refund("r1", channel=shop, amount="5.00", lines=[], payments=[]))
    world.run()
    assert balance(world, acme) == 25
    assert ("refund", "refund") in booked(world, acme)


def test_what_belongs_to_a_closed_period_goes_to_the_next(acme):
    world = acme.world
    until = datetime.now(UTC) + timedelta(days=30)
    world.sql(
        """INSERT INTO statement (id, merchant_id, number, currency, period_from, period_to, status,
          approved_by, approved_at) VALUES (gen_random_uuid(), :m, 'S1', 'EUR', '2020-01-01',
          :until, 'approved', 'ann', now())""",
        m=acme.code, until=until,
    )  # fmt: skip
    acme.order()
    world.run()
    acme.says(shipment(acme.number()))
    world.run()
    sale = booked(world, acme)["order", "sale:1"]
    assert (sale.settle_at, sale.at < until) == (until, True)


def test_of_a_kit_nothing_is_earned_until_all_of_it_left(new_merchant):
    acme = new_merchant(CUP=9, BOX=9)
    said = product(
        "SET",
        components=[{"sku": "CUP", "quantity": "2"}, {"sku": "BOX", "quantity": "1"}],
        made_to_order=True,
    )
    with acme.world.unit() as unit:
        learn.upsert(unit, [(acme.code, Product.model_validate(said))], None)
    acme.order(lines=[("SET", 1)])
    acme.world.run()
    acme.says(shipment(acme.number(), lines=[(3, 2)], complete=False))
    acme.world.run()
    assert ("order", "sale:1") not in booked(acme.world, acme)
    acme.says(shipment(acme.number(), delivery="s2", lines=[(2, 1)]))
    acme.world.run()
    assert balance(acme.world, acme) == 10
