"""A partner is away with much to tell it: only probes go, then by and by, and nothing is lost."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from adapters.ports import Receipt
from hub.flows.config import pause
from hub.flows.ops import pace
from hub.model.errors import EndpointMissing, Rejected, TryLater
from hub.rules.ops.breaker import Mode
from hub.rules.ops.pace import RAMP_PER_CALL_S
from tests.kit.world import Merchant, World
from tests.workers.queueing import left, queue
from workers import drain
from workers.schedule.chores import watch_partners

SHARDS, IN_A_ROW, RATE = 4, 5, 40


@pytest.fixture(autouse=True)
def short_drains(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drain goes on while new calls are due: in simulated time it must not take real time."""
    monkeypatch.setattr(drain, "DRAIN_S", 0.3)


class Watch:
    """Time passes, and two workers are rung as a sweep would ring them."""

    def __init__(self, world: World) -> None:
        self.world, self.seconds = world, 0.0
        self.workers = [world.engine, world.worker()]

    def tick(self, seconds: float) -> None:
        self.seconds += seconds
        self.world.clock.pass_(seconds)
        for at, lane_id in enumerate(self.world.due()):
            self.world.hurry(self.workers[at % 2], lane_id)


def away(*_: Any) -> Any:
    raise TryLater("it is away")


def mode(acme: Merchant) -> Mode:
    with acme.world.store.database.begin() as db:
        return pace.of(db, acme.at_wh.code).mode


def recovered_since(acme: Merchant, seconds: float) -> None:
    """Its breaker closed so many seconds ago."""
    acme.world.sql(
        """UPDATE partner_state SET breaker = breaker || jsonb_build_object('closed_at',
          now() - :s * interval '1 s') WHERE connection = :wh""",
        s=seconds,
        wh=acme.at_wh.code,
    )


def set_answer(acme: Merchant, answer: Callable[[Any], None] | None) -> None:
    acme.at_wh.before = answer or (lambda document: None)


def test_G23_in_an_outage_of_ten_minutes_only_probes_go_and_then_it_ramps_up(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(shards=SHARDS, limits={"rate_per_s": RATE, "concurrency": 4})
    queue(shared, acme.at_wh.code, 1500)
    watch, asked = Watch(shared), [0]

    def count(document: Any) -> None:
        asked[0] += 1
        away()

    set_answer(acme, count)
    while mode(acme) is not Mode.OPEN:
        assert watch.seconds < 10
        watch.tick(1)
    opening = asked[0]
    assert IN_A_ROW <= opening <= IN_A_ROW * SHARDS  # each lane hears it for itself, in one batch
    while watch.seconds < 600:
        watch.tick(5)
    assert asked[0] - opening <= 5  # after 30 s, 1, 2 and 4 minutes more
    assert left(shared, acme.at_wh.code) == 1500
    counted = shared.one(
        "SELECT sum(attempts) FROM work WHERE connection = :wh", wh=acme.at_wh.code
    )
    assert counted == asked[0]  # what did not go spent no attempt
    set_answer(acme, None)
    while mode(acme) is not Mode.CLOSED:
        watch.tick(20)
        assert watch.seconds < 600 + 16 * 60 + 60
    for seconds, share in ((10, 0.1), (40, 0.25), (80, 0.5), (130, 1.0)):
        recovered_since(acme, seconds)
        before, since = left(shared, acme.at_wh.code), time.monotonic()
        watch.tick(1)
        told, took = before - left(shared, acme.at_wh.code), 1 + time.monotonic() - since
        assert 0.8 * RATE * share <= told <= RATE * share * took + SHARDS
    shared.kill(watch.workers[1])


def test_G23_a_connection_that_names_no_rate_recovers_by_its_concurrency(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(shards=SHARDS, limits={"concurrency": 4})
    queue(shared, acme.at_wh.code, 150)
    watch = Watch(shared)
    set_answer(acme, away)
    watch.tick(1)
    set_answer(acme, None)
    while mode(acme) is not Mode.CLOSED:
        watch.tick(20)
    for seconds, share in ((10, 0.1), (40, 0.25), (80, 0.5)):
        recovered_since(acme, seconds)
        before, since = left(shared, acme.at_wh.code), time.monotonic()
        watch.tick(1)
        told, took = before - left(shared, acme.at_wh.code), time.monotonic() - since
        at_once = max(1, 4 * share)
        assert 1 <= told <= at_once + took * 4 * RAMP_PER_CALL_S * share
    recovered_since(acme, 121)
    watch.tick(1)
    watch.tick(60)
    assert left(shared, acme.at_wh.code) == 0  # as fast as it answers
    shared.kill(watch.workers[1])


def test_G23_after_a_429_nobody_of_this_connection_calls_until_it_may(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(shards=SHARDS, limits={"concurrency": 4})
    queue(shared, acme.at_wh.code, 40)
    watch = Watch(shared)
    acme.at_wh.answers = [TryLater("too many", retry_after=60)]
    watch.tick(1)
    assert len(acme.at_wh.told) == 1  # neither the rest of its batch, nor the other lanes
    watch.tick(45)
    assert len(acme.at_wh.told) == 1
    shared.engine.quiet.until.clear()  # this process's own clock does not move
    watch.workers[1].quiet.until.clear()
    watch.tick(20)
    while left(shared, acme.at_wh.code) > 1:  # a drain ends before all is told where this is slow
        watch.tick(1)
        assert watch.seconds < 110
    while left(shared, acme.at_wh.code):
        watch.tick(10)
        assert watch.seconds < 300
    shared.kill(watch.workers[1])


def test_a_fifth_of_the_pace_is_left_for_bulk_and_orders_go_first(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(limits={"rate_per_s": 10, "burst": 10, "concurrency": 1})
    queue(shared, acme.at_wh.code, 150, bulk=True)  # more than the real time lets through as well
    queue(shared, acme.at_wh.code, 150)
    watch = Watch(shared)
    while len(acme.at_wh.told) < 60:  # six seconds, and more where a drain gets little done
        watch.tick(1)
        assert watch.seconds < 60
    kinds = Counter(document.sku[0] for _, _, document in acme.at_wh.told)
    assert 0.18 <= kinds["b"] / (kinds["u"] + kinds["b"]) <= 0.22
    while left(shared, acme.at_wh.code):
        watch.tick(1)
    assert watch.seconds < 150
    shared.kill(watch.workers[1])


def test_nothing_at_the_address_three_times_in_a_row_pauses_the_connection(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(limits={"concurrency": 1})
    queue(shared, acme.at_wh.code, 7)
    gone = EndpointMissing("POST answered 404")
    acme.at_wh.answers = [gone, gone, Rejected("no"), gone, gone, gone]
    shared.engine.gather[acme.at_wh.code] = 7
    shared.run()
    assert len(acme.at_wh.told) == 6
    paused = "SELECT status, paused_because FROM connection WHERE code = :wh"
    assert tuple(shared.one(paused, wh=acme.at_wh.code)) == ("paused", "endpoint_missing")
    assert acme.incidents() == ["connection_paused"]
    statuses = Counter(status for _, _, status in acme.work())
    assert statuses == {"parked": 6, "waiting": 1}
    assert mode(acme) is Mode.CLOSED  # it answers: it is not away
    with shared.unit() as unit:
        pause.resume(unit, acme.at_wh.code)
    assert acme.rows(
        "SELECT status FROM incident WHERE merchant_id = :merchant AND kind = 'connection_paused'"
    ) == [("closed",)]
    shared.run()
    assert Counter(status for _, _, status in acme.work()) == {"parked": 6}


def test_away_for_three_days_it_is_paused_and_goes_on_with_a_probe_when_resumed(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(limits={"concurrency": 1})
    queue(shared, acme.at_wh.code, 20)
    watch = Watch(shared)
    set_answer(acme, away)
    watch.tick(1)
    watch.tick(71 * 3600)
    watch_partners(shared.store, shared.engine.bell)
    status = "SELECT status FROM connection WHERE code = :wh"
    assert shared.one(status, wh=acme.at_wh.code) == "active"
    watch.tick(2 * 3600)
    watch_partners(shared.store, shared.engine.bell)
    assert shared.one(status, wh=acme.at_wh.code) == "paused"
    assert acme.incidents() == ["connection_paused"]
    watch.tick(3600)
    assert {one[2] for one in acme.work()} == {"waiting"}
    with shared.unit() as unit:
        pause.resume(unit, acme.at_wh.code)
    watch_partners(shared.store, shared.engine.bell)
    assert (
        shared.one(status, wh=acme.at_wh.code) == "active"
    )  # not paused again before it was asked
    before = len(acme.at_wh.told)
    set_answer(acme, None)
    watch.tick(0)
    assert len(acme.at_wh.told) > before
    watch.tick(130)
    watch.tick(130)
    assert acme.work() == []
    shared.kill(watch.workers[1])


@pytest.mark.parametrize("adapter", ["qimen", "generic_warehouse"])
def test_a_document_that_ends_the_interpreter_is_parked_after_its_third_crash_alone(
    shared: World, new_merchant: Callable[..., Merchant], adapter: str
) -> None:
    acme = new_merchant(adapter=adapter, limits={"concurrency": 1})
    queue(shared, acme.at_wh.code, 30)
    crashes = 0

    def die(document: Any) -> None:
        if document.sku == "u17":
            raise SystemExit

    def find(document: Any) -> Receipt | None:
        known = (one for one in acme.at_wh.effects.values() if one == document)
        return Receipt("there") if next(known, None) else None

    set_answer(acme, die)
    acme.at_wh.find = find  # type: ignore[method-assign]
    killer = "SELECT status FROM work WHERE connection = :wh AND key = 'u17'"
    while (shared.sql(killer, wh=acme.at_wh.code) or [("gone",)])[0][0] != "parked":
        worker = shared.worker()
        try:
            for _ in range(12):
                shared.run(worker)
                shared.later(700)
        except SystemExit:
            crashes += 1
        shared.kill(worker)
        assert crashes <= 12
    shared.later(700)
    shared.run()
    assert 3 <= crashes <= 12
    assert len(acme.at_wh.effects) == 29
    told = Counter(key for _, key, _ in acme.at_wh.told)
    assert adapter != "qimen" or set(told.values()) == {1}  # asked first, never sent twice
    reason = """SELECT error ->> 'code' FROM message JOIN work USING (id)
        WHERE work.connection = :wh"""
    assert shared.one(reason, wh=acme.at_wh.code) == "crashes_worker"
