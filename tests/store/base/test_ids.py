"""Ids: their order is time, also where many are made at once."""

from datetime import UTC, datetime, timedelta

from hub.store.base.ids import moment_of, new_id, new_ids


def test_ids_made_at_once_rise_and_are_of_now() -> None:
    made = new_ids(1000)
    assert made == sorted(set(made))
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {new_id().variant}
    assert datetime.now(UTC) - moment_of(made[0]) < timedelta(minutes=1)
    assert new_ids(0) == []


def test_ids_made_one_after_another_rise_within_a_millisecond_too() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(set(made))
    assert len({moment_of(it) for it in made}) < len(made)
    assert {(it.version, it.variant) for it in made} == {(7, made[0].variant)}
