"""A bank takes a payment back while goods have not left: the order waits for a person."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub import flows
from hub.flows.orders import order_requests
from hub.flows.reconciliation import cases
from hub.flows.settlement import contracts, post
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.model.merchant import OPERATOR
from hub.rules.settlement.terms import Terms
from hub.states.chargeback import Event
from hub.store.base.ids import new_id
from tests.flows.reconciliation.till import line, report
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import Bells, World
from workers.schedule.chores import look_again


def sold(world: World, provider: str = "acme", **changes: Any) -> World:
    """An order that was paid by a provider: by the merchant's own, or by the operator's."""
    world.connect("psp", "finance", merchant=provider)
    paid = {"reference": "a", "gateway": "psp", "state": "paid", "amount": "49.90",
            "currency": "EUR"}  # fmt: skip
    world.tell("shop", sales_order(1001, payments=[paid], **changes), key="1001")
    return world


@pytest.fixture
def shop(world: World) -> World:
    return sold(world)


def looked_at(world: World) -> None:
    look_again(world.store, Bells())  # type: ignore[arg-type]
    world.run()


def reported(world: World, number: str, **how: Any) -> None:
    """The provider reports a chargeback, or that one was taken back."""
    amount = how.pop("amount", "-49.90")
    row = line(f"cb{number}", amount, how.pop("fee", "0"), kind="chargeback",
               channel_order_id="1001", **how)  # fmt: skip
    document = read("settlement_report", report(number, row))
    partner = world.store.directory().connections["psp"]
    with world.unit() as unit:
        (verdict,) = flows.take(unit, [Told(document, partner, new_id(), new_id())])
    assert verdict.status == "done"
    looked_at(world)


def stands(world: World) -> tuple[str, list[str]]:
    row = world.sql("SELECT status, hold_reasons FROM sales_order")[0]
    return row.status, [reason["code"] for reason in row.hold_reasons]


def asked(world: World, what: Any, *how: Any) -> None:
    with world.unit() as unit:
        what(unit, world.one("SELECT id FROM sales_order"), "ann", *how)
    looked_at(world)


def number(world: World) -> str:
    return [str(it.fulfilment_order_id) for topic, _, it in world.at("wh").told
            if topic == "fulfilment_order"][-1]  # fmt: skip


def test_what_a_warehouse_was_told_of_is_asked_back_and_nothing_leaves(shop: World) -> None:
    shop.run()
    assert shop.statuses() == ["notified"]
    reported(shop, "R1")
    assert stands(shop) == ("held", ["risk"])
    assert shop.at("wh").topics()[-1] == "fulfilment_cancellation"
    shop.tell("wh", status(number(shop), "cancelled"), key=number(shop))
    shop.run()
    assert (stands(shop), shop.statuses()) == (("held", ["risk"]), ["cancelled"])
    asked(shop, order_requests.release, [])
    assert stands(shop)[0] == "held"
    asked(shop, order_requests.release, ["risk"])
    assert (stands(shop), shop.statuses()) == (("open", []), ["cancelled", "notified"])
    reported(shop, "R2", amount="-0.10")  # another case: who released it did not know of that
    assert stands(shop) == ("held", ["risk"])


def test_an_order_that_waits_anyway_waits_for_the_case_too(world: World) -> None:
    shop = sold(world, payment_state="pending")
    shop.run()
    assert stands(shop) == ("held", ["awaiting_payment"])
    reported(shop, "R1")
    assert "risk" in stands(shop)[1]


def test_a_case_that_is_won_lets_it_go_and_one_that_is_lost_does_not(shop: World) -> None:
    shop.run()
    reported(shop, "R1")
    with shop.unit() as unit:
        cases.ask(unit, shop.one("SELECT id FROM chargeback"), Event.LOSE, "ann", "no proof")
    looked_at(shop)
    assert stands(shop) == ("held", ["risk"])
    assert "lost" in shop.one("SELECT hold_reasons::text FROM sales_order")
    shop.sql("UPDATE chargeback SET status = 'evidence'")
    with shop.unit() as unit:
        cases.ask(unit, shop.one("SELECT id FROM chargeback"), Event.WIN, "ann", "")
    looked_at(shop)
    assert stands(shop) == ("open", [])


def test_what_left_before_is_left_alone(shop: World) -> None:
    shop.run()
    shop.tell("wh", shipment(number(shop)), key=number(shop))
    shop.run()
    reported(shop, "R1")
    assert stands(shop) == ("completed", [])


@pytest.mark.parametrize(
    ("bears", "account"),
    [("merchant", "merchant.chargebacks"), ("operator", "operator.chargebacks")],
)
def test_the_providers_fee_is_booked_once_to_whom_the_contract_says(
    shop: World, bears: str, account: str
) -> None:
    terms = Terms.model_validate({"currency": "EUR", "chargeback_fee": bears})
    with shop.unit() as unit:
        contracts.agree(unit, "acme", terms, datetime(2026, 1, 1, tzinfo=UTC), "ann")
    shop.run()
    reported(shop, "R1", fee="15.00")
    with shop.unit() as unit:
        cases.open_new(unit, [(shop.one("SELECT id FROM provider_row"), "acme")])
    booked = shop.sql("""SELECT entry.reason, account, debit FROM entry
        JOIN entry_line ON entry_id = entry.id WHERE debit > 0 ORDER BY position""")
    assert ("fee", account, Decimal(15)) in [tuple(row) for row in booked]
    owed = shop.sql("SELECT kind, amount FROM charge_item WHERE kind = 'chargeback_fee'")
    assert [tuple(row) for row in owed] == [("chargeback_fee", Decimal(-15))][: bears == "merchant"]
    assert shop.one("SELECT count(*) FROM entry WHERE reason = 'fee'") == 1


def money(world: World) -> dict[tuple[str, str, str], Decimal]:
    """Of what was booked of chargebacks: (merchant, reason, account) -> debits less credits."""
    rows = world.sql("""SELECT entry.merchant_id, entry.reason, line.account,
          sum(line.debit - line.credit) AS amount
        FROM entry JOIN entry_line AS line ON entry_id = entry.id
        WHERE document LIKE 'chargeback:%' AND line.account LIKE '%chargebacks' GROUP BY 1, 2, 3""")
    return {tuple(row)[:3]: row.amount for row in rows}


@pytest.mark.parametrize("bears", ["merchant", "operator"])
def test_a_fee_that_is_given_back_goes_to_who_bore_it(shop: World, bears: str) -> None:
    other = {"merchant": "operator", "operator": "merchant"}[bears]
    then = Terms.model_validate({"currency": "EUR", "chargeback_fee": bears})
    with shop.unit() as unit:
        contracts.agree(unit, "acme", then, datetime(2020, 1, 1, tzinfo=UTC), "ann")
    shop.run()
    reported(shop, "R1", fee="15.00")
    now = Terms.model_validate({"currency": "EUR", "chargeback_fee": other})
    with shop.unit() as unit:
        contracts.agree(unit, "acme", now, unit.at, "ann")
    reported(shop, "R2", amount="49.90", fee="-15.00")
    account = f"{bears}.chargebacks"
    assert money(shop) == {
        ("acme", "fee", account): Decimal(15),
        ("acme", "fee_back", account): Decimal(-15),
    }
    owed = shop.sql("SELECT amount FROM charge_item WHERE kind = 'chargeback_fee' ORDER BY amount")
    assert [row.amount for row in owed] == [-15, 15][: 2 * (bears == "merchant")]
    assert shop.one("SELECT status FROM chargeback") == "won"


def test_a_fee_that_is_kept_stays_lost_though_the_case_is_won(shop: World) -> None:
    shop.run()
    reported(shop, "R1", fee="15.00")
    reported(shop, "R2", amount="49.90")
    assert money(shop) == {("acme", "fee", "operator.chargebacks"): Decimal(15)}


def test_a_case_that_a_person_won_gives_its_fee_back_when_the_money_comes(shop: World) -> None:
    shop.run()
    reported(shop, "R1", fee="15.00")
    with shop.unit() as unit:
        cases.ask(unit, shop.one("SELECT id FROM chargeback"), Event.WIN, "ann", "")
    assert ("acme", "fee_back", "operator.chargebacks") not in money(shop)
    reported(shop, "R2", amount="49.90", fee="-5.00")
    assert money(shop)["acme", "fee_back", "operator.chargebacks"] == Decimal(-5)


def test_a_case_that_is_told_with_its_end_is_a_case_and_costs_its_fee(shop: World) -> None:
    shop.run()
    rows = (
        line("cb1", "-49.90", "15.00", kind="chargeback", channel_order_id="1001"),
        line("cb2", "49.90", kind="chargeback", channel_order_id="1001"),
    )
    document = read("settlement_report", report("R1", *rows))
    partner = shop.store.directory().connections["psp"]
    with shop.unit() as unit:
        (verdict,) = flows.take(unit, [Told(document, partner, new_id(), new_id())])
    looked_at(shop)
    assert verdict.status == "done"
    assert shop.one("SELECT status FROM chargeback") == "won"
    assert money(shop) == {("acme", "fee", "operator.chargebacks"): Decimal(15)}
    assert stands(shop) == ("open", [])


def test_the_operators_provider_takes_a_merchants_payment_back(world: World) -> None:
    shop = sold(world, OPERATOR)
    terms = Terms.model_validate({"currency": "EUR", "chargeback_fee": "merchant"})
    with shop.unit() as unit:
        contracts.agree(unit, "acme", terms, datetime(2020, 1, 1, tzinfo=UTC), "ann")
    shop.run()
    told = number(shop)
    reported(shop, "R1", fee="15.00")
    assert stands(shop) == ("held", ["risk"])
    assert shop.at("wh").topics()[-1] == "fulfilment_cancellation"
    shop.tell("wh", shipment(told), key=told)  # too late: it has left
    shop.run()
    with shop.unit() as unit:
        while post.post(unit, margin_s=0):
            pass
    with shop.unit() as unit:
        cases.ask(unit, shop.one("SELECT id FROM chargeback"), Event.LOSE, "ann", "no proof")
    case = shop.sql("SELECT merchant_id, status, order_id IS NOT NULL AS known FROM chargeback")[0]
    assert tuple(case) == (OPERATOR, "lost", True)
    assert money(shop) == {
        ("acme", "fee", "merchant.chargebacks"): Decimal(15),
        ("acme", "chargeback", "merchant.chargebacks"): Decimal(30),
    }
    owed = shop.sql("SELECT merchant_id, amount FROM charge_item WHERE kind LIKE 'chargeback%'")
    assert sorted(tuple(row) for row in owed) == [
        ("acme", Decimal(-30)),  # what was earned of it; the fee is none of that
        ("acme", Decimal(-15)),
    ]
