"""Levels are compared with the sums of their ledgers, slice by slice; one that differs is said."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.flows.stock import ledger_watch
from hub.store.stock import ledger_watch as store
from tests.kit.world import Merchant


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    made = new_merchant(A=10, B=7, C=3)
    with made.world.unit() as unit:
        store.take(unit.db)
        store.keep(unit.db, store.Standing())
    return made


def a_round(acme: Merchant, most: int = 2) -> list[int]:
    """Slices looked at until the watch rests, one a look: each takes longer than it may."""
    with acme.world.unit() as unit:
        slices = []
        while seen := ledger_watch.look(unit, most, clock=itertools.count().__next__):
            slices.append(seen)
        return slices


def write_past(acme: Merchant, sku: str, pieces: int) -> None:
    acme.world.sql(
        "UPDATE stock_level SET on_hand = :n WHERE merchant_id = :m AND sku = :sku",
        n=pieces,
        m=acme.code,
        sku=sku,
    )


def known(acme: Merchant) -> int:
    """Levels that there are, and those that only the ledger knows."""
    rows = acme.rows(
        """SELECT merchant_id, warehouse, sku, quality FROM stock_level
        UNION SELECT merchant_id, warehouse, sku, quality FROM ledger"""
    )
    return len(rows)


def said(acme: Merchant) -> list[str]:
    rows = acme.rows(
        "SELECT sentence FROM incident WHERE merchant_id = :merchant AND kind = 'level_differs'"
        " AND status = 'open' ORDER BY sentence"
    )
    return [row.sentence for row in rows]


def test_where_all_adds_up_nothing_is_said(acme: Merchant) -> None:
    acme.order(1, lines=[("A", 2)])
    acme.world.run()
    assert sum(a_round(acme)) >= 3
    assert said(acme) == []


def test_levels_written_past_the_ledger_are_named_with_both_numbers(acme: Merchant) -> None:
    write_past(acme, "A", 12)
    write_past(acme, "C", 0)
    a_round(acme)
    where = acme.at_wh.code
    ending = "something wrote past the ledger; have it counted"
    assert said(acme) == [
        f"{where} has 0 of C (good), its ledger adds up to 3: {ending}",
        f"{where} has 12 of A (good), its ledger adds up to 10: {ending}",
    ]


def test_what_the_ledger_alone_knows_is_found_behind_the_last_level(acme: Merchant) -> None:
    acme.world.sql("DELETE FROM stock_level WHERE merchant_id = :m", m=acme.code)
    a_round(acme)
    assert [sentence.split(": ")[0].split(" has ")[1] for sentence in said(acme)] == [
        "0 of A (good), its ledger adds up to 10",
        "0 of B (good), its ledger adds up to 7",
        "0 of C (good), its ledger adds up to 3",
    ]


def test_a_round_rests_before_the_next_which_closes_what_is_right_again(acme: Merchant) -> None:
    write_past(acme, "B", 8)
    a_round(acme)
    write_past(acme, "B", 7)
    assert a_round(acme) == []
    assert len(said(acme)) == 1
    with acme.world.unit() as unit:
        later = replace(unit, at=unit.at + timedelta(minutes=16))
        ledger_watch.look(later, 2)
    assert said(acme) == []


def test_a_second_scheduler_leaves_the_slice_to_the_first(acme: Merchant) -> None:
    with acme.world.unit() as first, acme.world.unit() as second:
        assert ledger_watch.look(first, 2, clock=itertools.count().__next__) > 0
        assert ledger_watch.look(second, 2) == 0


def test_one_look_goes_on_while_there_is_time_over_all_warehouses(acme: Merchant) -> None:
    acme.warehouse(f"{acme.at_wh.code}-2", A=1, B=1)
    levels = known(acme)
    with acme.world.unit() as unit:
        assert ledger_watch.look(unit, 2, clock=lambda: 0.0) == levels >= 5
        assert ledger_watch.look(unit, 2) == 0


def test_a_round_in_slices_looks_at_each_level_once(acme: Merchant) -> None:
    acme.warehouse(f"{acme.at_wh.code}-2", A=1, B=1)
    levels = known(acme)
    assert sum(a_round(acme)) == levels
