"""Batches: what expires too soon, and which pieces an order should get."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.stock import shelf_life
from hub.rules.stock.shelf_life import Batch

TODAY = date(2026, 12, 1)


def batch(name: str, pieces: int, days: int | None) -> Batch:
    return Batch(name, Decimal(pieces), None if days is None else TODAY + timedelta(days=days))


def test_what_has_fewer_days_left_than_it_must_have_is_too_soon_where_a_rule_says_so() -> None:
    its = [batch("old", 1, -1), batch("today", 2, 0), batch("soon", 4, 29), batch("late", 8, 30)]

    def too_soon(days: int | None) -> Decimal:
        return shelf_life.expiring(its, Decimal(15), TODAY, days)

    assert [too_soon(days) for days in (None, 0, 1, 30, 31)] == [0, 1, 3, 7, 15]


def test_pieces_that_left_unnamed_are_those_that_expired_first() -> None:
    its = [batch("late", 5, 90), batch("soon", 5, 3)]
    assert shelf_life.expiring(its, Decimal(10), TODAY, 30) == 5
    assert shelf_life.expiring(its, Decimal(7), TODAY, 30) == 2
    assert shelf_life.expiring(its, Decimal(4), TODAY, 30) == 0
    assert shelf_life.there(its, Decimal(4)) == [batch("late", 4, 90)]
    assert shelf_life.there(its, Decimal(-1)) == []


def test_an_order_gets_what_expires_first_of_what_may_be_sold_and_is_not_promised() -> None:
    its = [batch("c", 5, None), batch("b", 4, 90), batch("a", 3, 40), batch("gone", 2, 3)]

    def wished(taken: int, pieces: int) -> list[tuple[str, int]]:
        found = shelf_life.wished(its, Decimal(14), Decimal(taken), Decimal(pieces), Decimal(2))
        return [(it.name, int(it.pieces)) for it in found]

    assert wished(0, 2) == [("a", 2)]
    assert wished(0, 5) == [("a", 3), ("b", 2)]
    assert wished(2, 3) == [("a", 1), ("b", 2)]
    assert wished(10, 5) == [("c", 2)]


@given(
    its=st.lists(
        st.tuples(st.integers(-3, 9), st.one_of(st.none(), st.integers(-40, 40))), max_size=6
    ),
    on_hand=st.integers(-2, 40),
    days=st.one_of(st.none(), st.integers(0, 50)),
    taken=st.integers(0, 20),
    pieces=st.integers(1, 20),
)
def test_nothing_is_counted_twice_or_beyond_what_is_there(
    its: list[tuple[int, int | None]], on_hand: int, days: int | None, taken: int, pieces: int
) -> None:
    batches = [batch(str(at), pieces, left) for at, (pieces, left) in enumerate(its)]
    there = Decimal(on_hand)
    soon = shelf_life.expiring(batches, there, TODAY, days)
    assert 0 <= soon <= max(there, 0)
    wished = shelf_life.wished(batches, there, Decimal(taken), Decimal(pieces), soon)
    assert not any(shelf_life.too_soon(it, TODAY, days) for it in wished)
    assert sum(it.pieces for it in wished) <= min(pieces, max(on_hand - soon - taken, 0))
    known = {it.name: it.pieces for it in batches}
    assert all(0 < it.pieces <= known[it.name] for it in wished)
