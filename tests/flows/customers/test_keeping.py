"""Who did not order for as long as his merchant keeps customers is nowhere, but on his invoices."""

from datetime import timedelta

from hub.flows.customers import keeping
from hub.flows.invoices import drawing
from hub.store.customers import retention
from hub.store.customers.retention import Kept
from hub.store.history import archiving
from hub.store.invoices import invoices
from tests.flows.customers import search
from tests.flows.customers.people import collected, of_order
from tests.flows.customers.test_erasing import HIS, archived, beside, lived
from tests.flows.invoices import sellers
from tests.kit.world.vocabulary import Merchant
from tests.kit.world.world import World
from tests.safety.planted import PERSONAL
from workers.schedule.customers import forget_past_retention

LAW = {"invoice.document"}


class Silent:
    def ring(self, lanes: object) -> None: ...


def by_the_clock(world: World) -> None:
    forget_past_retention(world.store, Silent())  # type: ignore[arg-type]


def keeps(world: World, acme: Merchant, days: int | None) -> None:
    with world.unit() as unit:
        keeping.say(unit, acme.code, days, "ada")


def erasures(world: World) -> list[str]:
    rows = world.sql("SELECT actor FROM audit WHERE action = 'customer.erase' ORDER BY number")
    return [row.actor for row in rows]


def test_who_is_past_his_time_is_nowhere_but_on_his_invoices(world: World) -> None:
    acme = lived(world)
    order = acme.row(1).id
    with world.unit() as unit:
        invoices.set_seller(unit.db, "bolt", sellers.seller())
        drawing.draw(unit, order, "ada")
    beside(world, acme)
    archived(world)
    collected(world)
    there = search.where(world, PERSONAL)
    assert there >= {"archive", "customer.profile", "sales_order.document", *LAW}
    by_the_clock(world)  # nobody said how long
    keeps(world, acme, 36_500)
    by_the_clock(world)
    assert (search.where(world, PERSONAL), erasures(world)) == (there, [])
    keeps(world, acme, 1)
    with world.unit() as unit:
        assert keeping.count(unit, "bolt", 1) == 2  # he, and somebody else
    by_the_clock(world)
    shelf = world.store.vault.shelf
    assert shelf is not None
    assert archiving.tidy(world.store.database, shelf)
    world.run()
    assert search.where(world, PERSONAL) == LAW
    assert search.where(world, {"other": "ada9@example.com"}) <= LAW
    assert erasures(world) == [keeping.ACTOR] * 2
    with world.unit() as unit:
        assert keeping.count(unit, "bolt", 1) == 0
    by_the_clock(world)
    assert erasures(world) == [keeping.ACTOR] * 2


def test_who_is_under_way_stays_until_it_ended_and_holds_up_nobody(world: World) -> None:
    acme = world.merchant("bolt").shop("his-shop").warehouse("his-wh", A=50, B=50)
    beta = world.merchant("beta").shop("its-shop").warehouse("its-wh", A=50, B=50)
    acme.order(1, **HIS)
    acme.order(2, state="cancelled", cancelled_at="2026-11-24T11:00:00Z")
    beta.order(1, **HIS)
    collected(world)
    keeps(world, acme, 1)
    other = of_order(acme, 2)
    by_the_clock(world)
    assert erasures(world) == []  # who never ordered counts from the day he became known
    world.sql("UPDATE customer SET created_at = now() - interval '2 days' WHERE id = :id", id=other)
    by_the_clock(world)
    assert erasures(world) == [keeping.ACTOR]
    with world.unit() as unit:
        left = retention.past(unit.db, "bolt", unit.at, None, 10)
        assert (of_order(acme, 1) in left, other in left) == (True, False)
        assert keeping.count(unit, "beta", 1) == 1  # another merchant's stay
    assert "sales_order.document" in search.where(world, PERSONAL)


def test_days_are_counted_from_the_last_order(world: World) -> None:
    acme = world.merchant("bolt").shop("his-shop").warehouse("his-wh", A=50, B=50)
    acme.order(1, **HIS)
    collected(world)
    id_ = of_order(acme, 1)
    (row,) = world.sql("SELECT last_order_at FROM customer WHERE id = :id", id=id_)
    with world.unit() as unit:
        kept = Kept("bolt", 10, "ada", unit.at)
        for days, past in ((9, []), (11, [id_])):
            unit.at = row.last_order_at + timedelta(days=days)
            assert keeping.past(unit, kept, None, 10) == past
            assert keeping.count(unit, "bolt", 10) == len(past)


def test_the_word_is_audited_once(world: World) -> None:
    acme = world.merchant("bolt")
    for days in (90, 90, None):
        keeps(world, acme, days)
    rows = world.sql(
        "SELECT actor, detail FROM audit WHERE action = 'customer.retention' ORDER BY number"
    )
    assert [(row.actor, row.detail["was"], row.detail["is"]) for row in rows] == [
        ("ada", None, 90),
        ("ada", 90, None),
    ]
