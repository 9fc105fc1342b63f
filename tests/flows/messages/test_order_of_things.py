"""Nothing out of order: by key, by revision, whatever the order of arrival."""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from hub.flows.messages import replay
from hub.flows.orders import order_requests
from hub.flows.stock import stock_out
from hub.model.errors import BadData, Rejected, TryLater
from hub.store.messages.inbox import Kept
from tests.kit.catalogue import refund, shipment, status, stock_change, stock_report
from tests.kit.together import together
from tests.kit.world import Merchant, World

CANCEL = {"state": "cancelled", "cancelled_at": "2026-11-24T10:30:00Z"}

# --- G13 -----------------------------------------------------------------------------------------


def test_G13_messages_of_a_key_take_effect_in_their_order_with_two_workers(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme, chance = new_merchant(shards=2, C=1000), random.Random(13)  # noqa: S311  # seeded
    world, crew = shared, [shared.worker() for _ in range(2)]
    decode, done = acme.at_shop.decode, list[tuple[str, int]]()

    def moody(topic: str, raw: bytes) -> Any:
        if chance.random() < 0.3:
            raise TryLater("not now")
        (document,) = decode(topic, raw)
        done.append((document.channel_order_id, document.updated_at.minute))
        return [document]

    acme.at_shop.decode = moody  # type: ignore[method-assign]
    told: dict[str, list[Kept]] = {}
    for minute in range(1, 7):
        for number in (1, 2, 3, 4):
            kept = acme.order(number, minute=minute, lines=[("C", minute)])
            told.setdefault(str(number), []).append(kept)
    for _ in range(40):
        lane_ids = world.due()
        jobs = [
            lambda e=e, n=n: world.hurry(e, n) for n in lane_ids for e in crew
        ]  # both rush at every lane
        assert together(*jobs) == []
        if not [row for row in acme.work() if row[0] == acme.at_shop.code]:
            break
        world.later(40)
    effects = {number: [minute for of, minute in done if of == number] for number in told}
    assert effects == {number: [1, 2, 3, 4, 5, 6] for number in told}
    assert {acme.status(one.id) for kept in told.values() for one in kept} == {"done"}
    assert {acme.row(int(number)).version for number in told} == {6}


def test_G13_different_keys_do_not_wait_for_each_other(acme: Merchant) -> None:
    acme.at_wh.answers = [TryLater("not this one")]
    acme.order(1)
    acme.world.run()
    assert [row[2] for row in acme.work()] == ["retry"]
    acme.order(2)
    acme.world.run()
    assert [document.channel_order_id for _, _, document in acme.at_wh.told] == ["1", "2"]
    assert [row[2] for row in acme.work()] == ["retry"]


def test_G13_what_is_told_of_one_thing_is_told_in_order(acme: Merchant) -> None:
    acme.at_wh.answers = [TryLater("later"), TryLater("later")]
    acme.notify()
    acme.order(minute=30, **CANCEL)
    acme.world.run()
    assert [row[1:] for row in acme.work() if row[0] == acme.at_wh.code] == [
        ("fulfilment_order", "retry"),
        ("fulfilment_cancellation", "behind"),
    ]
    for _ in range(3):
        acme.world.later(100)
        acme.world.run()
    assert acme.at_wh.topics() == [*["fulfilment_order"] * 3, "fulfilment_cancellation"]


# --- G14 -----------------------------------------------------------------------------------------


def test_G14_an_older_telling_never_overwrites_a_newer_one(acme: Merchant) -> None:
    acme.order(minute=9, lines=[("A", 3)])
    acme.world.run()
    old = acme.order(minute=4, lines=[("A", 1)]).id
    same = acme.order(minute=9, lines=[("A", 3)]).id
    acme.world.run()
    assert [(acme.status(one), acme.reason(one)) for one in (old, same)] == [
        ("ignored", "stale"),
        ("ignored", "unchanged"),
    ]
    assert acme.row().version == 1
    assert acme.stock()["A"] == (10, 3)


def test_G14_a_word_that_comes_late_is_noted_and_changes_nothing(acme: Merchant) -> None:
    number = acme.notify()
    for at, word in enumerate(("packed", "accepted", "picking", "packed")):
        acme.says(status(number, word), delivery=f"{word}-{at}")
    acme.world.run()
    assert acme.fulfilment() == ["packed"]
    assert acme.incidents() == []
    reasons = [
        row[0]
        for row in acme.rows(
            """SELECT error ->> 'code' FROM message WHERE connection = :wh AND direction = 'in'
            ORDER BY received_at, id""",
            wh=acme.at_wh.code,
        )
    ]
    assert sorted(map(str, reasons)) == ["None", "late", "late", "repeated"]


def test_G14_an_older_count_is_ignored(acme: Merchant) -> None:
    def report(number: int, hour: int, pieces: int) -> Kept:
        at, warehouse = f"2026-11-24T{hour:02d}:00:00Z", acme.at_wh.code
        told = stock_report(str(number), warehouse=warehouse, pieces={"A": pieces}, at=at)
        return acme.world.tell(warehouse, told)

    report(1, 12, 7)
    acme.world.run()
    stale = report(2, 11, 99).id
    again = report(1, 12, 7).id
    acme.world.run()
    assert acme.stock()["A"] == (7, 0)
    assert [(acme.status(one), acme.reason(one)) for one in (stale, again)] == [
        ("ignored", "stale"),
        ("ignored", "repeated"),
    ]
    acme.world.check_books()


# --- G15 -----------------------------------------------------------------------------------------

EVENTS = ("create", "pay", "edit", "refund", "accept", "first", "rest")
"""What happens to one order: three pieces of A and one of B, of A four after the edit."""


class Life:
    """One order's events, told in any order; what the warehouse says, once it was told."""

    def __init__(self, acme: Merchant, *, cancelled: bool) -> None:
        self.acme, self.cancelled = acme, cancelled
        self.held_back: list[str] = []

    def tell(self, event: str) -> None:
        tell = getattr(self, f"_{event}", None)
        if tell is not None:
            tell()
            return
        if not self.acme.fulfilment():  # a warehouse speaks of nothing that it was not told
            self.held_back.append(event)
            return
        getattr(self, f"wh_{event}")(self.acme.number())

    def rest(self) -> None:
        """Everything that is still to be said, and all that waits, until nothing moves."""
        for _ in range(3):
            self.acme.world.run()
            self.acme.world.later(400)
            late, self.held_back = self.held_back, []
            for event in late:
                self.tell(event)
        self.acme.world.run()
        for at in range(len(self.acme.fulfilment())):  # the rest leaves, or is given up
            number = self.acme.number(at)
            found = self.acme.fulfilment()[at]
            if found == "cancel_requested":
                self.acme.says(status(number, "cancelled"))
            elif found not in {"shipped", "cancelled"}:
                self.acme.says(shipment(number, delivery=f"last-{at}"))
            self.acme.world.run()

    def _create(self) -> None:
        self.acme.order(1, minute=1, lines=[("A", 3), ("B", 1)], payment_state="authorized")

    def _pay(self) -> None:
        self.acme.order(1, minute=2, lines=[("A", 3), ("B", 1)])

    def _edit(self) -> None:
        self.acme.order(1, minute=3, lines=[("A", 4), ("B", 1)])

    def _refund(self) -> None:
        shop, at = self.acme.at_shop.code, "2026-11-24T10:10:00Z"
        self.acme.world.tell(shop, refund(order=1, channel=shop, created_at=at), key="1")

    def wh_accept(self, number: str) -> None:
        self.acme.says(status(number, "accepted"))

    def wh_first(self, number: str) -> None:
        self.acme.says(shipment(number, delivery="first", lines=[(1, 1)], complete=False))

    def wh_rest(self, number: str) -> None:
        self.acme.says(shipment(number, delivery="rest", lines=[(1, 2), (2, 1)], complete=False))


def outcome(acme: Merchant) -> dict[str, Any]:
    """State, stock and books of the one order, whoever's parcel held what."""
    order = acme.row(1)
    shipped = acme.rows(
        """SELECT sku, sum(shipped) AS pieces FROM fulfilment_line
        JOIN fulfilment_order ON fulfilment_order.id = fulfilment_order_id
        WHERE fulfilment_order.merchant_id = :merchant GROUP BY sku ORDER BY sku"""
    )
    last: dict[str, Any] = {}
    for kind, _, document in acme.at_erp.told:
        if kind == "sales_order":
            last["order"] = [(line.sku, int(line.quantity)) for line in document.lines]
        elif kind == "refund":
            last["refund"] = str(document.amount)
        else:
            for line in document.order.lines:
                last[line.sku] = last.get(line.sku, 0) + int(line.quantity)
    return {
        "order": order.status,
        "stock": acme.stock(),
        "shipped": [(row.sku, int(row.pieces)) for row in shipped],
        "books": last,
        "told the shop": sum(
            (package_line.quantity for _, _, document in acme.at_shop.told
             for package_line in document.order.lines), Decimal(0),
        ),
        "unfinished": acme.work(),
    }  # fmt: skip


EXPECTED = {
    "order": "completed",
    "stock": {"A": (6, 0), "B": (9, 0), "C": (10, 0)},
    "shipped": [("A", 4), ("B", 1)],
    "books": {"order": [("A", 4), ("B", 1)], "refund": "5.00", "A": 4, "B": 1},
    "told the shop": Decimal(5),
    "unfinished": [],
}


@given(
    order=st.permutations([*EVENTS, *EVENTS]).map(tuple),
    pauses=st.sets(st.integers(0, 2 * len(EVENTS) - 1)),
)
@seed(15)
@settings(
    max_examples=6,
    deadline=None,
    derandomize=False,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_G15_any_order_and_any_repetition_end_in_the_same_state_stock_and_books(
    shared: World, new_merchant: Callable[..., Merchant], order: tuple[str, ...], pauses: set[int]
) -> None:
    shared.put_away()
    acme = new_merchant()
    life = Life(acme, cancelled=False)
    for at, event in enumerate(order):
        life.tell(event)
        if at in pauses:
            shared.run()
    life.rest()
    assert outcome(acme) == EXPECTED
    shared.check_books()


@given(
    order=st.permutations(["create", "cancel", "create", "edit", "cancel", "pay"]).map(tuple),
    pauses=st.sets(st.integers(0, 5)),
)
@seed(16)
@settings(
    max_examples=5,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_G15_a_cancelled_order_ends_cancelled_whatever_came_first(
    shared: World, new_merchant: Callable[..., Merchant], order: tuple[str, ...], pauses: set[int]
) -> None:
    shared.put_away()
    acme = new_merchant()
    life = Life(acme, cancelled=True)
    life._cancel = lambda: acme.order(1, minute=30, lines=[("A", 3), ("B", 1)], **CANCEL)  # type: ignore[attr-defined]
    for at, event in enumerate(order):
        life.tell(event)
        if at in pauses:
            shared.run()
    life.rest()
    assert acme.row(1).status == "cancelled"
    assert acme.stock() == {"A": (10, 0), "B": (10, 0), "C": (10, 0)}
    assert acme.work() == []
    assert set(acme.fulfilment()) <= {"cancelled"}
    shared.check_books()


# --- G16 -----------------------------------------------------------------------------------------


def test_G16_a_parked_head_holds_back_its_own_key_only(acme: Merchant) -> None:
    acme.at_wh.answers = [BadData("this address is none")]
    number = acme.notify(1)
    notice = acme.outbound("fulfilment_order")
    assert (acme.status(notice), acme.fulfilment()) == ("parked", ["notified"])
    with acme.world.unit() as unit:
        replay.replay(unit, [notice], "tester", "try it all the same")
    acme.at_wh.answers = [TryLater("x")]
    acme.world.run()
    acme.order(2, lines=[("C", 1)])
    acme.world.run()
    assert acme.at_wh.topics() == ["fulfilment_order"] * 3
    assert [row[1:] for row in acme.work()] == [("fulfilment_order", "retry")]
    assert acme.number() == number


def test_G16_what_stands_behind_is_named_and_goes_on_when_the_head_is_discarded(
    acme: Merchant,
) -> None:
    acme.at_erp.answers = [Rejected("no such customer")]
    number = acme.notify(1)
    acme.says(shipment(number))
    acme.order(2)
    acme.world.run()
    head = acme.rows(
        """SELECT id, key FROM work WHERE merchant_id = :merchant AND status = 'parked'"""
    )[0]
    assert [row[1:] for row in acme.work()] == [
        ("sales_order", "parked"),
        ("shipment", "behind"),
    ]
    behind = acme.rows(
        "SELECT topic FROM work WHERE connection = :erp AND key = :key AND status = 'behind'",
        erp=acme.at_erp.code,
        key=head.key,
    )
    assert [row[0] for row in behind] == ["shipment"]
    assert acme.at_erp.topics() == ["sales_order", "sales_order"]  # the second order's went
    with acme.world.unit() as unit:
        replay.discard(unit, [head.id], "tester", "booked by hand")
    acme.world.run()
    assert acme.at_erp.topics() == ["sales_order", "sales_order", "shipment"]
    assert acme.work() == []


def test_G16_of_an_order_that_is_no_longer_wanted_the_untold_notice_is_taken_back(
    acme: Merchant,
) -> None:
    world = acme.world
    message = acme.order().id
    lanes = world.sql(
        "SELECT id FROM lane WHERE connection = :c AND direction = 'in'", c=acme.at_shop.code
    )
    world.hurry(world.engine, lanes[0][0])
    assert acme.status(message) == "done"
    with world.unit() as unit:
        order_requests.cancel(unit, acme.row().id, "tester", "the customer rang")
    world.run()
    assert acme.status(acme.outbound("fulfilment_order")) == "superseded"
    assert (acme.at_wh.topics(), acme.fulfilment()) == ([], ["cancelled"])
    assert acme.stock()["A"] == (10, 0)


# --- G17 -----------------------------------------------------------------------------------------


@pytest.fixture
def selling(new_merchant: Callable[..., Merchant]) -> Merchant:
    return new_merchant(shop_takes=("shipment", "stock_level"))


def moved(acme: Merchant, sku: str, delta: int, change: int) -> None:
    """The stock of an article changes, and channels are to be told."""
    told = stock_change(str(change), warehouse=acme.at_wh.code, pieces={sku: delta})
    acme.world.tell(acme.at_wh.code, told)
    lane = acme.world.sql(
        "SELECT id FROM lane WHERE connection = :c AND direction = 'in'", c=acme.at_wh.code
    )
    acme.world.hurry(acme.world.engine, lane[0][0])
    with acme.world.unit() as unit:
        stock_out.publish(unit)


def levels(acme: Merchant) -> list[tuple[str, int]]:
    return [
        (document.sku, int(document.available))
        for kind, _, document in acme.at_shop.told
        if kind == "stock_level"
    ]


def test_G17_of_levels_that_were_not_sent_only_the_newest_goes(selling: Merchant) -> None:
    for change in range(1, 6):
        moved(selling, "A", 1, change)
        unsent = [row for row in selling.work() if row[1] == "stock_level"]
        assert unsent == [(selling.at_shop.code, "stock_level", "pending")]
    moved(selling, "B", 2, 6)
    selling.world.run()
    assert sorted(levels(selling)) == [("A", 15), ("B", 12)]
    superseded = selling.rows(
        """SELECT count(*) FROM message WHERE merchant_id = :merchant AND status = 'superseded'"""
    )
    assert superseded[0][0] == 4


def test_G17_a_level_that_failed_is_superseded_and_never_follows_the_newer(
    selling: Merchant,
) -> None:
    selling.at_shop.answers = [TryLater("busy")]
    moved(selling, "A", 1, 1)
    selling.world.run()
    moved(selling, "A", 1, 2)
    selling.world.run()
    selling.world.later(100)
    selling.world.run()
    assert levels(selling) == [("A", 11), ("A", 12)]  # tried, then the newer; the old never again
    assert selling.work() == []


def test_G17_while_one_is_being_sent_the_newer_waits_behind_it(selling: Merchant) -> None:
    def meanwhile(document: Any) -> None:
        selling.at_shop.before = lambda document: None
        moved(selling, "A", 1, 2)
        moved(selling, "A", 1, 3)
        found = [row[1:] for row in selling.work()]
        assert found == [("stock_level", "sending"), ("stock_level", "behind")]

    selling.at_shop.before = meanwhile
    moved(selling, "A", 1, 1)
    selling.world.run()
    assert levels(selling) == [("A", 11), ("A", 13)]
    assert selling.work() == []
