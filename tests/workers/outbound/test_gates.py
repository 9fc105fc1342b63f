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

from hub.flows.config import pause
from hub.flows.ops import pace
from hub.model.errors import BadData, NotAuthorised, OutcomeUnknown, Rejected, TryLater, UnknownCode
from hub.rules.ops.breaker import Mode
from hub.store.messages import message_waits
from tests.kit.world import Merchant, World
from workers.outbound import fates

CANNOT = TryLater("it is away")


def backlog(acme: Merchant, orders: int) -> None:
    """So many notices are to be told."""
    world = acme.world
    for number in range(1, orders + 1):
        acme.order(number, lines=[("C", 1)])
    lane = world.sql(
        "SELECT id FROM lane WHERE connection = :c AND direction = 'in'", c=acme.at_shop.code
    )
    world.hurry(world.engine, lane[0][0])


def lane_out(acme: Merchant) -> int:
    return int(
        acme.world.one(
            "SELECT id FROM lane WHERE connection = :c AND direction = 'out' AND shard = 0",
            c=acme.at_wh.code,
        )
    )


def tell(acme: Merchant) -> None:
    """One ring at the warehouse's lane."""
    acme.world.hurry(acme.world.engine, lane_out(acme))


def mode(acme: Merchant) -> Mode:
    with acme.world.store.database.begin() as db:
        return pace.of(db, acme.at_wh.code).mode


def notices(acme: Merchant) -> list[tuple[str, int]]:
    """Status and attempts of each notice that is unfinished."""
    rows = acme.rows(
        "SELECT status, attempts FROM work WHERE connection = :wh ORDER BY seq", wh=acme.at_wh.code
    )
    return [tuple(row) for row in rows]


def shift_breaker(acme: Merchant, seconds: float) -> None:
    """Time passes for the breaker alone."""
    acme.world.sql(
        """UPDATE partner_state SET breaker = breaker
          || jsonb_build_object('retry_at', CAST(breaker ->> 'retry_at' AS timestamptz)
            - :s * interval '1 s')
          || jsonb_build_object('probe_until', NULL), blocked_until = NULL
        WHERE connection = :wh""",
        s=seconds,
        wh=acme.at_wh.code,
    )


@pytest.fixture
def narrow(new_merchant: Callable[..., Merchant]) -> Merchant:
    """One call at a time."""
    return new_merchant(limits={"concurrency": 1})


def test_five_failures_in_a_row_and_nothing_is_sent_and_no_attempt_is_counted(
    narrow: Merchant,
) -> None:
    backlog(narrow, 7)
    narrow.at_wh.answers = [CANNOT] * 20
    narrow.world.engine.gather[narrow.at_wh.code] = 5
    tell(narrow)
    assert (len(narrow.at_wh.told), mode(narrow)) == (5, Mode.OPEN)
    for _ in range(3):
        tell(narrow)
    assert len(narrow.at_wh.told) == 5
    assert sorted(notices(narrow)) == [*[("pending", 0)] * 2, *[("retry", 1)] * 5]


def test_after_a_while_one_goes_as_a_probe_and_three_answers_open_the_gate(
    narrow: Merchant,
) -> None:
    backlog(narrow, 8)
    narrow.at_wh.answers = [CANNOT] * 5
    narrow.world.engine.gather[narrow.at_wh.code] = 5
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
    assert mode(narrow) is Mode.CLOSED
    assert 3 <= len(narrow.at_wh.effects) < 8  # and then by and by, as real seconds pass
    narrow.world.later(0)  # its recovery is over
    tell(narrow)
    assert len(narrow.at_wh.effects) == 8
    assert notices(narrow) == []


def test_refusals_do_not_count_as_a_partner_that_is_away(narrow: Merchant) -> None:
    backlog(narrow, 6)
    narrow.at_wh.answers = [Rejected("no")] * 6
    tell(narrow)
    assert (len(narrow.at_wh.told), mode(narrow)) == (6, Mode.CLOSED)
    assert notices(narrow) == []  # refused, each fulfilment order has ended


def test_an_unknown_outcome_counts_as_a_failure(narrow: Merchant) -> None:
    backlog(narrow, 5)
    narrow.at_wh.answers = [OutcomeUnknown("?")] * 5
    narrow.world.engine.gather[narrow.at_wh.code] = 5
    tell(narrow)
    assert mode(narrow) is Mode.OPEN


def test_retry_after_is_never_undercut_and_slows_the_whole_connection(narrow: Merchant) -> None:
    backlog(narrow, 2)
    narrow.world.engine.gather[narrow.at_wh.code] = 1
    narrow.at_wh.answers = [TryLater("too many", retry_after=600)]
    tell(narrow)
    assert len(narrow.at_wh.told) == 1
    (due,) = narrow.rows(
        """SELECT extract(epoch FROM due - now()) AS s FROM work
        WHERE connection = :wh AND status = 'retry'""",
        wh=narrow.at_wh.code,
    )
    assert 540 < due.s <= 601
    narrow.world.sql("UPDATE work SET due = now()")
    for _ in range(2):
        tell(narrow)
    assert len(narrow.at_wh.told) == 1  # nor any other message
    with narrow.world.store.database.begin() as db:
        until = pace.of(db, narrow.at_wh.code).not_before
    assert until is not None
    assert until > datetime.now(UTC) + timedelta(seconds=540)


def test_a_rate_lets_so_many_through_and_gives_back_what_was_not_used(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(limits={"rate_per_s": 0.001, "burst": 3, "concurrency": 1})
    backlog(acme, 5)
    shared.sql("INSERT INTO partner_state (connection, tokens) VALUES (:wh, 3)", wh=acme.at_wh.code)
    for _ in range(3):
        tell(acme)
    assert len(acme.at_wh.told) == 3
    assert [found for found, _ in notices(acme)] == ["pending"] * 2


def test_credentials_refused_pause_the_connection_and_burn_no_attempt(narrow: Merchant) -> None:
    backlog(narrow, 3)
    narrow.at_wh.answers = [NotAuthorised("401")]
    tell(narrow)
    world = narrow.world
    assert len(narrow.at_wh.told) == 1  # who refuses one of us refuses the others
    assert notices(narrow) == [("waiting", 0)] * 3
    paused = "SELECT status, paused_because FROM connection WHERE code = :wh"
    assert tuple(world.one(paused, wh=narrow.at_wh.code)) == ("paused", "not_authorised")
    assert narrow.incidents() == ["connection_paused"]
    calls = len(narrow.at_wh.told)
    narrow.order(9, lines=[("C", 1)])
    world.run()
    assert len(narrow.at_wh.told) == calls  # nothing goes while it is paused
    with world.unit() as unit:
        assert pause.resume(unit, narrow.at_wh.code)
    assert unit.rings == {("out", narrow.at_wh.code, 0)}
    world.run()
    assert notices(narrow) == []
    assert len(narrow.at_wh.effects) >= 3


def test_credentials_refused_while_reading_pause_the_connection_too(acme: Merchant) -> None:
    def refuse(topic: str, raw: bytes) -> Any:
        raise NotAuthorised("401")

    decode, acme.at_shop.decode = acme.at_shop.decode, refuse  # type: ignore[method-assign]
    first, second = acme.order(1).id, acme.order(2).id
    acme.world.run()
    assert [acme.status(one) for one in (first, second)] == ["waiting", "waiting"]
    assert acme.reason(first) == "not_authorised"
    assert acme.incidents() == ["connection_paused"]
    third = acme.order(3).id
    acme.world.run()
    assert (acme.status(third), acme.reason(third)) == ("waiting", "connection_paused")
    acme.at_shop.decode = decode  # type: ignore[method-assign]
    with acme.world.unit() as unit:
        pause.resume(unit, acme.at_shop.code)
    acme.world.run()
    assert [acme.status(one) for one in (first, second, third)] == ["done"] * 3
    assert acme.attempts(first) == ["not_authorised", "done"]


def test_G02_what_came_to_wait_while_its_connection_was_resumed_goes_on(acme: Merchant) -> None:
    world = acme.world
    with world.unit() as unit:
        pause.pause(unit, acme.at_shop.code, "by_hand")
    late = acme.order(1).id
    world.run()
    (fact,) = acme.rows("SELECT waits_for FROM work WHERE id = :id", id=late)
    with world.unit() as unit:
        pause.resume(unit, acme.at_shop.code)
        unit.db.execute(
            sa.text("UPDATE work SET status = 'waiting', waits_for = :fact WHERE id = :id"),
            {"fact": fact.waits_for, "id": late},
        )
    with world.store.database.begin() as db:
        woken = message_waits.wake_ready(db)
    assert [row.connection for row in woken] == [acme.at_shop.code]
    world.run()
    assert acme.status(late) == "done"


def test_a_connection_whose_settings_do_not_fit_is_not_paused_and_loses_nothing(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, of = acme.world, type(acme.world.adapters).of

    def broken(self: Any, partner: Any, network: Any, version: int) -> Any:
        if partner.code == acme.at_wh.code:
            raise BadData("an address is expected", path="settings.api_url")
        return of(self, partner, network, version)

    monkeypatch.setattr(type(world.adapters), "of", broken)
    acme.order(1)
    told = world.tell(acme.at_wh.code, {"type": "x"}).id
    for _ in range(3):
        world.once()
    assert acme.status(acme.outbound("fulfilment_order")) == "pending"
    assert (acme.status(told), acme.incidents()) == ("received", [])
    monkeypatch.undo()
    world.engine.inspector.look(world.store.directory())
    world.run()
    assert acme.at_wh.topics() == ["fulfilment_order"]
    assert acme.status(told) == "parked"


def test_an_unknown_code_waits_for_its_fact_and_goes_on_when_it_appears(acme: Merchant) -> None:
    acme.at_wh.answers = [UnknownCode("carriers", "ROCKET", path="delivery.carrier")]
    acme.notify(1)
    notice = acme.outbound("fulfilment_order")
    assert (acme.status(notice), acme.reason(notice)) == ("waiting", "unknown_code")
    acme.world.later(10_000)
    acme.world.run()
    assert len(acme.at_wh.told) == 1  # time does not mend it
    fact = acme.world.one("SELECT waits_for FROM work WHERE id = :id", id=notice)
    assert fact == f"code:carriers:ROCKET:{acme.at_wh.code}"
    with acme.world.store.database.begin() as db:
        assert message_waits.wake(db, ["code:carriers:ROCKET:elsewhere"]) == []
        assert [tuple(row) for row in message_waits.wake(db, [fact])] == [
            ("out", acme.at_wh.code, 0)
        ]
    acme.world.run()
    assert (acme.status(notice), acme.attempts(notice)) == (
        "delivered",
        ["unknown_code", "delivered"],
    )
    counted = acme.world.one("SELECT attempts FROM message WHERE id = :id", id=notice)
    assert counted == 1


def test_an_unknown_code_in_what_a_partner_says_waits_for_its_fact(acme: Merchant) -> None:
    decode = acme.at_shop.decode

    def unmapped(topic: str, raw: bytes) -> Any:
        raise UnknownCode("currencies", "XBT", path="currency")

    acme.at_shop.decode = unmapped  # type: ignore[method-assign]
    message = acme.order(1).id
    acme.world.run()
    assert (acme.status(message), acme.reason(message)) == ("waiting", "unknown_code")
    acme.at_shop.decode = decode  # type: ignore[method-assign]
    with acme.world.store.database.begin() as db:
        message_waits.wake(db, [f"code:currencies:XBT:{acme.at_shop.code}"])
    acme.world.run()
    assert (acme.status(message), acme.attempts(message)) == ("done", ["waiting", "done"])


def test_a_partner_answer_that_cannot_be_taken_in_is_parked_and_blocks_no_lane(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = fates.flows.after

    def trip(unit: Any, partner: Any, settled: Any) -> None:
        if any(one.document.business_id == acme.number() for one in settled):
            raise LookupError("only with this one")
        after(unit, partner, settled)

    acme.order(1)
    backlog(acme, 2)
    monkeypatch.setattr(fates.flows, "after", trip)
    tell(acme)
    assert [found for found, _ in notices(acme)] == ["parked"]
    reasons = acme.rows(
        """SELECT error ->> 'code' FROM message JOIN work USING (id)
        WHERE work.connection = :wh""",
        wh=acme.at_wh.code,
    )
    assert [row[0] for row in reasons] == ["internal_error"]
    assert len(acme.at_wh.effects) == 2


def test_words_of_a_partner_that_no_database_takes_are_shown_as_they_can_be(acme: Merchant) -> None:
    acme.at_wh.answers = [Rejected("no \x00 street \ud800")]
    acme.notify(1)
    notice = acme.outbound("fulfilment_order")
    assert (acme.status(notice), acme.fulfilment()) == ("superseded", ["rejected"])
    assert (
        acme.world.said(notice) == "no \N{REPLACEMENT CHARACTER} street \N{REPLACEMENT CHARACTER}"
    )


def test_a_partner_that_hangs_does_not_stop_another(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    slow, quick = new_merchant(), new_merchant()
    go, hanging = threading.Event(), threading.Event()

    def hang(document: Any) -> None:
        hanging.set()
        go.wait(120)

    slow.at_wh.before = hang
    backlog(slow, 1)
    backlog(quick, 5)
    other = shared.worker()
    stuck = threading.Thread(target=shared.hurry, args=(other, lane_out(slow)))
    stuck.start()
    assert hanging.wait(60)
    since = time.monotonic()
    tell(quick)
    assert time.monotonic() - since < 60
    assert len(quick.at_wh.effects) == 5
    assert notices(slow) == [("sending", 1)]
    go.set()
    stuck.join()
    assert notices(slow) == []
    shared.kill(other)


def test_one_probe_at_a_time_over_all_lanes(
    shared: World, new_merchant: Callable[..., Merchant]
) -> None:
    acme = new_merchant(shards=4, limits={"concurrency": 4})
    opened = {
        "mode": "open",
        "openings": 1,
        "retry_at": (datetime.now(UTC) - timedelta(seconds=1)).isoformat(),
    }
    for number in range(1, 9):
        acme.order(number, lines=[("C", 1)])
    shared.sql(
        "INSERT INTO partner_state (connection, breaker) VALUES (:wh, CAST(:breaker AS jsonb))",
        wh=acme.at_wh.code,
        breaker=json.dumps(opened),
    )
    running: list[UUID] = []

    def count(document: Any) -> None:
        running.append(document.fulfilment_order_id)
        assert len(running) == 1
        for lane_id in shared.due():  # others try while the probe is out
            shared.hurry(shared.engine, lane_id)
        assert len(running) == 1
        acme.at_wh.before = lambda document: None

    acme.at_wh.before = count
    while mode(acme) is not Mode.CLOSED:
        shared.once()
    shared.later(0)  # its recovery is over
    shared.run()
    assert len(acme.at_wh.effects) == 8
