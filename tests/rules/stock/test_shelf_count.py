"""What counts of a stocktake come to: by tables, and for any numbers."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.stock.shelf_count import (
    Line,
    compare,
    explain,
    explains,
    shows_expected,
    spread,
    take_back,
    whole,
)
from hub.rules.stock.shelf_life import Batch

PIECES = st.integers(0, 50).map(Decimal)


def line(no, sku="A", expected=10, counted=None, held=None, *, batch="", found=False, late=(0, 0)):
    if counted is not None and held is None:
        held = expected
    return Line(
        *(no, sku, "good", batch, None, Decimal(expected), found),
        None if counted is None else Decimal(counted),
        None if held is None else Decimal(held),
        *map(Decimal, late),
    )


def outcomes(lines, overtaken=()):
    return [(it.outcome, it.difference, it.adjusts) for it in compare(lines, overtaken, {})]


def test_counted_less_than_was_held_when_it_was_counted():
    (it,) = compare([line(1, counted=6, held=7)], (), {})
    assert (it.outcome, it.moved, it.difference, it.adjusts) == ("adjusted", -3, -1, -1)


@pytest.mark.parametrize(
    ("lines", "overtaken", "expected"),
    [
        ([line(1)], (), [("not_counted", None, 0)]),
        ([line(1, counted=10)], (), [("equal", 0, 0)]),
        ([line(1, counted=9)], [("A", "good")], [("overtaken", -1, 0)]),
        ([line(1, counted=9)], [("A", "defective")], [("adjusted", -1, -1)]),
        ([line(1), line(2, expected=0, counted=3, batch="B", found=True)], (),
         [("not_counted", None, 0), ("unsure", 3, 0)]),
        ([line(1, counted=7), line(2, expected=0, counted=3, batch="B", found=True)], (),
         [("adjusted", -3, -3), ("adjusted", 3, 3)]),
        ([line(1, "B"), line(2, expected=0, counted=3, batch="B", found=True)], (),
         [("not_counted", None, 0), ("adjusted", 3, 3)]),
    ],
)  # fmt: skip
def test_what_a_line_comes_to(lines, overtaken, expected):
    assert outcomes(lines, overtaken) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line(1, counted=8, late=(0, -2))], [("equal", -2, 0)]),
        ([line(1, counted=7, late=(0, -2))], [("adjusted", -2, -1)]),
        ([line(1, counted=9, late=(0, -2))], [("equal", -1, 0)]),
        ([line(1, counted=12, late=(0, -2))], [("adjusted", 0, 2)]),
        ([line(1, counted=13, late=(0, 2))], [("adjusted", 2, 1)]),
        ([line(1, counted=8, batch="L", late=(-2, 0))], [("equal", -2, 0)]),
        ([line(1, counted=9, batch="L", late=(0, -2)), line(2, counted=9, batch="M", late=(0, -2)),
          line(3, counted=9, batch="N", late=(0, -2))],
         [("equal", -1, 0), ("equal", -1, 0), ("adjusted", 0, -1)]),
        ([line(1, counted=9, batch="L", late=(0, -1)), line(2, counted=9, late=(0, -1))],
         [("adjusted", 0, -1), ("equal", -1, 0)]),
        ([line(1, late=(0, -2))], [("not_counted", None, 0)]),
    ],
)  # fmt: skip
def test_what_was_told_late_explains_what_it_may(lines, expected):
    findings = compare(lines, (), explain(lines))
    assert [(it.outcome, it.moved, it.adjusts) for it in findings] == expected


def test_an_explanation_never_turns_a_difference():
    pairs = ((-2, -3), (-3, -2), (2, -3), (0, -3), (-2, 0), (4, 1))
    told = [explains(Decimal(apart), Decimal(moved)) for apart, moved in pairs]
    assert told == [-2, -2, 0, 0, 0, 1]


@given(st.integers(-9, 9), st.lists(st.integers(-5, 5), max_size=6))
def test_no_more_is_taken_back_than_a_count_found(found, moved):
    backs = take_back([("A", Decimal(it)) for it in moved], {"A": Decimal(found)})
    for back, it in zip(backs, moved, strict=True):
        assert back * found >= 0
        assert abs(back) <= abs(it)
    assert abs(sum(backs)) <= abs(found)
    ways = [it for it in moved if it * found > 0]
    assert abs(sum(backs)) == min(abs(found), abs(sum(ways)))


def test_a_level_is_whole_where_all_of_it_was_counted():
    lines = [line(1, counted=10), line(2, "B", counted=1), line(3, "B", batch="L")]
    assert whole(zip(lines, compare(lines, (), {}), strict=True)) == {("A", "good")}


@given(st.lists(PIECES, max_size=4), st.integers(-20, 200).map(Decimal))
def test_a_level_is_spread_over_its_batches_and_nothing_is_lost(pieces, on_hand):
    batches = [Batch(f"L{at}", n, date(2027, 1, 1 + at)) for at, n in enumerate(pieces)]
    found = spread(batches, on_hand)
    assert sum(it.pieces for it in found) == on_hand
    assert all(it.pieces > 0 for it in found if it.name)
    assert len({it.name for it in found}) == len(found) >= 1


@pytest.mark.parametrize(
    ("status", "blind", "actor", "may", "shown"),
    [
        ("counting", True, "ann", True, False),
        ("counting", False, "wim", False, True),
        ("counted", True, "ann", True, True),
        ("counted", True, "ann", False, False),
        ("counted", True, "wim", True, False),
        ("approved", True, "wim", False, True),
        ("cancelled", True, "wim", False, True),
    ],
)
def test_who_sees_what_is_expected(status, blind, actor, may, shown):
    said = shows_expected(status, blind=blind, actor=actor, counted_by=["wim"], may_approve=may)
    assert said is shown
