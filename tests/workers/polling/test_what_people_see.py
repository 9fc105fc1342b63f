"""What people see of polls, what they ask for, and what the audit holds them to."""

from datetime import timedelta

import pytest

from adapters.kit.testing.scripted_partner import Told
from hub.cli.watch import checks, partners
from hub.doors import present
from hub.flows.config import pause, polling
from hub.gateway.metrics.partners import Partners
from hub.model.errors import IllegalTransition
from hub.store import invariants
from tests.workers.polling.tide import NOON, moment


def ask(tide, since=None):
    with tide.world.unit() as unit:
        return polling.poll_by(unit, unit.directory.connections["tide"], "ann", since), unit.rings


def told(tide):
    with tide.world.unit() as unit:
        ((item, condition),) = pause.conditions(unit.db, unit.at, "tide")
        return present.condition_of(item, condition)["polls"]


def test_a_person_who_asks_now_waits_for_no_interval(tide):
    tide.shop.change(1)
    tide.poll()
    tide.shop.change(2, 1)
    tide.world.run()
    assert tide.heard() == ["1"]
    assert ask(tide) == (["orders"], {("poll", "tide", 0)})
    tide.world.run()
    assert tide.heard() == ["1", "2"]


def test_asked_since_it_hears_what_the_cursor_has_passed_and_the_cursor_stays(tide):
    tide.shop.change(1)
    tide.poll()
    tide.shop.change(2, -7200)
    tide.poll()
    assert tide.heard() == ["1"]
    ask(tide, NOON - timedelta(hours=3))
    tide.shop.asked.clear()
    tide.world.run()
    assert [one["since"] for one in tide.shop.asked] == ["2026-11-24T09:00:00+00:00"]
    assert tide.heard() == ["1", "2"]
    assert (tide.state().reached_at, tide.state().asked_since) == (moment(0), None)


def test_who_asks_while_a_poll_is_under_way_gets_one_of_his_own(tide):
    tide.shop.change(1)
    since = NOON - timedelta(hours=3)

    def meanwhile(asked):
        tide.shop.before = lambda asked: None
        ask(tide, since)

    tide.shop.before = meanwhile
    tide.poll()
    assert [one["since"] for one in tide.shop.asked][1:] == [since.isoformat()]


def test_nobody_asks_over_a_connection_that_is_paused_or_not_polled(connected):
    tide = connected(poll={"events": False, "orders": False})
    with pytest.raises(IllegalTransition, match="not polled"):
        ask(tide)


def test_what_a_poll_came_to_is_told(tide):
    tide.shop.change(1)
    tide.poll()
    (well,) = told(tide)
    assert (well["topic"], well["reached_at"], well["error"]) == ("orders", NOON, None)
    assert (well["lag_s"], well["failures"]) == (0, 0)
    tide.shop.before = lambda asked: Told(422)
    tide.poll()
    (ill,) = told(tide)
    assert (ill["failures"], ill["error"]["code"], ill["reached_at"]) == (1, "rejected", NOON)


def test_the_lag_is_counted_from_the_last_success_and_is_trouble_after_a_while(tide):
    tide.world.sql("UPDATE poll SET planned_at = now() - interval '1500 s'")
    (found,) = told(tide)
    assert 1199 < found["lag_s"] < 1300
    metrics = {one.name: one for one in Partners(tide.world.store).collect()}
    (sample,) = metrics["orderhub_poll_lag_seconds"].samples
    assert sample.labels == {"connection": "tide", "topic": "orders"}
    assert 1199 < sample.value < 1300


def test_the_doctor_names_what_could_not_be_asked_for(tide):
    tide.world.sql(
        "UPDATE connection SET settings = jsonb_build_object('url', CAST(:url AS text))",
        url=tide.url,
    )
    tide.world.sql(
        """INSERT INTO setting (name, value)
        VALUES ('network', '{"private": ["127.0.0.0/8"], "http": true}')"""
    )
    tide.world.sql("UPDATE setting SET value = '{\"version\": 79}' WHERE name = 'directory'")
    tide.shop.before = lambda asked: Told(422)
    tide.poll()
    tide.shop.before = lambda asked: None
    store = tide.world.store
    found = partners.connections(store, store.directory(), lambda: None)
    (one,) = [one for one in found if one.what == "connection tide"]
    assert (one.state, one.says) == (
        checks.WARN,
        "it answers, and could not be asked for orders (rejected)",
    )


def test_the_audit_finds_nothing_after_polls_and_a_cursor_that_ran_ahead(tide):
    tide.shop.change(1)
    tide.poll()
    title = "no cursor of a poll stands ahead of what was kept"

    def broken():
        return next(one.broken for one in invariants.check(tide.world.store) if one.title == title)

    assert broken() == []
    tide.world.sql("UPDATE poll SET newest = '\\x00'")
    assert broken() == ["tide orders"]
