"""From where a partner is asked, how far it was heard, and when it is asked again."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from hub.rules.messages.polling import anew, reached, resumed, start, wait_s

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_poll_begins_the_overlap_before_the_newest_change_by_their_clock():
    assert start(NOW + HOUR, 300, 7200, NOW) == NOW + HOUR - timedelta(seconds=300)


@pytest.mark.parametrize(("stood_s", "before_s"), [(0, 0), (150, 0), (151, 300), (3600, 300)])
def test_a_poll_that_stood_for_long_goes_back_by_the_overlap(stood_s, before_s):
    assert resumed(NOW, 300, stood_s) == NOW - timedelta(seconds=before_s)


def test_the_first_poll_begins_with_the_look_back():
    assert start(None, 300, 7200, NOW) == NOW - 2 * HOUR


@pytest.mark.parametrize(
    ("before", "since"),
    [(NOW - HOUR, NOW - HOUR - timedelta(seconds=300)), (NOW - DAY, NOW - 2 * HOUR),
     (None, NOW - 2 * HOUR)],
)  # fmt: skip
def test_what_begins_anew_goes_back_as_it_would_but_no_further_than_the_look_back(before, since):
    assert anew(before, 300, 7200, NOW) == since


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        (None, None, None),
        (None, NOW, NOW),
        (NOW, None, NOW),
        (NOW, NOW - HOUR, NOW),
        (NOW, NOW + HOUR, NOW + HOUR),
        (NOW, NOW + DAY + HOUR, NOW),
        (None, NOW + DAY + HOUR, None),
    ],
)
def test_what_was_reached_never_goes_back_nor_days_ahead_of_us(before, told, after):
    assert reached(before, told, NOW) == after


@pytest.mark.parametrize(
    ("failures", "every_s", "least", "most"),
    [(1, 300, 3.75, 6.25), (4, 300, 225, 375), (40, 300, 3600, 3600), (40, 7200, 7200, 7200)],
)
def test_a_poll_that_fails_waits_by_the_schedule_and_never_gives_up(failures, every_s, least, most):
    waits = [wait_s(failures, every_s, Random(seed)) for seed in range(50)]  # noqa: S311
    assert least <= min(waits)
    assert max(waits) <= most


def test_a_named_time_to_wait_is_never_undercut():
    assert wait_s(1, 300, Random(1), retry_after=7000.0) == 7000  # noqa: S311
