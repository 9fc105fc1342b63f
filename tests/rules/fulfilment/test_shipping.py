"""What a warehouse's shipment does to a fulfilment order."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.fulfilment.matching import KnownLine
from hub.rules.fulfilment.shipping import FulfilmentKnown, Missing, decide, rest
from hub.rules.fulfilment.words import heard
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.machine import step
from tests.rules.builders import parcel, shipment, shipped_line, short

D = Decimal


def known(*lines, tracking=()):
    made = [
        KnownLine(at, sku, D(ordered), D(gone), D(lost), item_code)
        for at, (sku, ordered, gone, lost, item_code) in enumerate(
            (((*line, 0, 0, None)[:5] if len(line) < 5 else line) for line in lines), start=1
        )
    ]
    return FulfilmentKnown(tuple(made), frozenset(tracking))


def booked(decision):
    return [(one.line_no, int(one.quantity)) for one in decision.shipped]


def flags(decision):
    return [flag.code for flag in decision.flags]


def test_all_that_was_ordered_in_one_parcel_ships_it():
    decision = decide(
        known(("A", 2), ("B", 1)),
        State.ACCEPTED,
        shipment(parcel(shipped_line(2, line_no=1), shipped_line(1, line_no=2))),
    )
    assert (decision.event, booked(decision)) == (Event.SHIP, [(1, 2), (2, 1)])
    assert (decision.missing, decision.flags) == ((), ())
    assert decision.booked


def test_a_part_leaves_the_rest_open():
    decision = decide(
        known(("A", 5)), State.ACCEPTED, shipment(parcel(shipped_line(2, sku="A")), complete=False)
    )
    assert (decision.event, booked(decision), decision.missing) == (Event.SHIP_PART, [(1, 2)], ())


def test_quantities_are_increments_and_the_last_part_completes():
    decision = decide(
        known(("A", 5, 2)), State.PACKED, shipment(parcel(shipped_line(3, sku="A")), complete=False)
    )
    assert (decision.event, booked(decision)) == (Event.SHIP, [(1, 3)])


def test_the_same_sku_on_two_lines_is_filled_in_order():
    decision = decide(
        known(("A", 2), ("A", 3)), State.ACCEPTED, shipment(parcel(shipped_line(5, sku="A")))
    )
    assert (decision.event, booked(decision)) == (Event.SHIP, [(1, 2), (2, 3)])


def test_a_numbered_line_is_served_before_those_without_number():
    decision = decide(
        known(("A", 1), ("A", 1)),
        State.ACCEPTED,
        shipment(
            parcel(shipped_line(1, sku="A", batch="x")),
            parcel(shipped_line(1, sku="A", line_no=1, batch="y")),
        ),
    )
    assert {(one.line_no, one.package, one.batch) for one in decision.shipped} == {
        (1, 1, "y"),
        (2, 0, "x"),
    }


def test_what_is_too_much_for_one_number_fills_the_same_article_elsewhere():
    decision = decide(
        known(("A", 1), ("A", 2)), State.ACCEPTED, shipment(parcel(shipped_line(3, line_no=1)))
    )
    assert (decision.event, booked(decision), flags(decision)) == (
        Event.SHIP,
        [(1, 1), (2, 2)],
        [],
    )


def test_the_item_code_is_as_good_as_the_sku_in_either_field():
    line = ("A", 1, 0, 0, "7001")
    for told in ({"item_code": "7001"}, {"sku": "7001"}, {"item_code": "A"}):
        decision = decide(known(line), State.ACCEPTED, shipment(parcel(shipped_line(1, **told))))
        assert (decision.event, booked(decision)) == (Event.SHIP, [(1, 1)])


def test_a_number_that_belongs_to_another_article_is_not_believed():
    decision = decide(
        known(("A", 1), ("B", 1)),
        State.ACCEPTED,
        shipment(parcel(shipped_line(1, line_no=1, sku="B")), complete=False),
    )
    assert booked(decision) == [(2, 1)]


def test_what_is_over_is_booked_and_flagged():
    decision = decide(known(("A", 2)), State.ACCEPTED, shipment(parcel(shipped_line(3, sku="A"))))
    assert (decision.event, flags(decision)) == (Event.SHIP, ["over_shipped"])
    assert [(one.quantity, one.over) for one in decision.shipped] == [(3, 1)]
    assert decision.flags[0].message == "line 1: 1 more shipped than ordered"


def test_what_was_never_ordered_is_flagged_and_closes_nothing():
    decision = decide(
        known(("A", 2)), State.ACCEPTED, shipment(parcel(shipped_line(2, item_code="9999")))
    )
    assert (decision.event, decision.missing) == (Event.SHIP_PART, ())
    assert flags(decision) == ["never_ordered"]
    assert [(one.item_code, one.quantity) for one in decision.strays] == [("9999", 2)]
    assert decision.booked


def test_a_complete_shipment_with_fewer_leaves_the_rest_short():
    decision = decide(
        known(("A", 2), ("B", 1)), State.ACCEPTED, shipment(parcel(shipped_line(1, sku="A")))
    )
    assert decision.event is Event.SHORT
    assert decision.missing == (
        Missing(1, "A", D(1), "not_shipped"),
        Missing(2, "B", D(1), "not_shipped"),
    )


def test_short_lines_are_named_with_the_warehouses_reason():
    decision = decide(
        known(("A", 3)),
        State.PICKING,
        shipment(parcel(shipped_line(1, sku="A")), short=(short(2, sku="A", reason="damaged"),)),
    )
    assert (decision.event, decision.missing) == (
        Event.SHORT,
        (Missing(1, "A", D(2), "damaged"),),
    )


def test_a_shortage_told_ahead_is_missing_while_the_rest_stays_open():
    decision = decide(
        known(("A", 3)), State.ACCEPTED, shipment(complete=False, short=(short(1, sku="A"),))
    )
    assert decision.event is None
    assert decision.missing == (Missing(1, "A", D(1), "short"),)
    later = decide(
        known(("A", 3, 0, 1)), State.ACCEPTED, shipment(parcel(shipped_line(2, sku="A")))
    )
    assert (later.event, booked(later), later.missing) == (Event.SHORT, [(1, 2)], ())


def test_more_short_than_open_is_flagged():
    decision = decide(
        known(("A", 1)), State.ACCEPTED, shipment(short=(short(2, line_no=1), short(1, sku="Z")))
    )
    assert flags(decision) == ["short_beyond_open", "short_beyond_open"]
    assert [flag.path for flag in decision.flags] == ["short.0", "short.1"]
    assert decision.missing == (Missing(1, "A", D(1), "short"),)


def test_parcels_without_contents_mean_all_that_is_open_when_complete():
    decision = decide(
        known(("A", 3, 1), ("B", 1)),
        State.PACKED,
        shipment(parcel(tracking_number="T1"), short=(short(1, line_no=2),)),
    )
    assert (decision.event, booked(decision)) == (Event.SHORT, [(1, 2)])
    assert decision.missing == (Missing(2, "B", D(1), "short"),)


def test_parcels_without_contents_are_not_guessed_when_more_is_to_come():
    decision = decide(
        known(("A", 3)), State.ACCEPTED, shipment(parcel(tracking_number="T1"), complete=False)
    )
    assert (decision.event, booked(decision), flags(decision)) == (
        Event.SHIP_PART,
        [],
        ["no_contents"],
    )


def test_no_parcels_at_all_mean_all_at_first_and_the_end_later():
    first = decide(known(("A", 3)), State.ACCEPTED, shipment())
    assert (first.event, booked(first), flags(first)) == (Event.SHIP, [(1, 3)], [])
    last = decide(known(("A", 3, 1)), State.PACKED, shipment())
    assert (last.event, booked(last), flags(last)) == (Event.SHORT, [], ["closed_short"])
    assert last.missing == (Missing(1, "A", D(2), "not_shipped"),)


def test_the_same_parcels_told_again_under_another_id_change_nothing():
    done = known(("A", 2, 2), tracking=("T1",))
    again = decide(
        done, State.SHIPPED, shipment(parcel(shipped_line(2, sku="A"), tracking_number="T1"))
    )
    assert (again.repeated, again.event, again.booked) == (True, None, False)
    other = decide(
        done, State.SHIPPED, shipment(parcel(shipped_line(2, sku="A"), tracking_number="T2"))
    )
    assert (other.repeated, flags(other)) == (False, ["over_shipped"])


def test_what_was_given_up_and_ships_after_all_is_booked_against_it():
    decision = decide(
        known(("A", 3, 1, 2)), State.SHORT, shipment(parcel(shipped_line(3, sku="A")))
    )
    assert [(one.quantity, one.of_short, one.over) for one in decision.shipped] == [(3, 2, 1)]
    assert flags(decision) == ["over_shipped", "shipped_after_short"]
    assert decision.event is Event.SHIP
    assert decision.missing == ()


@pytest.mark.parametrize("state", [State.CANCELLED, State.REJECTED])
def test_goods_that_left_after_the_end_are_booked_and_nothing_else_moves(state):
    decision = decide(known(("A", 2)), state, shipment(parcel(shipped_line(1, sku="A"))))
    assert (booked(decision), decision.missing) == ([(1, 1)], ())
    assert decision.event in {Event.SHIP, Event.SHIP_PART}


def test_while_a_cancel_is_asked_for_a_shortage_of_all_confirms_it():
    some = decide(
        known(("A", 2)), State.CANCEL_REQUESTED, shipment(parcel(shipped_line(1, sku="A")))
    )
    assert (some.event, len(some.missing)) == (Event.SHORT, 1)
    none = decide(known(("A", 2)), State.CANCEL_REQUESTED, shipment(short=(short(2, sku="A"),)))
    assert (none.event, len(none.missing)) == (Event.CANCEL, 1)


def test_papers_that_follow_a_delivered_word_are_booked_and_the_rest_is_missing():
    decision = decide(known(("A", 2)), State.DELIVERED, shipment(parcel(shipped_line(1, sku="A"))))
    assert (decision.event, booked(decision)) == (Event.SHORT, [(1, 1)])
    assert [one.quantity for one in decision.missing] == [1]


def test_zero_pieces_say_nothing_and_fewer_than_none_are_flagged():
    decision = decide(
        known(("A", 1)),
        State.ACCEPTED,
        shipment(parcel(shipped_line(0, sku="A"), shipped_line(-1, sku="A")), complete=False),
    )
    assert (booked(decision), flags(decision)) == ([], ["bad_quantity"])


def test_serial_numbers_follow_their_pieces():
    line = shipped_line(3, sku="A", serials=("s1", "s2", "s3"))
    decision = decide(known(("A", 1), ("A", 2)), State.ACCEPTED, shipment(parcel(line)))
    assert [one.serials for one in decision.shipped] == [("s1",), ("s2", "s3")]


@pytest.mark.parametrize(
    ("word", "event"),
    [
        ("accepted", Event.ACCEPT),
        ("rejected", Event.REJECT),
        ("picking", Event.PICK),
        ("packed", Event.PACK),
        ("shipped", Event.LEAVE),
        ("delivered", Event.DELIVER),
        ("short", Event.EXCEPT),
        ("cancelled", Event.CANCEL),
        ("cancel_refused", Event.REFUSE_CANCEL),
        ("exception", Event.EXCEPT),
    ],
)
def test_each_word_is_an_event(word, event):
    assert heard(word, known(("A", 1))) is event


@pytest.mark.parametrize("word", ["rejected", "cancelled"])
def test_an_end_after_a_part_left_means_the_rest(word):
    assert heard(word, known(("A", 2, 1))) is Event.SHORT
    assert rest(known(("A", 2, 1), ("B", 1, 1)), word) == (Missing(1, "A", D(1), word),)


counts = st.integers(0, 4)
known_lines = st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 5)), min_size=1, max_size=3)
told_lines = st.lists(
    st.tuples(st.sampled_from("ABZ"), counts, st.none() | st.integers(1, 4)), max_size=4
)


@given(known_lines, told_lines, told_lines, st.booleans(), st.sampled_from(sorted(State)))
def test_G18_what_is_booked_is_what_was_told_and_nothing_is_missing_twice(
    lines, first, second, complete, state
):
    before = known(*lines)
    parcels = [
        parcel(*(shipped_line(q, sku=sku, line_no=no) for sku, q, no in told))
        for told in (first, second)
        if told
    ]
    decision = decide(before, state, shipment(*parcels, complete=complete))
    if parcels:
        told = sum(q for sku, q, _ in (*first, *second))
        out = sum(one.quantity for one in decision.shipped) + sum(
            one.quantity for one in decision.strays
        )
        assert out == told
    for line in before.lines:
        mine = [one for one in decision.shipped if one.line_no == line.line_no]
        gone = sum((one.quantity - one.over for one in mine), D(0))
        lost = sum((one.quantity for one in decision.missing if one.line_no == line.line_no), D(0))
        assert gone + lost <= line.ordered
        if decision.event in {Event.SHIP, Event.SHORT} and state is State.ACCEPTED:
            assert gone + lost == line.ordered


@given(st.permutations([1, 2, 3, 4]), st.integers(1, 3))
def test_G15_partial_shipments_in_any_order_end_alike(quantities, doubled):
    """Each is booked once by its key; a repeat is not decided again."""
    state, gone = State.NOTIFIED, D(0)
    for quantity in quantities:
        decision = decide(
            known(("A", 10, gone)),
            state,
            shipment(parcel(shipped_line(quantity, sku="A")), complete=False),
        )
        gone += sum(one.quantity for one in decision.shipped)
        for _ in range(doubled):
            state = step(FULFILMENT_ORDER, state, decision.event).state
    assert (state, gone) == (State.SHIPPED, 10)
