"""Every life cycle of the hub: sound, closed, and true to what reliability promises."""

import re
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import IllegalTransition
from hub.states import TABLES, message, order
from hub.states import fulfilment_order as fo
from hub.states import inbound_notice as notice
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event, State
from hub.states.inbound_notice import INBOUND_NOTICE
from hub.states.machine import Verdict, allowed, faults, mermaid, step
from hub.states.message import INBOX, OUTBOX, In, InEvent, Out, OutEvent
from hub.states.order import ORDER
from hub.states.returns import RETURN

BY_NAME = {table.document: table for table in TABLES}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_table_has_no_faults(name):
    assert faults(BY_NAME[name]) == []


@pytest.mark.parametrize("name", BY_NAME)
def test_every_pair_moves_is_recognised_or_is_refused_by_name(name):
    table = BY_NAME[name]
    for state in type(table.start):
        for event in type(table.rows[0].event):
            row = table.index.get((state, event))
            known = event in table.facts and (state, event) not in table.contradicts
            if row is not None:
                taken = step(table, state, event)
                assert (taken.state, taken.effects) == (row.then, row.effects)
            elif known and state in table.passes[event]:
                taken = step(table, state, event)
                repeated = state in table.reaches[event]
                verdict = Verdict.REPEATED if repeated else Verdict.LATE
                assert (taken.state, taken.effects, taken.verdict) == (state, (), verdict)
            else:
                said = re.escape(f"{table.document} is {state}: {event} is not possible")
                with pytest.raises(IllegalTransition, match=said):
                    step(table, state, event)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_diagram_can_be_drawn(name):
    assert len(mermaid(BY_NAME[name]).splitlines()) == 2 + len(BY_NAME[name].rows) + len(
        BY_NAME[name].final
    )


def test_the_states_are_those_of_the_design():
    assert [*map(str, order.State)] == [
        *("received", "held", "open", "cancel_requested", "cancelled", "completed")
    ]
    assert {*map(str, State)} == {
        *("planned", "notified", "accepted", "picking", "packed", "shipped", "delivered"),
        *("short", "rejected", "cancel_requested", "cancelled"),
    }
    assert {*map(str, type(INBOUND_NOTICE.start))} == {
        *("draft", "notified", "receiving", "received", "closed", "cancelled")
    }
    assert {*map(str, type(RETURN.start))} == {
        *("requested", "approved", "rejected", "awaiting_goods", "received", "inspected"),
        *("confirmed", "refunded", "exchanged", "closed", "cancelled"),
    }


def run(state, *events, table=FULFILMENT_ORDER):
    for event in events:
        state = step(table, state, event).state
    return state


@pytest.mark.parametrize(
    "events", list(permutations(["accept", "pick", "pack", "ship", "deliver"]))
)
def test_G15_progress_in_any_order_ends_delivered(events):
    assert run(State.NOTIFIED, *map(Event, events)) is State.DELIVERED


@given(
    st.lists(
        st.sampled_from(["accept", "pick", "pack", "leave", "ship_part", "except"]), max_size=8
    ),
    st.data(),
)
def test_G15_doubled_and_shuffled_words_end_in_the_same_state(words, data):
    words = [*words, "ship"]
    once = run(State.NOTIFIED, *map(Event, words))
    again = data.draw(st.permutations([*words, *words]))
    assert once is State.SHIPPED
    assert run(State.NOTIFIED, *map(Event, again)) is State.SHIPPED


@pytest.mark.parametrize("events", list(permutations([Event.SHORT, Event.DELIVER, Event.ACCEPT])))
def test_G15_short_and_delivered_in_any_order_end_short(events):
    assert run(State.NOTIFIED, *events) is State.SHORT


@pytest.mark.parametrize("final", [Event.REJECT, Event.CANCEL])
def test_late_progress_does_not_wake_what_has_ended(final):
    ended = run(State.NOTIFIED, Event.ACCEPT, final)
    for word in (Event.ACCEPT, Event.PICK, Event.PACK):
        assert step(FULFILMENT_ORDER, ended, word).verdict is Verdict.LATE


def test_shipped_may_come_before_accepted():
    assert run(State.NOTIFIED, Event.SHIP) is State.SHIPPED
    assert step(FULFILMENT_ORDER, State.SHIPPED, Event.ACCEPT).verdict is Verdict.LATE


def test_part_after_part_leaves_it_packed():
    assert run(State.ACCEPTED, Event.SHIP_PART, Event.SHIP_PART) is State.PACKED


def test_before_the_warehouse_is_told_a_cancel_wins_at_once():
    for state in (State.PLANNED, State.NOTIFIED):
        withdrawn = step(FULFILMENT_ORDER, state, Event.WITHDRAW)
        assert (withdrawn.state, withdrawn.effects) == (State.CANCELLED, ("release_stock",))
    with pytest.raises(IllegalTransition):
        step(FULFILMENT_ORDER, State.ACCEPTED, Event.WITHDRAW)


@pytest.mark.parametrize("word", [Event.SHIP, Event.SHIP_PART, Event.LEAVE, Event.DELIVER])
def test_goods_that_left_beat_the_cancel_that_was_asked(word):
    taken = step(FULFILMENT_ORDER, State.CANCEL_REQUESTED, word)
    assert "propose_return" in taken.effects
    with pytest.raises(IllegalTransition):
        step(FULFILMENT_ORDER, State.SHIPPED, Event.CANCEL)


@pytest.mark.parametrize("word", [Event.SHIP, Event.SHIP_PART, Event.LEAVE, Event.DELIVER])
@pytest.mark.parametrize("state", [State.CANCELLED, State.REJECTED])
def test_goods_that_leave_after_the_end_are_a_contradiction(state, word):
    with pytest.raises(IllegalTransition):
        step(FULFILMENT_ORDER, state, word)


def test_a_refused_cancel_becomes_a_proposal_to_return():
    refused = step(FULFILMENT_ORDER, State.CANCEL_REQUESTED, Event.REFUSE_CANCEL)
    assert (refused.state, refused.effects) == (State.ACCEPTED, ("propose_return",))
    again = step(FULFILMENT_ORDER, refused.state, Event.REFUSE_CANCEL)
    assert again.verdict is Verdict.REPEATED


@pytest.mark.parametrize("state", [State.ACCEPTED, State.PICKING, State.CANCEL_REQUESTED])
@pytest.mark.parametrize("word", [Event.CANCEL, Event.REJECT, Event.SHORT])
def test_whoever_lets_go_gives_back_the_stock_and_the_pieces(state, word):
    assert step(FULFILMENT_ORDER, state, word).effects == ("let_go", "release_stock")


@pytest.mark.parametrize("state", State)
def test_every_step_to_an_end_gives_back_the_stock(state):
    for event in Event:
        row = FULFILMENT_ORDER.index.get((state, event))
        if row and row.then in FULFILMENT_ORDER.final and state not in FULFILMENT_ORDER.final:
            assert "release_stock" in row.effects, row


@pytest.mark.parametrize("state", order.State)
def test_what_we_give_up_is_told_to_the_channel_what_it_called_off_itself_is_not(state):
    for event, told in ((order.Event.CANCEL, True), (order.Event.CALL_OFF, False)):
        row = ORDER.index.get((state, event))
        if row:
            assert ("give_up_rest" in row.effects, "tell_books" in row.effects) == (told, True)


def test_goods_may_leave_where_nothing_is_settled():
    assert {
        State.NOTIFIED,
        State.ACCEPTED,
        State.PICKING,
        State.PACKED,
        State.CANCEL_REQUESTED,
    } == fo.SHIPPABLE


def test_a_completed_order_refuses_a_cancel_and_takes_added_pieces():
    with pytest.raises(IllegalTransition, match="order is completed: ask_cancel"):
        step(ORDER, order.State.COMPLETED, order.Event.ASK_CANCEL)
    assert step(ORDER, order.State.COMPLETED, order.Event.REOPEN).state is order.State.OPEN


def test_an_order_that_was_settled_before_we_saw_it_is_recorded():
    recorded = step(ORDER, order.State.RECEIVED, order.Event.RECORD)
    assert (recorded.state, recorded.effects) == (order.State.COMPLETED, ("tell_books",))


def test_the_buttons_of_an_order():
    assert allowed(ORDER, order.State.HELD) == (
        *(order.Event.HOLD, order.Event.RELEASE, order.Event.CANCEL),
    )
    assert allowed(ORDER, order.State.CANCELLED) == ()


def test_a_receipt_after_the_last_one_is_a_correction_until_the_notice_is_closed():
    late = step(INBOUND_NOTICE, notice.State.RECEIVED, notice.Event.RECEIVE_PART)
    assert (late.effects, late.verdict) == (("book_receipt",), Verdict.MOVED)
    with pytest.raises(IllegalTransition):
        step(INBOUND_NOTICE, notice.State.CLOSED, notice.Event.RECEIVE)


IN_BUTTONS = {
    In.RECEIVED: {InEvent.DISCARD},
    In.RETRY: {InEvent.DISCARD},
    In.WAITING: {InEvent.REPLAY, InEvent.DISCARD},
    In.PARKED: {InEvent.REPLAY, InEvent.DISCARD},
    In.DONE: {InEvent.REPLAY},
    In.IGNORED: {InEvent.REPLAY},
}
OUT_BUTTONS = {
    Out.PENDING: {OutEvent.DISCARD},
    Out.RETRY: {OutEvent.DISCARD},
    Out.WAITING: {OutEvent.REPLAY, OutEvent.DISCARD},
    Out.PARKED: {*(OutEvent.IT_ARRIVED, OutEvent.IT_DID_NOT, OutEvent.REPLAY, OutEvent.DISCARD)},
    Out.DELIVERED: {OutEvent.REPLAY},
}


@pytest.mark.parametrize("state", In)
def test_what_people_may_do_with_a_received_message(state):
    assert set(allowed(INBOX, state)) == IN_BUTTONS.get(state, set())


@pytest.mark.parametrize("state", Out)
def test_what_people_may_do_with_a_message_to_be_told(state):
    assert set(allowed(OUTBOX, state)) == OUT_BUTTONS.get(state, set())


@pytest.mark.parametrize(
    ("event", "then"),
    [
        ("receipt", "delivered"),
        ("already_done", "delivered"),
        ("try_later", "retry"),
        ("outcome_unknown", "unknown"),
        ("repeat_safely", "retry"),
        ("refused", "parked"),
        ("miss_fact", "waiting"),
    ],
)
def test_what_can_become_of_a_send(event, then):
    assert step(OUTBOX, Out.SENDING, OutEvent(event)).state == then


def test_an_unknown_outcome_is_never_claimed_again_unasked():
    with pytest.raises(IllegalTransition):
        step(OUTBOX, Out.UNKNOWN, OutEvent.CLAIM)
    assert step(OUTBOX, Out.UNKNOWN, OutEvent.NOT_FOUND).state is Out.RETRY


def test_unfinished_statuses_are_those_with_a_row_of_work():
    assert {str(one) for one in message.UNFINISHED} == {
        *("received", "pending", "behind", "processing", "sending", "retry", "waiting", "unknown")
    }
