"""Counts and changes of one level, told in any order: what was before a count is in it."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub import flows
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from tests.kit.catalogue import stock_change, stock_report
from tests.kit.world import Merchant

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(minute: int) -> str:
    return (NOON + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def count(acme: Merchant, number: str, minute: int, pieces: int) -> dict[str, Any]:
    where = {"warehouse": acme.at_wh.code, "at": at(minute)}
    return stock_report(f"r{number}", pieces={"A": pieces}, **where)


def change(acme: Merchant, number: str, minute: int, pieces: int) -> dict[str, Any]:
    where = {"warehouse": acme.at_wh.code, "at": at(minute)}
    return stock_change(f"c{number}", pieces={"A": pieces}, **where)


def take(acme: Merchant, *trees: dict[str, Any]) -> list[str]:
    partner = acme.world.store.directory().connections[acme.at_wh.code]
    with acme.world.unit() as unit:
        tellings = [Told(read(it["type"], it), partner, new_id(), new_id()) for it in trees]
        return [verdict.status for verdict in flows.take(unit, tellings)]


def test_what_changed_before_a_count_is_in_it_however_late_it_is_told(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    assert take(acme, change(acme, "1", 0, -2), count(acme, "1", 5, 8)) == ["done", "done"]
    assert acme.stock() == {"A": (8, 0)}
    assert take(acme, change(acme, "2", 4, -1)) == ["ignored"]
    assert acme.stock() == {"A": (8, 0)}
    assert take(acme, count(acme, "2", 6, 9), change(acme, "3", 7, 3)) == ["done", "done"]
    assert acme.stock() == {"A": (12, 0)}


def test_a_count_that_is_told_after_a_later_change_in_one_batch_keeps_the_change(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    take(acme, change(acme, "1", 9, -4), count(acme, "1", 5, 20))
    assert acme.stock() == {"A": (16, 0)}


def test_of_one_moment_what_arrives_later_is_later(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10)
    take(acme, change(acme, "1", 5, -4), count(acme, "1", 5, 20))
    assert acme.stock() == {"A": (20, 0)}
    take(acme, change(acme, "2", 5, -4))
    assert acme.stock() == {"A": (16, 0)}


@pytest.mark.parametrize("seed", range(12))
def test_any_batches_come_to_what_was_counted_last_and_what_changed_since(
    new_merchant: Callable[..., Merchant], seed: int
) -> None:
    acme, chance = new_merchant(A=50), random.Random(seed)  # noqa: S311  # no secret
    level, counted_at = 50, -1
    for batch in range(4):
        trees, said = [], []
        for n in range(chance.randint(1, 5)):
            minute, pieces = chance.randint(0, 30), chance.randint(-5, 5)
            is_count = chance.random() < 0.4
            said.append((minute, n, is_count, pieces + 40 if is_count else pieces))
            made = count if is_count else change
            trees.append(made(acme, f"{batch}.{n}", minute, said[-1][3]))
        take(acme, *trees)
        one_kind = len({is_count for _, _, is_count, _ in said}) == 1
        for minute, _, is_count, pieces in said if one_kind else sorted(said):
            if minute >= counted_at:
                level = pieces if is_count else level + pieces
                counted_at = minute if is_count else counted_at
    assert acme.stock() == {"A": (level, 0)}
    acme.world.check_books()
