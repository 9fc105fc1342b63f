"""What waits for a fact goes on though the fact appeared unseen: in the very moment that it was put
to wait, or as one of more than are looked at in one transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.flows import unit
from hub.flows.orders import reconsider
from hub.flows.products import learn as learn_flow
from hub.flows.products import meanings
from hub.flows.unit import Unit
from hub.model.product import Product
from hub.store.orders import order_waits
from hub.store.stock import stock_levels
from hub.store.stock.stock_levels import Movement
from tests.kit.catalogue import sales_order, stock_report
from tests.kit.world import Bells, World
from workers.schedule.chores import look_again, wake_what_may_go

EVENTS = "SELECT event FROM timeline ORDER BY id"


def learn(world: World, sku: str) -> None:
    """A product becomes known."""
    with world.unit() as other:
        product = Product(source=_source(sku), sku=sku, title=sku)
        learn_flow.upsert(other, [("acme", product)], None)


def _source(sku: str) -> Any:
    return {"connection": "wh", "id": sku}


def arrive(world: World, sku: str, pieces: int) -> None:
    """Stock comes in."""
    with world.unit() as other:
        moved = [Movement("acme", "wh", sku, stock_levels.Decimal(pieces), "count", "count")]
        stock_levels.move(other.db, moved)
        reconsider.appeared(other, [("acme", f"stock:acme:{sku}")], None)


def sweep(world: World) -> None:
    """The sweep comes by, and workers do what follows."""
    bells: Any = Bells()
    wake_what_may_go(world.store, bells)
    look_again(world.store, bells)
    world.run()


@contextmanager
def meanwhile(happens: Callable[[], None]) -> Iterator[None]:
    """This happens, once, after an order was put to wait and before that is committed."""
    wait_for, todo = Unit.wait_for, [happens]

    def and_then(self: Unit, waits: Any) -> None:
        wait_for(self, waits)
        if waits and todo:
            todo.pop()()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Unit, "wait_for", and_then)
        patch.setattr(unit, "SECOND_LOOK_S", 0.0)
        yield
    assert not todo


def test_G02_a_product_that_became_known_in_that_moment_releases_the_order(world: World) -> None:
    world.tell("shop", sales_order(lines=[("NEW", 1)]), key="1001")
    with meanwhile(lambda: learn(world, "NEW")):
        world.run()
    assert world.order().status == "held"
    world.stock("wh", NEW=5)
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])
    assert world.one("SELECT count(*) FROM fact_due") == 0


def test_G02_stock_that_came_in_that_moment_is_found(world: World) -> None:
    world.stock("wh", EMPTY=0)
    world.tell("shop", sales_order(lines=[("EMPTY", 2)]), key="1001")
    with meanwhile(lambda: arrive(world, "EMPTY", 2)):
        world.run()
    assert (world.order().status, world.statuses()) == ("held", [])
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])
    world.check_books()


def test_a_second_look_that_finds_too_little_asks_for_no_third(world: World) -> None:
    world.stock("wh", SCARCE=0)
    world.tell("shop", sales_order(lines=[("SCARCE", 2)]), key="1001")
    with meanwhile(lambda: arrive(world, "SCARCE", 1)):
        world.run()
    sweep(world)
    assert world.order().status == "held"
    assert world.one("SELECT count(*) FROM fact_due") == 0
    arrive(world, "SCARCE", 1)
    assert world.order().status == "open"


def test_what_is_still_missing_is_not_judged_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit, "SECOND_LOOK_S", 0.0)
    world.tell("shop", sales_order(lines=[("NOBODY-KNOWS", 1)]), key="1001")
    world.run()
    before = world.sql(EVENTS)
    sweep(world)
    assert world.sql(EVENTS) == before
    assert world.one("SELECT count(*) FROM fact_due") == 0


def test_all_of_many_that_wait_for_one_thing_go_the_oldest_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconsider, "_MOST", 5)
    for number in range(1001, 1013):
        world.tell("shop", sales_order(number, lines=[("RARE", 1)]), key=str(number))
    world.run()
    assert [row[0] for row in world.sql("SELECT status FROM sales_order")] == ["held"] * 12
    world.stock("wh", RARE=11)
    with world.unit() as other:
        reconsider.appeared(other, [("acme", "sku:RARE")], None)
    by_age = "SELECT status FROM sales_order ORDER BY id"
    assert [row[0] for row in world.sql(by_age)] == ["open"] * 5 + ["held"] * 7
    sweep(world)
    assert [row[0] for row in world.sql(by_age)] == ["open"] * 11 + ["held"]
    assert world.stock_state()["RARE"] == (11, 11)


def test_a_second_look_comes_after_the_transactions_that_it_is_for(world: World) -> None:
    world.tell("shop", sales_order(lines=[("LATER", 1)]), key="1001")
    world.run()
    due = [row[0] - datetime.now(UTC) for row in world.sql("SELECT due FROM fact_due")]
    assert len(due) == 2  # the product, or a reference to one
    assert all(3 < one.total_seconds() <= unit.SECOND_LOOK_S for one in due)
    with world.store.database.begin() as db:
        assert order_waits.take_due(db) == []


REPORT = stock_report("r-1", pieces={"FOUND": 3})


def _wait_again(world: World, message: Any, fact: str) -> None:
    """As it stands where the fact appeared before the message was seen to wait for it."""
    world.sql(
        "UPDATE work SET status = 'waiting', waits_for = :fact WHERE id = :id",
        fact=fact,
        id=message,
    )


@pytest.mark.parametrize("word", ["ROCKET", "dhl"])
def test_a_message_whose_code_was_mapped_in_that_moment_goes_on(world: World, word: str) -> None:
    message = world.tell("shop", sales_order(lines=[("A", 1)]), key="1001").id
    _wait_again(world, message, f"code:carriers:{word}:shop")
    with world.unit() as other:
        meanings.map_code(other, "wh", "carriers", "ROCKET", "dhl", "ada")
    _wait_again(world, message, f"code:carriers:{word}:shop")
    sweep(world)
    assert world.message_status(message) == "waiting"  # it is another connection's word
    with world.unit() as other:
        meanings.map_code(other, "shop", "carriers", "ROCKET", "dhl", "ada")
    _wait_again(world, message, f"code:carriers:{word}:shop")
    sweep(world)
    assert world.message_status(message) == "done"


def test_a_report_whose_article_became_known_in_that_moment_goes_on(world: World) -> None:
    message = world.tell("wh", REPORT, key="stock").id
    world.run()
    assert world.message_status(message) == "waiting"
    sweep(world)
    assert world.message_status(message) == "waiting"
    learn(world, "FOUND")
    _wait_again(world, message, "sku:FOUND")
    sweep(world)
    assert world.message_status(message) == "done"
    assert world.stock_state()["FOUND"] == (3, 0)


def test_what_would_stay_as_it_is_leaves_no_trace(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another merchant's article, too little stock, an order that waits for its payment as well."""
    monkeypatch.setattr(unit, "SECOND_LOOK_S", 0.0)
    world.merchant("other")
    world.stock("wh", merchant="other", THEIRS=5)
    world.stock("wh", FEW=1)
    world.tell("shop", sales_order(1001, lines=[("THEIRS", 1)]), key="1001")
    world.tell("shop", sales_order(1002, lines=[("FEW", 3)]), key="1002")
    world.tell("shop", sales_order(1003, lines=[("NONE", 1)], payment_state="pending"), key="1003")
    world.run()
    before, waits = world.sql(EVENTS), world.sql("SELECT * FROM order_wait ORDER BY 1, 2, 3")
    assert [row[0] for row in world.sql("SELECT status FROM sales_order")] == ["held"] * 3
    sweep(world)
    learn(world, "NONE")
    assert len(world.sql(EVENTS)) == len(before) + 1  # its reasons changed: the article is known
    arrive(world, "FEW", 1)
    assert len(world.sql(EVENTS)) == len(before) + 1
    left = world.sql("SELECT * FROM order_wait ORDER BY 1, 2, 3")
    assert [row for row in waits if "NONE" not in row[1]] == left
    arrive(world, "FEW", 1)
    assert world.order("1002").status == "open"
