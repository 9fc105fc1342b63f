"""Pace: what a lane leaves to the other lanes of its connection."""

from datetime import UTC, datetime, timedelta

from hub.rules.ops.pace import Bucket, Waiting, grant, grant_all

T0 = datetime(2026, 3, 2, tzinfo=UTC)


def second(bucket, at, waiting):
    return grant(bucket, 10, 10, T0 + timedelta(seconds=at), waiting)


def test_bulk_leaves_the_pace_to_orders_in_another_lane_and_takes_its_fifth():
    bucket, urgent, bulk = Bucket(0, T0), 0, 0
    for tick in range(1, 201):
        at = tick / 10
        one = second(bucket, at, Waiting(bulk=50, urgent_elsewhere=True))
        two = second(one.bucket, at, Waiting(urgent=50, bulk_elsewhere=True))
        bucket, urgent, bulk = two.bucket, urgent + two.urgent, bulk + one.bulk
    assert urgent + bulk >= 190
    assert 0.17 <= bulk / (urgent + bulk) <= 0.22


def test_bulk_takes_what_nobody_comes_for():
    full = second(Bucket(10, T0), 0, Waiting(bulk=50, urgent_elsewhere=True))
    assert full.bulk >= 1


def test_orders_leave_to_bulk_elsewhere_no_more_than_what_gathers():
    bucket, urgent = Bucket(0, T0), 0
    for tick in range(1, 301):
        one = second(bucket, tick / 10, Waiting(urgent=50, bulk_elsewhere=True))
        bucket, urgent = one.bucket, urgent + one.urgent
    assert urgent >= 300 - 50  # bulk that never comes costs one burst, not a fifth for ever


def test_without_a_rate_a_batch_is_shared_alike():
    one = grant_all(Bucket(0, T0), 10, Waiting(urgent=50, bulk=50))
    assert (one.urgent, one.bulk) == (8, 2)
    alone = grant_all(Bucket(0, T0), 1, Waiting(urgent=50, bulk=50))
    assert (alone.urgent, alone.bulk, alone.bucket.bulk_due) == (1, 0, 0.2)
    assert grant_all(Bucket(0, T0), 10, Waiting(bulk=50)).bulk == 10
