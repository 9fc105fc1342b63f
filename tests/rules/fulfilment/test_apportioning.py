"""What of a shipment belongs to which of the fulfilment orders that were told in one notice."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.fulfilment.apportioning import Member, apportion
from hub.rules.fulfilment.matching import KnownLine
from hub.rules.fulfilment.shipping import FulfilmentKnown, decide
from hub.states.fulfilment_order import State
from tests.rules.builders import parcel, shipment, shipped_line, short

D = Decimal


def members(*orders):
    """Of each its lines as (SKU, ordered) or (SKU, ordered, shipped)."""
    found, offset = [], 0
    for at, lines in enumerate(orders):
        made = tuple(
            KnownLine(number, line[0], *map(D, line[1:])) for number, line in enumerate(lines, 1)
        )
        found.append(Member(f"F{at}", offset, made))
        offset += len(lines)
    return found


def contents(heard):
    """Of each what is in its parcels, and what is short, by its own line numbers."""
    return {
        it.fulfilment_order_id: (
            [[(line.line_no, int(line.quantity)) for line in p.lines] for p in it.packages],
            [(line.line_no, int(line.quantity), line.reason) for line in it.short],
        )
        for it in heard
    }


TWO = members([("A", 1)], [("A", 2), ("B", 1)])


def test_lines_go_by_their_numbers_in_the_notice():
    told = shipment(parcel(shipped_line(1, line_no=1), shipped_line(2, line_no=2)), complete=False)
    assert contents(apportion(told, TWO)) == {"F0": ([[(1, 1)]], []), "F1": ([[(1, 2)]], [])}


def test_a_parcel_is_of_those_whose_goods_are_in_it():
    first = parcel(shipped_line(1, line_no=1), shipped_line(1, line_no=3), tracking_number="T1")
    second = parcel(shipped_line(2, line_no=2), tracking_number="T2")
    heard = apportion(shipment(first, second), TWO)
    assert [[p.tracking_number for p in it.packages] for it in heard] == [["T1"], ["T1", "T2"]]
    assert [[p.tracking_number for p in it.own_packages()] for it in heard] == [["T1"], ["T2"]]


def test_who_gets_nothing_of_a_last_parcel_is_told_so():
    heard = apportion(shipment(parcel(shipped_line(1, line_no=1))), TWO)
    lacks = [(1, 2, "not_shipped"), (2, 1, "not_shipped")]
    assert contents(heard) == {"F0": ([[(1, 1)]], []), "F1": ([], lacks)}


def test_who_gets_nothing_of_a_parcel_hears_nothing_while_more_may_come():
    heard = apportion(shipment(parcel(shipped_line(1, line_no=1)), complete=False), TWO)
    assert contents(heard) == {"F0": ([[(1, 1)]], [])}


def test_what_is_nobodys_is_told_of_the_first_and_the_others_wait():
    told = shipment(parcel(shipped_line(1, sku="X"), shipped_line(1, line_no=3)))
    heard = apportion(told, TWO)
    assert [(it.fulfilment_order_id, it.complete) for it in heard] == [("F0", True), ("F1", False)]
    assert [line.sku for it in heard for p in it.packages for line in p.lines] == ["X", "B"]


def test_closed_without_parcels_after_something_left_all_the_rest_is_short():
    half = members([("A", 1, 1)], [("A", 2)])
    heard = apportion(shipment(), half)
    assert contents(heard) == {"F1": ([], [(1, 2, "not_shipped")])}


LINES = st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 4)), min_size=1, max_size=3)
TOLD = st.lists(
    st.tuples(st.none() | st.integers(1, 9), st.sampled_from(["A", "B", "X"]), st.integers(1, 5)),
    max_size=5,
)


@given(st.lists(LINES, min_size=2, max_size=4), TOLD, TOLD, st.booleans())
def test_pieces_in_are_pieces_out(orders, sent, lacking, complete):
    group = members(*orders)
    lines = [shipped_line(n, line_no=number, sku=sku) for number, sku, n in sent]
    told = shipment(
        *([parcel(*lines)] if lines else []),
        complete=complete,
        short=[short(n, line_no=number, sku=sku) for number, sku, n in lacking],
    )
    heard = apportion(told, group)
    pieces = Counter()
    for it in heard:
        for line in (line for p in it.packages for line in p.lines):
            pieces[line.sku] += int(line.quantity)
    assert (
        pieces == Counter({s: sum(n for _, sku, n in sent if sku == s) for s in "ABX"}) + Counter()
    )
    assert len({it.fulfilment_order_id for it in heard}) == len(heard)


@given(st.lists(LINES, min_size=2, max_size=4), TOLD, st.booleans())
def test_all_of_them_together_ship_what_one_would_have(orders, sent, complete):
    """Decided each for itself, as much leaves and as much is missing as of one with all lines."""
    group = members(*orders)
    lines = [shipped_line(n, line_no=number, sku=sku) for number, sku, n in sent]
    told = shipment(*([parcel(*lines)] if lines else []), complete=complete)
    numbered = [
        KnownLine(line.line_no + it.offset, line.sku, line.ordered)
        for it in group
        for line in it.lines
    ]
    whole = decide(FulfilmentKnown(tuple(numbered)), State.ACCEPTED, told)
    offsets = {it.number: it.offset for it in group}
    known = {it.number: FulfilmentKnown(it.lines) for it in group}
    shipped, missing = Counter(), Counter()
    for it in apportion(told, group):
        number = it.fulfilment_order_id
        decision = decide(known[number], State.ACCEPTED, it)
        for left in decision.shipped:
            shipped[left.line_no + offsets[number]] += int(left.quantity)
        for lacks in decision.missing:
            missing[lacks.line_no + offsets[number]] += int(lacks.quantity)
    expected = Counter()
    for left in whole.shipped:
        expected[left.line_no] += int(left.quantity)
    assert shipped == expected
    lacking = Counter()
    for lacks in whole.missing:
        lacking[lacks.line_no] += int(lacks.quantity)
    assert missing == lacking
