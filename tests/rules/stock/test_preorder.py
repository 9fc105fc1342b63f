"""Selling ahead: how much, and when each piece will be there."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.stock import availability, preorder
from hub.rules.stock.availability import Level, Part
from hub.rules.stock.preorder import Ahead, Arrival, Waiting

MAY, JUNE = datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
COMING = (Arrival("wh", Decimal(10), JUNE), Arrival("wh", Decimal(4), MAY))


def told(on_hand: int, ahead: Ahead) -> availability.Published:
    pool = availability.pool([Level("wh", Decimal(on_hand))], tuple(preorder.parts(ahead)))
    return availability.publish(pool)


@pytest.mark.parametrize(("piece", "at"), [(1, MAY), (4, MAY), (5, JUNE), (14, JUNE), (15, None)])
def test_each_piece_is_covered_by_the_arrival_that_brings_it(
    piece: int, at: datetime | None
) -> None:
    assert preorder.covered_at(COMING, Decimal(piece)) == at


def test_an_order_is_promised_what_those_before_it_and_the_shelf_leave() -> None:
    queue = (Waiting("a", Decimal(3)), Waiting("b", Decimal(2)), Waiting("c", Decimal(20)))
    dates = [preorder.promised_at(COMING, queue, order) for order in "abcd"]
    assert dates == [MAY, JUNE, None, None]
    assert preorder.promised_at(COMING, queue, "b", free=Decimal(1)) == MAY
    assert preorder.promised_at(COMING, queue, "a", free=Decimal(9)) == MAY


def test_what_comes_is_sold_less_what_waits_and_never_beyond_the_limit() -> None:
    assert told(2, Ahead(COMING, Decimal(5))).available == 11
    limited = told(2, Ahead(COMING, Decimal(5), Decimal(6)))
    assert limited.available == 3
    assert limited.parts == (
        Part("on_hand", Decimal(2), "wh"),
        Part("expected", Decimal(14), "wh"),
        Part("ahead_limit", Decimal(-8)),
        Part("waiting", Decimal(-5)),
    )


def test_who_waits_for_more_than_comes_takes_nothing_off_the_shelf() -> None:
    assert told(2, Ahead(COMING, Decimal(50))).available == 2
    assert told(2, Ahead((), Decimal(50))).available == 2


@given(
    on_hand=st.integers(-20, 50),
    comes=st.lists(st.integers(0, 30), max_size=4),
    waiting=st.integers(0, 60),
    limit=st.none() | st.integers(0, 60),
)
def test_parts_add_up_and_selling_ahead_never_takes_away(
    on_hand: int, comes: list[int], waiting: int, limit: int | None
) -> None:
    arrivals = tuple(Arrival("wh", Decimal(pieces), MAY) for pieces in comes)
    its = told(
        on_hand, Ahead(arrivals, Decimal(waiting), None if limit is None else Decimal(limit))
    )
    assert sum(part.quantity for part in its.parts) == its.available
    bare = told(on_hand, Ahead())
    assert bare.available <= its.available <= bare.available + sum(comes)
