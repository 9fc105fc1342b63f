"""When something measured is trouble, and what is said of it."""

from datetime import UTC, datetime, timedelta

import pytest

from admin.shown import labels
from hub.rules.ops import detectors
from hub.rules.ops.detectors import BY_KIND, DETECTORS, missed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "well", "ill"),
    [
        ("worker_dead", 10, 11),
        ("worker_frozen", 30, 31),
        ("no_worker", 15, 16),
        ("worker_silent", 60, 61),
        ("lease_expired", 10, 11),
        ("backlog_old", 120, 121),
        ("bulk_old", 3600, 3601),
        ("orders_silent", 7, 7.1),
        ("key_blocked", 300, 301),
        ("partner_away", 3600, 3601),
        ("poll_late", 900, 901),
        ("long_transaction", 60, 61),
        ("clock_apart", -5, -5.1),
        ("broker_away", 0, 0.1),
    ],
)
def test_each_detector_has_its_limit(kind, well, ill):
    assert not BY_KIND[kind].is_trouble(well, 0)
    assert BY_KIND[kind].is_trouble(ill, 0)


def test_a_disk_is_low_by_what_is_free_and_by_its_share():
    low = BY_KIND["disk_low"].is_trouble
    assert not low(600e6, 5e9)
    assert low(400e6, 1e9)
    assert low(9e9, 100e9)


def test_a_channel_that_sells_six_an_hour_by_day_is_missed_by_day_and_not_by_night():
    orders = [0.0] * 8 + [6.0 * 14] * 12 + [0.0] * 4
    assert missed(orders, 14, NOON - timedelta(hours=1), NOON) == pytest.approx(6)
    assert missed(orders, 14, NOON - timedelta(minutes=80), NOON) == pytest.approx(8)
    night = NOON.replace(hour=6) + timedelta(days=1)
    assert missed(orders, 14, NOON.replace(hour=19, minute=30), night) == pytest.approx(3)


def test_of_a_quick_channel_a_moment_of_quiet_and_of_a_young_one_nothing_is_known():
    busy = [3600.0 * 14] * 24
    assert missed(busy, 14, NOON - timedelta(minutes=9), NOON) == 0
    assert missed(busy, 14, NOON - timedelta(minutes=11), NOON) > 7
    assert missed([0.8] * 24, 14, NOON - timedelta(days=3), NOON) == 0
    assert missed(busy, 0.5, NOON - timedelta(hours=1), NOON) == 0


def test_the_console_says_of_every_kind_what_the_rules_say():
    by_flows = {
        "stock_not_fresh",
        "books_closed",
        "level_differs",
    }  # said by the flow, with its numbers
    assert {one.kind for one in DETECTORS} == labels.TROUBLES.keys() - by_flows
    assert labels.TROUBLES.keys() <= labels.INCIDENTS.keys()
    for one in DETECTORS:
        assert labels.TROUBLES[one.kind]._args[0] == one.sentence


def test_a_sentence_names_what_it_is_about():
    said = detectors.sentence("worker_frozen", "worker:host-1:41", {})
    assert said.startswith("Worker host-1:41 is not heard")
