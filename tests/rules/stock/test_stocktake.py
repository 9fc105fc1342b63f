"""What a count makes of the levels that are held."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.model.stock import ChangedLine, ReportedLine
from hub.rules.stock.stocktake import (
    Held,
    Moved,
    Oversold,
    changed,
    compare,
    counted,
    first_unknown,
)

D = Decimal
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ARTICLES = {"A": ("acme", "A"), "B": ("acme", "B"), "their-b": ("acme", "B"), "C": ("globex", "C")}
A, B = ("acme", "A", "good"), ("acme", "B", "good")

pieces = st.decimals(0, 1000, places=2)
qualities = st.sampled_from(["good", "defective"])
places = st.tuples(st.sampled_from(["acme", "globex"]), st.sampled_from("ABCD"), qualities)
times = st.integers(-3, 3).map(lambda hours: NOON + timedelta(hours=hours))
levels = st.builds(Held, pieces, pieces, st.none() | times)
holdings = st.dictionaries(places, levels)
counts = st.dictionaries(places, pieces)
reported = st.builds(ReportedLine, sku=st.sampled_from(list(ARTICLES)), quality=qualities,
                     on_hand=pieces)  # fmt: skip


def newer(held, place, at):
    level = held.get(place)
    return level is None or level.counted_at is None or level.counted_at <= at


def on_hand(held, place):
    return held[place].on_hand if place in held else D(0)


@given(counts, holdings, times)
def test_the_level_after_is_the_count_of_every_line_that_is_newer(counts, held, at):
    found = compare(counts, held, at)
    assert set(found.after) == {place for place in counts if newer(held, place, at)}
    deltas = {one.place: one.delta for one in found.moved}
    for place, level in found.after.items():
        assert on_hand(held, place) + deltas.get(place, 0) == counts[place] == level.on_hand
        assert level.counted_at == at


@given(counts, holdings, times)
def test_a_line_older_than_the_last_count_changes_nothing(counts, held, at):
    found = compare(counts, held, at)
    older = {place for place in counts if not newer(held, place, at)}
    touched = {one.place for one in (*found.moved, *found.oversold)} | set(found.after)
    assert not older & touched
    assert found.stale == (bool(counts) and older == set(counts))


@given(counts, holdings, times)
def test_what_moves_is_the_difference_and_equal_levels_move_nothing(counts, held, at):
    found = compare(counts, held, at)
    there = sum((on_hand(held, place) for place in found.after), D(0))
    told = sum((counts[place] for place in found.after), D(0))
    assert sum((one.delta for one in found.moved), D(0)) == told - there
    assert all(one.delta for one in found.moved if one.place in held)


@given(counts, holdings, times)
def test_oversold_is_what_was_counted_below_what_is_promised(counts, held, at):
    found = compare(counts, held, at)
    assert set(found.oversold) == {
        Oversold(place, counts[place], held[place].reserved)
        for place in found.after
        if place in held and counts[place] < held[place].reserved
    }
    assert all(level.reserved == (held[place].reserved if place in held else 0)
               for place, level in found.after.items())  # fmt: skip


@given(counts, holdings, times)
def test_the_same_count_again_moves_nothing(counts, held, at):
    found = compare(counts, held, at)
    again = compare(counts, {**held, **found.after}, at)
    assert (again.moved, again.after, again.stale) == ([], found.after, found.stale)


@given(st.lists(reported), holdings, times, st.randoms())
def test_the_order_of_lines_does_not_matter(lines, held, at, chance):
    shuffled = chance.sample(lines, len(lines))
    first, second = (counted(one, ARTICLES) for one in (lines, shuffled))
    assert compare(first, held, at) == compare(second, held, at)
    assert sum(first.values(), D(0)) == sum((one.on_hand for one in lines), D(0))


def test_lines_of_one_article_are_added_up_whatever_they_call_it():
    lines = [
        ReportedLine(sku="B", on_hand="2", batch="x"),
        ReportedLine(item_code="their-b", on_hand="3", batch="y"),
        ReportedLine(sku="B", on_hand="4", quality="defective"),
    ]
    assert counted(lines, ARTICLES) == {B: 5, ("acme", "B", "defective"): 4}


def test_a_level_that_nobody_knew_is_made_though_it_is_empty():
    assert compare({A: D(0)}, {}, NOON).moved == [Moved(A, D(0))]
    assert compare({A: D(0)}, {A: Held(D(0))}, NOON).moved == []


def test_a_count_of_nothing_is_not_stale():
    assert not compare({}, {}, NOON).stale


def test_a_count_of_the_same_moment_is_not_older():
    found = compare({A: D(3)}, {A: Held(D(5), D(4), NOON)}, NOON)
    assert (found.moved, found.oversold) == ([Moved(A, D(-2))], [Oversold(A, D(3), D(4))])


def test_each_change_is_a_movement_of_its_own():
    lines = [
        ChangedLine(sku="A", delta="2"),
        ChangedLine(item_code="their-b", delta="-1.5", quality="defective"),
        ChangedLine(sku="A", delta="-2"),
    ]
    assert changed(lines, ARTICLES) == [
        Moved(A, D(2)), Moved(("acme", "B", "defective"), D("-1.5")), Moved(A, D(-2))
    ]  # fmt: skip


def test_the_first_line_whose_article_nobody_knows():
    lines = [ReportedLine(sku=sku, on_hand="1") for sku in ("A", "X", "Y")]
    assert first_unknown(lines, ARTICLES) == 1
    assert first_unknown(lines[:1], ARTICLES) is None
