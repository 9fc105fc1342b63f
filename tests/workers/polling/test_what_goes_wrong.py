"""A partner that is asked what changed, and everything that goes wrong meanwhile: nothing is lost,
nothing counts twice, and what stands still says why.
"""

from datetime import timedelta

import pytest

from adapters.kit.testing.scripted_partner import Told
from hub.flows.config import applying, pause
from tests.kit.world import Bells
from tests.workers.polling.tide import LONG_AGO, NOON, moment

ORDERS = ["1", "2", "3", "4", "5"]


@pytest.fixture
def full(tide):
    for number in range(1, 6):
        tide.shop.change(number, number)
    return tide


class Dying(Bells):
    """Whoever rings after a commit is dead before the ring is heard."""

    def ring(self, rings: object) -> None:
        raise SystemExit


def once_at_page(number, then):
    """A script that does something, once, when so many pages were asked for."""
    seen = []

    def script(asked):
        seen.append(asked)
        return then() if len(seen) == number else None

    return script


def test_a_worker_killed_between_two_pages_is_followed_from_where_it_stood(full):
    killed, world = full.world.worker(), full.world
    killed.bell = Dying()
    with pytest.raises(SystemExit):
        world.hurry(killed, full.lane())
    world.kill(killed)
    assert full.heard() == ["1", "2"]
    full.shop.asked.clear()
    world.run(world.worker())
    assert full.shop.asked[0] == {"since": moment(2).isoformat(), "page": "0", "after": "2"}
    assert (full.heard(), full.orders()) == (ORDERS, ORDERS)


def test_one_that_was_frozen_meanwhile_writes_nothing(full):
    frozen, world = full.world.worker(), full.world

    def overtaken():
        world.sql("UPDATE lane SET leased_until = now() - interval '1 s' WHERE direction = 'poll'")
        world.run(world.worker())
        full.shop.change(6, -9999)  # what only the frozen one is told of

    full.shop.before = once_at_page(2, overtaken)
    full.world.hurry(frozen, full.lane())
    assert full.heard() == ORDERS
    assert (full.state().reached_at, full.state().run) == (moment(5), None)


def test_deliveries_and_cursor_are_kept_together_or_not_at_all(full):
    """The session dies just where the cursor is to follow what was kept."""
    for statement in DIE:
        _as_owner(full, statement)
    full.world.hurry(full.world.engine, full.lane())
    assert (full.heard(), full.state().reached_at) == ([], None)
    _as_owner(full, "DROP TRIGGER die ON poll")
    full.poll(full.world.worker())
    assert (full.heard(), full.orders()) == (ORDERS, ORDERS)


DIE = (
    """CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      IF NEW.reached_at IS DISTINCT FROM OLD.reached_at THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER die BEFORE UPDATE ON poll FOR EACH ROW EXECUTE FUNCTION die()",
)


def _as_owner(tide, statement):
    """What only the owner of the tables may do."""
    with tide.world.store.database.begin() as db:
        db.exec_driver_sql("SET LOCAL ROLE NONE")
        db.exec_driver_sql(statement)


def test_a_partner_that_is_away_is_asked_again_by_the_schedule(full):
    full.shop.before = lambda asked: Told(503)
    full.poll()
    state = full.state()
    assert (state.failures, state.error["code"]) == (1, "try_later")
    assert timedelta(seconds=3) < state.due - state.failed_at < timedelta(seconds=7)
    full.shop.before = lambda asked: None
    full.poll()
    assert (full.heard(), full.state().failures, full.state().error) == (ORDERS, 0, None)


def test_a_retry_after_is_never_undercut(full):
    full.shop.before = lambda asked: Told(429, headers={"retry-after": "900"})
    full.poll()
    state = full.state()
    assert state.due - state.failed_at == timedelta(seconds=900)
    full.world.sql("UPDATE poll SET due = now()")
    assert full.world.due() == []  # the whole connection is left alone


def test_what_came_before_a_failure_stays_and_is_not_asked_for_again(full):
    full.shop.before = once_at_page(2, lambda: Told(500))
    full.poll()
    assert (full.heard(), full.state().failures) == (["1", "2"], 1)
    full.shop.asked.clear()
    full.poll()
    assert full.shop.asked[0]["since"] == moment(2).isoformat()
    assert full.heard() == ORDERS


def test_refused_credentials_pause_the_connection_and_resuming_lets_it_go_on(full):
    full.shop.before = lambda asked: Told(401)
    full.poll()
    row = full.world.sql("SELECT status, paused_because FROM connection WHERE code = 'tide'")
    assert row == [("paused", "not_authorised")]
    full.world.sql("UPDATE poll SET due = now()")
    assert full.world.due() == []
    kinds = full.world.sql("SELECT kind FROM incident WHERE closed_at IS NULL")
    assert kinds == [("connection_paused",)]
    full.shop.before = lambda asked: None
    full.world.sql("UPDATE poll SET due = now() + interval '1 h' WHERE due IS NOT NULL")
    with full.world.unit() as unit:
        assert pause.resume(unit, "tide")
    full.world.run()
    assert full.heard() == ORDERS


def test_a_file_that_opens_the_network_has_the_partner_asked_at_once(full):
    full.world.sql("UPDATE poll SET due = now() + interval '1 h' WHERE due IS NOT NULL")
    with full.world.unit() as unit:
        outcome = applying.apply(unit, "network: {http: true}", frozenset(), "ann", dry_run=False)
        assert ("poll", "tide", 0) in unit.rings
    assert [change.kind for change in outcome.changes] == ["network"]
    full.world.run()
    assert full.heard() == ORDERS


def test_an_address_where_nothing_is_pauses_it_at_the_third_time(full):
    full.shop.before = lambda asked: Told(404)
    for _ in range(3):
        full.poll()
    assert full.world.one("SELECT paused_because FROM connection WHERE code = 'tide'") == (
        "endpoint_missing"
    )


def test_an_expired_cursor_starts_anew_from_the_look_back_with_an_incident(connected):
    tide = connected(poll={"events": False, "orders": {"look_back_s": 7200.0}})
    now = tide.world.one("SELECT now()")
    off = (now - NOON).total_seconds()
    tide.shop.change(1, off - 3600)
    tide.poll()
    tide.world.sql("UPDATE poll SET reached_at = reached_at - interval '30 days'")
    tide.shop.change(2, off - 60)
    tide.shop.before = once_at_page(1, lambda: Told(410))
    tide.shop.asked.clear()
    tide.poll()
    assert tide.heard() == ["1", "2"]
    ((kind, subject, sentence),) = tide.world.sql("SELECT kind, subject, sentence FROM incident")
    assert (kind, subject) == ("cursor_expired", "connection:tide")
    assert sentence.startswith("tide did not know where polling of orders stood: it is asked for")


def test_a_cursor_that_is_refused_again_and_again_waits_like_any_failure(full):
    full.shop.before = lambda asked: Told(410)
    full.poll()
    state = full.state()
    assert (state.failures, state.error["code"]) == (2, "cursor_expired")
    assert state.due - state.failed_at > timedelta(seconds=20)


def test_an_answer_that_the_adapter_stumbles_over_is_no_end_of_the_lane(full):
    full.shop.before = lambda asked: Told.json({"rows": [{"id": "1"}], "more": False})
    full.poll()
    state = full.state()
    assert (state.failures, state.error) == (
        1, {"code": "internal_error", "message": "an error of our own"},
    )  # fmt: skip
    assert full.world.one("SELECT holder FROM lane WHERE direction = 'poll'") is None


def test_a_failing_topic_holds_up_no_other(connected):
    tide = connected(poll={"orders": LONG_AGO, "events": LONG_AGO})
    tide.shop.change(1)
    tide.shop.before = lambda asked: Told(422) if asked.path == "/events" else None
    tide.poll()
    assert (tide.heard(), tide.state("events").error["code"]) == (["1"], "rejected")


def test_a_paused_connection_is_not_asked(full):
    full.world.sql("UPDATE connection SET status = 'paused' WHERE code = 'tide'")
    full.world.sql("UPDATE setting SET value = '{\"version\": 78}' WHERE name = 'directory'")
    full.world.hurry(full.world.engine, full.lane())
    assert (full.shop.asked, full.world.due()) == ([], [])


def test_the_pace_of_the_connection_holds_between_pages(connected):
    tide = connected(limits={"rate_per_s": 0.001, "burst": 2})
    for number in range(1, 8):
        tide.shop.change(number, number)
    tide.world.sql("UPDATE partner_state SET tokens = 2")
    tide.world.hurry(tide.world.engine, tide.lane())
    asked = len(tide.shop.asked)
    assert asked <= 2
    tide.world.hurry(tide.world.engine, tide.lane())
    assert len(tide.shop.asked) <= 2
    assert tide.lane() in tide.world.engine.bell.rung


def test_bodies_that_were_fetched_stay_where_the_next_cannot_be(connected):
    tide = connected(poll={"orders": False, "events": LONG_AGO})
    for number in (1, 2, 3):
        tide.shop.change(number, number)
    refused = f"/events/2:{moment(2).timestamp():.0f}"
    tide.shop.before = lambda asked: Told(503) if asked.path == refused else None
    tide.poll()
    state = tide.state("events")
    assert (tide.heard(), state.reached_at, state.failures) == (["1"], None, 1)
    tide.poll()
    assert tide.state("events").failures == 2
    tide.shop.before = lambda asked: None
    tide.world.later(0)
    tide.poll()
    assert (tide.heard(), tide.state("events").reached_at) == (["1", "2", "3"], moment(3))


def test_a_body_that_is_gone_is_parked_and_holds_up_no_other(connected):
    tide = connected(poll={"orders": False, "events": LONG_AGO})
    for number in (1, 2, 3):
        tide.shop.change(number, number)
    gone = f"/events/2:{moment(2).timestamp():.0f}"
    tide.shop.before = lambda asked: Told(404) if asked.path == gone else None
    tide.poll()
    assert tide.orders() == ["1", "3"]
    assert tide.world.sql("SELECT key, status FROM work") == [("2", "parked")]
    assert tide.state("events").run is None


def test_a_slow_pace_is_waited_for_within_the_poll(connected):
    tide = connected(limits={"rate_per_s": 20, "burst": 1})
    for number in range(1, 8):
        tide.shop.change(number, number)
    tide.world.hurry(tide.world.engine, tide.lane())
    assert len(tide.heard()) == 7
    assert tide.state().run is None
