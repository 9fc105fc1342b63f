"""Goods with a batch and an expiry: followed by batch, and not sold where they expire too soon."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub import flows
from hub.flows.config.applying.setting_stock_rules import set_rules
from hub.flows.orders import reconsider
from hub.flows.products import learn
from hub.flows.stock import explaining
from hub.flows.unit import Told
from hub.gateway.api import stock_explained
from hub.model.catalogue import read
from hub.model.product import Product
from hub.rules.stock import shelf_life
from hub.store.base.ids import new_id
from hub.store.stock import batches
from tests.kit.catalogue import product, shipment, stock_change, stock_report
from tests.kit.world import Bells, Merchant
from workers.schedule.stock import judge_batches

TODAY = datetime.now(UTC).date()


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    return new_merchant(A=0, B=7)


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def take(acme: Merchant, *trees: dict[str, Any]) -> None:
    partner = acme.world.store.directory().connections[acme.at_wh.code]
    with acme.world.unit() as unit:
        flows.take(unit, [Told(read(it["type"], it), partner, new_id(), new_id()) for it in trees])


def report(acme: Merchant, number: str, *lines: tuple[int, str | None, int | None]) -> Any:
    """A count of A: pieces, batch, days until it expires."""
    told = [
        {"sku": "A", "on_hand": str(pieces), "batch": batch}
        | ({} if days is None else {"expires_on": day(days)})
        for pieces, batch, days in lines
    ]
    at = f"2026-11-25T{int(number):02}:00:00Z"
    return stock_report(number, warehouse=acme.at_wh.code, lines=told, at=at)


def rule(acme: Merchant, days: int, **more: Any) -> None:
    with acme.world.unit() as unit:
        shares = [{"min_shelf_life_days": days, **more}]
        set_rules(unit, acme.code, {"shares": shares}, "ann")


def level(acme: Merchant) -> tuple[int, int]:
    """Pieces of A on hand, and those that expire too soon."""
    (row,) = acme.rows(
        """SELECT on_hand, expiring FROM stock_level
        WHERE merchant_id = :merchant AND sku = 'A' AND quality = 'good'"""
    )
    return int(row.on_hand), int(row.expiring)


def held(acme: Merchant) -> dict[str, int]:
    with acme.world.unit() as unit:
        return {it.name: int(it.on_hand) for it in batches.of(unit.db, [(acme.code, "A")])}


def test_what_expires_too_soon_is_not_sold_and_the_number_says_so(acme: Merchant) -> None:
    rule(acme, 30)
    take(acme, report(acme, "1", (4, "L1", 10), (6, "L2", 90), (2, None, None)))
    assert (level(acme), held(acme)) == ((12, 4), {"L1": 4, "L2": 6})
    with acme.world.unit() as unit:
        made = explaining.explain(unit, acme.code, "A", None)
    wh = acme.at_wh.code
    assert [(it.name, int(it.quantity), it.of) for it in made.steps] == [
        ("on_hand", 12, wh),
        ("expiring", -4, wh),
    ]
    (on_hand, _) = stock_explained.shown(made)["parts"]
    assert [(it["name"], str(it["expires_on"]), it["on_hand"]) for it in on_hand["batches"]] == [
        ("L1", day(10), "4"),
        ("L2", day(90), "6"),
    ]
    assert made.available == 8
    acme.order(1, lines=[("A", 9)])
    acme.order(2, lines=[("A", 8)])
    acme.world.run()
    assert [acme.row(number).status for number in (1, 2)] == ["held", "open"]
    acme.world.check_books()


def test_days_pass_and_pieces_cross_their_limit(acme: Merchant) -> None:
    rule(acme, 30)
    take(acme, report(acme, "1", (4, "L1", 31)))
    assert level(acme) == (4, 0)
    acme.world.sql("UPDATE stock_batch SET expires_on = expires_on - 2")
    acme.world.sql("DELETE FROM stock_dirty")
    judge_batches(acme.world.store, Bells())
    assert level(acme) == (4, 4)
    assert [row.sku for row in acme.rows("SELECT sku FROM stock_dirty")] == ["A"]


def test_an_article_has_its_own_rule_and_a_changed_one_holds_at_once(acme: Merchant) -> None:
    take(acme, report(acme, "1", (1, "gone", -1), (2, "today", 0), (4, "soon", 29), (8, "l", 99)))
    assert level(acme) == (15, 0)
    rule(acme, 0)
    assert level(acme) == (15, 1)
    rule(acme, 30, sku="A")
    assert level(acme) == (15, 7)
    changed = read("product", product("A", min_shelf_life_days=100))
    assert isinstance(changed, Product)
    with acme.world.unit() as unit:
        learn.upsert(unit, [(acme.code, changed)], None)
    assert level(acme) == (15, 15)


def test_an_order_that_waits_goes_on_when_the_rule_is_loosened(acme: Merchant) -> None:
    rule(acme, 30)
    take(acme, report(acme, "1", (4, "L1", 10)))
    acme.order(1, lines=[("A", 3)])
    acme.world.run()
    assert acme.row(1).status == "held"
    rule(acme, 5)
    with acme.world.unit() as unit:
        unit.at = unit.at + timedelta(seconds=10)
        while reconsider.look_again(unit):
            pass
    assert acme.row(1).status == "open"


def test_batches_follow_what_ships_and_changes_and_a_count_sets_them(acme: Merchant) -> None:
    rule(acme, 30)
    take(acme, report(acme, "1", (4, "L1", 10), (6, "L2", 90)))
    take(
        acme,
        stock_change(
            "c1",
            warehouse=acme.at_wh.code,
            at="2026-11-25T02:00:00Z",
            lines=[{"sku": "A", "delta": "-1", "batch": "L1"}, {"sku": "A", "delta": "-2"}],
        ),
    )
    assert (level(acme), held(acme)) == ((7, 1), {"L1": 3, "L2": 6})  # two of L1 went unnamed
    number = acme.notify(7, lines=[("A", 2)])
    told = shipment(number)
    told["packages"][0]["lines"] = [{"line_no": 1, "quantity": "2", "batch": "L2"}]
    acme.says(told)
    acme.world.run()
    assert (level(acme), held(acme)) == ((5, 1), {"L1": 3, "L2": 4})
    take(acme, report(acme, "3", (5, "L2", 90)), report(acme, "4", (1, "L2", 90), (4, "L3", 5)))
    assert (level(acme), held(acme)) == ((5, 4), {"L2": 1, "L3": 4})
    acme.world.check_books()


def test_the_database_and_the_rule_say_the_same(acme: Merchant) -> None:
    rule(acme, 20)
    lots = [(3, "a", 5), (4, "b", 19), (5, "c", 20), (6, "d", None), (1, "e", -7)]
    take(acme, report(acme, "1", *lots))
    known = [
        shelf_life.Batch(
            name, Decimal(pieces), None if days is None else date.fromisoformat(day(days))
        )
        for pieces, name, days in lots
    ]
    for off in range(1, 20):
        lines, when = [{"sku": "A", "delta": "-1"}], "2026-11-25T02:00:00Z"
        take(acme, stock_change(f"c{off}", warehouse=acme.at_wh.code, lines=lines, at=when))
        there, expiring = level(acme)
        assert there == 19 - off
        assert expiring == shelf_life.expiring(known, Decimal(there), TODAY, 20)


def asked(acme: Merchant) -> list[tuple[list[str | None], str | None]]:
    """The batches on the lines of each notice that the warehouse was told, and its note."""
    return [
        ([line.batch for line in document.lines], document.note)
        for kind, _, document in acme.at_wh.told
        if kind == "fulfilment_order"
    ]


def test_the_warehouse_is_asked_for_what_expires_first_and_is_not_promised(acme: Merchant) -> None:
    rule(acme, 30)
    take(acme, report(acme, "1", (5, "OLD", 3), (4, "L1", 60), (6, "L2", 90), (2, None, 100)))
    for number, pieces in ((1, 3), (2, 3), (3, 4), (4, 2)):
        acme.order(number, lines=[("A", pieces)], note="ring twice" if number == 2 else None)
        acme.world.run()
    l1, l2 = f"L1 (expires on {day(60)})", f"L2 (expires on {day(90)})"
    assert asked(acme) == [
        (["L1"], None),
        ([None], f"ring twice; please send of A: 1 of batch {l1}, 2 of batch {l2}"),
        (["L2"], None),
        ([None], f"please send of A: 2 that expire on {day(100)}"),
    ]


def test_orders_that_are_planned_together_are_not_sent_the_same_pieces(acme: Merchant) -> None:
    rule(acme, 30)
    take(acme, report(acme, "1", (3, "L1", 60), (6, "L2", 90)))
    for number in (1, 2):
        acme.order(number, lines=[("A", 3)])
    acme.world.run()
    assert sorted(asked(acme)) == [(["L1"], None), (["L2"], None)]


def test_without_a_rule_the_warehouse_chooses(acme: Merchant) -> None:
    take(acme, report(acme, "1", (4, "L1", 60)))
    acme.order(1, lines=[("A", 3)])
    acme.world.run()
    assert asked(acme) == [([None], None)]
