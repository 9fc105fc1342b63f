"""What is stuck is found, said, healed where that is safe, and over when it is over."""

from collections.abc import Callable
from typing import Any

import pytest

from hub.store.base.database import Database
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from workers.registration import bury_the_dead
from workers.schedule import chores


class Bell:
    """Rings are collected; `away` says for how long the broker has taken none."""

    def __init__(self) -> None:
        self.rung: list[int] = []
        self.away = 0.0

    def ring_lanes(self, numbers: Any) -> None:
        self.rung += list(numbers)

    def away_s(self) -> float:
        return self.away


@pytest.fixture
def look(world: World) -> Callable[[], set[str]]:
    """Looks once; what stands open of trouble by then."""
    bell = Bell()

    def once() -> set[str]:
        chores.look_after_ourselves(world.store, bell)  # type: ignore[arg-type]
        return {row[0] for row in world.sql("SELECT kind FROM incident WHERE status = 'open'")}

    once.bell = bell  # type: ignore[attr-defined]
    return once


def make_old(world: World, seconds: float) -> None:
    world.sql("UPDATE work SET due = due - :s * interval '1 s'", s=seconds)


def test_where_all_is_well_nothing_is_said(world: World, look: Callable[[], set[str]]) -> None:
    world.sql("UPDATE worker SET kind = 'worker'")
    world.tell("shop", sales_order(1, lines=[("C", 1)]), key="1")
    assert look() == set()
    world.run()
    assert look() == set()


def test_work_without_a_worker_is_said_rung_and_over_when_one_comes(
    world: World, look: Callable[[], set[str]]
) -> None:
    world.tell("shop", sales_order(1), key="1")
    make_old(world, 60)
    assert look() == {"no_worker"}
    assert look.bell.rung == world.due()  # type: ignore[attr-defined]
    world.sql("UPDATE worker SET kind = 'worker'")
    assert look() == set()
    closed = world.sql("SELECT kind, merchant_id FROM incident WHERE closed_at IS NOT NULL")
    assert [tuple(row) for row in closed] == [("no_worker", "operator")]


def test_a_worker_that_lives_and_does_not_get_on_is_said(
    world: World, look: Callable[[], set[str]]
) -> None:
    world.sql("UPDATE worker SET kind = 'worker', progress_at = now() - interval '90 s'")
    assert look() == set()  # there is nothing to do
    world.tell("shop", sales_order(1), key="1")
    make_old(world, 70)
    assert look() == {"worker_silent"}


def test_a_worker_that_died_is_said_until_another_takes_its_place(
    world: World, look: Callable[[], set[str]]
) -> None:
    dead = world.worker()
    world.sql(
        "UPDATE worker SET beat_at = now() - interval '20 s' WHERE number = :n",
        n=dead.identity.number,
    )
    world.kill(dead)
    died = "SELECT died FROM worker WHERE number = :n"
    assert world.one(died, n=dead.identity.number)
    assert look() == set()
    world.sql("UPDATE worker SET ended_at = now() - interval '15 s' WHERE died")
    assert look() == {"worker_dead"}
    world.worker()
    assert look() == set()


def test_a_frozen_worker_is_not_buried_and_is_said(
    world: World, look: Callable[[], set[str]]
) -> None:
    frozen = world.worker()
    world.sql(
        "UPDATE worker SET beat_at = now() - interval '40 s' WHERE number = :n",
        n=frozen.identity.number,
    )
    assert bury_the_dead(world.store.database) == 0
    assert look() == {"worker_frozen"}


def test_a_lease_that_ran_out_is_freed(world: World, look: Callable[[], set[str]]) -> None:
    world.sql("UPDATE lane SET holder = 9, leased_until = now() - interval '20 s' WHERE id = 1")
    assert look() == {"lease_expired"}
    assert world.one("SELECT holder FROM lane WHERE id = 1") is None
    assert look() == set()


def test_a_backlog_that_grows_old_is_said_and_not_that_of_a_partner_that_is_away(
    world: World, look: Callable[[], set[str]]
) -> None:
    world.sql("UPDATE worker SET kind = 'worker'")
    world.tell("shop", sales_order(1, lines=[("C", 1)]), key="1")
    world.hurry(world.engine, world.due()[0])
    make_old(world, 130)
    assert look() == {"backlog_old"}
    about = world.sql("SELECT subject, merchant_id FROM incident WHERE status = 'open' ORDER BY 1")
    assert [tuple(row) for row in about] == [("lane:out/erp", "acme"), ("lane:out/wh", "acme")]
    world.sql(
        """INSERT INTO partner_state (connection, breaker, blocked_until)
        SELECT code, jsonb_build_object('mode', 'open', 'away_since',
          now() - CASE code WHEN 'wh' THEN interval '61 min' ELSE interval '1 min' END),
          now() + interval '5 min'
        FROM connection WHERE code IN ('wh', 'erp')"""
    )
    assert look() == {"partner_away"}


def test_a_parked_message_that_holds_back_others_is_said(
    world: World, look: Callable[[], set[str]]
) -> None:
    world.sql("UPDATE worker SET kind = 'worker'")
    world.tell_raw("shop", "sales_order", b"{", key="1")
    world.run()
    make_old(world, 400)
    assert look() == set()  # nothing stands behind it
    world.tell("shop", sales_order(1), key="1")
    assert look() == {"key_blocked"}


def test_a_channel_that_falls_silent_is_said(world: World, look: Callable[[], set[str]]) -> None:
    world.tell("shop", sales_order(1, lines=[("C", 1)]), key="1")
    world.run()
    chores.learn_rhythms(world.store, Bell())  # type: ignore[arg-type]
    assert world.one("SELECT sum(orders) FROM order_rhythm WHERE channel = 'shop'") == 1
    world.sql(
        """INSERT INTO order_rhythm (channel, hour, orders, last_at)
        SELECT 'shop', h, 10, h + interval '59 min'
        FROM generate_series(date_trunc('hour', now()) - interval '72 h',
          date_trunc('hour', now()) - interval '3 h', interval '1 h') AS h"""
    )
    assert look() == set()  # an order came a moment ago
    world.sql("DELETE FROM order_rhythm WHERE hour > now() - interval '2 h'")
    assert look() == {"orders_silent"}
    world.sql("UPDATE connection SET status = 'paused' WHERE code = 'shop'")
    assert look() == set()


def test_a_long_transaction_and_a_wrong_clock_are_said(
    world: World, look: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Database(world.url, pool=1, name="sleeper")
    with other.begin() as db:
        db.exec_driver_sql("SELECT txid_current()")
        seen = chores.measures.transactions
        monkeypatch.setattr(
            chores.measures,
            "transactions",
            lambda db: [one._replace(value=one.value + 60) for one in seen(db)],
        )
        world.sql("UPDATE worker SET clock_s = -6")
        assert look() == {"long_transaction", "clock_apart"}
        subjects = world.sql("SELECT subject FROM incident WHERE kind = 'long_transaction'")
        assert [row[0] for row in subjects] == ["program:sleeper"]
    other.dispose()
    world.sql("UPDATE worker SET clock_s = 0")
    assert look() == set()


def test_a_broker_that_is_away_and_a_low_disk_are_said_of_their_host_only(
    world: World, look: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores, "free_space", lambda home: (400_000_000, 10_000_000_000))
    look.bell.away = 3.0  # type: ignore[attr-defined]
    assert look() == {"broker_away", "disk_low"}
    monkeypatch.setattr(chores.socket, "gethostname", lambda: "elsewhere")
    monkeypatch.setattr(chores, "free_space", lambda home: (9_000_000_000, 10_000_000_000))
    look.bell.away = 0.0  # type: ignore[attr-defined]
    assert look() == {"broker_away", "disk_low"}  # the other host has not said that it is over
