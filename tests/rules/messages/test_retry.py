"""When a message is tried again."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.messages.retry import (
    ASK_SCHEDULE_S,
    BUG_SCHEDULE_S,
    SCHEDULE_S,
    bounded,
    next_ask,
    next_try,
)

seeded = Random
"""Seeded on purpose: the same seed, the same waits."""


class Middle(Random):
    """Chance without chance: the middle of every range."""

    def uniform(self, a, b):
        return (a + b) / 2


def test_the_schedule_is_the_one_that_is_promised():
    waits = [next_try(n, Middle()) for n in range(1, 15)]
    assert waits == [
        *(5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400, None)
    ]
    assert round(sum(SCHEDULE_S) / 3600) == 76


@given(st.integers(1, 13), st.integers())
def test_a_wait_is_within_a_quarter_of_its_middle_and_seedable(failures, seed):
    wait = next_try(failures, seeded(seed))
    assert 0.75 * SCHEDULE_S[failures - 1] <= wait <= 1.25 * SCHEDULE_S[failures - 1]
    assert wait == next_try(failures, seeded(seed))


@given(st.integers(1, 13), st.floats(0, 200_000), st.integers())
def test_G23_retry_after_is_never_undercut_within_a_day(failures, asked, seed):
    wait = next_try(failures, seeded(seed), retry_after=asked)
    assert wait >= min(max(asked, 1), 86_400)


def test_retry_after_does_not_add_attempts():
    assert next_try(14, Middle(), retry_after=10) is None


def test_a_shorter_wait_asked_for_does_not_shorten_the_schedule():
    assert next_try(4, Middle(), retry_after=2) == 300


@pytest.mark.parametrize(("asked", "taken"), [(-5, 1), (0, 1), (30, 30), (10**9, 86_400)])
def test_retry_after_is_taken_within_reason(asked, taken):
    assert bounded(asked) == taken


def test_latest_wins_stops_at_a_day():
    assert next_try(10, Middle(), latest_wins_age_s=86_400 - 28_800) == 28_800
    assert next_try(10, Middle(), latest_wins_age_s=86_400 - 28_799) is None
    assert next_try(10, Middle()) == 28_800


def test_a_connection_may_have_its_own_schedule():
    assert [next_try(n, Middle(), schedule=(1, 2)) for n in (1, 2, 3)] == [1, 2, None]


def test_our_own_bug_is_tried_twice_more():
    assert [next_try(n, Middle(), schedule=BUG_SCHEDULE_S) for n in (1, 2, 3)] == [10, 60, None]


def test_an_unknown_outcome_is_asked_for_soon_then_by_the_schedule():
    asked = [next_ask(n, Middle()) for n in range(len(ASK_SCHEDULE_S) + 1)]
    assert asked[:5] == [10, 60, 300, 900, 1800]
    assert asked[-3:] == [86_400, 86_400, None]


def test_a_partner_may_be_asked_sooner_where_it_knows_sooner():
    asked = [next_ask(n, Middle(), first_s=2) for n in range(3)]
    assert asked == [2, 60, 300]
