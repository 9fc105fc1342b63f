"""A partner that is asked what changed: every change once, whatever its list does."""

from datetime import timedelta

import pytest

from adapters.kit.testing.scripted_partner import Told
from tests.workers.polling.tide import LONG_AGO, NOON, body, moment


def test_what_changed_is_one_order_each_and_the_cursor_is_the_shops_own_time(tide):
    for number in (1, 2, 3, 4, 5):
        tide.shop.change(number, number)
    tide.poll()
    assert tide.orders() == ["1", "2", "3", "4", "5"]
    state = tide.state()
    assert (state.reached_at, state.run, state.failures) == (moment(5), None, 0)
    assert state.due - state.done_at == timedelta(seconds=300)


def test_the_next_poll_begins_the_overlap_before_the_last_change(tide):
    tide.shop.change(1)
    tide.poll()
    tide.shop.asked.clear()
    tide.poll()
    assert tide.shop.asked[0]["since"] == (NOON - timedelta(seconds=300)).isoformat()
    assert tide.heard() == ["1"]


def test_a_change_that_was_committed_late_is_heard_by_the_overlap(tide):
    tide.shop.change(1, 0)
    tide.poll()
    tide.shop.change(2, -200)
    tide.poll()
    assert tide.heard() == ["1", "2"]
    assert tide.state().reached_at == moment(0)


@pytest.mark.parametrize("ids", [True, False])
def test_equal_times_over_the_edge_of_a_page_are_all_heard(connected, ids):
    tide = connected(ids=ids)
    for number in range(1, 8):
        tide.shop.change(number, 0)
    tide.poll()
    tide.shop.change(8, 1)
    tide.poll()
    assert tide.heard() == ["1", "2", "3", "4", "5", "6", "7", "8"]


def test_a_partner_that_repeats_its_last_page_for_ever_is_asked_twice_for_it(tide):
    row = tide.shop
    raw = row.change(1)
    said = {"id": "1", "at": NOON.isoformat(), "body": raw.decode()}
    asked = []

    def for_ever(call):
        asked.append(call)
        return Told.json({"rows": [said], "more": True})

    tide.shop.before = for_ever
    tide.poll()
    assert (tide.heard(), len(asked)) == (["1"], 2)
    assert tide.state().run is None


def test_an_empty_answer_moves_no_cursor(tide):
    tide.shop.change(1, 5)
    tide.poll()
    tide.shop.rows.clear()
    tide.poll()
    assert (tide.state().reached_at, tide.state().failures) == (moment(5), 0)


@pytest.mark.parametrize("hours", [-9, 9])
def test_a_clock_that_differs_from_ours_changes_nothing(tide, hours):
    now = tide.world.one("SELECT now()")
    off = (now + timedelta(hours=hours) - NOON).total_seconds()
    tide.shop.change(1, off)
    tide.poll()
    tide.shop.change(2, off + 1)
    tide.poll()
    assert tide.heard() == ["1", "2"]
    assert tide.state().reached_at == moment(off + 1)


def test_a_change_that_claims_to_be_of_the_far_future_hides_none_after_it(tide):
    tide.shop.change(1, 0)
    tide.shop.change(2, 10 * 365 * 86_400)
    tide.poll()
    tide.shop.change(3, 1)
    tide.poll()
    assert tide.heard() == ["1", "2", "3"]
    assert tide.state().reached_at == moment(1)


def test_a_poll_and_a_webhook_of_equal_bytes_are_one_message(tide):
    raw = tide.shop.change(1)
    kept = tide.webhook(raw)
    tide.poll()
    assert (kept.repeat, tide.heard(), tide.orders()) == (0, ["1"], ["1"])
    raw = tide.shop.change(2, 1)
    tide.poll()
    assert tide.webhook(raw).repeat == 1
    assert tide.heard() == ["1", "2"]


def test_other_bytes_of_the_same_revision_have_no_second_effect(connected):
    tide = connected(bytes_="other")
    tide.webhook(tide.shop.change(1))
    tide.poll()
    assert tide.heard() == ["1"]


def test_other_bytes_that_are_kept_twice_are_one_effect_by_key_and_revision(connected):
    tide = connected()
    told = body(1, NOON)
    tide.webhook(told)
    tide.shop.rows["1"] = (NOON, told + b" ")
    tide.poll()
    assert tide.heard() == ["1", "1"]
    rows = tide.world.sql("SELECT status FROM message WHERE connection = 'tide' ORDER BY id")
    assert [row.status for row in rows] == ["done", "ignored"]
    assert len(tide.world.sql("SELECT id FROM fulfilment_order")) == 1


def test_a_thin_event_is_fetched_once_however_often_it_is_listed(connected):
    tide = connected(poll={"orders": False, "events": LONG_AGO})
    tide.shop.change(1)
    tide.shop.change(2, 1)
    tide.poll()
    tide.poll()
    first, second = f"1:{NOON.timestamp():.0f}", f"2:{NOON.timestamp() + 1:.0f}"
    assert tide.shop.fetched == [first, second]
    assert tide.orders() == ["1", "2"]


def test_the_first_poll_asks_no_further_back_than_the_look_back(connected):
    tide = connected(poll={"events": False, "orders": {"look_back_s": 3600}})
    now = tide.world.one("SELECT now()")
    tide.shop.change(1, (now - NOON).total_seconds() - 3700)
    tide.shop.change(2, (now - NOON).total_seconds() - 3500)
    tide.poll()
    assert tide.heard() == ["2"]


def test_what_a_connection_says_of_its_polls_holds_and_what_it_leaves_out_rests(connected):
    tide = connected(poll={"events": False, "orders": {"every_s": 60}})
    assert tide.state().every_s == 60
    assert tide.world.sql("SELECT topic FROM poll") == [("orders",)]
    tide.world.sql("UPDATE connection SET options = '{}'")
    tide.world.sql("UPDATE setting SET value = '{\"version\": 77}' WHERE name = 'directory'")
    tide.plan()
    rows = tide.world.sql("SELECT topic, every_s FROM poll ORDER BY topic")
    assert rows == [("events", 60.0), ("orders", 300.0)]
