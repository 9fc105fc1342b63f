"""The breaker of a connection, and its pace."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.ops.breaker import (
    Breaker,
    Mode,
    called,
    failed,
    is_to_pause,
    may_call,
    rate_share,
    succeeded,
)
from hub.rules.ops.pace import Bucket, Waiting, grant

T0 = datetime(2026, 3, 2, tzinfo=UTC)


def after(seconds):
    return T0 + timedelta(seconds=seconds)


def opened(at=T0, breaker=None):
    breaker = breaker or Breaker()
    for _ in range(5):
        breaker = failed(breaker, at)
    return breaker


def test_five_failures_in_a_row_open_it_and_four_do_not():
    breaker = Breaker()
    for _ in range(4):
        breaker = failed(breaker, T0)
    assert breaker.mode is Mode.CLOSED
    assert failed(breaker, T0).mode is Mode.OPEN


def test_a_success_between_starts_the_row_anew():
    breaker = Breaker()
    for _ in range(4):
        breaker = failed(breaker, T0)
    breaker = succeeded(breaker, T0)
    for _ in range(4):
        breaker = failed(breaker, T0)
    assert breaker.mode is Mode.CLOSED


def test_half_of_the_last_twenty_open_it():
    breaker = Breaker()
    for _ in range(9):
        breaker = succeeded(failed(breaker, T0), T0)
    breaker = succeeded(succeeded(breaker, T0), T0)
    assert (breaker.mode, sum(breaker.recent), len(breaker.recent)) == (Mode.CLOSED, 9, 20)
    breaker = failed(breaker, T0)
    assert (breaker.mode, sum(breaker.recent)) == (Mode.CLOSED, 9)
    assert failed(breaker, T0).mode is Mode.OPEN


def test_while_open_nothing_goes_then_one_probe():
    breaker = opened()
    assert not may_call(breaker, after(29.9))
    assert may_call(breaker, after(30))
    probing = called(breaker, after(30))
    assert probing.mode is Mode.HALF_OPEN
    assert not may_call(probing, after(31))


def test_a_lost_probe_makes_way_for_another():
    probing = called(opened(), after(30))
    assert not may_call(probing, after(89.9))
    assert may_call(probing, after(90))


def test_the_wait_doubles_to_a_quarter_of_an_hour():
    breaker, waits, now = opened(), [], T0
    for _ in range(8):
        waits.append((breaker.retry_at - now).total_seconds())
        now = breaker.retry_at
        breaker = failed(called(breaker, now), now)
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert breaker.away_since == T0


def closed_again():
    breaker, at = opened(), after(30)
    for _ in range(3):
        breaker = succeeded(called(breaker, at), at)
    return breaker


def test_three_successes_close_it_and_the_rate_ramps_up():
    breaker = opened()
    for successes in (1, 2):
        breaker = succeeded(called(breaker, after(30)), after(30))
        assert (breaker.mode, breaker.successes) == (Mode.HALF_OPEN, successes)
    breaker = succeeded(called(breaker, after(30)), after(30))
    assert (breaker.mode, breaker.away_since) == (Mode.CLOSED, None)
    shares = [rate_share(breaker, after(30 + s)) for s in (0, 39, 40, 79, 80, 119, 120, 999)]
    assert shares == [0.1, 0.1, 0.25, 0.25, 0.5, 0.5, 1.0, 1.0]


def test_a_fresh_connection_has_its_full_rate():
    assert rate_share(Breaker(), T0) == 1.0


def test_falling_over_again_while_ramping_waits_longer_and_recovered_it_does_not():
    again = opened(after(60), closed_again())
    assert again.retry_at == after(60 + 60)
    assert opened(after(300), closed_again()).retry_at == after(300 + 30)


def test_late_answers_while_open_prove_nothing():
    breaker = opened()
    assert succeeded(breaker, after(1)) == breaker
    assert failed(breaker, after(1)) == breaker


def test_G23_retry_after_slows_the_whole_connection():
    breaker = failed(Breaker(), T0, retry_after=120)
    assert not may_call(breaker, after(119.9))
    assert may_call(breaker, after(120))
    shorter = failed(breaker, after(1), retry_after=5)
    assert not may_call(shorter, after(119.9))
    assert not may_call(failed(opened(), T0, retry_after=600), after(599))


def test_three_days_away_is_a_pause():
    breaker = opened()
    assert not is_to_pause(breaker, after(72 * 3600 - 1))
    assert is_to_pause(breaker, after(72 * 3600))
    assert not is_to_pause(Breaker(), after(10**6))


events = st.lists(
    st.tuples(st.sampled_from(["ask", "good", "bad", "busy"]), st.floats(0, 400)), max_size=60
)


@given(events)
def test_no_call_goes_while_open_before_its_time_and_only_one_while_half_open(history):
    breaker, now, probes = Breaker(), T0, []
    for what, seconds in history:
        now += timedelta(seconds=seconds)
        if what == "good":
            breaker = succeeded(breaker, now)
        elif what == "bad":
            breaker = failed(breaker, now)
        elif what == "busy":
            breaker = failed(breaker, now, retry_after=300)
        elif may_call(breaker, now):
            if breaker.mode is Mode.OPEN:
                assert now >= breaker.retry_at
                probes = []
            if breaker.not_before is not None:
                assert now >= breaker.not_before
            if breaker.mode is Mode.HALF_OPEN:
                assert breaker.probe_until is None or now >= breaker.probe_until
            breaker = called(breaker, now)
            if breaker.mode is Mode.HALF_OPEN:
                probes.append(now)
                assert not may_call(breaker, now)
        assert len(breaker.recent) <= 20
        assert 0 < rate_share(breaker, now) <= 1


def granted(bucket, seconds, **wanted):
    return grant(bucket, 10, 20, after(seconds), Waiting(**wanted))


def test_tokens_come_in_by_the_rate_up_to_the_burst():
    empty = Bucket(0, T0)
    assert granted(empty, 1, urgent=99).urgent == 10
    assert granted(empty, 60, urgent=99).urgent == 20
    assert granted(empty, 0.05, urgent=1).urgent == 0
    assert granted(empty, 0.05, urgent=1).wait_s == pytest.approx(0.05)


def test_urgent_goes_first_and_a_fifth_is_left_for_bulk():
    first = granted(Bucket(0, T0), 1, urgent=99, bulk=99)
    assert (first.urgent, first.bulk) == (8, 2)
    assert granted(Bucket(0, T0), 1, urgent=3, bulk=99).bulk == 7
    assert granted(Bucket(0, T0), 1, urgent=99).urgent == 10


def test_bulk_gets_its_fifth_also_one_token_at_a_time():
    bucket, urgent, bulk = Bucket(0, T0), 0, 0
    for tick in range(1, 51):
        one = grant(bucket, 1, 1, after(tick), Waiting(9, 9))
        bucket, urgent, bulk = one.bucket, urgent + one.urgent, bulk + one.bulk
    assert (urgent, bulk) == (40, 10)


def test_a_clock_that_goes_back_adds_nothing():
    later = granted(Bucket(5, after(10)), 0, urgent=99)
    assert (later.urgent, later.bucket.at) == (5, after(10))


def test_a_paused_rate_gives_nothing_and_a_tiny_burst_still_one():
    assert grant(Bucket(0, T0), 0, 5, after(60), Waiting(1)).urgent == 0
    assert grant(Bucket(0, T0), 0.5, 0.1, after(2), Waiting(1)).urgent == 1


@given(
    st.lists(st.tuples(st.floats(0, 3), st.integers(0, 9), st.integers(0, 9)), max_size=40),
    st.floats(0.1, 50),
    st.integers(1, 20),
)
def test_the_pace_is_never_exceeded(steps, rate, burst):
    bucket, now, given_ = Bucket(0, T0), T0, 0
    for seconds, urgent, bulk in steps:
        now += timedelta(seconds=seconds)
        one = grant(bucket, rate, burst, now, Waiting(urgent, bulk))
        assert one.urgent <= urgent
        assert one.bulk <= bulk
        bucket, given_ = one.bucket, given_ + one.urgent + one.bulk
        assert bucket.tokens >= 0
    assert given_ <= (now - T0).total_seconds() * rate + 1e-6
