"""What stands goes on when its obstacle passes: by itself, the oldest first, whatever it was."""

import functools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from adapters.kit.settings_check import Known
from hub.flows.config import applying
from hub.flows.config import pause as pausing
from hub.flows.orders import order_requests, reconsider
from hub.flows.products import learn
from hub.model.errors import IllegalTransition
from hub.model.merchant import OPERATOR
from hub.model.product import Product
from hub.rules.orders.holds import HOLD_REASONS
from hub.rules.orders.obstacles import OBSTACLES, moment_of
from hub.store.config import secrets, snapshot
from hub.store.orders import fulfilments
from hub.store.stock import stock_levels
from hub.store.stock.stock_levels import Movement
from tests.kit.catalogue import sales_order, shipment, status, stock_change, stock_report
from tests.kit.fixtures import ROOT
from tests.kit.world import Bells, Merchant, World
from workers.schedule.chores import look_again

WHERE = "SELECT warehouse, status FROM fulfilment_order ORDER BY id"


def sweep(world: World) -> None:
    """The sweep comes by, and workers do what follows."""
    look_again(world.store, Bells())  # type: ignore[arg-type]
    world.run()


def order(world: World, number: int = 1001, **changes: Any) -> None:
    world.tell("shop", sales_order(number, **changes), key=str(number))
    world.run()


def rules(world: World, *wanted: dict[str, Any], merchant: str = "acme") -> None:
    """A merchant's rules, as they were when the hub began."""
    world.sql(
        """INSERT INTO routing (merchant_id, rules, updated_at)
        VALUES (:m, CAST(:rules AS jsonb), now() - interval '1 hour')
        ON CONFLICT (merchant_id) DO UPDATE SET rules = excluded.rules""",
        m=merchant,
        rules=json.dumps(wanted),
    )
    with world.store.database.begin() as db:
        snapshot.changed(db)


def pause(world: World, code: str = "wh") -> None:
    with world.unit() as unit:
        assert pausing.pause(unit, code, "stocktaking")


def resume(world: World, code: str = "wh") -> None:
    with world.unit() as unit:
        assert pausing.resume(unit, code)


def standing(world: World, number: int = 1001) -> tuple[str, list[str], list[str]]:
    """Status, hold codes and facts waited for."""
    row = world.order(str(number))
    facts = world.sql("SELECT fact FROM order_wait WHERE order_id = :id ORDER BY fact", id=row.id)
    return row.status, [one["code"] for one in row.hold_reasons], [one.fact for one in facts]


def apply(world: World, text: str) -> None:
    """`orderhub apply` with these lines."""
    known = Known(functools.partial(secrets.reveal, world.store.vault))
    with world.unit() as made:
        applying.apply(made, text, known, "ann")


# --- a paused warehouse ---------------------------------------------------------------------------


@pytest.mark.parametrize("fallback", ["hold", "backorder"])
def test_what_came_while_its_only_warehouse_was_paused_says_so_and_goes_when_it_is_resumed(
    world: World, fallback: str
) -> None:
    rules(world, {"fallback": fallback})
    pause(world)
    order(world, lines=[("A", 2)])
    stands = "held" if fallback == "hold" else "open"
    assert standing(world) == (stands, ["no_route"], ["rules:acme", "stock:acme:A", "warehouse:wh"])
    (reason,) = world.order().hold_reasons
    assert reason["message"] == (
        "no warehouse may ship this order: A; wh is ruled out: the warehouse is paused"
    )
    sweep(world)
    assert world.statuses() == []
    resume(world)
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])
    assert standing(world) == ("open", [], [])
    world.check_books()


def test_they_go_the_oldest_first_where_there_is_not_enough_for_all(world: World) -> None:
    pause(world)
    for number in range(1001, 1013):
        order(world, number, lines=[("A", 1)])
    resume(world)
    sweep(world)
    by_age = world.sql("SELECT status FROM sales_order ORDER BY id")
    assert [row.status for row in by_age] == ["open"] * 10 + ["held"] * 2
    last = world.order("1012")
    assert [one["code"] for one in last.hold_reasons] == ["out_of_stock"]


def test_stock_set_free_in_a_paused_warehouse_is_found_when_it_is_resumed(two: World) -> None:
    pause(two)
    two.stock("wh", A=10)
    two.sql("DELETE FROM fact_due")  # as if it had been looked at before the pause
    sweep(two)
    assert standing(two, 1002)[0] == "held"
    resume(two)
    sweep(two)
    assert standing(two, 1002) == ("open", [], [])


def test_what_is_partly_under_way_waits_for_the_warehouse_that_has_the_rest(world: World) -> None:
    world.merchant().warehouse("xh", X=5)
    pause(world, "xh")
    rules(world, {"fallback": "backorder"})
    order(world, lines=[("A", 1), ("X", 1)])
    facts = ["rules:acme", "stock:acme:X", "warehouse:xh"]
    assert standing(world) == ("open", ["out_of_stock"], facts)
    resume(world, "xh")
    sweep(world)
    assert [tuple(row) for row in world.sql(WHERE)] == [("wh", "notified"), ("xh", "notified")]
    assert standing(world) == ("open", [], [])


# --- stock that is set free -----------------------------------------------------------------------


@pytest.fixture
def two(world: World) -> World:
    """One order has all there is of A, another waits for it."""
    order(world, 1001, lines=[("A", 10)])
    order(world, 1002, lines=[("A", 10)])
    assert standing(world, 1002) == ("held", ["out_of_stock"], ["rules:acme", "stock:acme:A"])
    return world


def first(world: World) -> str:
    return fulfilments.number(world.sql("SELECT id FROM fulfilment_order ORDER BY id")[0][0])


def _says(world: World, word: str) -> None:
    world.tell("wh", status(first(world), word), key=first(world))


def _cancelled_at_channel(world: World) -> None:
    told = {"state": "cancelled", "cancelled_at": "2026-11-24T10:30:00Z"}
    order(world, 1001, minute=5, lines=[("A", 10)], **told)
    _says(world, "cancelled")


def _cancelled_at_desk(world: World) -> None:
    with world.unit() as made:
        order_requests.cancel(made, world.order("1001").id, "ann", "wished")
    world.run()
    _says(world, "cancelled")


def _cut_down(world: World) -> None:
    order(world, 1001, minute=5, lines=[("B", 1)])
    _says(world, "cancelled")


def _short(world: World) -> None:
    told = shipment(first(world), lines=[], short=[{"line_no": 1, "quantity": "10"}])
    world.tell("wh", {**told, "packages": []}, key=first(world))


def _counted(world: World) -> None:
    world.tell("wh", stock_report(pieces={"A": 20}))


def _changed(world: World) -> None:
    world.tell("wh", stock_change(pieces={"A": 10}, reason="other"))


FREED: dict[str, Callable[[World], None]] = {
    "rejected": lambda world: _says(world, "rejected"),
    "let go unasked": lambda world: _says(world, "cancelled"),
    "short": _short,
    "cancelled at the channel": _cancelled_at_channel,
    "cancelled at the desk": _cancelled_at_desk,
    "cut down": _cut_down,
    "counted": _counted,
    "changed": _changed,
    "put there": lambda world: world.stock("wh", A=10),
}


@pytest.mark.parametrize("what", FREED)
def test_stock_set_free_by_anything_lets_the_order_go_that_waits_for_it(
    two: World, what: str
) -> None:
    FREED[what](two)
    two.run()
    sweep(two)
    assert standing(two, 1002) == ("open", [], [])
    pieces = two.one("SELECT sum(open) FROM reservation WHERE order_id = :id",
                     id=two.order("1002").id)  # fmt: skip
    assert pieces == 10
    two.check_books()


def test_levels_are_changed_nowhere_but_where_word_is_left_for_those_that_wait() -> None:
    """Whoever adds another statement leaves word too, and is named here."""
    hub = ROOT / "hub"
    found = Counter(
        path.name
        for path in hub.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "UPDATE stock_level" in line or "INTO stock_level" in line
    )
    assert found == {
        "reservations.py": 2,  # taken and given back
        "stock_levels.py": 2,  # counted at, and moved
        "counting.py": 2,  # a level that is new has nothing free; counted in long reports
        "safety.py": 1,  # kept back
        "batches.py": 1,  # expires too soon
        "freshness.py": 1,  # frees nothing: what may be promised stays
    }


# --- reroute --------------------------------------------------------------------------------------


def test_reroute_lets_a_held_order_go(world: World) -> None:
    pause(world)
    order(world, lines=[("A", 2)])
    world.sql("UPDATE connection SET status = 'active' WHERE code = 'wh'")
    with world.store.database.begin() as db:
        snapshot.changed(db)
    with world.unit() as made:
        assert order_requests.reroute(made, world.order().id, "ann") == "open"
    world.run()
    assert (standing(world), world.statuses()) == (("open", [], []), ["notified"])


def test_reroute_waives_nothing(world: World) -> None:
    order(world, 1001, lines=[("A", 2)], payment_state="pending")
    order(world, 1002, lines=[("A", 20)])
    with world.unit() as made:
        order_requests.hold(made, world.order("1002").id, "ann", "the customer rang")
        for number in ("1001", "1002"):
            assert order_requests.reroute(made, world.order(number).id, "ann") == "held"
    assert standing(world, 1001)[1] == ["awaiting_payment"]
    assert standing(world, 1002)[1] == ["manual"]


def test_what_is_over_cannot_be_rerouted(world: World) -> None:
    order(world, lines=[("A", 2)])
    world.tell("wh", shipment(first(world)), key=first(world))
    world.run()
    with world.unit() as made, pytest.raises(IllegalTransition):
        order_requests.reroute(made, world.order().id, "ann")


def test_what_was_held_by_hand_after_a_part_had_left_ships_the_rest_only(world: World) -> None:
    rules(world, {"fallback": "backorder"})
    order(world, lines=[("A", 12)])
    world.tell("wh", shipment(first(world)), key=first(world))
    world.run()
    with world.unit() as made:
        order_requests.hold(made, world.order().id, "ann", "wait")
    world.stock("wh", A=50)
    with world.unit() as made:
        order_requests.release(made, world.order().id, "ann", ())
    world.run()
    ordered = """SELECT sum(ordered) FROM fulfilment_line JOIN fulfilment_order AS f
      ON f.id = fulfilment_order_id WHERE status = 'notified'"""
    assert world.one(ordered) == 2


# --- rules, settings, merchants, times ------------------------------------------------------------


def test_new_rules_let_go_what_no_warehouse_could_ship(world: World) -> None:
    rules(world, {"filter": "ships_to", "warehouse": "wh", "countries": ["DE"]})
    order(world, lines=[("A", 2)])
    assert standing(world) == ("held", ["no_route"], ["rules:acme", "stock:acme:A"])
    apply(world, "routing: [{merchant: acme, rules: [{fallback: backorder}]}]")
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])


def test_the_operators_rules_are_everybodys_who_has_none(world: World) -> None:
    rules(world, {"filter": "ships_to", "warehouse": "wh", "countries": ["DE"]}, merchant=OPERATOR)
    order(world, lines=[("A", 2)])
    apply(world, f"routing: [{{merchant: {OPERATOR}, rules: [{{fallback: backorder}}]}}]")
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])


def test_a_warehouse_that_can_do_more_now_ships_what_waited_for_that(world: World) -> None:
    rules(world, {"filter": "capability", "needs": ["cold_chain"]})
    order(world, lines=[("A", 2)])
    assert standing(world)[:2] == ("held", ["no_route"])
    apply(
        world,
        """connections: [{code: wh, kind: warehouse, adapter: generic_warehouse, merchant: acme,
          capabilities: [cold_chain], secrets: {webhook_secret: "env:NONE"}}]""",
    )
    sweep(world)
    assert (world.order().status, world.statuses()) == ("open", ["notified"])


def test_a_channel_that_asks_for_less_lets_its_orders_go(world: World) -> None:
    order(world, lines=[("A", 2)], payment_state="pending")
    assert standing(world) == ("held", ["awaiting_payment"], ["channel:shop"])
    apply(
        world,
        """connections: [{code: shop, kind: channel, adapter: generic_channel, merchant: acme,
          release_on: any, secrets: {webhook_secret: "env:NONE"}}]""",
    )
    sweep(world)
    assert world.order().status == "open"


def test_after_a_cut_off_the_order_goes_as_the_next_day_begins(world: World) -> None:
    zone = "UTC" if datetime.now(UTC).hour else "Asia/Tokyo"
    rules(world, {"filter": "cut_off", "warehouse": "wh", "time": "00:01", "zone": zone})
    order(world, lines=[("A", 2)])
    status_, codes, facts = standing(world)
    assert (status_, codes, facts[:2]) == ("held", ["no_route"], ["rules:acme", "stock:acme:A"])
    opens = moment_of(facts[2])
    assert opens is not None
    assert opens.astimezone(ZoneInfo(zone)).time() == time(0)
    assert 0 < (opens - datetime.now(UTC)).total_seconds() <= 86_400
    due = world.one("SELECT due FROM fact_due WHERE fact = :fact", fact=facts[2])
    assert abs((due - opens).total_seconds()) < 5
    world.sql("UPDATE fact_due SET due = now() WHERE fact = :fact", fact=facts[2])
    with world.unit() as made:
        made.at = opens
        assert reconsider.look_again(made) == 1
    world.run()
    assert (world.order().status, world.statuses()) == ("open", ["notified"])


def test_what_is_looked_at_again_too_early_waits_for_the_same_moment(world: World) -> None:
    zone = "UTC" if datetime.now(UTC).hour else "Asia/Tokyo"
    rules(world, {"filter": "cut_off", "warehouse": "wh", "time": "00:01", "zone": zone})
    order(world, lines=[("A", 2)])
    before = standing(world)
    world.stock("wh", A=1)
    sweep(world)
    assert standing(world) == before
    assert world.one("SELECT count(*) FROM fact_due WHERE fact LIKE 'time:%'") == 1


# --- each hold reason -----------------------------------------------------------------------------

SAID: Mapping[str, dict[str, Any]] = {
    "test_order": {"test": True},
    "awaiting_payment": {"payment_state": "pending"},
    "totals_mismatch": {"totals": {"items": "77.00", "grand_total": "77.00", "paid": "77.00"}},
    "no_address": {"ship_to": None},
    "bad_address": {"ship_to": {"name": "Ada Bakker", "lines": ["Keizersgracht 1"],
                                "country": "NL"}},
    "unknown_currency": {"currency": "XQQ"},
    "customer_note": {"note": "please ring twice"},
    "manual": {"fulfilment_state": "partial"},
    "risk": {"risk": {"level": "high"}},
}  # fmt: skip
"""What the channel says of an order that is held for it; it tells anew when that is no more so."""
APART = frozenset({"unmapped_code", "refund_in_progress"})
"""Codes that nothing leads to (an unknown code stops the message itself), or that a test of its own
is about.
"""
RULED: Mapping[str, dict[str, Any]] = {
    "review": {"name": "look", "then": {"hold": "review"}},
    "not_before": {"name": "wait", "then": {"wait": {"until": "2099-01-01T00:00:00Z"}}},
}
"""The review rules that hold for it."""


class Case:
    """An order with its obstacles, each of which can be removed."""

    def __init__(self, acme: Merchant, codes: Iterable[str]) -> None:
        self.acme, self.codes, self.minute = acme, set(codes), 0
        options = """UPDATE connection SET options = '{"hold_on_note": true}' WHERE code = :shop"""
        acme.rows(options, shop=acme.at_shop.code)
        for code in codes:
            getattr(self, f"_make_{code}", lambda: None)()
        self._changed()
        self.tell()

    def remove(self, code: str) -> None:
        self.codes.discard(code)
        if code in SAID:
            self.tell()
        else:
            getattr(self, f"_end_{code}")()
        self.acme.world.run()
        look_again(self.acme.world.store, Bells())  # type: ignore[arg-type]
        self.acme.world.run()

    def tell(self) -> None:
        """The channel says how the order is now."""
        self.minute += 1
        changes = {name: value for code in sorted(self.codes & SAID.keys())
                   for name, value in SAID[code].items()}  # fmt: skip
        self.acme.order(1, minute=self.minute, lines=self.lines(), **changes)
        self.acme.world.run()

    def lines(self) -> list[tuple[str, int]]:
        return [("A", 1), ("NEW", 1), ("FEW", 1)]

    def _changed(self) -> None:
        new = {} if "unknown_sku" in self.codes else {"NEW": 5}
        few = 0 if "out_of_stock" in self.codes else 5
        self.acme.world.stock(self.acme.at_wh.code, self.acme.code, FEW=few, **new)
        with self.acme.world.store.database.begin() as db:
            snapshot.changed(db)

    def _rule(self) -> None:
        wanted = [RULED[code] for code in sorted(self.codes & RULED.keys())]
        review = {"review": [{"merchant": self.acme.code, "rules": wanted}]}
        apply(self.acme.world, json.dumps(review))

    _make_review = _make_not_before = _end_review = _end_not_before = _rule

    def _make_no_route(self) -> None:
        pause(self.acme.world, self.acme.at_wh.code)

    def _end_no_route(self) -> None:
        resume(self.acme.world, self.acme.at_wh.code)

    def _end_out_of_stock(self) -> None:
        self.acme.world.stock(self.acme.at_wh.code, self.acme.code, FEW=5)

    def _end_unknown_sku(self) -> None:
        world, code = self.acme.world, self.acme.code
        world.sql("INSERT INTO stock_level (warehouse, sku, merchant_id) VALUES (:wh, 'NEW', :m)",
                  wh=self.acme.at_wh.code, m=code)  # fmt: skip
        product = Product.model_validate(
            {"source": {"connection": "x", "id": "NEW"}, "sku": "NEW", "title": "New"}
        )
        with world.unit() as made:
            learn.upsert(made, [(code, product)], None)
        with world.store.database.begin() as db:
            stock_levels.move(
                db, [Movement(code, self.acme.at_wh.code, "NEW", Decimal(5), "count", "count")]
            )

    def _make_merchant_suspended(self) -> None:
        self.acme.rows("UPDATE merchant SET status = 'suspended' WHERE code = :merchant")

    def _end_merchant_suspended(self) -> None:
        code = self.acme.code
        apply(
            self.acme.world,
            f"merchants: [{{code: {code}, name: {code}, currency: EUR, status: active}}]",
        )

    def _make_possible_duplicate(self) -> None:
        """The same purchase came by another channel of the merchant; it is held for its payment."""
        other = f"{self.acme.at_shop.code}b"
        self.acme.shop(other, takes=())
        self._at_other(other)

    def _end_possible_duplicate(self) -> None:
        cancelled = {"state": "cancelled", "cancelled_at": "2026-11-24T10:30:00Z"}
        self._at_other(f"{self.acme.at_shop.code}b", minute=9, **cancelled)

    def _at_other(self, other: str, **changes: Any) -> None:
        told = sales_order(1, channel=other, lines=self.lines(), payment_state="pending", **changes)
        self.acme.world.tell(other, told, key="1")
        self.acme.world.run()

    def standing(self) -> tuple[str, set[str]]:
        (row,) = self.acme.rows(
            "SELECT status, hold_reasons FROM sales_order WHERE channel = :shop",
            shop=self.acme.at_shop.code,
        )
        return row.status, {one["code"] for one in row.hold_reasons}


REMOVABLE = sorted(OBSTACLES.keys() - APART)


def test_every_hold_reason_has_its_row() -> None:
    assert OBSTACLES.keys() == HOLD_REASONS.keys()
    assert all(row.facts or row.word for row in OBSTACLES.values())


@pytest.mark.parametrize("code", REMOVABLE)
def test_an_order_goes_when_what_it_is_held_for_is_no_more(acme: Merchant, code: str) -> None:
    case = Case(acme, [code])
    assert case.standing() == ("held", {code})
    case.remove(code)
    assert case.standing() == ("open", set())
    assert acme.fulfilment() == ["notified"]
    assert acme.rows("SELECT fact FROM order_wait WHERE merchant_id = :merchant") == []


NOT_BESIDE = ({"no_address", "bad_address"}, {"possible_duplicate", "no_address"},
              {"possible_duplicate", "bad_address"})  # fmt: skip
"""There is one address; and a twin is known by it."""
AT_ONCE = st.lists(st.sampled_from(REMOVABLE), min_size=2, max_size=4, unique=True).filter(
    lambda codes: not any(pair <= {*codes} for pair in NOT_BESIDE)
)


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(AT_ONCE)
def test_an_order_goes_when_the_last_of_several_obstacles_is_no_more(
    new_merchant: Callable[..., Merchant], codes: list[str]
) -> None:
    """Whatever they are, and in whatever order they end."""
    acme = new_merchant()
    case = Case(acme, codes)
    for code in codes:
        assert case.standing()[0] == "held"
        case.remove(code)
    assert case.standing() == ("open", set())
    assert acme.fulfilment() == ["notified"]
