"""What an update changes, and what is done about it."""

from decimal import Decimal

import pytest

from hub.model.document import Source
from hub.model.order import Delivery
from hub.rules.orders.changes import Action, Fulfilment, Kind, LineChange, compare, react
from hub.states.fulfilment_order import State
from tests.rules.builders import ADDRESS, AT, line, order

D = Decimal
MOVED = ADDRESS.model_copy(update={"city": "Utrecht"})


def fulfilment(state=State.ACCEPTED, name="F-1", told=None, **pieces):
    told = state is not State.PLANNED if told is None else told
    held = {int(key[1:]): D(n) for key, n in pieces.items()} or {1: D(2)}
    return Fulfilment(name, state, told, held)


def kinds(actions):
    return [(action.kind.value, action.fulfilment_order_id) for action in actions]


def test_the_same_order_again_changes_nothing():
    again = order(source=Source(connection="shop-eu", id="e2", revision="2"), updated_at=AT)
    changes = compare(order(), again)
    assert not changes
    assert react(changes, [fulfilment()]) == [Action(Kind.NOTHING)]


@pytest.mark.parametrize(
    ("after", "change"),
    [
        ((line(1, quantity=3),), LineChange("raised", 1, "A", D(2), D(3))),
        ((line(1, quantity=1),), LineChange("lowered", 1, "A", D(2), D(1))),
        (
            (line(1, quantity=2, cancelled_quantity=1),),
            LineChange("lowered", 1, "A", D(2), D(1)),
        ),
        (
            (line(1, quantity=2, cancelled_quantity=2),),
            LineChange("removed", 1, "A", D(2), D(0)),
        ),
        ((line(1, "B", quantity=2),), LineChange("article", 1, "B", D(2), D(2))),
        ((line(1, quantity=2), line(2, "B")), LineChange("added", 2, "B", D(0), D(1))),
        (
            (line(2, "B", channel_line_id="L1", quantity=2),),
            LineChange("article", 2, "B", D(2), D(2)),
        ),
    ],
)
def test_a_change_of_lines_is_named(after, change):
    assert compare(order(line(1, quantity=2)), order(*after)).lines == (change,)


def test_a_line_that_vanished_is_removed():
    changes = compare(order(line(1), line(2, "B")), order(line(1)))
    assert changes.lines == (LineChange("removed", 2, "B", D(1), D(0)),)


def test_lines_without_a_channel_id_are_known_by_their_number():
    plain = line(1, quantity=2, channel_line_id=None)
    changes = compare(order(plain), order(line(1, quantity=1, channel_line_id=None)))
    assert [change.kind for change in changes.lines] == ["lowered"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ship_to": MOVED}, "address"),
        ({"delivery": Delivery(method="express")}, "delivery"),
        ({"payment_state": "authorized"}, "payment"),
        ({"state": "cancelled"}, "cancelled"),
        ({"note": "hello"}, "other"),
        ({"tags": ("vip",)}, "other"),
    ],
)
def test_each_kind_of_change_is_seen(given, field):
    changes = compare(order(), order(**given))
    assert getattr(changes, field)
    assert bool(changes)


def test_what_no_warehouse_needs_to_know_is_just_stored():
    changes = compare(order(), order(note="hello", payment_state="authorized"))
    assert react(changes, [fulfilment()]) == [Action(Kind.APPLY)]


@pytest.mark.parametrize(
    ("state", "kind", "reason"),
    [
        (State.PLANNED, "withdraw", "the address changed"),
        (State.NOTIFIED, "ask_cancel", "the address changed"),
        (State.PICKING, "ask_cancel", "the address changed"),
        (State.SHIPPED, "refuse", "the address changed, but it has been shipped"),
    ],
)
def test_an_edit_before_during_and_after_the_warehouse_took_it(state, kind, reason):
    actions = react(compare(order(), order(ship_to=MOVED)), [fulfilment(state)])
    assert (actions[0].kind, actions[0].reason) == (kind, reason)
    rest = [("apply", None)] if kind == "refuse" else [("apply", None), ("replan", None)]
    assert kinds(actions[1:]) == rest


def test_a_notice_not_yet_attempted_is_withdrawn():
    actions = react(
        compare(order(), order(ship_to=MOVED)), [fulfilment(State.NOTIFIED, told=False)]
    )
    assert kinds(actions) == [("withdraw", "F-1"), ("apply", None), ("replan", None)]


def test_a_cancel_stops_what_lives_and_refuses_what_left():
    changes = compare(order(), order(state="cancelled"))
    actions = react(
        changes,
        [
            fulfilment(State.PLANNED, "F-1"),
            fulfilment(State.PACKED, "F-2"),
            fulfilment(State.SHIPPED, "F-3"),
            fulfilment(State.REJECTED, "F-4"),
        ],
    )
    assert kinds(actions) == [
        *(("withdraw", "F-1"), ("ask_cancel", "F-2"), ("refuse", "F-3"), ("apply", None))
    ]
    assert actions[2].reason == "the order is cancelled, but it has been shipped"


def test_added_pieces_are_planned_and_disturb_nobody():
    changes = compare(order(line(1, quantity=2)), order(line(1, quantity=3), line(2, "B")))
    assert kinds(react(changes, [fulfilment(l1=2)])) == [("apply", None), ("replan", None)]


def test_fewer_pieces_are_taken_from_the_untold_first():
    changes = compare(order(line(1, quantity=5)), order(line(1, quantity=3)))
    living = [
        fulfilment(State.ACCEPTED, "F-1", l1=3),
        fulfilment(State.PLANNED, "F-2", l1=2),
    ]
    assert kinds(react(changes, living)) == [("withdraw", "F-2"), ("apply", None), ("replan", None)]


def test_fewer_pieces_leave_alone_who_holds_none_of_them():
    changes = compare(order(line(1, quantity=5), line(2)), order(line(1, quantity=3), line(2)))
    living = [fulfilment(State.PLANNED, "F-1", l2=1), fulfilment(State.ACCEPTED, "F-2", l1=5)]
    assert kinds(react(changes, living))[0] == ("ask_cancel", "F-2")
    assert "F-1" not in [action.fulfilment_order_id for action in react(changes, living)]


def test_fewer_than_were_ever_planned_disturb_nobody():
    changes = compare(order(line(1, quantity=5)), order(line(1, quantity=3)))
    assert kinds(react(changes, [fulfilment(l1=3)])) == [("apply", None)]


def test_a_line_removed_after_it_left_is_refused_with_its_reason():
    changes = compare(order(line(1, quantity=2)), order(line(1, quantity=2, cancelled_quantity=2)))
    actions = react(changes, [fulfilment(State.DELIVERED, l1=2)])
    assert kinds(actions) == [("refuse", "F-1"), ("apply", None)]
    assert actions[0].reason == "line 1: 0 wanted, not 2, but it has been shipped"


def test_another_article_touches_only_those_that_hold_the_line():
    changes = compare(order(line(1), line(2, "B")), order(line(1), line(2, "C")))
    living = [fulfilment(State.ACCEPTED, "F-1", l1=1), fulfilment(State.PLANNED, "F-2", l2=1)]
    assert kinds(react(changes, living)) == [("withdraw", "F-2"), ("apply", None), ("replan", None)]


def test_several_changes_to_one_fulfilment_order_stop_it_once():
    changes = compare(
        order(line(1, quantity=2), line(2, "B", quantity=2)), order(line(1), line(2, "B"))
    )
    actions = react(changes, [fulfilment(State.PICKING, "F-1", l1=2, l2=2)])
    assert kinds(actions) == [("ask_cancel", "F-1"), ("apply", None), ("replan", None)]
