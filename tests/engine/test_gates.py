"""Gates before a partner: breaker, pace, credentials, facts; and its trouble is its own."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from hub.flows import pace
from hub.model.errors import BadData, NotAuthorised, OutcomeUnknown, Rejected, TryLater, UnknownCode
from hub.rules.breaker import Mode
from hub.store import connections_state, waking
from tests.engine.town import Town
from tests.kit.world import World
from workers import fates

CANNOT = TryLater("it is away")


def backlog(town: Town, orders: int) -> None:
    """So many notices are to be told."""
    world = town.world
    for number in range(1, orders + 1):
        town.order(number, lines=[("C", 1)])
    lane = world.sql("SELECT id FROM lane WHERE connection = :c AND direction = 'in'", c=town.shop)
    world.hurry(world.engine, lane[0][0])


def lane_out(town: Town) -> int:
    return int(
        town.world.one(
            "SELECT id FROM lane WHERE connection = :c AND direction = 'out' AND shard = 0",
            c=town.wh,
        )
    )


def tell(town: Town) -> None:
    """One ring at the warehouse's lane."""
    town.world.hurry(town.world.engine, lane_out(town))


def mode(town: Town) -> Mode:
    with town.world.store.database.begin() as db:
        return pace.of(db, town.wh).mode


def notices(town: Town) -> list[tuple[str, int]]:
    """Status and attempts of each notice that is unfinished."""
    rows = town.rows(
        "SELECT status, attempts FROM work WHERE connection = :wh ORDER BY seq", wh=town.wh
    )
    return [tuple(row) for row in rows]


def shift_breaker(town: Town, seconds: float) -> None:
    """Time passes for the breaker alone."""
    town.world.sql(
        """UPDATE partner_state SET breaker = breaker
          || jsonb_build_object('retry_at', CAST(breaker ->> 'retry_at' AS timestamptz)
            - :s * interval '1 s')
          || jsonb_build_object('probe_until', NULL), blocked_until = NULL
        WHERE connection = :wh""",
        s=seconds,
        wh=town.wh,
    )


@pytest.fixture
def narrow(new_town: Callable[..., Town]) -> Town:
    """One call at a time."""
    return new_town(limits={"concurrency": 1})


def test_five_failures_in_a_row_and_nothing_is_sent_and_no_attempt_is_counted(
    narrow: Town,
) -> None:
    backlog(narrow, 7)
    narrow.at_wh.answers = [CANNOT] * 20
    narrow.world.engine.gather[narrow.wh] = 5
    tell(narrow)
    assert (len(narrow.at_wh.told), mode(narrow)) == (5, Mode.OPEN)
    for _ in range(3):
        tell(narrow)
    assert len(narrow.at_wh.told) == 5
    assert sorted(notices(narrow)) == [*[("pending", 0)] * 2, *[("retry", 1)] * 5]


def test_after_a_while_one_goes_as_a_probe_and_three_answers_open_the_gate(narrow: Town) -> None:
    backlog(narrow, 8)
    narrow.at_wh.answers = [CANNOT] * 5
    narrow.world.engine.gather[narrow.wh] = 5
    tell(narrow)
    narrow.at_wh.answers = [CANNOT]
    shift_breaker(narrow, 40)
    tell(narrow)
    assert (len(narrow.at_wh.told), mode(narrow)) == (6, Mode.OPEN)  # the probe failed
    shift_breaker(narrow, 40)
    tell(narrow)
    assert len(narrow.at_wh.told) == 6  # the wait has doubled
    shift_breaker(narrow, 40)
    narrow.world.sql("UPDATE work SET due = now()")
    tell(narrow)
    assert (len(narrow.at_wh.effects), mode(narrow)) == (3, Mode.CLOSED)  # and then by and by
    narrow.world.later(0)  # its recovery is over
    tell(narrow)
    assert len(narrow.at_wh.effects) == 8
    assert notices(narrow) == []


def test_refusals_do_not_count_as_a_partner_that_is_away(narrow: Town) -> None:
    backlog(narrow, 6)
    narrow.at_wh.answers = [Rejected("no")] * 6
    tell(narrow)
    assert (len(narrow.at_wh.told), mode(narrow)) == (6, Mode.CLOSED)
    assert [found for found, _ in notices(narrow)] == ["parked"] * 6


def test_an_unknown_outcome_counts_as_a_failure(narrow: Town) -> None:
    backlog(narrow, 5)
    narrow.at_wh.answers = [OutcomeUnknown("?")] * 5
    narrow.world.engine.gather[narrow.wh] = 5
    tell(narrow)
    assert mode(narrow) is Mode.OPEN


def test_retry_after_is_never_undercut_and_slows_the_whole_connection(narrow: Town) -> None:
    backlog(narrow, 2)
    narrow.world.engine.gather[narrow.wh] = 1
    narrow.at_wh.answers = [TryLater("too many", retry_after=600)]
    tell(narrow)
    assert len(narrow.at_wh.told) == 1
    (due,) = narrow.rows(
        """SELECT extract(epoch FROM due - now()) AS s FROM work
        WHERE connection = :wh AND status = 'retry'""",
        wh=narrow.wh,
    )
    assert 595 < due.s <= 601
    narrow.world.sql("UPDATE work SET due = now()")
    for _ in range(2):
        tell(narrow)
    assert len(narrow.at_wh.told) == 1  # nor any other message
    with narrow.world.store.database.begin() as db:
        until = pace.of(db, narrow.wh).not_before
    assert until is not None
    assert until > datetime.now(UTC) + timedelta(seconds=590)


def test_a_rate_lets_so_many_through_and_gives_back_what_was_not_used(
    shared: World, new_town: Callable[..., Town]
) -> None:
    town = new_town(limits={"rate_per_s": 0.001, "burst": 3, "concurrency": 1})
    backlog(town, 5)
    shared.sql("INSERT INTO partner_state (connection, tokens) VALUES (:wh, 3)", wh=town.wh)
    for _ in range(3):
        tell(town)
    assert len(town.at_wh.told) == 3
    assert [found for found, _ in notices(town)] == ["pending"] * 2


def test_credentials_refused_pause_the_connection_and_burn_no_attempt(narrow: Town) -> None:
    backlog(narrow, 3)
    narrow.at_wh.answers = [NotAuthorised("401")]
    tell(narrow)
    world = narrow.world
    assert len(narrow.at_wh.told) == 1  # who refuses one of us refuses the others
    assert notices(narrow) == [("waiting", 0)] * 3
    paused = "SELECT status, paused_because FROM connection WHERE code = :wh"
    assert tuple(world.one(paused, wh=narrow.wh)) == ("paused", "not_authorised")
    assert narrow.incidents() == ["connection_paused"]
    calls = len(narrow.at_wh.told)
    narrow.order(9, lines=[("C", 1)])
    world.run()
    assert len(narrow.at_wh.told) == calls  # nothing goes while it is paused
    rings: set[Any] = set()
    with world.store.database.begin() as db:
        assert connections_state.resume(db, narrow.wh, rings)
    assert rings == {("out", narrow.wh, 0)}
    world.run()
    assert notices(narrow) == []
    assert len(narrow.at_wh.effects) >= 3


def test_credentials_refused_while_reading_pause_the_connection_too(town: Town) -> None:
    def refuse(topic: str, raw: bytes) -> Any:
        raise NotAuthorised("401")

    decode, town.at_shop.decode = town.at_shop.decode, refuse  # type: ignore[method-assign]
    first, second = town.order(1).id, town.order(2).id
    town.world.run()
    assert [town.status(one) for one in (first, second)] == ["waiting", "waiting"]
    assert town.reason(first) == "not_authorised"
    assert town.incidents() == ["connection_paused"]
    third = town.order(3).id
    town.world.run()
    assert (town.status(third), town.reason(third)) == ("waiting", "connection_paused")
    town.at_shop.decode = decode  # type: ignore[method-assign]
    with town.world.store.database.begin() as db:
        connections_state.resume(db, town.shop, set())
    town.world.run()
    assert [town.status(one) for one in (first, second, third)] == ["done"] * 3
    assert town.attempts(first) == ["not_authorised", "done"]


def test_G02_what_came_to_wait_while_its_connection_was_resumed_goes_on(town: Town) -> None:
    world = town.world
    with world.store.database.begin() as db:
        connections_state.pause(db, town.shop, "by_hand")
    late = town.order(1).id
    world.run()
    (fact,) = town.rows("SELECT waits_for FROM work WHERE id = :id", id=late)
    with world.store.database.begin() as db:
        connections_state.resume(db, town.shop, set())
        db.execute(
            sa.text("UPDATE work SET status = 'waiting', waits_for = :fact WHERE id = :id"),
            {"fact": fact.waits_for, "id": late},
        )
    with world.store.database.begin() as db:
        woken = waking.wake_ready(db)
    assert [row.connection for row in woken] == [town.shop]
    world.run()
    assert town.status(late) == "done"


def test_a_connection_whose_settings_do_not_fit_is_paused_and_loses_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, of = town.world, type(town.world.adapters).of

    def broken(self: Any, partner: Any, network: Any, version: int) -> Any:
        if partner.code == town.wh:
            raise BadData("an address is expected", path="settings.api_url")
        return of(self, partner, network, version)

    monkeypatch.setattr(type(world.adapters), "of", broken)
    town.order(1)
    told = world.tell(town.wh, {"type": "x"}).id
    world.run()
    assert notices(town)[0] == ("waiting", 0)
    assert (town.status(told), town.incidents()) == ("waiting", ["connection_paused"])
    monkeypatch.undo()
    with world.store.database.begin() as db:
        connections_state.resume(db, town.wh, set())
    world.run()
    assert town.told(town.at_wh) == ["fulfilment_order"]
    assert town.status(told) == "parked"


def test_an_unknown_code_waits_for_its_fact_and_goes_on_when_it_appears(town: Town) -> None:
    town.at_wh.answers = [UnknownCode("carriers", "ROCKET", path="delivery.carrier")]
    town.notify(1)
    notice = town.outbound("fulfilment_order")
    assert (town.status(notice), town.reason(notice)) == ("waiting", "unknown_code")
    town.world.later(10_000)
    town.world.run()
    assert len(town.at_wh.told) == 1  # time does not mend it
    fact = town.world.one("SELECT waits_for FROM work WHERE id = :id", id=notice)
    assert fact == f"code:carriers:ROCKET:{town.wh}"
    with town.world.store.database.begin() as db:
        assert waking.wake(db, ["code:carriers:ROCKET:elsewhere"]) == []
        assert [tuple(row) for row in waking.wake(db, [fact])] == [("out", town.wh, 0)]
    town.world.run()
    assert (town.status(notice), town.attempts(notice)) == (
        "delivered",
        ["unknown_code", "delivered"],
    )
    counted = town.world.one("SELECT attempts FROM message WHERE id = :id", id=notice)
    assert counted == 1


def test_an_unknown_code_in_what_a_partner_says_waits_for_its_fact(town: Town) -> None:
    decode = town.at_shop.decode

    def unmapped(topic: str, raw: bytes) -> Any:
        raise UnknownCode("currencies", "XBT", path="currency")

    town.at_shop.decode = unmapped  # type: ignore[method-assign]
    message = town.order(1).id
    town.world.run()
    assert (town.status(message), town.reason(message)) == ("waiting", "unknown_code")
    town.at_shop.decode = decode  # type: ignore[method-assign]
    with town.world.store.database.begin() as db:
        waking.wake(db, [f"code:currencies:XBT:{town.shop}"])
    town.world.run()
    assert (town.status(message), town.attempts(message)) == ("done", ["waiting", "done"])


def test_a_partner_answer_that_cannot_be_taken_in_is_parked_and_blocks_no_lane(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = fates.flows.after

    def trip(unit: Any, partner: Any, settled: Any) -> None:
        if any(one.document.business_id == town.number() for one in settled):
            raise LookupError("only with this one")
        after(unit, partner, settled)

    town.order(1)
    backlog(town, 2)
    monkeypatch.setattr(fates.flows, "after", trip)
    tell(town)
    assert [found for found, _ in notices(town)] == ["parked"]
    reasons = town.rows(
        """SELECT error ->> 'code' FROM message JOIN work USING (id)
        WHERE work.connection = :wh""",
        wh=town.wh,
    )
    assert [row[0] for row in reasons] == ["internal_error"]
    assert len(town.at_wh.effects) == 2


def test_words_of_a_partner_that_no_database_takes_are_shown_as_they_can_be(town: Town) -> None:
    town.at_wh.answers = [Rejected("no \x00 street \ud800")]
    town.notify(1)
    notice = town.outbound("fulfilment_order")
    assert (town.status(notice), town.fulfilment()) == ("parked", ["rejected"])
    said = town.world.one("SELECT error ->> 'message' FROM message WHERE id = :id", id=notice)
    assert said == "no \N{REPLACEMENT CHARACTER} street \N{REPLACEMENT CHARACTER}"


def test_a_partner_that_hangs_does_not_stop_another(
    shared: World, new_town: Callable[..., Town]
) -> None:
    slow, quick = new_town(), new_town()
    go, hanging = threading.Event(), threading.Event()

    def hang(document: Any) -> None:
        hanging.set()
        go.wait(20)

    slow.at_wh.before = hang
    backlog(slow, 1)
    backlog(quick, 5)
    other = shared.worker()
    stuck = threading.Thread(target=shared.hurry, args=(other, lane_out(slow)))
    stuck.start()
    assert hanging.wait(10)
    since = time.monotonic()
    tell(quick)
    assert time.monotonic() - since < 5
    assert len(quick.at_wh.effects) == 5
    assert notices(slow) == [("sending", 1)]
    go.set()
    stuck.join()
    assert notices(slow) == []
    shared.kill(other)


def test_one_probe_at_a_time_over_all_lanes(shared: World, new_town: Callable[..., Town]) -> None:
    town = new_town(shards=4, limits={"concurrency": 4})
    opened = {
        "mode": "open",
        "openings": 1,
        "retry_at": (datetime.now(UTC) - timedelta(seconds=1)).isoformat(),
    }
    for number in range(1, 9):
        town.order(number, lines=[("C", 1)])
    shared.sql(
        "INSERT INTO partner_state (connection, breaker) VALUES (:wh, CAST(:breaker AS jsonb))",
        wh=town.wh,
        breaker=json.dumps(opened),
    )
    running: list[UUID] = []

    def count(document: Any) -> None:
        running.append(document.fulfilment_order_id)
        assert len(running) == 1
        for lane_id in shared.due():  # others try while the probe is out
            shared.hurry(shared.engine, lane_id)
        assert len(running) == 1
        town.at_wh.before = lambda document: None

    town.at_wh.before = count
    while mode(town) is not Mode.CLOSED:
        shared.once()
    shared.later(0)  # its recovery is over
    shared.run()
    assert len(town.at_wh.effects) == 8
